//! The operator's command line against a real daemon: signing in, looking, its own file, and arguments
//! that try to be more than text.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::operator::{Operator, said};
use crate::support::program::{free_port, oored};
use crate::support::setting_up::behind_proxy;
use crate::support::{Repository, Server};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn who_signs_in_is_known_to_the_commands_that_follow() {
    let server = Server::start().await;
    let operator = Operator::new();
    let before = operator.json(&["status", "--daemon-url", &server.base, "--json"]).await;
    assert_eq!((&before["authenticated"], &before["queue_depth"]), (&json!(false), &Value::Null));
    let login = operator.json(&["login", "--daemon-url", &format!("{}/", server.base), "--json"]).await;
    assert_eq!((&login["daemon_url"], &login["user"]["role"]), (&json!(server.base), &json!("owner")));
    assert_eq!((mode(&operator.file()), mode(operator.file().parent().unwrap())), (0o600, 0o700));

    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    owner.build(&pipeline).await;
    let status = operator.json(&["status", "--json"]).await;
    let mut keys: Vec<_> = status.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let expected =
        ["active_builds", "authenticated", "daemon_url", "queue_depth", "recent_builds", "runners"];
    assert_eq!(keys, [&expected[..], &["setup_status"]].concat());
    assert_eq!(status["setup_status"]["state"], "ready");
    assert_eq!(
        (&status["queue_depth"], &status["active_builds"], &status["runners"]),
        (&json!(1), &json!(0), &json!([]))
    );
    assert_eq!(status["recent_builds"][0]["status"], "queued");
    let shown = said(&operator.run(&["status"]).await);
    assert!(
        shown.contains("1 waiting") && shown.contains("owner@local") && shown.contains("Shop"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_token_is_taken_from_standard_input_or_the_environment_once_it_is_proved() {
    let server = Server::start().await;
    let token = server.owner().await.token.unwrap();
    let operator = Operator::new();
    let wrong = operator.run(&["login", "--daemon-url", &server.base, "--token", "oore_session_wrong"]).await;
    assert_eq!((wrong.status.code(), operator.file().exists()), (Some(4), false), "{}", said(&wrong));
    let mut child = operator
        .command(&["login", "--daemon-url", &server.base, "--token-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{token}").unwrap();
    let done = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert!(done.status.success() && !said(&done).contains(&token), "{}", said(&done));
    let kept = operator.run(&["config", "get", "session_token"]).await;
    assert_eq!(String::from_utf8_lossy(&kept.stdout).trim(), token);

    let scripts = Operator::new();
    let mut command = scripts.command(&["login", "--daemon-url", &server.base]);
    command.env("OORE_SESSION_TOKEN", &token);
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let both = operator.run(&["login", "--token", &token, "--email", "a@b"]).await;
    assert_eq!(both.status.code(), Some(2), "{}", said(&both));
}

#[tokio::test]
async fn a_stored_session_is_sent_to_its_own_daemon_only() {
    let (server, other) = (Server::start().await, Server::start().await);
    let operator = Operator::new();
    operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
    let elsewhere = operator.json(&["status", "--daemon-url", &other.base, "--json"]).await;
    assert_eq!(elsewhere["authenticated"], false);
    assert!(operator.run(&["config", "set", "daemon_url", &other.base]).await.status.success());
    assert_eq!(operator.run(&["config", "get", "session_token"]).await.status.code(), Some(1));
    let url = operator.run(&["config", "get", "daemon_url"]).await;
    assert_eq!(String::from_utf8_lossy(&url.stdout).trim(), other.base);
}

#[tokio::test]
async fn a_person_with_a_small_role_sees_their_part_and_no_error() {
    let server = Server::start().await;
    server.owner().await;
    server.person("qa@example.com", UserRole::QaViewer).await;
    let operator = Operator::new();
    let several = operator.run(&["login", "--daemon-url", &server.base]).await;
    assert_eq!(several.status.code(), Some(2), "{}", said(&several));
    assert!(
        said(&several).contains("email_required") && said(&several).contains("--email"),
        "{}",
        said(&several)
    );
    operator.json(&["login", "--daemon-url", &server.base, "--email", "qa@example.com", "--json"]).await;
    let status = operator.json(&["status", "--json"]).await;
    assert_eq!((&status["authenticated"], &status["queue_depth"]), (&json!(true), &json!(0)));
}

#[tokio::test]
async fn a_proxy_that_proves_nothing_is_warned_of() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let operator = Operator::new();
    let status = ["status", "--daemon-url", &server.base, "--token", owner.token.as_deref().unwrap()];
    assert!(said(&operator.run(&status).await).contains("warning: no public URL is set"));
    let network =
        json!({"public_url": "https://ci.example.com", "allowed_origins": ["https://ci.example.com"]});
    owner.put("/v1/settings/external-access/network", network).await.ok();
    assert!(!said(&operator.run(&status).await).contains("warning"));
    let open = json!({"shared_secret": "", "trusted_proxy_cidrs": ["127.0.0.1"]});
    owner.put("/v1/settings/external-access/trusted-proxy", open).await.ok();
    let shown = said(&operator.run(&status).await);
    assert!(shown.contains("warning: Without a shared secret"), "{shown}");
}

#[tokio::test]
async fn what_goes_wrong_has_an_exit_code_a_sentence_and_a_way_out() {
    let operator = Operator::new();
    let nobody = format!("http://127.0.0.1:{}", free_port());
    let away = operator.run(&["status", "--daemon-url", &nobody]).await;
    assert_eq!(away.status.code(), Some(3));
    assert!(said(&away).contains("cannot be reached") && said(&away).contains("hint:"), "{}", said(&away));
    for url in ["", "ftp://a", "localhost:8787", "http://u:p@a", "@/etc/passwd", "-x", "http://a/?q"] {
        let refused = operator.run(&["status", &format!("--daemon-url={url}")]).await;
        assert_eq!(refused.status.code(), Some(2), "{url}: {}", said(&refused));
    }
    let strange = Server::start().await;
    let path = format!("{}/nowhere", strange.base);
    assert_eq!(operator.run(&["status", "--daemon-url", &path]).await.status.code(), Some(3));
    let coloured = said(&operator.run(&["status", "--daemon-url", &nobody, "--color", "always"]).await);
    assert!(coloured.contains("\x1b[") && !said(&away).contains('\x1b'), "{coloured}");
}

#[tokio::test]
async fn the_settings_file_is_private_and_never_half_read() {
    let operator = Operator::new();
    let set = async |value: &str| operator.run(&["config", "set", "daemon_url", value]).await;
    assert!(set("https://ci.example.com/").await.status.success());
    std::fs::set_permissions(operator.file(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = set("https://other.example.com").await;
    assert_eq!(open.status.code(), Some(2));
    assert!(said(&open).contains("chmod 600"), "{}", said(&open));
    std::fs::set_permissions(operator.file(), std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(operator.file(), "[]").unwrap();
    assert_eq!(set("https://other.example.com").await.status.code(), Some(2));
    std::fs::write(operator.file(), r#"{"theirs": 1}"#).unwrap();
    assert!(set("https://other.example.com").await.status.success());
    let kept: Value = serde_json::from_slice(&std::fs::read(operator.file()).unwrap()).unwrap();
    assert_eq!(kept, json!({"theirs": 1, "daemon_url": "https://other.example.com"}));
    let elsewhere = operator.home.path().join("mine.json");
    let mut command = operator.command(&["config", "get", "daemon_url"]);
    command.env("OORE_CONFIG_FILE", &elsewhere);
    assert_eq!(said(&command.output().unwrap()).trim(), "http://127.0.0.1:8787");
}

#[tokio::test]
async fn a_token_that_is_not_valid_ends_a_status_with_an_error_and_the_way_out() {
    let server = Server::start().await;
    let operator = Operator::new();
    operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
    let wrong = operator.run(&["status", "--token", "oore_session_wrong"]).await;
    assert_eq!(wrong.status.code(), Some(4), "{}", said(&wrong));
    assert!(said(&wrong).contains("ready") && said(&wrong).contains("--token"), "{}", said(&wrong));
    server.advance(24 * 3600 + 1);
    let expired = operator.run(&["status", "--json"]).await;
    assert_eq!(expired.status.code(), Some(4), "{}", said(&expired));
    let shown: Value = serde_json::from_slice(&expired.stdout).unwrap();
    assert_eq!(shown["authenticated"], false);
    assert!(said(&expired).contains("oore login"), "{}", said(&expired));
}

#[tokio::test]
async fn a_settings_file_with_a_wrong_value_is_refused_by_name_and_key() {
    let server = Server::start().await;
    let operator = Operator::new();
    assert!(operator.run(&["config", "set", "daemon_url", &server.base]).await.status.success());
    for (content, key) in [
        (json!({"daemon_url": 5}), "daemon_url"),
        (json!({"daemon_url": null}), "daemon_url"),
        (json!({"daemon_url": "ftp://a"}), "daemon_url"),
        (json!({"daemon_url": server.base, "session_token": ["x"]}), "session_token"),
        (json!({"daemon_url": server.base, "session_token": "two words"}), "session_token"),
    ] {
        std::fs::write(operator.file(), content.to_string()).unwrap();
        for command in [&["status"][..], &["config", "get", "daemon_url"], &["login"]] {
            let refused = operator.run(command).await;
            let shown = said(&refused);
            assert_eq!(refused.status.code(), Some(2), "{content} {command:?}: {shown}");
            let file = operator.file().display().to_string();
            assert!(shown.contains(&file) && shown.contains(key) && shown.contains("hint:"), "{shown}");
        }
    }
}

/// Every flag with a value that can't be meant: nothing is tried, and the exit code says so.
#[tokio::test]
async fn a_wrong_value_is_a_usage_error_in_every_command() {
    let operator = Operator::new();
    let (data, absent) = (operator.home.path().join("data"), operator.home.path().join("absent"));
    let (data, absent) = (data.to_str().unwrap(), absent.to_str().unwrap());
    let wrong: &[&[&str]] = &[
        &["oore", "nothing"],
        &["oore", "--color", "pink", "version"],
        &["oore", "login", "--email", "nobody"],
        &["oore", "login", "--token", "two words"],
        &["oore", "login", "--daemon-url", "localhost"],
        &["oore", "status", "--daemon-url", "ftp://a"],
        &["oore", "status", "--token", " "],
        &["oore", "config", "set", "color", "red"],
        &["oore", "config", "set", "daemon_url", "x"],
        &["oore", "config", "set", "session_token", "two words"],
        &["oore", "config", "get", "color"],
        &["oore", "setup", "--access", "anybody"],
        &["oore", "setup", "--interface", "telepathy"],
        &["oore", "setup", "--access", "this-device", "--owner-email", "ana"],
        &["oore", "setup", "--config", absent],
        &["oore", "setup", "--daemon-url", "x"],
        &["oore", "setup", "token", "--ttl", "0"],
        &["oore", "setup", "token", "--data-dir", "/proc/nowhere"],
        &["oore", "setup", "init", "--mode", "cloud"],
        &["oore", "setup", "init", "--mode", "local", "--owner-email", "ana"],
        &[
            "oore",
            "setup",
            "init",
            "--mode",
            "trusted-proxy",
            "--owner-email",
            "a@b",
            "--trusted-proxy-cidr",
            "x",
        ],
        &[
            "oore",
            "setup",
            "init",
            "--mode",
            "trusted-proxy",
            "--owner-email",
            "a@b",
            "--shared-secret",
            " x ",
        ],
        &[
            "oore",
            "setup",
            "init",
            "--mode",
            "trusted-proxy",
            "--owner-email",
            "a@b",
            "--shared-secret",
            "x",
            "--user-email-header",
            "a b",
        ],
        &[
            "oore",
            "setup",
            "init",
            "--mode",
            "trusted-proxy",
            "--owner-email",
            "a@b",
            "--shared-secret-file",
            absent,
        ],
        &["oore", "recovery", "--email", "nobody"],
        &["oore", "recovery", "--ttl", "6m"],
        &["oore", "recovery", "--web-url", "x"],
        &["oore", "recovery", "--data-dir", absent],
        &["oore", "frontend", "invite", "--ttl", "x"],
        &["oore", "frontend", "invite", "--data-dir", absent],
        &["oore", "key", "rotate", "--data-dir", absent],
        &["oore", "pipeline", "validate", absent],
        &["audit", "verify", "--noted", "x"],
        &["audit", "verify", "--data-dir", absent],
        &["runner", "--config", absent],
        &["runner", "--idle-exit-seconds", "soon"],
        &["run", "--listen", "somewhere"],
        &["run", "--data-dir", "/proc/nowhere"],
        &["run", "--runner-mode", "none"],
        &["run", "--embedded-runner-name", " "],
        &["run", "--public-url", "ftp://a"],
        &["run", "--cors-origins", "https://a/path"],
        &["run", "--allowed-hosts", "https://a"],
        &["run", "--lost-after-seconds", "3"],
        &["run", "--build-timeout-seconds", "0"],
        &["run", "--no-output-timeout-seconds", "-1"],
        &["run", "--min-free-disk-bytes", "much"],
        &["run", "--log-limit-bytes", "1G"],
        &["run", "--max-connections", "1"],
        &["run", "--example", absent],
    ];
    for arguments in wrong {
        let mut command = oored();
        command.env("HOME", operator.home.path()).env("OORED_DATA_DIR", data).stdin(Stdio::null());
        command.args(*arguments);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {}", said(&done));
        let ours = said(&done).contains("hint:") || said(&done).contains("error: ");
        assert!(ours && !said(&done).contains("a file operation failed"), "{arguments:?}: {}", said(&done));
    }
    assert!(!Path::new(data).join("oore.db").exists(), "nothing was tried");
}

#[tokio::test]
async fn a_flag_that_would_change_nothing_is_named_and_refused() {
    let operator = Operator::new();
    let data = operator.home.path().join("data");
    let secret = operator.home.path().join("secret");
    std::fs::write(&secret, "s3cret").unwrap();
    let local = ["setup", "init", "--mode", "local", "--data-dir", data.to_str().unwrap()];
    for flags in [
        ["--shared-secret", "s3cret"],
        ["--shared-secret-file", secret.to_str().unwrap()],
        ["--trusted-proxy-cidr", "10.0.0.0/8"],
        ["--user-email-header", "X-User"],
    ] {
        let refused = operator.run(&[&local[..], &flags].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        assert!(
            said(&refused).contains(flags[0]) && !said(&refused).contains("s3cret"),
            "{}",
            said(&refused)
        );
    }
    for (flags, named) in [
        (&["--web-listen", "127.0.0.1:4173"][..], "--web-listen"),
        (&["--runner-token", "x"], "--runner-token"),
        (&["--browser-transport-protected"], "--browser-transport-protected"),
        (&["--access", "identity-provider", "--owner-email", "a@b"], "--owner-email"),
        (&["--interface", "browser", "--access", "this-device"], "--access"),
    ] {
        let refused = operator.run(&[&["setup"], flags].concat()).await;
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        assert!(said(&refused).contains(named) && said(&refused).contains("no effect"), "{}", said(&refused));
    }
    assert!(!data.exists());
}

/// CVE-2024-23897 was an argument that began with an at sign.
#[tokio::test]
async fn an_argument_is_text_and_never_the_content_of_a_file() {
    let server = Server::start().await;
    server.owner().await;
    let operator = Operator::new();
    let secret = operator.home.path().join("secret.txt");
    std::fs::write(&secret, "root:x:0:0:the content").unwrap();
    let file = format!("@{}", secret.display());
    // The system refuses longer ones itself.
    let long = "x".repeat(120 * 1024);
    for value in [file.as_str(), "-", "--", "@-", "\u{1}", long.as_str()] {
        for arguments in [
            vec!["login".to_owned(), format!("--token={value}")],
            vec!["login".to_owned(), format!("--email={value}")],
            vec!["login".to_owned(), format!("--daemon-url={value}")],
            vec!["status".to_owned(), format!("--token={value}")],
            vec!["config".to_owned(), "set".to_owned(), "session_token".to_owned(), value.to_owned()],
            vec!["config".to_owned(), "set".to_owned(), "daemon_url".to_owned(), value.to_owned()],
            vec!["setup".to_owned(), "token".to_owned(), format!("--ttl={value}")],
            vec!["pipeline".to_owned(), "validate".to_owned(), value.to_owned()],
            vec![format!("--color={value}"), "version".to_owned()],
        ] {
            let mut command = operator.command(&[]);
            command.env("OORE_DAEMON_URL", &server.base).stdin(Stdio::null()).args(&arguments);
            let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
            assert!(!said(&done).contains("the content"), "{arguments:?}");
            let literal = arguments[0] == "status" || arguments[..2] == ["config", "set"];
            assert!(literal || !done.status.success(), "{} with {value:.20} was taken", arguments[0]);
        }
    }
    let mut child = operator
        .command(&["login", "--daemon-url", &server.base, "--token-stdin"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may stop reading long before the end.
    let _ = child.stdin.take().unwrap().write_all(&vec![b'x'; 1024 * 1024]);
    let done = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", said(&done));
}

#[test]
fn output_that_nobody_reads_any_more_ends_a_command_quietly_and_a_full_disk_does_not() {
    for arguments in [&["oore", "version"][..], &["oore", "completions", "bash"], &["openapi"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let done = oored().args(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((done.status.code(), said(&done)), (Some(141), String::new()), "{arguments:?}");
        if cfg!(target_os = "linux") {
            let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
            let done = oored().args(arguments).stdout(full).stderr(Stdio::piped()).output().unwrap();
            assert_eq!(done.status.code(), Some(1), "{arguments:?}");
            assert!(said(&done).contains("the result can't be written"), "{}", said(&done));
        }
    }
}
