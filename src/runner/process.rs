//! Runs one command of a build to its end: own session, given environment, output to the spool,
//! ended with everything it started when the build is stopped. It doesn't know what the command is for.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::environment::Environment;
use super::output::pump;
use super::platform;
use super::spool::Spool;
use super::stop::{Stop, StopReason};
use super::tree::{Manner, Tree};
use crate::domain::log::LogStream;

/// How long a process that outlives its step may hold on to the step's output.
const PIPE_GRACE: Duration = Duration::from_secs(2);

/// What every command of a build has in common.
#[derive(Clone)]
pub struct Stage {
    pub tree: Tree,
    pub spool: Arc<Spool>,
    pub stop: Stop,
    /// Longest silence of a command; zero means any.
    pub no_output: Duration,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Exited(i32),
    Signaled(i32),
    Stopped(StopReason),
    /// It ran longer than its own limit.
    TooLong,
}

/// A command for the shell.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    pub text: &'a str,
    /// Whether it ends at the first command that fails.
    pub stops_at_first_error: bool,
    /// Longest time it may take.
    pub limit: Option<Duration>,
}

impl Stage {
    /// Runs a shell script.
    pub async fn script(
        &self,
        script: Script<'_>,
        folder: &Path,
        environment: &Environment,
    ) -> std::io::Result<Ended> {
        let options = if script.stops_at_first_error { "-ec" } else { "-c" };
        let arguments = [options.into(), script.text.into()];
        self.limited("/bin/sh", &arguments, folder, environment, script.limit).await
    }

    /// Runs a program.
    ///
    /// Errors when it can't be started.
    pub async fn program(
        &self,
        program: impl AsRef<std::ffi::OsStr>,
        arguments: &[OsString],
        folder: &Path,
        environment: &Environment,
    ) -> std::io::Result<Ended> {
        self.limited(program, arguments, folder, environment, None).await
    }

