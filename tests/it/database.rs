//! The database file: schema, pragmas, modes, and what happens when it doesn't fit.

use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use migration::{Migrator, MigratorTrait};
use oored::db::Db;
use oored::events::{Change, Events};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::support::Server;

async fn raw(path: &std::path::Path) -> DatabaseConnection {
    Database::connect(format!("sqlite://{}?mode=rwc", path.display())).await.unwrap()
}

async fn value(db: &impl ConnectionTrait, sql: &str) -> String {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap().unwrap();
    row.try_get_by_index::<String>(0)
        .or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()))
        .unwrap()
}

#[tokio::test]
async fn the_file_is_durable_and_checked() {
    let server = Server::start().await;
    let db = server.app.db.read();
    assert_eq!(value(db, "PRAGMA journal_mode").await, "wal");
    assert_eq!(value(db, "PRAGMA synchronous").await, "2");
    assert_eq!(value(db, "PRAGMA foreign_keys").await, "1");
}

/// Each migration runs on top of the data that the ones before it allow.
#[tokio::test]
async fn every_migration_meets_data() {
    let folder = tempfile::tempdir().unwrap();
    let db = raw(&folder.path().join("oore.db")).await;
    let steps: &[(u32, &[&str])] = &[
        (1, &["INSERT INTO instance VALUES (1,'i','ready','local','oidc','file',0,1,1)"]),
        (
            2,
            &[
                "INSERT INTO users VALUES ('u','a@b','A','owner','active','s',NULL,1,1)",
                "INSERT INTO sessions VALUES ('s','h','u','{}',1,2)",
            ],
        ),
        (
            3,
            &[
                "INSERT INTO integrations VALUES ('n','local_git','local://filesystem','local_path','active',NULL,NULL,NULL,'u',1,1)",
                "INSERT INTO installations VALUES ('l','n','x','a',1,1)",
                "INSERT INTO repositories VALUES ('r','n','l','x','a',NULL,1,NULL,'/x',1,1)",
            ],
        ),
        (
            4,
            &[
                "INSERT INTO projects VALUES ('p','P',NULL,'r','{}',NULL,0,'u',1,1)",
                "INSERT INTO project_members VALUES ('p','u','viewer',1,1)",
                "INSERT INTO pipelines VALUES ('q','p','Q','.oore.yaml',0,'{}','{}','{}',1,1,1)",
            ],
        ),
        (5, &["INSERT INTO runners VALUES ('v','V','h','{}',1,NULL,NULL,1,1)"]),
        (
            6,
            &[
                "INSERT INTO builds (id,project_id,pipeline_id,build_number,status,attempt,trigger_type,config_snapshot,\
             queued_at_ms,created_at,updated_at) VALUES ('b','p','q',1,'queued',0,'manual','{}',1,1,1)",
                "INSERT INTO build_events VALUES ('e','b',NULL,'queued',NULL,NULL,1)",
                "INSERT INTO build_tallies VALUES ('p','q','queued',1)",
            ],
        ),
        (
            7,
            &[
                "INSERT INTO artifacts VALUES ('a','b','p','n','apk','k',1,NULL,'{}','available',1,NULL,1,NULL)",
            ],
        ),
        (
            8,
            &[
                "INSERT INTO audit_logs VALUES (1,'u','a@b','project_created','project','p','{}','127.0.0.1',1,'h')",
                "INSERT INTO audit_head VALUES (1,1,'h','s')",
            ],
        ),
        (9, &["INSERT INTO api_tokens VALUES ('t','T','12345678','h','admin','u',1,NULL,NULL,NULL)"]),
        (
            10,
            &[
                "INSERT INTO setup VALUES (1,'h',1,NULL,NULL,NULL,NULL,NULL,NULL)",
                "INSERT INTO oidc_settings VALUES (1,'r','https://i','c',NULL,'https://i/a','https://i/t',NULL,'https://i/j',1)",
                "INSERT INTO trusted_proxy_settings VALUES (1,'x-user','[]',NULL,NULL,1)",
                "INSERT INTO network_settings VALUES (1,NULL,NULL,'[]',1)",
            ],
        ),
        (11, &["INSERT INTO host_capabilities VALUES ('h','recovery','u',1,2)"]),
        (13, &["INSERT INTO encryption_key VALUES (1,'01234567',1)"]),
        (
            14,
            &[
                "INSERT INTO variables VALUES ('w','p',NULL,'A','plain',x'01','a@b',1,1)",
                "INSERT INTO variables VALUES ('x','p','q','A','secret',x'01',NULL,1,1)",
            ],
        ),
        (
            15,
            &[
                "UPDATE runners SET labels = '[\"a\"]', drained_at = 1, drained_by = 'a@b', drain_reason = 'r'",
                "UPDATE builds SET requirements = '[\"a\"]', priority = 2",
            ],
        ),
        (16, &["UPDATE artifacts SET attempt = 1"]),
        (17, &["INSERT INTO build_events VALUES ('f','b','scheduled','assigned','runner:v',NULL,1)"]),
        (18, &["UPDATE builds SET log_removed_at = 1"]),
        (21, &["UPDATE builds SET max_concurrent = 2"]),
        (22, &["INSERT INTO test_reports VALUES ('b',1,1,3,2,1,1,'x')"]),
        (23, &["UPDATE builds SET source_build_id = id"]),
        (24, &["UPDATE builds SET matrix_group = 'g', matrix = '{\"a\":\"b\"}'"]),
        (25, &["UPDATE builds SET cache_results = '[]'"]),
        (
            27,
            &[
                "INSERT INTO integration_secrets VALUES ('k','n',NULL,'webhook_secret',x'01',1)",
                "INSERT INTO integration_secrets VALUES ('h','n','r','webhook_secret',x'01',1)",
                "UPDATE integrations SET status_reason = 'gone', synced_at = 1",
                "UPDATE installations SET account_type = 'User'",
            ],
        ),
        (
            29,
            &[
                "INSERT INTO webhook_deliveries (id,integration_id,repository_id,external_id,event,body,body_bytes,body_hash,\
                    status,attempts,due_at_ms,received_at_ms) VALUES ('d','n','r','x','push',x'01',1,'h','waiting',0,1,1)",
                "INSERT INTO webhook_verdicts VALUES ('d','q','p','built','built #1','b')",
                "UPDATE builds SET is_outdated = TRUE",
            ],
        ),
        (30, &["INSERT INTO schedules VALUES ('s','q','0 3 * * *','','',1,NULL,NULL,'b',NULL)"]),
        (31, &["INSERT INTO source_credentials VALUES ('n','expiring',2,1)"]),
        (
            32,
            &[
                "INSERT INTO incidents VALUES ('i','n','expiring','warning',1,1,1,NULL)",
                "INSERT INTO incident_reads VALUES ('i','u',1)",
            ],
        ),
        (
            34,
            &[
                "INSERT INTO reports VALUES ('o','p','r','build','b',NULL,'c','7','h',0,1,1,1,1,'away')",
                "INSERT INTO reports VALUES ('m','p','r','request',NULL,7,'c',NULL,NULL,0,1,NULL,1,0,NULL)",
                "INSERT INTO report_refusals VALUES ('l','checks',1)",
            ],
        ),
        (
            35,
            &[
                "UPDATE projects SET report_statuses = FALSE, report_comment = FALSE, public_badge = TRUE",
                "UPDATE builds SET request_number = 7",
            ],
        ),
        (
            36,
            &[
                "INSERT INTO watched_repositories VALUES ('r',1)",
                "INSERT INTO heads VALUES ('r','refs/heads/main','1')",
                "UPDATE webhook_deliveries SET arrived_by = 'poll'",
                "UPDATE projects SET polling = 'on'",
            ],
        ),
        (37, &["INSERT INTO delivery_looks VALUES ('n',1)"]),
        (38, &["UPDATE projects SET fork_builds = 'approval'"]),
        (
            39,
            &[
                "INSERT INTO artifact_stores VALUES ('e','s3',NULL,'b','us-east-1',NULL,x'01',x'01',1)",
                "INSERT INTO artifact_storage_settings VALUES (1,'s3','e',1)",
                "UPDATE artifacts SET store_id = 'e', upload_id = 'x'",
                "INSERT INTO artifact_leftovers VALUES ('f','e','b',1,0)",
            ],
        ),
        (40, &["INSERT INTO artifact_tokens VALUES ('t','a','h','12345678','u',TRUE,1,2,NULL,NULL)"]),
        (
            41,
            &[
                "UPDATE retention_policy SET enabled = TRUE, disk_budget_bytes = 1, last_cleanup = '{}'",
                "INSERT INTO project_retention VALUES ('p',NULL,1,NULL,NULL,'full','[]',NULL,1)",
            ],
        ),
        (
            42,
            &[
                "UPDATE builds SET pinned_at = 1, pinned_by = 'a@b'",
                "UPDATE builds SET artifacts_removed_at = 1, artifacts_removed_by = 'age'",
            ],
        ),
        (
            43,
            &[
                "INSERT INTO notification_channels VALUES ('c','C','webhook',TRUE,'[]','{}','https://h',x'01',x'01',NULL,NULL,\
                    'u',1,1)",
                "INSERT INTO notification_settings VALUES (1,'[\"localhost\"]',1)",
            ],
        ),
        (
            44,
            &[
                "INSERT INTO notification_deliveries VALUES ('y','c','b','build.failed','{}','pending','[]',0,1,NULL,1,NULL)",
                "INSERT INTO notification_deliveries VALUES ('z','c',NULL,'build.test','{}','failed','[]',1,NULL,'x',1,NULL)",
            ],
        ),
        (45, &["UPDATE instance SET epoch = 1"]),
        (46, &["UPDATE builds SET finished_at_ms = 1, branch = 'main', trigger_actor = 'a@b'"]),
        (47, &["UPDATE runners SET online_since = 1"]),
        (48, &["UPDATE builds SET runner_name = 'mac mini'"]),
        (49, &["UPDATE notification_deliveries SET due_at_ms = 2 WHERE id = 'y'"]),
        (50, &["UPDATE builds SET platforms = '[\"android\"]'"]),
    ];
    assert_eq!(Migrator::migrations().len(), steps.len(), "a new migration needs a row here");
    for (_, rows) in steps {
        Migrator::up(&db, Some(1)).await.unwrap();
        for row in *rows {
            db.execute_unprepared(row).await.unwrap();
        }
    }
    assert_eq!(value(&db, "PRAGMA integrity_check").await, "ok");
    db.execute_unprepared("DELETE FROM projects").await.unwrap();
    assert_eq!(
        value(&db, "SELECT count(*) FROM artifacts").await,
        "0",
        "deleting a project takes what hangs on it"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("oore.db");
    let db = raw(&path).await;
    Migrator::up(&db, None).await.unwrap();
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m20990101_000001_future', 1)")
        .await
        .unwrap();
    db.close().await.unwrap();
    let error = Db::open(&path, Arc::new(Events::new(0))).await.unwrap_err();
    assert_eq!(error.code, "newer_schema");
    assert!(error.hint.is_some());
}

#[tokio::test]
async fn a_failed_write_changes_nothing_and_the_next_one_works() {
    let server = Server::start().await;
    let db = &server.app.db;
    let failed: Result<(), _> = db
        .write(async |tx| {
            tx.execute_unprepared("UPDATE instance SET runners_paused = 1").await?;
            Err(oored::error::Error::not_found("anything"))
        })
        .await;
    failed.unwrap_err();
    assert_eq!(value(db.read(), "SELECT runners_paused FROM instance").await, "0");
    db.write(async |tx| Ok(tx.execute_unprepared("UPDATE instance SET runners_paused = 1").await?))
        .await
        .unwrap();
    assert_eq!(value(db.read(), "SELECT runners_paused FROM instance").await, "1");
}

#[tokio::test]
async fn a_second_owner_is_impossible() {
    let server = Server::start().await;
    server.owner().await;
    let second = "INSERT INTO users VALUES ('x','x@y',NULL,'owner','active','x',NULL,1,1)";
    let refused = server.app.db.write(async |tx| Ok(tx.execute_unprepared(second).await?)).await;
    refused.unwrap_err();
}

#[test]
fn files_of_a_real_daemon_are_private_even_under_an_open_umask() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let port = crate::support::program::free_port();
        let mut daemon =
            crate::support::program::Daemon::start(&data, port, &["--runner-mode", "external"]).await;
        daemon.client().sign_in(None).await;
        for entry in walk(&data) {
            let mode = std::fs::symlink_metadata(&entry).unwrap().permissions().mode() & 0o777;
            let expected = if entry.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode, expected, "{} is {mode:o}", entry.display());
        }
        assert!(daemon.stop(), "SIGTERM ends the daemon well");
    });
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

