//! Choosing where artifacts go: what is accepted, what is shown, what happens to what was stored before, and the test
//! of a place against a real S3 server.

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::program::{Daemon, free_port};
use crate::support::s3::{BUCKET, KEY, Network, READER, READER_SECRET, SECRET, Store, UNAVAILABLE, Way};
use crate::support::{Agent, Client, Repository, Server};

const PATH: &str = "/v1/settings/artifact-storage";

async fn test(owner: &Client, settings: Value) -> Value {
    owner.post(&format!("{PATH}/test"), json!({ "settings": settings })).await.ok()
}

/// The last step of a test that failed, and what was said.
fn failed(tested: &Value) -> (&str, &str, &str) {
    assert_eq!(tested["ok"], false, "{tested}");
    let last = tested["steps"].as_array().unwrap().last().unwrap();
    let word = |key: &str| last[key].as_str().unwrap();
    assert_eq!(last["ok"], false);
    (word("step"), word("error"), word("hint"))
}

#[tokio::test]
async fn the_data_folder_is_the_default_and_choices_are_checked() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let before = owner.get(PATH).await.ok();
    let folder = server.data().join("artifacts").display().to_string();
    let expected = json!({
        "provider": "local", "local_base_dir": folder, "has_access_key_id": false, "has_secret_access_key": false,
        "source": "default",
    });
    assert_eq!(before, json!({ "settings": expected }));
    let put = async |body: Value| owner.put(PATH, body).await;
    let bucket = |key: &str, value: &str| {
        let mut body =
            json!({"provider": "s3", "s3_bucket": "apps", "access_key_id": "a", "secret_access_key": "b"});
        body[key] = value.into();
        body
    };
    put(json!({"provider": "ftp"})).await.error(400, "invalid_request");
    put(json!({"provider": "local", "local_base_dir": "artifacts"}))
        .await
        .error(400, "invalid_local_base_dir");
    put(json!({"provider": "local", "local_base_dir": "/a/../b"})).await.error(400, "invalid_local_base_dir");
    put(json!({"provider": "local", "local_base_dir": server.data()}))
        .await
        .error(400, "invalid_local_base_dir");
    put(json!({"provider": "local", "local_base_dir": "/proc/x"})).await.error(400, "invalid_local_base_dir");
    put(bucket("s3_bucket", " ")).await.error(400, "invalid_s3_bucket");
    put(bucket("s3_region", "a b")).await.error(400, "invalid_input");
    put(bucket("secret_access_key", "")).await.error(400, "missing_s3_credentials");
    put(bucket("provider", "r2")).await.error(400, "invalid_s3_endpoint");
    let own = server.base.clone();
    for endpoint in
        ["http://minio.lan:9000", "https://169.254.169.254", "https://[fd00:ec2::254]", "x", own.as_str()]
    {
        put(bucket("s3_endpoint", endpoint)).await.error(400, "invalid_s3_endpoint");
    }
    assert_eq!(owner.get(PATH).await.ok(), before, "what is refused changes nothing");
    let done = put(bucket("s3_endpoint", "https://minio.lan")).await.ok();
    let settings = &done["settings"];
    assert_eq!((&settings["provider"], &settings["source"]), (&json!("s3"), &json!("database")));
    assert_eq!(
        (&settings["has_access_key_id"], &settings["has_secret_access_key"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(settings["s3_region"], "us-east-1");
    assert!(settings["updated_at"].is_i64() && !done.to_string().contains("\"b\""));
    let admin = server.person("admin@x", UserRole::Admin).await;
    admin.put(PATH, json!({"provider": "disabled"})).await.ok();
    let developer = server.person("dev@x", UserRole::Developer).await;
    developer.get(PATH).await.error(403, "permission_denied");
    let acts = owner.get("/v1/audit-logs?limit=100").await.ok().to_string();
    assert!(acts.contains("artifact_storage_updated") && acts.contains("https://minio.lan"));
}

#[tokio::test]
async fn another_endpoint_needs_the_keys_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mut body = json!({
        "provider": "s3", "s3_bucket": "apps", "s3_endpoint": "https://one.example.com",
        "access_key_id": "the-key", "secret_access_key": "the-s3cret-of-one",
    });
    owner.put(PATH, body.clone()).await.ok();
    server.assert_not_stored("the-s3cret-of-one");
    for key in ["access_key_id", "secret_access_key"] {
        body.as_object_mut().unwrap().remove(key);
    }
    body["s3_bucket"] = "other".into();
    owner.put(PATH, body.clone()).await.ok();
    for endpoint in ["https://two.example.com", "https://one.example.com:444"] {
        body["s3_endpoint"] = endpoint.into();
        owner.put(PATH, body.clone()).await.error(400, "missing_s3_credentials");
        let tested = owner.post(&format!("{PATH}/test"), json!({"settings": body})).await;
        tested.error(400, "missing_s3_credentials");
    }
    body["s3_endpoint"] = Value::Null;
    owner.put(PATH, body.clone()).await.error(400, "missing_s3_credentials");
    let server = server.restart().await;
    let settings = server.owner().await.get(PATH).await.ok()["settings"].clone();
    assert_eq!(settings["s3_bucket"], "other");
    assert!(settings.get("problem").is_none(), "{settings}");
}

#[tokio::test]
async fn while_storing_is_off_nothing_is_stored_and_nothing_is_given_out() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    owner.build(&owner.pipeline(&project, "Main").await).await;
    let runner = Agent::register(&owner, "r", 4).await;
    let job = runner.begin().await;
    let stored = runner.store(&job, "a", b"a").await;
    owner.put(PATH, json!({"provider": "disabled"})).await.ok();
    let announced = runner.announce(&job, "b", b"b").await;
    assert_eq!((&announced["upload_url"], &announced["artifact"]["state"]), (&json!(""), &json!("pending")));
    let link = format!("/v1/artifacts/{}/download-link", stored["id"].as_str().unwrap());
    owner.post(&link, json!({})).await.error(503, "storage_not_configured");
    owner.post(&format!("{PATH}/test"), json!({})).await.error(503, "storage_not_configured");
    owner.put(PATH, json!({"provider": "local"})).await.ok();
    owner.post(&link, json!({})).await.ok();
}

