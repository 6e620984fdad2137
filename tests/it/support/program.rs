//! The real binary as a process of its own: started, killed, asked, and never left behind.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::Client;

/// `oored run` on a folder and a port.
pub struct Daemon {
    child: Child,
    pub base: String,
}

impl Daemon {
    /// Starts and waits until it answers.
    pub async fn start(data: &Path, port: u16, flags: &[&str]) -> Self {
        Self::start_with(data, port, flags, &[], Stdio::null()).await
    }

    /// The same with these variables.
    pub async fn start_in(data: &Path, port: u16, environment: &[(&str, &str)]) -> Self {
        Self::start_with(data, port, &[], environment, Stdio::null()).await
    }

    /// What it has said of itself by the time it answers.
    pub async fn said_at_start(data: &Path, port: u16, flags: &[&str]) -> String {
        let mut daemon = Self::start_with(data, port, flags, &[], Stdio::piped()).await;
        daemon.kill();
        std::io::read_to_string(daemon.child.stderr.take().unwrap()).unwrap()
    }

    /// The same, of another program than the one under test.
    pub async fn start_of(program: &Path, data: &Path, port: u16) -> Self {
        let daemon = Self::spawn(clean(Command::new(program)), data, port, &[], &[], Stdio::null());
        answers(&daemon.base).await.expect("the daemon answers");
        daemon
    }

    /// Starts without a runner of its own and waits until it answers; `None` if it ends instead.
    pub async fn attempt(data: &Path, port: u16, environment: &[(&str, &str)]) -> Option<Self> {
        let flags = ["--runner-mode", "external"];
        let mut daemon = Self::spawn(oored(), data, port, &flags, environment, Stdio::null());
        let ended = async {
            while daemon.child.try_wait().unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let base = daemon.base.clone();
        tokio::select! {
            () = ended => None,
            answers = answers(&base) => answers.map(|()| daemon),
        }
    }

    async fn start_with(
        data: &Path,
        port: u16,
        flags: &[&str],
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let daemon = Self::spawn(oored(), data, port, flags, environment, log);
        answers(&daemon.base).await.expect("the daemon answers");
        daemon
    }

    fn spawn(
        mut program: Command,
        data: &Path,
        port: u16,
        flags: &[&str],
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let listen = format!("127.0.0.1:{port}");
        program.args(["run", "--listen", &listen, "--data-dir"]).arg(data).args(flags);
        program.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(log);
        Self { child: program.spawn().unwrap(), base: format!("http://{listen}") }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; answers whether it ended well.
    pub fn stop(&mut self) -> bool {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().success()
    }

    pub fn client(&self) -> Client {
        Client::new(&self.base)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until somebody answers at the address; `None` if nobody does for long.
async fn answers(base: &str) -> Option<()> {
    let client = Client::new(base);
    let url = format!("{base}/healthz");
    let answered = async {
        while client.http.get(&url).send().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), answered).await.ok()
}

/// Ends the embedded runner of a data folder, which may outlive its daemon.
pub fn end_runner(data: &Path) {
    let pid = std::fs::read_to_string(data.join("runner/runner.pid")).ok();
    if let Some(pid) = pid.and_then(|pid| rustix::process::Pid::from_raw(pid.trim().parse().ok()?)) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

/// The binary under test, without the settings of whoever runs the tests.
pub fn oored() -> Command {
    clean(Command::new(env!("CARGO_BIN_EXE_oored")))
}

fn clean(mut command: Command) -> Command {
    for (key, _) in std::env::vars().filter(|(key, _)| key.starts_with("OORE")) {
        command.env_remove(key);
    }
    command
}

/// Runs a command of the binary to its end.
pub fn run(arguments: &[&str]) -> Output {
    oored().args(arguments).output().unwrap()
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