/// Drives `work` through `polls` steps at most, then gives it up.
async fn abandoned_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(|context| {
        let polled = work.as_mut().poll(context).map(Some);
        left -= 1;
        if polled.is_pending() && left == 0 { Poll::Ready(None) } else { polled }
    })
    .await
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_is_told_or_has_not_happened() {
    let folder = tempfile::tempdir().unwrap();
    let events = Arc::new(Events::new(0));
    let db = Db::open(&folder.path().join("oore.db"), events.clone()).await.unwrap();
    let mut happened = 0;
    for polls in 1.. {
        let before = events.position();
        let write = db.write(async |tx| {
            tx.execute_unprepared(&format!("INSERT INTO seaql_migrations VALUES ('{polls}', 1)")).await?;
            tx.signal(Change::Access);
            Ok(())
        });
        let finished = abandoned_after(polls, write).await.is_some();
        // It comes after whatever was left of the first.
        db.write(async |_| Ok(())).await.unwrap();
        let stored = format!("SELECT COUNT(*) FROM seaql_migrations WHERE version = '{polls}'");
        let stored = value(db.read(), &stored).await == "1";
        assert_eq!(stored, events.position() > before, "after {polls} steps");
        happened += usize::from(stored);
        if finished {
            break;
        }
    }
    assert!(happened > 0);
}