#[tokio::test]
async fn artifacts_stay_in_the_folder_they_were_stored_in() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    owner.build(&owner.pipeline(&project, "Main").await).await;
    let runner = Agent::register(&owner, "r", 4).await;
    let job = runner.begin().await;
    let first = runner.store(&job, "first", b"1").await;
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().join("artifacts");
    let tested = test(&owner, json!({"provider": "local", "local_base_dir": folder})).await;
    assert_eq!((&tested["ok"], tested["steps"].as_array().unwrap().len()), (&json!(true), 4));
    owner.put(PATH, json!({"provider": "local", "local_base_dir": folder})).await.ok();
    let second = runner.store(&job, "second", b"22").await;
    let read = async |server: &Server, owner: &Client, artifact: &Value| {
        let path = format!("/v1/artifacts/{}/download-link", artifact["id"].as_str().unwrap());
        let link = owner.post(&path, json!({})).await.ok()["download_url"].as_str().unwrap().to_owned();
        server.anonymous().get(link.strip_prefix(&server.base).unwrap()).await.text
    };
    assert_eq!(read(&server, &owner, &first).await + &read(&server, &owner, &second).await, "122");
    assert!(folder.join(second["build_id"].as_str().unwrap()).exists());
    let server = server.restart().await;
    let owner = server.owner().await;
    assert_eq!(read(&server, &owner, &first).await + &read(&server, &owner, &second).await, "122");
    let away = elsewhere.path().join("away");
    std::fs::rename(&folder, &away).unwrap();
    let server = server.restart().await;
    let owner = server.owner().await;
    let settings = owner.get(PATH).await.ok()["settings"].clone();
    assert!(settings["problem"].as_str().unwrap().contains("is not there"), "{settings}");
    assert!(!folder.exists(), "a disk that is not mounted is not written to");
    assert_eq!(read(&server, &owner, &first).await, "1", "what is elsewhere is given out");
    let gone = format!("/v1/artifacts/{}/download-link", second["id"].as_str().unwrap());
    owner.post(&gone, json!({})).await.error(500, "storage_error");
}

