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

    async fn start_with(
        data: &Path,
        port: u16,
        flags: &[&str],
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let child = oored()
            .args(["run", "--listen", &listen, "--data-dir"])
            .arg(data)
            .args(flags)
            .envs(environment.iter().copied())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let daemon = Self { child, base: format!("http://{listen}") };
        daemon.answers().await;
        daemon
    }

    async fn answers(&self) {
        let client = Client::new(&self.base);
        let url = format!("{}/healthz", self.base);
        let answered = async {
            while client.http.get(&url).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), answered).await.expect("the daemon answers");
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

/// Ends the embedded runner of a data folder, which may outlive its daemon.
pub fn end_runner(data: &Path) {
    let pid = std::fs::read_to_string(data.join("runner/runner.pid")).ok();
    if let Some(pid) = pid.and_then(|pid| rustix::process::Pid::from_raw(pid.trim().parse().ok()?)) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

/// The binary under test, without the settings of whoever runs the tests.
pub fn oored() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oored"));
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
