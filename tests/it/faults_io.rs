//! The n-th operation of the daemon on its files fails, for many n: with an error of the disk, a full disk, no free
//! file number. Whatever it answered with 2xx is there afterwards, as the tests wrote it down themselves.
//! `make faults` tries many more points.

use std::path::Path;

use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};

use crate::support::agent::frame;
use crate::support::folders::copy_folder;
use crate::support::meddle::{borrowed, library};
use crate::support::program::{Daemon, free_port};
use crate::support::{Agent, Client, Repository, fault_points};

const ERRORS: [&str; 3] = ["EIO", "ENOSPC", "EMFILE"];

/// An instance that has been set up, with a pipeline and a runner, at rest in a folder.
struct Instance {
    folder: tempfile::TempDir,
    owner: String,
    pipeline: Value,
    runner: Agent,
    _repository: Repository,
}

impl Instance {
    async fn new() -> Self {
        let (folder, repository) = (tempfile::tempdir().unwrap(), Repository::running(&["true"]));
        let mut daemon = Daemon::attempt(folder.path(), free_port(), &[]).await.unwrap();
        let owner = daemon.client().sign_in(None).await;
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        let runner = Agent::register(&owner, "r", 5).await;
        assert!(daemon.stop());
        Self { folder, owner: owner.token.unwrap(), pipeline, runner, _repository: repository }
    }

    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), copy.path());
        copy
    }

    fn owner(&self, daemon: &Daemon) -> Client {
        daemon.client().with_token(self.owner.clone())
    }

    fn runner(&self, daemon: &Daemon) -> Agent {
        let token = self.runner.client.token.clone().unwrap();
        Agent { client: daemon.client().with_token(token), ..self.runner.clone() }
    }
}

/// What was answered with 2xx.
#[derive(Debug, Default)]
struct Acknowledged {
    build: Option<Value>,
    log: Vec<u8>,
    artifact: Option<String>,
    /// How the build ended.
    end: Option<&'static str>,
    canceled: Option<Value>,
}

const ARTIFACT: &[u8] = &[b'a'; 70_000];
const LINES: u64 = 6;

fn line(number: u64) -> String {
    format!("line {number} {}", "x".repeat(3000))
}

/// Lives through a build and answers what the daemon has vouched for. Nothing that fails ends it but the daemon's end.
async fn live(instance: &Instance, daemon: &Daemon) -> Acknowledged {
    let mut known = Acknowledged::default();
    let (owner, runner) = (instance.owner(daemon), instance.runner(daemon));
    let trigger = format!("/v1/projects/{}/builds", instance.pipeline["project_id"].as_str().unwrap());
    let body = json!({"pipeline_id": instance.pipeline["id"]});
    known.build =
        asked(owner.request(Method::POST, &trigger).json(&body)).await.map(|it| it["build"].clone());
    let claim = format!("/v1/runners/{}/claim", runner.id);
    let ask = json!({"protocol_version": 5});
    let claimed = asked(runner.client.request(Method::POST, &claim).json(&ask)).await;
    let Some(job) = claimed.map(|it| it["job"].clone()).filter(Value::is_object) else { return known };
    let post = |rest: &str, body: Value| asked(runner.about(Method::POST, &job, rest).json(&body));
    post("/status", json!({"status": "running"})).await;
    let mut sent = 0;
    for number in 0..LINES {
        let mut bytes = Vec::new();
        oored::runner::protocol::encode_frame(&frame(0, line(number)), &mut bytes);
        let request = runner.about(Method::POST, &job, &format!("/log-frames?from={number}"));
        let request = request.header("content-type", "application/octet-stream").body(bytes);
        if asked(request).await.is_none() {
            break;
        }
        known.log.extend_from_slice(format!("{}\n", line(number)).as_bytes());
        sent += 1;
    }
    let artifact = json!({"name": "a.bin", "artifact_type": "generic", "file_size": ARTIFACT.len()});
    if let Some(announced) = post("/artifacts", artifact).await {
        let id = announced["artifact"]["id"].as_str().unwrap().to_owned();
        let url = announced["upload_url"].as_str().unwrap();
        if asked(runner.client.http.put(url).body(ARTIFACT)).await.is_some()
            && post(&format!("/artifacts/{id}/complete"), json!({})).await.is_some()
        {
            known.artifact = Some(id);
        }
    }
    let end = if sent == LINES { "succeeded" } else { "failed" };
    known.end = post("/status", json!({"status": end})).await.map(|_| end);
    if let Some(other) = asked(owner.request(Method::POST, &trigger).json(&body)).await {
        let cancel = format!("/v1/builds/{}/cancel", other["build"]["id"].as_str().unwrap());
        let canceled = asked(owner.request(Method::POST, &cancel).json(&json!({}))).await;
        known.canceled = canceled.map(|it| it["build"].clone());
    }
    known
}

