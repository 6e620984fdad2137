//! Artifacts in a real S3 server: sent there by real runners, fetched from there, over good and bad networks, and what
//! becomes of them when the place is changed or they are deleted.

use oored::builds::{artifacts, leftovers};
use oored::db;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::runner_builds::Rig as Building;
use crate::support::s3::{BUCKET, Network, Store, UNAVAILABLE, Way};
use crate::support::{Agent, Client, Repository, Server, build_in};

const SETTINGS: &str = "/v1/settings/artifact-storage";

/// A server whose artifacts go to a bucket, and a job for a runner that is worked by hand.
struct Rig {
    store: Store,
    server: Server,
    owner: Client,
    runner: Agent,
    job: Value,
    _repository: Repository,
}

impl Rig {
    async fn start(protocol: i64) -> Self {
        let (store, server) = (Store::start().await, Server::start().await);
        let owner = server.owner().await;
        owner.put(SETTINGS, store.settings(&store.endpoint)).await.ok();
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        owner.build(&owner.pipeline(&project, "Main").await).await;
        let runner = Agent::register(&owner, "r", protocol).await;
        let job = runner.begin().await;
        Self { store, server, owner, runner, job, _repository: repository }
    }

    async fn complete(&self, announced: &Value) -> crate::support::Answer {
        let rest = format!("/artifacts/{}/complete", announced["artifact"]["id"].as_str().unwrap());
        self.runner.post(&self.job, &rest, json!({})).await
    }

    async fn store(&self, name: &str, content: &[u8]) -> Value {
        let announced = self.runner.announce(&self.job, name, content).await;
        put(&announced, content.to_vec()).await.error_for_status().unwrap();
        self.complete(&announced).await.ok()["artifact"].clone()
    }

    /// What is to be removed within so many seconds is due now.
    async fn brings_forward(&self, seconds: i64) {
        let (app, now) = (&self.server.app, self.server.app.clock.now());
        let stores = db::artifact_leftovers::stores_due(app.db.read(), now + seconds).await.unwrap();
        let mut due = Vec::new();
        for store in stores {
            let of_store = db::artifact_leftovers::list_due(app.db.read(), store, now + seconds, 100);
            due.extend(of_store.await.unwrap());
        }
        assert!(!due.is_empty());
        for left in due {
            app.db.write(async |tx| db::artifact_leftovers::postpone(tx, left.id, now).await).await.unwrap();
        }
    }

    async fn listed(&self) -> usize {
        let path = format!("/v1/builds/{}/artifacts", self.job["build_id"].as_str().unwrap());
        self.owner.get(&path).await.ok()["artifacts"].as_array().unwrap().len()
    }
}

