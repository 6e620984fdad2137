//! `oore uninstall`: what goes, what stays, and what it does not touch. Real daemons and runners in a home of their own, and a
//! `systemctl` that ends the daemon it is told to end.

#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use crate::support::operator::{Operator, Session, recording_systemctl, said};
use crate::support::program::{Daemon, free_port, oored};
use crate::support::{Repository, log_shows, until};

/// Somebody with a home, a data folder in it, and services.
struct Person {
    operator: Operator,
    path: String,
}

impl Person {
    fn new() -> Self {
        let operator = Operator::new();
        let programs = recording_systemctl(operator.home.path());
        Self { path: format!("{}:/usr/bin:/bin", programs.display()), operator }
    }

    fn home(&self) -> &Path {
        self.operator.home.path()
    }

    fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    /// A command of either program in that home.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = oored();
        command
            .env("HOME", self.home())
            .env("PATH", &self.path)
            .env("XDG_CONFIG_HOME", self.home().join("config"));
        command.env("OORED_DATA_DIR", self.data()).args(arguments);
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// The files of both services, as far as they are there.
    fn units(&self) -> Vec<PathBuf> {
        let unit = |name: &str| self.home().join("config/systemd/user").join(name);
        ["oored.service", "oore-runner.service"].map(unit).into_iter().filter(|unit| unit.exists()).collect()
    }

    async fn installs_the_daemon(&self) {
        let done = self.run(&["install-service", "--no-start"]).await;
        assert!(done.status.success(), "{}", said(&done));
    }

    /// From now on `systemctl` ends this process when it is told to end the daemon.
    fn keeps(&self, daemon: &Daemon) {
        let file = self.home().join("programs/systemctl");
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str(&format!(
            "case \"$*\" in *'--now oored.service') kill -TERM {};; esac\n",
            daemon.pid()
        ));
        std::fs::write(file, text).unwrap();
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.home().join("told")).unwrap_or_default()
    }
}

#[tokio::test]
async fn services_data_and_what_still_builds_go_when_that_is_wanted() {
    let person = Person::new();
    let daemon = Daemon::start(&person.data(), free_port(), &["--managed", "true"]).await;
    let owner = daemon.client().sign_in(None).await;
    let token = owner.token.clone().unwrap();
    let flags = ["--daemon-url", &daemon.base, "--token", &token];
    let registered = person.run(&[&["oore", "runner", "register"], &flags[..]].concat()).await;
    assert!(registered.status.success(), "{}", said(&registered));
    person.installs_the_daemon().await;
    let installed = person.run(&["oore", "runner", "install-service", "--no-start"]).await;
    assert!(installed.status.success(), "{}", said(&installed));
    person.keeps(&daemon);
    let repository = Repository::running(&["echo $$; echo begun; while :; do sleep 0.05; done"]);
    let project = owner.project("App", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    log_shows(&owner, &build, "\nbegun").await;
    let log = String::from_utf8(owner.raw_log(&build).await).unwrap();
    let step: u32 = log.lines().find_map(|line| line.trim().parse().ok()).unwrap();
    let runner = std::fs::read_to_string(person.data().join("runner/runner.pid")).unwrap();

    let unasked = person.run(&["oore", "uninstall", "--purge"]).await;
    assert_eq!(unasked.status.code(), Some(2), "{}", said(&unasked));
    assert!(said(&unasked).contains("--yes") && said(&unasked).contains("oore.db"), "{}", said(&unasked));
    assert!(person.units().len() == 2 && person.told().is_empty(), "nothing was done");

    let done = person.run(&["oore", "uninstall", "--purge", "--yes"]).await;
    assert!(done.status.success(), "{}", said(&done));
    assert!(person.units().is_empty() && !person.data().exists(), "{}", said(&done));
    for service in ["oored", "oore-runner"] {
        assert!(
            person.told().contains(&format!("--user disable --now {service}.service")),
            "{}",
            person.told()
        );
    }
    let is_gone = |pid: &str| !Path::new("/proc").join(pid).exists();
    until("runner and step are gone", || is_gone(runner.trim()) && is_gone(&step.to_string())).await;
    assert!(person.home().join(".oore/runner.json").exists(), "{}", said(&done));
    let again = person.run(&["oore", "uninstall", "--purge", "--yes"]).await;
    assert!(again.status.success() && said(&again).contains("nothing to remove"), "{}", said(&again));
}

#[tokio::test]
async fn a_daemon_that_no_service_keeps_is_left_alone_with_its_data() {
    let person = Person::new();
    let _daemon = Daemon::attempt(&person.data(), free_port(), &[]).await.unwrap();
    for arguments in [&["oore", "uninstall"][..], &["oore", "uninstall", "--purge", "--yes"]] {
        let refused = person.run(arguments).await;
        assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
        assert!(said(&refused).contains("Stop it first"), "{}", said(&refused));
    }
    // A service that is installed is another one: this daemon is not started by it.
    person.installs_the_daemon().await;
    let refused = person.run(&["oore", "uninstall", "--purge", "--yes"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(person.data().join("oore.db").exists() && person.units().len() == 1);
}

#[tokio::test]
async fn data_goes_only_when_it_is_asked_for_and_somebody_types_so() {
    let person = Person::new();
    let mut daemon = Daemon::attempt(&person.data(), free_port(), &[]).await.unwrap();
    assert!(daemon.stop());
    person.installs_the_daemon().await;
    let typed = async |word: &'static str| {
        let mut session = Session::start(person.command(&["oore", "uninstall", "--purge"]));
        let ended = move || {
            session.answer("to go on:", word);
            session.end()
        };
        tokio::task::spawn_blocking(ended).await.unwrap()
    };
    for word in ["yes\r", "\r", "\u{3}"] {
        let (shown, code) = typed(word).await;
        assert!(code == Some(1) && shown.contains("Nothing was removed"), "{shown}");
    }
    assert!(person.data().join("oore.db").exists() && person.units().len() == 1);
    let services = person.run(&["oore", "uninstall"]).await;
    assert!(services.status.success() && person.units().is_empty(), "{}", said(&services));
    assert!(person.data().join("oore.db").exists(), "the data stays");
    let (shown, code) = typed("purge\r").await;
    assert!(code == Some(0) && !person.data().exists(), "{shown}");
}

#[tokio::test]
async fn what_is_not_ours_stays() {
    let person = Person::new();
    std::fs::create_dir_all(person.data()).unwrap();
    std::fs::write(person.data().join("photo.jpg"), "x").unwrap();
    for folder in [person.data(), person.home().to_owned(), PathBuf::from("/")] {
        let arguments = ["oore", "uninstall", "--purge", "--yes", "--data-dir", folder.to_str().unwrap()];
        let refused = person.run(&arguments).await;
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        assert!(said(&refused).contains("does not look like a data folder"), "{}", said(&refused));
    }
    assert!(person.data().join("photo.jpg").exists());
    person.installs_the_daemon().await;
    let unit = person.units().remove(0);
    std::fs::write(&unit, json!({"of": "somebody else"}).to_string()).unwrap();
    let refused = person.run(&["oore", "uninstall"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("left as it is") && unit.exists(), "{}", said(&refused));
}
