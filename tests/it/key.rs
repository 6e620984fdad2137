//! Rotating the key of secrets: online, killed at many points, and what was sealed or signed before.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::sync::Arc;

use oored::db::integration_secrets::Holder;
use oored::db::listing::Page;
use oored::db::{self, Db, encryption_key, sealed};
use oored::domain::source::IntegrationSecretKind;
use oored::events::Events;
use oored::seal::{Rotation, Sealer};
use oored::sources::secrets;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::program::{Daemon, free_port, oored, run};
use crate::support::provider::Provider;
use crate::support::setting_up::{behind_proxy, proxy_sign_in, through_proxy};
use crate::support::{Agent, Client, Repository, Server};

/// A data folder with many secrets, as an instance with many integrations would have.
struct Vault {
    folder: tempfile::TempDir,
    secrets: u64,
}

fn plain(id: u64) -> String {
    format!("secret number {id}")
}

impl Vault {
    async fn with(secrets: u64) -> Self {
        let vault = Self { folder: tempfile::tempdir().unwrap(), secrets };
        let minted = run(&["oore", "setup", "token", "--data-dir", vault.path().to_str().unwrap()]);
        assert!(minted.status.success());
        let (db, sealer) = (vault.db().await, vault.sealer());
        db.write(async |tx| {
            tx.execute_unprepared("CREATE TABLE vault (id INTEGER PRIMARY KEY, secret BLOB)").await?;
            for id in 0..secrets {
                let sealed = sealer.seal(&format!("vault/{id}/secret"), plain(id).as_bytes())?;
                let sql = "INSERT INTO vault VALUES (?, ?)";
                let values = [id.into(), sealed.into()];
                tx.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        db.close().await.unwrap();
        vault
    }

    fn copy(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
        Self { folder, secrets: self.secrets }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn sealer(&self) -> Sealer {
        Sealer::open_or_create(&self.path().join("encryption.key"), &self.path().join("oore.db")).unwrap()
    }

    async fn db(&self) -> Db {
        Db::open(&self.path().join("oore.db"), Arc::new(Events::new(0))).await.unwrap()
    }

    /// Opens every secret with these keys.
    async fn open_all(&self, sealer: &Sealer) {
        let db = self.db().await;
        let column = sealed::Column { table: "vault".to_owned(), column: "secret".to_owned() };
        let values = sealed::without_mark(db.read(), &column, b"none", self.secrets + 1).await.unwrap();
        assert_eq!(values.len() as u64, self.secrets);
        for value in values {
            let secret = sealer.open(&column.identity(&value.id), &value.sealed).unwrap();
            assert_eq!(&secret[..], plain(value.id.parse().unwrap()).as_bytes());
        }
        db.close().await.unwrap();
    }

    /// Starts a rotation and kills it once it has said `lines` lines; answers whether it had ended.
    fn kill_after(&self, lines: usize) -> bool {
        let mut child = self.start();
        let said = BufReader::new(child.stderr.take().unwrap());
        let seen = said.lines().take(lines).count();
        child.kill().unwrap();
        child.wait().unwrap();
        seen < lines
    }

    fn start(&self) -> Child {
        let mut command = oored();
        command.args(["oore", "key", "rotate", "--data-dir"]).arg(self.path());
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Everything is sealed with the one key in force, and the log knows of one rotation.
    async fn is_rotated(&self) {
        let alone = tempfile::tempdir().unwrap();
        std::fs::copy(self.path().join("encryption.key"), alone.path().join("key")).unwrap();
        let sealer = Sealer::open_or_create(&alone.path().join("key"), &alone.path().join("db")).unwrap();
        self.open_all(&sealer).await;
        let db = self.db().await;
        let count = "SELECT count(*) AS n FROM audit_logs WHERE action = 'key_rotated'";
        let row = db.read().query_one_raw(Statement::from_string(DbBackend::Sqlite, count)).await.unwrap();
        assert_eq!(row.unwrap().try_get::<i64>("", "n").unwrap(), 1);
        let named = encryption_key::find(db.read()).await.unwrap().unwrap();
        assert_eq!(named.key_id, self.sealer().key_id());
        assert!(matches!(self.sealer().rotation(), Rotation::Retired(_)));
        assert!(!self.path().join("encryption.key.next").exists());
        db.close().await.unwrap();
        let verified = run(&["audit", "verify", "--data-dir", self.path().to_str().unwrap()]);
        assert!(verified.status.success(), "{}", said(&verified));
    }
}

fn rotate(data: &Path) -> Output {
    run(&["oore", "key", "rotate", "--data-dir", data.to_str().unwrap()])
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// How many points to kill at; `make faults` asks for more.
fn points() -> usize {
    crate::support::fault_points().unwrap_or(40)
}

#[tokio::test]
async fn every_secret_is_readable_wherever_a_rotation_is_killed() {
    // A line is said for every 50 secrets, so there is a point for each.
    let vault = Vault::with(points() as u64 * 50).await;
    let mut interrupted = 0;
    for point in 0..points() {
        let copy = vault.copy();
        copy.kill_after(point);
        interrupted += usize::from(copy.sealer().rotation() == Rotation::Unfinished);
        copy.open_all(&copy.sealer()).await;
        // Once more, in the middle of what is left.
        copy.kill_after(points() / 4);
        copy.open_all(&copy.sealer()).await;
        let finished = rotate(copy.path());
        let done = matches!(copy.sealer().rotation(), Rotation::Retired(_));
        assert!(done, "point {point}: {}", said(&finished));
        copy.is_rotated().await;
    }
    assert!(interrupted > points() / 4, "only {interrupted} rotations were killed in the middle");
}

#[tokio::test]
async fn a_key_is_rotated_once_in_a_while_and_by_one_at_a_time() {
    let vault = Vault::with(3).await;
    let lock = vault.sealer().lock_rotation().unwrap();
    let second = rotate(vault.path());
    assert!(said(&second).contains("by somebody else"), "{}", said(&second));
    drop(lock);
    let done = run(&["oore", "key", "rotate", "--json", "--data-dir", vault.path().to_str().unwrap()]);
    let done: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(done, json!({"key_id": vault.sealer().key_id(), "resealed": 3}));
    let again = rotate(vault.path());
    assert!(!again.status.success() && said(&again).contains("30 minutes"), "{}", said(&again));
    vault.is_rotated().await;
}

#[tokio::test]
async fn a_secret_that_no_key_opens_is_named_and_the_former_key_stays() {
    let vault = Vault::with(60).await;
    vault.sealer().begin_rotation().unwrap();
    let db = vault.db().await;
    db.write(async |tx| Ok(tx.execute_unprepared("UPDATE vault SET secret = x'0102' WHERE id = 7").await?))
        .await
        .unwrap();
    db.close().await.unwrap();
    let refused = rotate(vault.path());
    assert!(said(&refused).contains("vault/7/secret cannot be decrypted"), "{}", said(&refused));
    assert!(!refused.status.success());
    assert_eq!(vault.sealer().rotation(), Rotation::Unfinished);
    let db = vault.db().await;
    let last = vault.secrets - 1;
    let sealed = db.read().query_one_raw(Statement::from_string(
        DbBackend::Sqlite,
        format!("SELECT secret FROM vault WHERE id = {last}"),
    ));
    let sealed: Vec<u8> = sealed.await.unwrap().unwrap().try_get("", "secret").unwrap();
    assert_eq!(
        &vault.sealer().open(&format!("vault/{last}/secret"), &sealed).unwrap()[..],
        plain(last).as_bytes(),
        "what the former key sealed still opens"
    );
}

/// Every column that is sealed has to be found by a rotation, and no other column may look like one.
#[tokio::test]
async fn whatever_is_a_blob_is_sealed_for_table_id_and_column() {
    let (server, provider) = (Server::start().await, Provider::start().await);
    let owner = behind_proxy(&server, "ana@example.com").await;
    let oidc = json!({"issuer_url": provider.issuer, "client_id": "oore", "client_secret": "s3cret"});
    owner.put("/v1/settings/external-access/oidc", oidc).await.ok();
    keep_channels(&owner).await;
    let bucket = json!({
        "provider": "s3", "s3_bucket": "apps", "access_key_id": "s3cret", "secret_access_key": "s3cret",
    });
    owner.put("/v1/settings/artifact-storage", bucket).await.ok();
    let columns = sealed::columns(server.app.db.read()).await.unwrap();
    let names: Vec<String> = columns.iter().map(|column| column.identity("1")).collect();
    let expected = [
        "artifact_stores/1/access_key_id",
        "artifact_stores/1/secret_access_key",
        "integration_secrets/1/value",
        "notification_channels/1/secret",
        "notification_channels/1/smtp_password",
        "notification_channels/1/url",
        "oidc_settings/1/client_secret",
        "trusted_proxy_settings/1/shared_secret",
        "variables/1/value",
        "webhook_deliveries/1/body",
    ];
    assert_eq!(names, expected);
    // Behind a proxy there are no projects of local repositories.
    let (local, repository) = (Server::start().await, Repository::running(&["true"]));
    let owner = local.owner().await;
    let project = owner.project("App", &repository).await;
    let path = format!("/v1/projects/{}/variables/A", project["id"].as_str().unwrap());
    owner.put(&path, json!({"value": "s3cret"})).await.ok();
    keep_secret(&local, "s3cret").await;
    // Payloads are compressed before they are sealed.
    let is_payload = |column: &sealed::Column| column.table == "webhook_deliveries";
    for column in columns.into_iter().filter(|column| !is_payload(column)) {
        let is_of_projects = matches!(column.table.as_str(), "variables" | "integration_secrets");
        let server = if is_of_projects { &local } else { &server };
        let values = sealed::without_mark(server.app.db.read(), &column, b"none", 9).await.unwrap();
        assert_eq!(values.len(), 1, "{column:?}");
        for sealed::Value { id, sealed } in values {
            let name = column.identity(&id);
            let expected = if column.column == "url" { HOOK } else { "s3cret" };
            assert_eq!(&server.app.sealer.open(&name, &sealed).unwrap()[..], expected.as_bytes(), "{name}");
        }
    }
}

const HOOK: &str = "https://hooks.example.com/s3cret";

/// Keeps one of each secret that channels of notifications have.
async fn keep_channels(owner: &Client) {
    let smtp = json!({"host": "mail.example.com", "port": 25, "username": "ci", "password": "s3cret",
        "tls_mode": "start_tls", "from_address": "ci@example.com", "recipients": ["ana@example.com"]});
    for body in [
        json!({"name": "Hook", "channel_type": "webhook", "url": HOOK, "secret": "s3cret"}),
        json!({"name": "Mail", "channel_type": "email", "smtp_config": smtp}),
    ] {
        owner.post("/v1/settings/notification-channels", body).await.ok();
    }
}

/// Keeps a secret of the one integration.
async fn keep_secret(server: &Server, secret: &str) -> Holder {
    let (app, page) = (&server.app, Page { limit: 1, offset: 0 });
    let (repositories, _) = db::repositories::list(app.db.read(), None, None, page).await.unwrap();
    let holder = Holder::Integration(repositories[0].integration_id);
    let kind = IntegrationSecretKind::WebhookSecret;
    app.db.write(async |tx| secrets::keep(tx, app, holder, kind, secret).await).await.unwrap();
    holder
}

#[tokio::test]
async fn secrets_of_integrations_are_sealed_survive_a_rotation_and_go_with_their_integration() {
    let (server, repository) = (Server::start().await, Repository::running(&["true"]));
    let owner = server.owner().await;
    owner.project("App", &repository).await;
    keep_secret(&server, "the first one").await;
    let holder = keep_secret(&server, "s3cret-of-webhooks").await;
    server.assert_not_stored("s3cret-of-webhooks");
    rotate_beside(&server).await;
    let found = async || {
        let (db, sealer) = (server.app.db.read(), &server.app.sealer);
        secrets::find(db, sealer, holder, IntegrationSecretKind::WebhookSecret).await.unwrap()
    };
    assert_eq!(found().await.unwrap().as_str(), "s3cret-of-webhooks");
    owner.delete(&format!("/v1/integrations/{}", holder.integration())).await.ok();
    assert!(found().await.is_none());
}

/// A rotation by the command line beside a daemon that is this process.
async fn rotate_beside(server: &Server) {
    let data = server.data().to_owned();
    let rotated = tokio::task::spawn_blocking(move || rotate(&data)).await.unwrap();
    assert!(rotated.status.success(), "{}", said(&rotated));
}

#[tokio::test]
async fn a_running_daemon_opens_what_was_sealed_before() {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let before = server.app.sealer.key_id();
    rotate_beside(&server).await;
    assert_ne!(server.app.sealer.key_id(), before);
    proxy_sign_in(&server, "ana@example.com").await;
    server.anonymous().get("/readyz").await.ok();
    let log = owner.get("/v1/audit-logs?action=key_rotated").await.ok();
    let details = json!({ "former_key_id": before }).to_string();
    assert_eq!(log["entries"][0]["details"], json!(details), "{log}");
    let data = server.data().to_str().unwrap().to_owned();
    let verified = tokio::task::spawn_blocking(move || run(&["audit", "verify", "--data-dir", &data])).await;
    assert!(verified.unwrap().status.success());

    server.advance(1801);
    oored::tasks::retire_key(&server.app).await.unwrap();
    assert_eq!(server.app.sealer.rotation(), Rotation::None);
    proxy_sign_in(&server, "ana@example.com").await;
}

#[tokio::test]
async fn a_link_that_was_signed_before_works_until_it_expires() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let pipeline = owner.pipeline(&project, "Android").await;
    owner.build(&pipeline).await;
    let agent = Agent::register(&owner, "Runner", 5).await;
    let job = agent.begin().await;
    let announced = agent.announce(&job, "a.apk", b"content").await;
    rotate_beside(&server).await;
    agent.put(&announced, b"content".to_vec()).await.expect(200);
    server.advance(1801);
    agent.put(&announced, b"content".to_vec()).await.error(401, "invalid_upload_token");
}

/// What a daemon does with its secrets while somebody rotates the key: it opens one at each sign-in, and now and
/// then seals a new one.
async fn use_secrets(daemon: &Daemon, owner: &Client, secret: &mut String, round: usize) {
    let sign_in = async |secret: &str| {
        let headers = [("x-warpgate-username", "ana@example.com"), ("x-oore-trusted-proxy-secret", secret)];
        through_proxy(&daemon.client(), "/v1/auth/trusted-proxy/login", &headers).await.ok()
    };
    sign_in(secret).await;
    daemon.client().get("/readyz").await.ok();
    if round.is_multiple_of(3) {
        *secret = format!("s3cret-{round}");
        let settings = json!({ "shared_secret": secret });
        owner.put("/v1/settings/external-access/trusted-proxy", settings).await.ok();
        sign_in(secret).await;
    }
}

#[tokio::test]
async fn a_rotation_that_is_killed_beside_a_running_daemon_disturbs_nobody_and_goes_on() {
    let points = points().div_ceil(4);
    let vault = Vault::with(points as u64 * 50).await;
    let data = vault.path().to_str().unwrap();
    let proxy = ["--mode", "trusted-proxy", "--owner-email", "ana@example.com", "--shared-secret", "s3cret"];
    let set_up = run(&[&["oore", "setup", "init", "--data-dir", data][..], &proxy].concat());
    assert!(set_up.status.success(), "{}", said(&set_up));
    let mut interrupted = 0;
    for point in 0..points {
        let copy = Arc::new(vault.copy());
        let daemon = Daemon::start(copy.path(), free_port(), &["--runner-mode", "external"]).await;
        let mut secret = "s3cret".to_owned();
        let headers = [("x-warpgate-username", "ana@example.com"), ("x-oore-trusted-proxy-secret", "s3cret")];
        let session = through_proxy(&daemon.client(), "/v1/auth/trusted-proxy/login", &headers).await.ok();
        let owner = daemon.client().with_token(session["session_token"].as_str().unwrap());
        // Killed at this point, and then again and again in what is left.
        for (round, lines) in [point, 1, point / 2, 2].into_iter().enumerate() {
            let killing = {
                let copy = copy.clone();
                tokio::task::spawn_blocking(move || copy.kill_after(lines))
            };
            while !killing.is_finished() {
                use_secrets(&daemon, &owner, &mut secret, 1).await;
            }
            killing.await.unwrap();
            interrupted += usize::from(copy.sealer().rotation() == Rotation::Unfinished);
            copy.open_all(&copy.sealer()).await;
            use_secrets(&daemon, &owner, &mut secret, round * 3).await;
        }
        let finished = rotate(copy.path());
        let done = matches!(copy.sealer().rotation(), Rotation::Retired(_));
        assert!(done, "point {point}: {}", said(&finished));
        use_secrets(&daemon, &owner, &mut secret, 3).await;
        copy.is_rotated().await;
        // What the daemon sealed meanwhile opens for one that knows nothing of before.
        drop(daemon);
        let daemon = Daemon::start(copy.path(), free_port(), &["--runner-mode", "external"]).await;
        use_secrets(&daemon, &owner, &mut secret, 1).await;
    }
    assert!(interrupted >= points, "only {interrupted} rotations were killed in the middle");
}

#[tokio::test]
async fn a_daemon_starts_in_the_middle_of_a_rotation() {
    let whole = Vault::with(500).await;
    // Now and then the kill comes too late.
    let interrupted = (0..20).find_map(|_| {
        let copy = whole.copy();
        copy.kill_after(5);
        (copy.sealer().rotation() == Rotation::Unfinished).then_some(copy)
    });
    let vault = interrupted.expect("a rotation can be interrupted");
    let mut daemon = Daemon::start(vault.path(), free_port(), &["--runner-mode", "external"]).await;
    daemon.client().sign_in(None).await.get("/v1/users/me").await.ok();
    daemon.stop();
    let finished = rotate(vault.path());
    assert!(finished.status.success(), "{}", said(&finished));
    vault.is_rotated().await;
}
