//! The real binary as a process: started on a folder, waited for, and ended by its id together with
//! the runner it has started.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The binary that is measured.
pub const OORED: &str = env!("CARGO_BIN_EXE_oored");

/// Pause between two tries to connect to a daemon that does not listen yet; the error of a start time.
const TRY_AGAIN: Duration = Duration::from_micros(300);
const STARTS_WITHIN: Duration = Duration::from_secs(20);
const ENDS_WITHIN: Duration = Duration::from_secs(8);

/// A folder that vanishes, on the disk the product was built on: a file system in memory would make
/// every commit free.
pub fn scratch() -> anyhow::Result<TempDir> {
    Ok(tempfile::Builder::new().prefix("bench-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// A command of the binary, without the settings of whoever runs it.
pub fn oored() -> Command {
    let mut command = Command::new(OORED);
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("OORE")) {
        command.env_remove(key);
    }
    command
}

/// Who executes the builds of a daemon.
#[derive(Debug, Clone, Copy)]
pub enum Builds {
    ByItsRunner,
    ByNobody,
}

/// `oored run` on a folder and a port of its own.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    data: PathBuf,
    pub address: SocketAddr,
}

impl Daemon {
    /// Starts and waits until it answers.
    pub fn start(data: &Path, builds: Builds) -> anyhow::Result<Self> {
        let mode = match builds {
            Builds::ByItsRunner => "embedded",
            Builds::ByNobody => "external",
        };
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = oored();
        command
            .args(["run", "--listen", &address.to_string(), "--runner-mode", mode, "--data-dir"])
            .arg(data);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let daemon = Self { child, data: data.to_owned(), address };
        daemon.first_answer()?;
        Ok(daemon)
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns at the first 200 of /healthz.
    fn first_answer(&self) -> anyhow::Result<()> {
        let until = Instant::now() + STARTS_WITHIN;
        let mut stream = loop {
            match TcpStream::connect(self.address) {
                Ok(stream) => break stream,
                Err(error) if error.kind() != ErrorKind::ConnectionRefused => return Err(error.into()),
                Err(_) => ensure!(Instant::now() < until, "the daemon does not listen"),
            }
            std::thread::sleep(TRY_AGAIN);
        };
        stream.set_read_timeout(Some(STARTS_WITHIN))?;
        write!(stream, "GET /healthz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        ensure!(answer.starts_with("HTTP/1.1 200 "), "/healthz answered {answer}");
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.child);
        let _ended_already = kill_process(pid, Signal::TERM);
        let until = Instant::now() + ENDS_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
        // A runner that still has a build outlives its daemon.
        if let Err(error) = end_runner(&self.data.join("runner")) {
            eprintln!("the runner of {} could not be ended: {error:#}", self.data.display());
        }
    }
}

fn end_runner(folder: &Path) -> anyhow::Result<()> {
    let until = Instant::now() + ENDS_WITHIN;
    while is_locked(&folder.join("runner.lock"))? {
        let pid = std::fs::read_to_string(folder.join("runner.pid"))?;
        let pid = pid.trim().parse().ok().and_then(Pid::from_raw).context("runner.pid holds no id")?;
        let late = Instant::now() >= until;
        // The first TERM lets a build end, the second one does not.
        let _ended_meanwhile = kill_process(pid, if late { Signal::KILL } else { Signal::TERM });
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// A runner holds its lock as long as it lives.
fn is_locked(lock: &Path) -> anyhow::Result<bool> {
    match File::open(lock) {
        Ok(file) => Ok(flock(&file, FlockOperation::NonBlockingLockShared).is_err()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}