    async fn limited(
        &self,
        program: impl AsRef<std::ffi::OsStr>,
        arguments: &[OsString],
        folder: &Path,
        environment: &Environment,
        limit: Option<Duration>,
    ) -> std::io::Result<Ended> {
        if let Some(reason) = self.stop.reason() {
            return Ok(Ended::Stopped(reason));
        }
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).env_clear().envs(environment.iter());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        platform::own_session(command.as_std_mut(), self.tree.group(), self.tree.bounds());
        let mut child = command.spawn()?;
        let closing = CancellationToken::new();
        let pumps = self.pumps(&mut child, &closing);
        let ended = self.wait(&mut child, limit).await?;
        self.drain(pumps, &closing).await;
        Ok(self.unless_over_limit(ended))
    }

    /// The kernel may have ended the command, or left it without what it needed.
    fn unless_over_limit(&self, ended: Ended) -> Ended {
        if let Some(exceeded) = self.tree.exceeded() {
            self.stop.trigger(StopReason::OverLimit(exceeded));
        }
        match self.stop.reason() {
            Some(reason @ StopReason::OverLimit(_)) => Ended::Stopped(reason),
            Some(_) | None => ended,
        }
    }

    fn pumps(&self, child: &mut Child, closing: &CancellationToken) -> Vec<JoinHandle<()>> {
        let mut pumps = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            pumps.push(self.start_pump(pipe, LogStream::Stdout, closing));
        }
        if let Some(pipe) = child.stderr.take() {
            pumps.push(self.start_pump(pipe, LogStream::Stderr, closing));
        }
        pumps
    }

    fn start_pump(
        &self,
        pipe: impl tokio::io::AsyncRead + Unpin + Send + 'static,
        stream: LogStream,
        closing: &CancellationToken,
    ) -> JoinHandle<()> {
        let (spool, stop, closing) = (Arc::clone(&self.spool), self.stop.clone(), closing.clone());
        tokio::spawn(async move { pump(pipe, stream, &spool, &stop, &closing).await })
    }

    async fn wait(&self, child: &mut Child, limit: Option<Duration>) -> std::io::Result<Ended> {
        let why = tokio::select! {
            status = child.wait() => return Ok(ended(status?)),
            reason = self.stopped() => Ended::Stopped(reason),
            () = after(limit) => Ended::TooLong,
        };
        let (is_time_out, manner) = match why {
            Ended::Stopped(reason) => (reason.is_time_out(), reason.manner()),
            Ended::Exited(_) | Ended::Signaled(_) | Ended::TooLong => (true, Manner::Stop),
        };
        if is_time_out {
            self.show_processes().await;
        }
        // The leader is not reaped yet, so that nobody else can have its number. Its group is
        // reached also where the system hides the tag or the command has removed it.
        let leader = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        if manner == Manner::Stop {
            signal_group(leader, Signal::INT);
        }
        self.tree.end(manner).await;
        signal_group(leader, Signal::KILL);
        child.wait().await?;
        Ok(why)
    }

    /// Puts what hangs into the log, before it is ended.
    async fn show_processes(&self) {
        let lines: Vec<String> = self
            .tree
            .snapshot(self.spool.masks())
            .await
            .into_iter()
            .map(|line| format!("[oore] {line}"))
            .collect();
        if self.spool.say(&lines.join("\n")).is_err() {
            self.stop.trigger(StopReason::DiskFull);
        }
    }

    /// Waits for a reason to stop; silence is one.
    async fn stopped(&self) -> StopReason {
        tokio::select! {
            reason = self.stop.triggered() => reason,
            () = self.silent_for_too_long() => {
                self.stop.trigger(StopReason::NoOutput);
                self.stop.triggered().await
            }
        }
    }

    async fn silent_for_too_long(&self) {
        if self.no_output.is_zero() {
            return std::future::pending().await;
        }
        while let Some(left) = self.no_output.checked_sub(self.spool.silence()) {
            tokio::time::sleep(left + Duration::from_millis(1)).await;
        }
    }

    /// The step is over when its leader is; who still holds the pipe gets a moment, then it is closed.
    async fn drain(&self, pumps: Vec<JoinHandle<()>>, closing: &CancellationToken) {
        let mut all = futures_util::future::join_all(pumps);
        if tokio::time::timeout(PIPE_GRACE, &mut all).await.is_ok() {
            return;
        }
        closing.cancel();
        all.await;
        let seconds = PIPE_GRACE.as_secs();
        let mark = format!(
            "[oore] a process that outlived its step still held the step's output; it was closed after {seconds} s"
        );
        if self.spool.say(&mark).is_err() {
            self.stop.trigger(StopReason::DiskFull);
        }
    }
}

