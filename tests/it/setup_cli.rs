//! `oore setup` against a real daemon: from a file, at a terminal, in the browser, in one stroke; and
//! on from wherever an earlier set-up stopped.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};

use crate::support::operator::{Operator, Session, said};
use crate::support::provider::Provider;
use crate::support::setting_up::{choose_remote, oidc_settings, open, through_proxy};
use crate::support::{Client, Server};

/// An operator on the machine of a daemon.
struct Host {
    server: Server,
    operator: Operator,
}

impl Host {
    async fn start() -> Self {
        Self { server: Server::start().await, operator: Operator::new() }
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let here =
            ["setup", "--daemon-url", &self.server.base, "--data-dir", self.server.data().to_str().unwrap()];
        [&here[..], more].concat()
    }

    async fn setup(&self, more: &[&str]) -> Output {
        self.operator.run(&self.arguments(more)).await
    }

    /// Runs to a good end and answers what it printed as JSON.
    async fn done(&self, more: &[&str]) -> Value {
        let output = self.setup(&[more, &["--json"]].concat()).await;
        assert!(output.status.success(), "{}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    async fn state(&self) -> Value {
        self.server.anonymous().get("/v1/public/setup-status").await.ok()["state"].clone()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.operator.home.path().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// What the page at the printed address does first.
    async fn browser(&self, outcome: &Value) -> Client {
        let link = outcome["open"].as_str().unwrap();
        let token = link.strip_prefix(&format!("{}/start#token=", self.server.base)).unwrap();
        let client = self.server.anonymous();
        let session = client.post("/v1/setup/bootstrap-token/verify", json!({ "token": token })).await.ok();
        client.with_token(session["session_token"].as_str().unwrap())
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_file_sets_a_local_instance_up_and_a_second_run_changes_nothing() {
    let host = Host::start().await;
    let file = host.file("answers.json", r#"{"access": "this-device", "owner_email": "ana@example.com"}"#);
    let outcome = host.done(&["--config", text(&file)]).await;
    assert_eq!((&outcome["state"], &outcome["owner_email"]), (&json!("ready"), &json!("ana@example.com")));
    let me = host.server.owner().await.get("/v1/users/me").await.ok();
    assert_eq!((&me["user"]["email"], &me["user"]["role"]), (&json!("ana@example.com"), &json!("owner")));
    assert_eq!(host.done(&["--config", text(&file)]).await["state"], "ready");
    let other = host.setup(&["--access", "trusted-proxy", "--json"]).await;
    assert_eq!(other.status.code(), Some(1), "{}", said(&other));
}

#[tokio::test]
async fn a_plan_says_what_would_be_done_and_mints_no_token() {
    let host = Host::start().await;
    let planned =
        host.setup(&["--plan", "--access", "this-device", "--owner-email", "ana@example.com"]).await;
    assert!(said(&planned).contains("make ana@example.com the owner"), "{}", said(&planned));
    let as_json = host.done(&["--plan"]).await;
    assert_eq!(as_json["steps"].as_array().unwrap().len(), 2, "{as_json}");
    let row = oored::db::setup::get(host.server.app.db.read()).await.unwrap();
    assert_eq!((row.token_hash, host.state().await), (None, json!("bootstrap_pending")));
}

#[tokio::test]
async fn a_set_up_goes_on_where_it_stopped() {
    let host = Host::start().await;
    let setup = open(&host.server).await;
    setup.post("/v1/setup/local-owner/create", json!({"email": "ana@example.com"})).await.ok();
    let other = host.setup(&["--owner-email", "eve@example.com", "--json"]).await;
    assert_eq!(other.status.code(), Some(1), "{}", said(&other));
    let elsewhere = host.setup(&["--access", "identity-provider", "--json"]).await;
    assert_eq!(elsewhere.status.code(), Some(1), "{}", said(&elsewhere));
    assert_eq!(host.state().await, "owner_created");
    assert_eq!(host.done(&[]).await["owner_email"], "ana@example.com");
    assert_eq!(host.state().await, "ready");
}

#[tokio::test]
async fn a_proxy_is_configured_and_the_owner_claims_the_instance_through_it() {
    let host = Host::start().await;
    let secret = host.file("secret", "s3cret\n");
    let proxy = json!({"user_email_header": "X-User", "trusted_proxy_cidrs": ["10.0.0.0/8"], "shared_secret_file": secret});
    let answers =
        json!({"access": "trusted-proxy", "owner_email": "ana@example.com", "trusted_proxy": proxy});
    let file = host.file("answers.json", answers.to_string());
    let outcome = host.done(&["--config", text(&file)]).await;
    assert_eq!(outcome["state"], "idp_configured");
    let browser = host.browser(&outcome).await;
    let claim = async |email: &str| {
        let headers = [("x-user", email), ("x-oore-trusted-proxy-secret", "s3cret")];
        through_proxy(&browser, "/v1/setup/owner/claim-trusted-proxy", &headers).await
    };
    claim("eve@example.com").await.error(403, "trusted_proxy_owner_email_mismatch");
    claim("ana@example.com").await.ok();
    assert_eq!(host.done(&[]).await["state"], "ready");
}

#[tokio::test]
async fn an_identity_provider_is_configured_and_the_owner_proves_who_they_are_in_a_browser() {
    let host = Host::start().await;
    let provider = Provider::start().await;
    let entered = oidc_settings(&provider);
    let secret = host.file("secret", entered["client_secret"].as_str().unwrap());
    let ours = json!({"issuer_url": entered["issuer_url"], "client_id": entered["client_id"], "client_secret_file": secret});
    let file = host
        .file("answers.json", json!({"access": "identity-provider", "identity_provider": ours}).to_string());
    let outcome = host.done(&["--config", text(&file)]).await;
    assert_eq!(outcome["state"], "idp_configured");
    // Without a provider in the answers the configured one stays.
    let again = host.done(&["--access", "identity-provider"]).await;
    let browser = host.browser(&again).await;
    let begun = browser.post("/v1/setup/owner/start-oidc", json!({})).await.ok();
    let code = provider.agree(begun["authorization_url"].as_str().unwrap());
    browser.post("/v1/setup/owner/verify-oidc", json!({"code": code, "state": begun["state"]})).await.ok();
    browser.post("/v1/setup/complete", json!({})).await.ok();
    assert_eq!(host.state().await, "ready");
}

#[tokio::test]
async fn a_file_that_is_open_wrong_or_too_long_is_refused_without_a_trace() {
    let host = Host::start().await;
    let open = host.file("open.json", "{}");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o640)).unwrap();
    let unreadable = host.file("secret", "s3cret");
    std::fs::set_permissions(&unreadable, std::fs::Permissions::from_mode(0o644)).unwrap();
    let with_secret = json!({"access": "trusted-proxy", "trusted_proxy": {"shared_secret_file": unreadable}});
    let link = host.operator.home.path().join("link.json");
    std::os::unix::fs::symlink(host.file("target.json", "{}"), &link).unwrap();
    let files = [
        open,
        link,
        host.file("unknown.json", r#"{"acces": "this-device"}"#),
        host.file("nested.json", r#"{"trusted_proxy": {"secret": "x"}}"#),
        host.file("word.json", r#"{"access": "anybody"}"#),
        host.file("list.json", "[]"),
        host.file("long.json", format!("{{\"owner_email\": \"{}\"}}", "x".repeat(1024 * 1024))),
        host.file("open-secret.json", with_secret.to_string()),
        host.operator.home.path().join("absent.json"),
        PathBuf::from("@/etc/passwd"),
        PathBuf::from("-"),
    ];
    for file in files {
        let refused = host.setup(&[&format!("--config={}", file.display())]).await;
        assert_eq!(refused.status.code(), Some(2), "{}: {}", file.display(), said(&refused));
        assert!(!said(&refused).contains("s3cret"));
    }
    let row = oored::db::setup::get(host.server.app.db.read()).await.unwrap();
    assert_eq!(row.token_hash, None);
}

#[tokio::test]
async fn without_a_terminal_what_is_missing_is_named() {
    let host = Host::start().await;
    for (arguments, missing) in [
        (&["--json"][..], "--access"),
        (&["--json", "--access", "this-device"], "--owner-email"),
        (&["--interface", "terminal"], "terminal"),
    ] {
        let refused = host.setup(arguments).await;
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        assert!(said(&refused).contains(missing), "{}", said(&refused));
    }
    // A file may have been written for another installation too.
    let file = host.file("theirs.json", r#"{"web_listen": "127.0.0.1:4173", "access": "this-device"}"#);
    let ignored = host.setup(&["--plan", "--config", text(&file)]).await;
    assert!(said(&ignored).contains("web_listen has no effect"), "{}", said(&ignored));
}

#[tokio::test]
async fn another_data_folder_than_the_daemons_is_noticed() {
    let host = Host::start().await;
    let other = Server::start().await;
    let arguments =
        ["setup", "--daemon-url", &host.server.base, "--access", "this-device", "--owner-email", "a@b"];
    let at = async |folder: &Path| {
        host.operator.run(&[&arguments[..], &["--json", "--data-dir", text(folder)]].concat()).await
    };
    let refused = at(other.data()).await;
    assert!(said(&refused).contains("does not use the data folder"), "{}", said(&refused));
    let empty = tempfile::tempdir().unwrap();
    let refused = at(empty.path()).await;
    assert!(said(&refused).contains("there is no database"), "{}", said(&refused));
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0);
    let row = oored::db::setup::get(other.app.db.read()).await.unwrap();
    assert_eq!(row.token_hash, None);
}

#[tokio::test]
async fn a_public_url_of_the_file_is_where_the_owner_goes_on() {
    let host = Host::start().await;
    let answers = |url: &str| {
        let proxy = json!({"trusted_proxy_cidrs": ["10.0.0.0/8"]});
        json!({"access": "trusted-proxy", "public_url": url, "owner_email": "ana@example.com", "trusted_proxy": proxy})
    };
    for url in ["http://ci.example.com", "https://ci.example.com/ci", "https://u:s3cret@ci.example.com", "ci"]
    {
        let file = host.file("answers.json", answers(url).to_string());
        let refused = host.setup(&["--config", text(&file)]).await;
        assert_eq!(refused.status.code(), Some(2), "{url}: {}", said(&refused));
        assert!(
            said(&refused).contains("public URL") && !said(&refused).contains("s3cret"),
            "{}",
            said(&refused)
        );
    }
    let without = json!({"access": "trusted-proxy", "owner_email": "ana@example.com",
        "trusted_proxy": {"trusted_proxy_cidrs": ["10.0.0.0/8"]}});
    let file = host.file("answers.json", without.to_string());
    let warned = host.setup(&["--config", text(&file), "--json"]).await;
    assert!(warned.status.success() && said(&warned).contains("no public URL"), "{}", said(&warned));
    let file = host.file("answers.json", answers("https://ci.example.com/").to_string());
    let planned = host.setup(&["--plan", "--config", text(&file)]).await;
    assert!(said(&planned).contains("make https://ci.example.com the address"), "{}", said(&planned));
    let done = host.setup(&["--config", text(&file), "--json"]).await;
    assert!(done.status.success() && !said(&done).contains("warning"), "{}", said(&done));
    let outcome: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert!(
        outcome["open"].as_str().unwrap().starts_with("https://ci.example.com/start#token="),
        "{outcome}"
    );
    assert_eq!(host.server.app.network.reach().public_url.as_deref(), Some("https://ci.example.com"));
}

#[tokio::test]
async fn the_browser_is_handed_a_link_that_opens_the_set_up() {
    let host = Host::start().await;
    let outcome = host.done(&["--interface", "browser"]).await;
    let browser = host.browser(&outcome).await;
    choose_remote(&browser, "oidc").await;
}

#[tokio::test]
async fn somebody_at_a_terminal_is_asked_and_an_invalid_answer_is_asked_again() {
    let host = Host::start().await;
    let mut session = Session::start(host.operator.command(&host.arguments(&[])));
    let shown = tokio::task::spawn_blocking(move || {
        session.answer("Who will use this instance?", "\r");
        session.answer("E-mail address of the owner:", "ana\r");
        session.answer("not an e-mail address", "@example.com\r");
        session.end()
    });
    let (shown, code) = shown.await.unwrap();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("is set up"), "{shown}");
    let me = host.server.owner().await.get("/v1/users/me").await.ok();
    assert_eq!(me["user"]["email"], "ana@example.com");
}

#[tokio::test]
async fn a_proxy_set_up_at_a_terminal_waits_for_the_browser_and_shows_no_secret() {
    let host = Host::start().await;
    let mut session = Session::start(host.operator.command(&host.arguments(&[])));
    let asked = tokio::task::spawn_blocking(move || {
        session.answer("Who will use this instance?", "\u{1b}[B\u{1b}[B\r");
        session.answer("Header in which", "\r");
        session.answer("Addresses of the proxy", "\r");
        session.answer("Secret that the proxy sends", "s3cret\r");
        session.answer("Public https address", "https://ci.example.com/ci\r");
        session.answer("must not have a path", "\u{7f}\u{7f}\u{7f}\r");
        session.answer("E-mail address of the owner:", "ana@example.com\r");
        session.answer("Waiting until", "");
        session
    });
    let session = asked.await.unwrap();
    assert_eq!(host.state().await, "idp_configured");
    let browser = open(&host.server).await;
    assert_eq!(browser.get("/v1/setup/summary").await.ok()["public_url"], "https://ci.example.com");
    let headers = [("x-warpgate-username", "ana@example.com"), ("x-oore-trusted-proxy-secret", "s3cret")];
    through_proxy(&browser, "/v1/setup/owner/claim-trusted-proxy", &headers).await.ok();
    browser.post("/v1/setup/complete", json!({})).await.ok();
    let (shown, code) = tokio::task::spawn_blocking(move || session.end()).await.unwrap();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("The instance is set up") && !shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn who_stops_at_a_question_has_changed_nothing() {
    let host = Host::start().await;
    let mut session = Session::start(host.operator.command(&host.arguments(&[])));
    let ended = tokio::task::spawn_blocking(move || {
        session.answer("Who will use this instance?", "\u{3}");
        session.end()
    });
    let (shown, code) = ended.await.unwrap();
    assert_eq!((code, host.state().await), (Some(1), json!("bootstrap_pending")), "{shown}");
}

#[tokio::test]
async fn init_sets_an_instance_up_in_one_stroke_with_the_daemon_running_or_stopped() {
    let operator = Operator::new();
    let data = operator.home.path().join("data");
    let init = async |more: &[&str]| {
        operator.run(&[&["setup", "init", "--data-dir", text(&data), "--json"], more].concat()).await
    };
    let proxy = ["--mode", "trusted-proxy", "--owner-email", "ana@example.com"];
    let unusable = init(&proxy).await;
    assert_eq!(unusable.status.code(), Some(2), "{}", said(&unusable));
    let invalid = init(&[&proxy[..], &["--trusted-proxy-cidr", "10.0.0.0/99"]].concat()).await;
    assert_eq!(invalid.status.code(), Some(2), "{}", said(&invalid));
    let done = init(&[&proxy[..], &["--shared-secret", "s3cret"]].concat()).await;
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(serde_json::from_slice::<Value>(&done.stdout).unwrap()["state"], "ready");
    let again = init(&["--mode", "local", "--force"]).await;
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    let server = Server::start_with(&["--data-dir", text(&data)]).await;
    let owner = crate::support::setting_up::proxy_sign_in(&server, "ana@example.com").await;
    assert_eq!(owner.get("/v1/users/me").await.ok()["user"]["role"], "owner");

    let running = Host::start().await;
    let setup = open(&running.server).await;
    choose_remote(&setup, "trusted_proxy").await;
    setup.post("/v1/setup/trusted-proxy/configure", json!({"shared_secret": "x"})).await.ok();
    let local = ["setup", "init", "--mode", "local", "--data-dir", text(running.server.data())];
    let begun = running.operator.run(&local).await;
    assert!(said(&begun).contains("--force"), "{}", said(&begun));
    assert!(running.operator.run(&[&local[..], &["--force"]].concat()).await.status.success());
    let me = running.server.owner().await.get("/v1/users/me").await.ok();
    assert_eq!(me["user"]["email"], "owner@local");
}