/// The body of a 2xx answer. Anything else must be an honest refusal, or a daemon that is gone.
async fn asked(request: reqwest::RequestBuilder) -> Option<Value> {
    let answer = request.timeout(std::time::Duration::from_secs(20)).send().await.ok()?;
    let status = answer.status().as_u16();
    let text = answer.text().await.ok()?;
    if status < 300 {
        return Some(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text}"));
    let code = body["code"].as_str().unwrap_or_default();
    assert!(!code.is_empty(), "{status}: {text}");
    None
}

/// Everything that was vouched for is there, nothing is there twice, and work goes on.
async fn verify(instance: &Instance, data: &Path, known: &Acknowledged, point: &str) {
    let mut daemon =
        Daemon::attempt(data, free_port(), &[]).await.unwrap_or_else(|| panic!("{point}: no start"));
    let (owner, runner) = (instance.owner(&daemon), instance.runner(&daemon));
    if let Some(build) = &known.build {
        let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
        let found = owner.get(&path).await.ok()["build"].clone();
        assert_eq!(found["build_number"], build["build_number"], "{point}");
        if let Some(end) = known.end {
            assert_eq!(found["status"], end, "{point}");
        }
        let log = owner.raw_log(build).await;
        let sent: String = (0..LINES).map(|number| format!("{}\n", line(number))).collect();
        assert!(log.starts_with(&known.log), "{point}: {} of {} bytes", log.len(), known.log.len());
        assert!(sent.as_bytes().starts_with(&log), "{point}: the log holds what was not sent");
    }
    if let Some(id) = &known.artifact {
        let link = owner.post(&format!("/v1/artifacts/{id}/download-link"), json!({})).await.ok();
        let bytes = owner.http.get(link["download_url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(bytes.bytes().await.unwrap(), ARTIFACT, "{point}");
    }
    if let Some(build) = &known.canceled {
        let path = format!("/v1/builds/{}", build["id"].as_str().unwrap());
        assert_eq!(owner.get(&path).await.ok()["build"]["status"], "canceled", "{point}");
    }
    let numbers = owner.get("/v1/builds?limit=200").await.ok();
    let mut numbers: Vec<i64> = numbers["builds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|build| build["build_number"].as_i64().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(
        numbers,
        (1..=numbers.len() as i64).collect::<Vec<_>>(),
        "{point}: a number twice or left out"
    );
    let next = owner.build(&instance.pipeline).await;
    for _ in 0..3 {
        let job = runner.try_claim(0).await.ok()["job"].clone();
        if job.is_null() {
            break;
        }
        runner.report(&job, json!({"status": "running"})).await.ok();
        runner.report(&job, json!({"status": "succeeded"})).await.ok();
        if job["build_id"] == next["id"] {
            break;
        }
    }
    let path = format!("/v1/builds/{}", next["id"].as_str().unwrap());
    let status = owner.get(&path).await.ok()["build"]["status"].clone();
    // The runner may hold the first build, whose end it was not told of.
    assert!(status == "succeeded" || known.end.is_none(), "{point}: {status}");
    assert!(daemon.stop(), "{point}");
    let db = Database::connect(format!("sqlite://{}", data.join("oore.db").display())).await.unwrap();
    let check = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check");
    let said: String = db.query_one_raw(check).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(said, "ok", "{point}");
}

/// What to be started with, so that operation `at` fails.
fn environment(data: &Path, at: u64, with: &str, count: &Path) -> Vec<(String, String)> {
    let text = |path: &Path| path.display().to_string();
    let pairs = [
        ("LD_PRELOAD", library()),
        ("MEDDLE_FOLDER", text(data)),
        ("MEDDLE_AT", at.to_string()),
        ("MEDDLE_WITH", with.to_owned()),
        ("MEDDLE_COUNT", text(count)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

#[tokio::test]
async fn whatever_operation_on_a_file_fails_nothing_acknowledged_is_lost() {
    let instance = Instance::new().await;
    let counts = tempfile::tempdir().unwrap();
    let count = counts.path().join("count");
    let data = instance.copy();
    let variables = environment(data.path(), 0, "EMFILE", &count);
    let mut daemon = Daemon::attempt(data.path(), free_port(), &borrowed(&variables)).await.unwrap();
    let known = live(&instance, &daemon).await;
    let complete = known.build.is_some() && known.artifact.is_some() && known.canceled.is_some();
    assert!(complete && known.end == Some("succeeded"), "without a fault everything succeeds: {known:?}");
    let pid = daemon.pid();
    assert!(daemon.stop());
    verify(&instance, data.path(), &known, "no fault").await;
    let total: u64 =
        std::fs::read_to_string(counts.path().join(format!("count.{pid}"))).unwrap().parse().unwrap();
    assert!(total > 100, "operations are seen: {total}");

    let points = fault_points().map_or(9, |points| points as u64);
    let (mut refused_starts, mut complete) = (0, 0);
    for point in 0..points {
        let (at, with) = (1 + point * total / points, ERRORS[point as usize % ERRORS.len()]);
        let name = format!("operation {at} of {total}, {with}");
        let data = instance.copy();
        let variables = environment(data.path(), at, with, &count);
        let known = match Daemon::attempt(data.path(), free_port(), &borrowed(&variables)).await {
            Some(mut daemon) => {
                let known = live(&instance, &daemon).await;
                daemon.kill();
                known
            }
            None => {
                refused_starts += 1;
                Acknowledged::default()
            }
        };
        complete += u64::from(known.canceled.is_some() && known.end == Some("succeeded"));
        verify(&instance, data.path(), &known, &name).await;
    }
    eprintln!(
        "F10: {points} of {total} operations failed: invariants broken 0, starts refused {refused_starts}, \
         unnoticed by clients {complete}"
    );
}