async fn after(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

fn signal_group(leader: Option<Pid>, signal: Signal) {
    if let Some(leader) = leader {
        let _ended_already = kill_process_group(leader, signal);
    }
}

fn ended(status: ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, Some(signal)) => Ended::Signaled(signal),
        (None, None) => Ended::Exited(-1),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use sha2::{Digest, Sha256};
    use tempfile::TempDir;
    use tokio::time::Instant;

    use super::super::folder::unguessable;
    use super::super::protocol::decode_frame;
    use super::*;
    use crate::clock::Clock;

    struct Bench {
        folder: TempDir,
        stage: Stage,
    }

    fn bench() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::create(&folder.path().join("log.frames"), Clock::system(), 0).unwrap();
        let stage = Stage {
            tree: Tree::new(unguessable("test").unwrap()),
            spool: Arc::new(spool),
            stop: Stop::default(),
            no_output: Duration::ZERO,
        };
        Bench { folder, stage }
    }

    impl Bench {
        async fn run(&self, line: &str) -> Ended {
            self.script(Script { text: line, stops_at_first_error: false, limit: None }).await
        }

        async fn script(&self, script: Script<'_>) -> Ended {
            let environment = Environment::of_build(self.stage.tree.tag());
            self.stage.script(script, self.folder.path(), &environment).await.unwrap()
        }

        /// What was logged, byte by byte.
        fn log(&self) -> Vec<u8> {
            let bytes = std::fs::read(self.stage.spool.path()).unwrap();
            let mut rest = &bytes[..];
            let mut log = Vec::new();
            while let Some(frame) = decode_frame(&mut rest, 0).unwrap() {
                log.extend_from_slice(frame.content);
                log.extend(frame.newline.then_some(b'\n'));
            }
            log
        }

        /// The hash of what was logged, without having it all in memory.
        fn log_hash(&self) -> String {
            let mut file = std::io::BufReader::new(std::fs::File::open(self.stage.spool.path()).unwrap());
            let (mut hash, mut header) = (Sha256::new(), [0_u8; 15]);
            while file.read_exact(&mut header).is_ok() {
                let length = u32::from_le_bytes([header[3], header[4], header[5], header[6]]);
                let mut content = vec![0; length as usize];
                file.read_exact(&mut content).unwrap();
                hash.update(content);
            }
            hex::encode(hash.finalize())
        }

        fn survivors(&self) -> usize {
            platform::tagged(self.stage.tree.tag()).len()
        }

        /// Stops the build once the command has printed something.
        fn stop_when_it_speaks(&self) {
            let stage = self.stage.clone();
            tokio::spawn(async move {
                let mut progress = stage.spool.watch();
                progress.wait_for(|progress| progress.frames > 0).await.unwrap();
                stage.stop.trigger(StopReason::Canceled);
            });
        }
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_arrive_as_they_were() {
        let bench = bench();
        assert_eq!(bench.run("printf 'a\\377b\\r\\n\\000c'; exit 3").await, Ended::Exited(3));
        assert_eq!(bench.log(), b"a\xffb\r\n\0c");
    }

    #[tokio::test]
    async fn a_line_of_200_megabytes_arrives_whole() {
        let bench = bench();
        let line = "head -c 200000000 /dev/zero | tr '\\0' x";
        let before = peak_memory_kb();
        assert_eq!(bench.run(line).await, Ended::Exited(0));
        let peak = peak_memory_kb();
        let expected = std::process::Command::new("sh").args(["-c", &format!("{line} | sha256sum")]).output();
        let expected = String::from_utf8(expected.unwrap().stdout).unwrap();
        assert_eq!(expected.split_whitespace().next(), Some(bench.log_hash().as_str()));
        assert!(peak - before < 32 * 1024, "{before} kB before, {peak} kB at most");
    }

    /// The most memory this process has had; 0 where the system doesn't say.
    fn peak_memory_kb() -> i64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
    }

    #[tokio::test]
    async fn a_command_without_end_of_line_is_seen_while_it_runs() {
        let bench = bench();
        bench.stop_when_it_speaks();
        assert_eq!(bench.run("printf waiting; sleep 60").await, Ended::Stopped(StopReason::Canceled));
        assert_eq!(bench.log(), b"waiting");
    }

    #[tokio::test]
    async fn a_command_that_ignores_signals_is_killed() {
        let bench = bench();
        bench.stop_when_it_speaks();
        let begun = Instant::now();
        let line = "trap '' TERM INT HUP; echo deaf; while :; do sleep 1; done";
        assert_eq!(bench.run(line).await, Ended::Stopped(StopReason::Canceled));
        assert!(begun.elapsed() < Duration::from_secs(8));
        assert_eq!(bench.survivors(), 0);
    }

    #[tokio::test]
    async fn a_build_that_another_runner_may_have_ends_at_once() {
        let bench = bench();
        let stage = bench.stage.clone();
        tokio::spawn(async move {
            stage.spool.watch().wait_for(|progress| progress.frames > 0).await.unwrap();
            stage.stop.trigger(StopReason::Lost);
        });
        let begun = Instant::now();
        let line = "trap 'echo cleaned; exit 0' INT TERM; echo up; while :; do sleep 0.05; done";
        assert_eq!(bench.run(line).await, Ended::Stopped(StopReason::Lost));
        assert!(begun.elapsed() < Duration::from_secs(2));
        assert_eq!(String::from_utf8(bench.log()).unwrap(), "up\n");
        assert_eq!(bench.survivors(), 0);
    }

    #[tokio::test]
    async fn a_command_may_clean_up_when_it_is_interrupted() {
        let bench = bench();
        bench.stop_when_it_speaks();
        bench.run("trap 'echo cleaned; exit 0' INT; echo up; while :; do sleep 0.05; done").await;
        assert_eq!(String::from_utf8(bench.log()).unwrap(), "up\ncleaned\n");
    }

    #[tokio::test]
    async fn nobody_escapes_by_session_double_fork_or_nohup() {
        let bench = bench();
        bench.stop_when_it_speaks();
        let line = "sleep 999 & (setsid sleep 999 &) ; nohup sleep 999 >/dev/null 2>&1 & trap '' TERM; \
                    echo up; sleep 999";
        assert_eq!(bench.run(line).await, Ended::Stopped(StopReason::Canceled));
        assert_eq!(bench.survivors(), 0);
    }

    #[tokio::test]
    async fn a_grandchild_that_holds_the_output_does_not_hold_the_step() {
        let bench = bench();
        let begun = Instant::now();
        assert_eq!(bench.run("(sleep 60; echo late) & echo done").await, Ended::Exited(0));
        assert!(begun.elapsed() >= PIPE_GRACE && begun.elapsed() < PIPE_GRACE * 3);
        let log = String::from_utf8(bench.log()).unwrap();
        assert!(log.starts_with("done\n[oore] a process that outlived its step"), "{log}");
        bench.stage.tree.end(Manner::Leftover).await;
        assert_eq!(bench.survivors(), 0);
    }

    #[tokio::test]
    async fn silence_ends_a_command() {
        let mut bench = bench();
        bench.stage.no_output = Duration::from_millis(300);
        assert_eq!(bench.run("echo a; sleep 61 & sleep 60").await, Ended::Stopped(StopReason::NoOutput));
        assert_eq!(bench.stage.stop.reason(), Some(StopReason::NoOutput));
        let log = String::from_utf8(bench.log()).unwrap();
        assert!(log.contains("[oore] 3 processes were running:\n[oore]   "), "{log}");
        assert!(log.contains(" s) sleep 61\n") && log.contains(" s) /bin/sh -c echo a; sleep 61"), "{log}");
    }

    #[tokio::test]
    async fn a_script_that_takes_too_long_is_ended_with_its_children_and_the_build_goes_on() {
        let bench = bench();
        let text = "(setsid sleep 999 &); trap '' TERM INT; echo up; while :; do sleep 1; done";
        let limit = Some(Duration::from_millis(300));
        assert_eq!(bench.script(Script { text, stops_at_first_error: true, limit }).await, Ended::TooLong);
        assert_eq!((bench.survivors(), bench.stage.stop.reason()), (0, None));
        assert_eq!(bench.run("echo next").await, Ended::Exited(0));
        let log = String::from_utf8(bench.log()).unwrap();
        assert!(
            log.starts_with("up\n[oore] ") && log.contains("sleep 999") && log.ends_with("\nnext\n"),
            "{log}"
        );
    }

    #[tokio::test]
    async fn a_script_can_end_at_its_first_error() {
        let bench = bench();
        let script =
            |stops_at_first_error| Script { text: "false\necho on", stops_at_first_error, limit: None };
        assert_eq!(bench.script(script(true)).await, Ended::Exited(1));
        assert_eq!(bench.script(script(false)).await, Ended::Exited(0));
        assert_eq!(String::from_utf8(bench.log()).unwrap(), "on\n");
    }

    #[tokio::test]
    async fn steps_do_not_see_the_runners_environment() {
        let bench = bench();
        assert_eq!(bench.run("env").await, Ended::Exited(0));
        let log = String::from_utf8(bench.log()).unwrap();
        assert!(!log.contains("CARGO"), "{log}");
        assert!(log.contains("CI=true\n"));
    }
}