/// Sends bytes where they were announced to go, as every runner can.
async fn put(announced: &Value, content: impl Into<reqwest::Body>) -> Response {
    http().put(announced["upload_url"].as_str().unwrap()).body(content).send().await.unwrap()
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn link(owner: &Client, artifact: &Value) -> String {
    let path = format!("/v1/artifacts/{}/download-link", artifact["id"].as_str().unwrap());
    owner.post(&path, json!({})).await.ok()["download_url"].as_str().unwrap().to_owned()
}

async fn fetched(owner: &Client, artifact: &Value) -> Vec<u8> {
    let answer = http().get(link(owner, artifact).await).send().await.unwrap().error_for_status().unwrap();
    answer.bytes().await.unwrap().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

/// A repository whose build makes a small artifact and one of so many MiB.
fn making(mebibytes: usize) -> Repository {
    let command = format!(
        "mkdir out && printf small > out/small.txt && head -c {mebibytes}M /dev/urandom > out/big.bin"
    );
    let text = format!(
        "version: 1\nplatforms: [android]\ncommands:\n  build:\n    - {}\nartifacts: {{patterns: ['out/*']}}\n",
        json!(command)
    );
    Repository::with(&[(".oore.yaml", &text)])
}

/// A server whose artifacts go to a bucket, by way of an endpoint, and a real runner beside it.
async fn building(store: &Store, endpoint: &str) -> Building {
    let server = Server::start().await;
    let owner = server.owner().await;
    owner.put(SETTINGS, store.settings(endpoint)).await.ok();
    Building::of(server, owner).await.with_runner(&[])
}

async fn artifacts_of(rig: &Building, build: &Value) -> Vec<Value> {
    let path = format!("/v1/builds/{}/artifacts", build["id"].as_str().unwrap());
    rig.owner.get(&path).await.ok()["artifacts"].as_array().unwrap().clone()
}

async fn begun(rig: &Building, repository: &Repository) -> Value {
    rig.owner.build(&rig.pipeline(repository).await).await
}

#[tokio::test]
async fn a_runner_sends_artifacts_to_the_bucket_and_people_fetch_them_from_there() {
    let store = Store::start().await;
    let rig = building(&store, &store.endpoint).await;
    let repository = making(40);
    let build = build_in(&rig.owner, &begun(&rig, &repository).await, "succeeded").await;
    let found = artifacts_of(&rig, &build).await;
    assert_eq!(found.len(), 2);
    assert_eq!((store.keys().await.len(), store.uploads().await), (2, 0), "parts are joined");
    for artifact in &found {
        let key = artifact["file_path"].as_str().unwrap();
        let (build, id) = (artifact["build_id"].as_str().unwrap(), artifact["id"].as_str().unwrap());
        assert_eq!(key, format!("artifacts/{build}/{id}/{}", artifact["name"].as_str().unwrap()));
        let bytes = fetched(&rig.owner, artifact).await;
        assert_eq!(artifact["checksum"], sha256(&bytes));
        assert_eq!(artifact["checksum"], sha256(&store.read(key).await));
        assert_eq!(artifact["file_size"], bytes.len());
    }
    let big = found.iter().find(|artifact| artifact["name"] == "big.bin").unwrap();
    let link = link(&rig.owner, big).await;
    assert!(link.starts_with(&store.endpoint), "{link}");
    let part = http().get(&link).header("range", "bytes=1000000-1000009").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert!(
        part.headers()["content-disposition"].to_str().unwrap().contains("attachment; filename=\"big.bin\"")
    );
    let whole = fetched(&rig.owner, big).await;
    assert_eq!(part.bytes().await.unwrap()[..], whole[1_000_000..1_000_010]);
    let made = format!("/v1/artifacts/{}/scoped-token", big["id"].as_str().unwrap());
    let made = rig.owner.post(&made, json!({"single_use": true})).await.ok();
    let opened = http().get(made["download_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(opened.status(), StatusCode::TEMPORARY_REDIRECT);
    let leads = opened.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(sha256(&http().get(leads).send().await.unwrap().bytes().await.unwrap()), sha256(&whole));
    let project = format!("/v1/projects/{}", build["project_id"].as_str().unwrap());
    rig.owner.delete(&project).await.ok();
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!(store.keys().await, Vec::<String>::new(), "deleting a project removes its bytes");
}

#[tokio::test]
async fn an_upload_in_parts_goes_on_where_the_network_broke_it_off() {
    let store = Store::start().await;
    let way = Way::to(&store.endpoint).await;
    let rig = building(&store, &way.endpoint).await;
    // A part of 16 MiB never gets through, what is small does.
    way.becomes(Network::CutsUploads(1024 * 1024));
    let repository = making(40);
    let build = begun(&rig, &repository).await;
    way.was_tried(12).await;
    way.becomes(Network::Answers(UNAVAILABLE));
    way.was_tried(way.connections() + 3).await;
    way.becomes(Network::Good);
    let build = build_in(&rig.owner, &build, "succeeded").await;
    let found = artifacts_of(&rig, &build).await;
    assert_eq!((found.len(), store.keys().await.len(), store.uploads().await), (2, 2, 0));
    for artifact in found {
        assert_eq!(artifact["checksum"], sha256(&fetched(&rig.owner, &artifact).await));
    }
}

#[tokio::test]
async fn wrong_keys_and_a_lost_bucket_fail_the_build_and_say_so() {
    let store = Store::start().await;
    let rig = building(&store, &store.endpoint).await;
    let mut wrong = store.settings(&store.endpoint);
    wrong["secret_access_key"] = "wrong".into();
    rig.owner.put(SETTINGS, wrong).await.ok();
    let failed = build_in(&rig.owner, &begun(&rig, &making(1)).await, "failed").await;
    assert!(failed.to_string().contains("SignatureDoesNotMatch"), "{failed}");
    let failed = build_in(&rig.owner, &begun(&rig, &making(20)).await, "failed").await;
    assert!(failed.to_string().contains("the store refuses the keys"), "in parts too: {failed}");
    rig.owner.put(SETTINGS, store.settings(&store.endpoint)).await.ok();
    store.remove_bucket(BUCKET).await;
    let failed = build_in(&rig.owner, &begun(&rig, &making(1)).await, "failed").await;
    assert!(failed.to_string().contains("403 AccessDenied"), "this store does not tell more: {failed}");
    rig.owner.put(SETTINGS, json!({"provider": "disabled"})).await.ok();
    let failed = build_in(&rig.owner, &begun(&rig, &making(1)).await, "failed").await;
    assert!(failed.to_string().contains("turned off"), "{failed}");
}

#[tokio::test]
async fn what_arrives_is_compared_and_a_short_or_changed_upload_can_be_repeated() {
    let rig = Rig::start(4).await;
    let announced = rig.runner.announce(&rig.job, "a.apk", b"0123456789").await;
    rig.complete(&announced).await.error(409, "artifact_not_uploaded");
    for wrong in ["01234", "9876543210"] {
        assert_eq!(put(&announced, wrong).await.status(), StatusCode::OK);
        rig.complete(&announced).await.error(409, "checksum_mismatch");
        assert_eq!(rig.listed().await, 0);
    }
    let announced = rig.runner.announce(&rig.job, "b.apk", b"0123456789").await;
    let cut = futures_util::stream::iter([Ok("01234".to_owned()), Err(std::io::Error::other("cut off"))]);
    let request = http().put(announced["upload_url"].as_str().unwrap()).header("content-length", 10);
    request.body(reqwest::Body::wrap_stream(cut)).send().await.unwrap_err();
    rig.complete(&announced).await.error(409, "artifact_not_uploaded");
    assert_eq!(put(&announced, "0123456789").await.status(), StatusCode::OK);
    let done = rig.complete(&announced).await.ok();
    assert_eq!((&done["artifact"]["state"], rig.listed().await), (&json!("available"), 1));
    rig.complete(&announced).await.error(409, "artifact_not_pending");
    let again = rig.runner.announce(&rig.job, "b.apk", b"0123456789").await;
    assert_eq!(again["artifact"]["id"], done["artifact"]["id"]);
    rig.runner.put(&again, "0123456789").await.expect_status(200);
    assert_eq!(rig.complete(&again).await.ok(), done, "the reference's runner may go on as if it were new");
}

#[tokio::test]
async fn reading_back_goes_on_over_a_network_that_breaks_off() {
    let rig = Rig::start(5).await;
    let way = Way::to(&rig.store.endpoint).await;
    rig.owner.put(SETTINGS, rig.store.settings(&way.endpoint)).await.ok();
    let bytes = content(5_000_000);
    let announced = rig.runner.announce(&rig.job, "a.bin", &bytes).await;
    put(&announced, bytes.clone()).await.error_for_status().unwrap();
    way.becomes(Network::CutsDownloads(1_000_000));
    let before = way.connections();
    let done = rig.complete(&announced).await.ok();
    assert_eq!(done["artifact"]["checksum"], sha256(&bytes));
    assert!(way.connections() - before >= 5, "it was read in pieces");
    way.becomes(Network::Answers(UNAVAILABLE));
    let announced = rig.runner.announce(&rig.job, "b.bin", b"b").await;
    rig.complete(&announced).await.error(500, "storage_error");
}

#[tokio::test]
async fn addresses_of_the_store_expire_by_the_daemons_clock_and_are_for_one_object_only() {
    let rig = Rig::start(5).await;
    let artifact = rig.store("a.apk", b"bytes").await;
    let good = link(&rig.owner, &artifact).await;
    assert_eq!(http().get(&good).send().await.unwrap().status(), StatusCode::OK);
    let other = good.replace("a.apk", "b.apk");
    assert_eq!(http().get(&other).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(http().put(&good).body("x").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let bare = good.split('?').next().unwrap();
    assert_eq!(http().get(bare).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    rig.server.app.clock.set_wall(-1_000_000);
    let old = link(&rig.owner, &artifact).await;
    assert_eq!(
        http().get(old).send().await.unwrap().status(),
        StatusCode::FORBIDDEN,
        "1000 s ago, for 900 s"
    );
    let announced = rig.runner.announce(&rig.job, "c.apk", b"c").await;
    assert_eq!(put(&announced, "c").await.status(), StatusCode::OK, "1000 s ago, for 1800 s");
}

#[tokio::test]
async fn artifacts_stay_where_they_were_stored_and_are_removed_from_there() {
    let mut rig = Rig::start(5).await;
    rig.store.make("second").await;
    let first = rig.store("first", b"1").await;
    let mut second = rig.store.settings(&rig.store.endpoint);
    second["s3_bucket"] = "second".into();
    rig.owner.put(SETTINGS, second).await.ok();
    let in_second = rig.store("second", b"22").await;
    rig.owner.put(SETTINGS, json!({"provider": "local"})).await.ok();
    let here = rig.runner.store(&rig.job, "here", b"333").await;
    rig.server = rig.server.restart().await;
    rig.owner = rig.server.owner().await;
    for (artifact, bytes) in [(&first, &b"1"[..]), (&in_second, b"22"), (&here, b"333")] {
        assert_eq!(fetched(&rig.owner, artifact).await, bytes);
    }
    let running = format!("/v1/builds/{}/cancel", rig.job["build_id"].as_str().unwrap());
    rig.owner.post(&running, json!({})).await.ok();
    let project = format!("/v1/projects/{}", rig.job["project_id"].as_str().unwrap());
    rig.owner.delete(&project).await.ok();
    leftovers::clear_all(&rig.server.app).await.unwrap();
    let in_bucket = async |bucket: &str| {
        let listed = rig.store.client.list_objects_v2().bucket(bucket).send().await.unwrap();
        listed.contents().len()
    };
    assert_eq!((in_bucket(BUCKET).await, in_bucket("second").await), (0, 0));
    assert!(!rig.server.data().join("artifacts").join(rig.job["build_id"].as_str().unwrap()).exists());
}

#[tokio::test]
async fn an_upload_that_was_begun_and_never_recorded_is_ended() {
    let rig = Rig::start(5).await;
    let way = Way::to(&rig.store.endpoint).await;
    rig.owner.put(SETTINGS, rig.store.settings(&way.endpoint)).await.ok();
    // The store begins, and the daemon never hears of it.
    way.becomes(Network::CutsDownloads(1));
    let body = json!({
        "name": "big", "artifact_type": "generic", "file_size": 40_000_000, "checksum": sha256(b""), "parts": true,
    });
    rig.runner.post(&rig.job, "/artifacts", body.clone()).await.error(500, "storage_error");
    way.becomes(Network::Good);
    assert!(rig.store.uploads().await > 0);
    let recorded = rig.runner.post(&rig.job, "/artifacts", body).await.ok();
    let begun = rig.store.uploads().await;
    rig.brings_forward(2400).await;
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!(rig.store.uploads().await, 1, "of {begun} the one that is recorded goes on");
    let parts = format!("/artifacts/{}/parts", recorded["artifact"]["id"].as_str().unwrap());
    let missing = rig.runner.post(&rig.job, &parts, json!({})).await.ok();
    assert_eq!(missing["missing"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_given_up_is_removed_even_if_the_store_is_away_for_a_while() {
    let rig = Rig::start(5).await;
    let way = Way::to(&rig.store.endpoint).await;
    rig.owner.put(SETTINGS, rig.store.settings(&way.endpoint)).await.ok();
    let announced = rig.runner.announce(&rig.job, "a", b"a").await;
    let body = json!({
        "name": "big", "artifact_type": "generic", "file_size": 40_000_000, "checksum": sha256(b""), "parts": true,
    });
    let in_parts = rig.runner.post(&rig.job, "/artifacts", body).await.ok();
    assert_eq!((in_parts["part_bytes"].as_i64(), rig.store.uploads().await), (Some(16 * 1024 * 1024), 1));
    let parts = format!("/artifacts/{}/parts", in_parts["artifact"]["id"].as_str().unwrap());
    let missing = rig.runner.post(&rig.job, &parts, json!({})).await.ok();
    assert_eq!(missing["missing"].as_array().unwrap().len(), 3);
    rig.complete(&in_parts).await.error(409, "artifact_not_uploaded");
    put(&announced, "a").await.error_for_status().unwrap();
    // The store refuses what is signed at another time than its own.
    rig.server.advance(1801);
    artifacts::sweep(&rig.server.app).await.unwrap();
    rig.server.app.clock.set_wall(-1_801_000);
    assert_eq!(rig.store.uploads().await, 1, "a build that goes on may still be sending");
    let cancel = format!("/v1/builds/{}/cancel", rig.job["build_id"].as_str().unwrap());
    rig.owner.post(&cancel, json!({})).await.ok();
    rig.server.app.clock.set_wall(1_801_000);
    artifacts::sweep(&rig.server.app).await.unwrap();
    rig.server.app.clock.set_wall(-1_801_000);
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!(rig.store.keys().await.len(), 1, "what is still under way then may still arrive");
    rig.brings_forward(5000).await;
    way.becomes(Network::Answers(UNAVAILABLE));
    leftovers::clear_all(&rig.server.app).await.unwrap();
    way.becomes(Network::Good);
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!(rig.store.keys().await.len(), 1, "it is not asked again at once");
    rig.brings_forward(600).await;
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!((rig.store.keys().await.len(), rig.store.uploads().await), (0, 0));
}
