//! Somebody at the command line, with a home of their own and, if a test wants, a terminal.

use std::fs::{File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use super::program::oored;

/// An operator with a settings file of their own.
pub struct Operator {
    pub home: tempfile::TempDir,
}

impl Operator {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub fn file(&self) -> std::path::PathBuf {
        self.home.path().join(".oore/config.json")
    }

    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = oored();
        command.env("HOME", self.home.path()).arg("oore").args(arguments);
        command
    }

    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    pub async fn json(&self, arguments: &[&str]) -> Value {
        let done = self.run(arguments).await;
        assert!(done.status.success(), "{}", said(&done));
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

/// Everything a command printed.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A command that runs at a terminal of its own.
pub struct Session {
    child: Child,
    screen: File,
    seen: String,
}

impl Session {
    pub fn start(mut command: std::process::Command) -> Self {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&screen).unwrap();
        unlockpt(&screen).unwrap();
        let size = rustix::termios::Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&screen, size).unwrap();
        let name = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
        let terminal = || File::options().read(true).write(true).open(&name).unwrap();
        let child = command
            .env("TERM", "xterm")
            .stdin(Stdio::from(terminal()))
            .stdout(Stdio::from(terminal()))
            .stderr(Stdio::from(terminal()))
            .spawn()
            .unwrap();
        Self { child, screen: File::from(screen), seen: String::new() }
    }

    /// Reads until `text` is on the screen, then types `keys`.
    pub fn answer(&mut self, text: &str, keys: &str) {
        while !self.seen.contains(text) {
            assert!(self.read(), "{text:?} never came:\n{}", self.seen);
        }
        self.seen.clear();
        self.screen.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads to the end; answers what was shown since the last answer and the exit code.
    pub fn end(mut self) -> (String, Option<i32>) {
        while self.read() {}
        (self.seen, self.child.wait().unwrap().code())
    }

    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        // Linux answers EIO when the other end is closed.
        let Ok(count @ 1..) = self.screen.read(&mut buffer) else { return false };
        self.seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        true
    }
}

/// A `systemctl` that does nothing but write down what it is told.
pub fn recording_systemctl(home: &Path) -> PathBuf {
    let folder = home.join("programs");
    std::fs::create_dir_all(&folder).unwrap();
    let program = folder.join("systemctl");
    let text = format!("#!/bin/sh\necho \"$@\" >> {}\n", home.join("told").display());
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    folder
}
