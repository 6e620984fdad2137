//! `oored install-service` and `oore runner install-service`: what they write, leave alone and refuse. The real program in a home
//! of its own, with a `systemctl` that writes down what it is told.

#![cfg(target_os = "linux")]

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Output;

use crate::support::Server;
use crate::support::operator::{Operator, recording_systemctl, said};
use crate::support::program::oored;

/// Somebody with a home and a `systemctl` of their own.
struct Person {
    operator: Operator,
    path: String,
}

impl Person {
    fn new() -> Self {
        let operator = Operator::new();
        let path = format!("{}:/usr/bin:/bin", recording_systemctl(operator.home.path()).display());
        Self { operator, path }
    }

    /// Runs `oored` with that home.
    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = oored();
        let config = self.operator.home.path().join("config");
        command.env("HOME", self.operator.home.path()).env("XDG_CONFIG_HOME", config);
        command.env("PATH", &self.path).args(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    fn unit(&self, name: &str) -> PathBuf {
        self.operator.home.path().join("config/systemd/user").join(name)
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.operator.home.path().join("told")).unwrap_or_default()
    }
}

#[tokio::test]
async fn the_daemon_becomes_a_service_once_and_goes_without_a_trace() {
    let person = Person::new();
    let flags = ["install-service", "--listen", "127.0.0.1:9999", "--env", "A=b c", "--env", "PATH=/opt/x"];
    let printed = person.run(&[&flags[..], &["--print"]].concat()).await;
    let text = String::from_utf8(printed.stdout).unwrap();
    let unit = person.unit("oored.service");
    assert!(!unit.exists() && person.told().is_empty(), "printing changes nothing");
    for line in [
        "KillMode=process",
        "Delegate=yes",
        "Environment=OORED_MANAGED=true",
        "Environment=\"A=b c\"",
        "Environment=\"PATH=/opt/x\"",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("\"run\" \"--listen\" \"127.0.0.1:9999\""), "{text}");

    let written = person.run(&[&flags[..], &["--no-start"]].concat()).await;
    assert!(written.status.success() && said(&written).contains(&unit.display().to_string()));
    assert_eq!(std::fs::read_to_string(&unit).unwrap().trim_end(), text.trim_end());
    assert_eq!(unit.metadata().unwrap().mode() & 0o777, 0o600, "its environment may name secrets");
    assert!(person.told().is_empty(), "and nothing was started");

    let again = person.run(&flags).await;
    assert!(said(&again).contains("is as it should be"), "{}", said(&again));
    let started =
        "--user daemon-reload\n--user enable oored.service\n--user restart --no-block oored.service\n";
    assert_eq!(person.told(), started);
    let other = person.run(&["install-service", "--no-start"]).await;
    assert!(said(&other).contains("anew"), "{}", said(&other));

    let removed = person.run(&["uninstall-service"]).await;
    assert!(removed.status.success() && !unit.exists(), "{}", said(&removed));
    assert!(person.told().ends_with("--user disable --now oored.service\n--user daemon-reload\n"));
    assert_eq!(std::fs::read_dir(unit.parent().unwrap()).unwrap().count(), 0);
    assert_eq!(person.run(&["uninstall-service"]).await.status.code(), Some(1), "there is nothing to remove");
}

#[tokio::test]
async fn a_file_of_somebody_else_is_neither_overwritten_nor_removed() {
    let person = Person::new();
    let unit = person.unit("mine.service");
    std::fs::create_dir_all(unit.parent().unwrap()).unwrap();
    std::fs::write(&unit, "[Service]\nExecStart=/bin/true\n").unwrap();
    for command in [&["install-service", "--no-start"][..], &["uninstall-service"]] {
        let refused = person.run(&[command, &["--label", "mine"]].concat()).await;
        assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
        assert!(said(&refused).contains("left as it is"), "{}", said(&refused));
    }
    // A link might lead anywhere, so what it leads to does not count.
    let link = person.unit("link.service");
    let target = person.operator.home.path().join("target");
    std::fs::write(&target, "written by `oored install-service`").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let refused = person.run(&["install-service", "--no-start", "--label", "link"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert_eq!(std::fs::read_to_string(&unit).unwrap(), "[Service]\nExecStart=/bin/true\n");
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "written by `oored install-service`");
}

#[tokio::test]
async fn wrong_words_are_refused_before_anything_is_written() {
    let person = Person::new();
    for wrong in [
        &["--label", "../x"][..],
        &["--label", ""],
        &["--env", "A"],
        &["--env", "1A=b"],
        &["--env", "A=b\nExecStart=/bin/false"],
        &["--user", "ana"],
        &["--listen", "here"],
        &["--print", "--no-start"],
    ] {
        let refused = person.run(&[&["install-service"], wrong].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}: {}", said(&refused));
    }
    assert!(!person.unit("").exists() && person.told().is_empty());
}

#[tokio::test]
async fn a_machine_without_a_service_manager_is_told_so() {
    let mut person = Person::new();
    person.path = "/nonexistent".to_owned();
    let refused = person.run(&["install-service"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(
        said(&refused).contains("systemctl") && said(&refused).contains("--no-start"),
        "{}",
        said(&refused)
    );
    assert!(!person.unit("oored.service").exists());
    // Written all the same if that is what somebody wants, and removed again.
    assert!(person.run(&["install-service", "--no-start"]).await.status.success());
    assert!(person.run(&["uninstall-service"]).await.status.success());
}

#[tokio::test]
async fn a_service_of_the_machine_names_its_user() {
    let person = Person::new();
    let printed = person.run(&["install-service", "--system", "--user", "ci", "--print"]).await;
    let text = String::from_utf8(printed.stdout).unwrap();
    assert!(text.contains("\nUser=ci\n") && text.contains("\nWantedBy=multi-user.target"), "{text}");
    let nobody = person.run(&["install-service", "--system", "--user", "nobody-of-this-name"]).await;
    // Whoever is not root hears of that first.
    assert!(matches!(nobody.status.code(), Some(2 | 4)), "{}", said(&nobody));
}

#[tokio::test]
async fn a_machine_is_registered_and_made_a_service_in_one_stroke() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let person = Person::new();
    let kept = ["oore", "login", "--daemon-url", &server.base];
    assert!(person.run(&kept).await.status.success());
    let flags = ["oore", "runner", "install-service", "--managed-local", "--name", "beside", "--no-start"];
    let installed = person.run(&flags).await;
    assert!(installed.status.success(), "{}", said(&installed));
    assert_eq!(owner.get("/v1/runners").await.ok()["runners"][0]["name"], "beside");
    let unit = std::fs::read_to_string(person.unit("oore-runner.service")).unwrap();
    assert!(unit.contains(".oore/runner.json"), "{unit}");
    let again = person.run(&flags).await;
    assert!(said(&again).contains("is as it should be"), "{}", said(&again));
    assert_eq!(owner.get("/v1/runners").await.ok()["total"], 1, "and it is registered once");
}