#[tokio::test]
async fn the_test_of_a_place_says_what_is_wrong_and_what_to_do() {
    let (store, server) = (Store::start().await, Server::start().await);
    let owner = server.owner().await;
    let good = store.settings(&store.endpoint);
    let tested = test(&owner, good.clone()).await;
    assert_eq!(tested["ok"], true, "{tested}");
    let steps: Vec<&str> =
        tested["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["write", "read", "list", "delete"]);
    assert_eq!(store.keys().await, Vec::<String>::new(), "nothing is left behind");
    let with = |key: &str, value: &str| {
        let mut body = good.clone();
        body[key] = value.into();
        body
    };
    let tested = test(&owner, with("secret_access_key", "wrong")).await;
    let (step, error, hint) = failed(&tested);
    assert_eq!(step, "write");
    assert!(
        error.contains("SignatureDoesNotMatch") && hint.contains("access key and secret"),
        "{error} {hint}"
    );
    let tested = test(&owner, with("access_key_id", "nobody")).await;
    assert!(failed(&tested).1.contains("InvalidAccessKeyId"), "{tested}");
    let tested = test(&owner, with("s3_bucket", "nowhere")).await;
    assert!(failed(&tested).2.contains("bucket is there"), "this store does not tell: {tested}");
    let mut reader = with("access_key_id", READER);
    reader["secret_access_key"] = READER_SECRET.into();
    let tested = test(&owner, reader).await;
    assert!(failed(&tested).2.contains("right to write"), "{tested}");
    let closed = format!("http://127.0.0.1:{}", free_port());
    let tested = test(&owner, with("s3_endpoint", &closed)).await;
    assert!(failed(&tested).1.contains("can't be reached"), "{tested}");
    let way = Way::to(&store.endpoint).await;
    let there = with("s3_endpoint", &way.endpoint);
    assert_eq!(test(&owner, there.clone()).await["ok"], true, "also by another way");
    way.becomes(Network::Answers(UNAVAILABLE));
    let tested = test(&owner, there.clone()).await;
    assert!(failed(&tested).1.contains("503 ServiceUnavailable"), "{tested}");
    way.becomes(Network::Silent);
    let tested = test(&owner, there).await;
    assert!(failed(&tested).1.contains("did not answer in time"), "{tested}");
    server.app.clock.set_wall(-3_600_000);
    let tested = test(&owner, good.clone()).await;
    let (_, error, hint) = failed(&tested);
    assert!(error.contains("clock") && hint.contains("clock"), "{error} {hint}");
    let said = owner.get("/v1/audit-logs?limit=200").await.ok().to_string();
    assert!(said.contains("artifact_storage_tested") && !said.contains(SECRET));
    assert!(!tested.to_string().contains(SECRET));
}

#[tokio::test]
async fn the_environment_counts_until_somebody_chooses_and_is_refused_when_it_is_wrong() {
    let (store, folder) = (Store::start().await, tempfile::tempdir().unwrap());
    let environment = [
        ("OORED_RUNNER_MODE", "external"),
        ("OORE_S3_BUCKET", BUCKET),
        ("OORE_S3_ENDPOINT", store.endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    let mut daemon = Daemon::start_in(folder.path(), free_port(), &environment).await;
    let owner = daemon.client().sign_in(None).await;
    let settings = owner.get(PATH).await.ok()["settings"].clone();
    assert_eq!((&settings["provider"], &settings["source"]), (&json!("s3"), &json!("environment")));
    assert_eq!((&settings["s3_bucket"], &settings["has_secret_access_key"]), (&json!(BUCKET), &json!(true)));
    let tested = owner.post(&format!("{PATH}/test"), json!({})).await.ok();
    assert_eq!(tested["ok"], true, "{tested}");
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    owner.build(&owner.pipeline(&project, "Main").await).await;
    let runner = Agent::register(&owner, "r", 5).await;
    let job = runner.begin().await;
    let announced = runner.announce(&job, "app.apk", b"bytes").await;
    assert!(announced["upload_url"].as_str().unwrap().starts_with(&store.endpoint), "{announced}");
    owner.put(PATH, json!({"provider": "local"})).await.ok();
    assert_eq!(owner.get(PATH).await.ok()["settings"]["source"], "database");
    assert!(daemon.stop());
    let mut daemon = Daemon::start_in(folder.path(), free_port(), &environment).await;
    let owner = daemon.client().sign_in(None).await;
    assert_eq!(owner.get(PATH).await.ok()["settings"]["provider"], "local", "a choice outlives a restart");
    assert!(daemon.stop());
    let fresh = tempfile::tempdir().unwrap();
    let without_secret: Vec<_> =
        environment.iter().copied().filter(|(key, _)| *key != "AWS_SECRET_ACCESS_KEY").collect();
    let daemon = Daemon::start_in(fresh.path(), free_port(), &without_secret).await;
    let owner = daemon.client().sign_in(None).await;
    let settings = owner.get(PATH).await.ok()["settings"].clone();
    assert_eq!(settings["source"], "environment");
    assert!(settings["problem"].as_str().unwrap().contains("secret"), "{settings}");
    owner.post(&format!("{PATH}/test"), json!({})).await.error(503, "storage_not_configured");
}

#[tokio::test]
async fn what_a_dead_daemon_left_half_received_is_removed_from_every_folder_that_is_a_place() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap().join("apps");
    owner.put(PATH, json!({"provider": "local", "local_base_dir": place})).await.ok();
    let incoming = [place.join(".incoming"), server.data().join("artifacts/.incoming")];
    for incoming in &incoming {
        std::fs::write(incoming.join("0192f3a4b5c67d8e9f00112233445566"), "half").unwrap();
        // Not ours, and nothing that keeps the daemon from starting.
        std::fs::create_dir(incoming.join("@eaDir")).unwrap();
    }
    let _server = server.restart().await;
    for incoming in incoming {
        let left = std::fs::read_dir(incoming).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["@eaDir"]);
    }
}
