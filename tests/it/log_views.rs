//! What a log holds, over HTTP: its outline, search in it, why its build failed, parts of a selection,
//! packed logs that look the same, and logs whose time is over.

use oored::builds::log_keeping;
use oored::domain::log::Frame;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::agent::{frame, marker};
use crate::support::{Agent, Answer, Client, Repository, Server};

/// Pairs of markers.
const FORGED: u64 = 100_000;

struct Rig {
    server: Server,
    owner: Client,
    runner: Agent,
    job: Value,
    _repository: Repository,
}

impl Rig {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(flags: &[&str]) -> Self {
        let server = Server::start_with(flags).await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        owner.build(&pipeline).await;
        let runner = Agent::register(&owner, "r", 5).await;
        let job = runner.begin().await;
        Self { server, owner, runner, job, _repository: repository }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/builds/{}{rest}", self.job["build_id"].as_str().unwrap())
    }

    async fn get(&self, rest: &str) -> Answer {
        self.owner.get(&self.path(rest)).await
    }

    /// Status, ETag and bytes of a part of the raw log.
    async fn raw(&self, query: &str, headers: &[(&str, &str)]) -> (u16, String, Vec<u8>) {
        let path = self.path(&format!("/logs/raw{query}"));
        let request =
            headers.iter().fold(self.owner.request(Method::GET, &path), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = request.send().await.unwrap();
        let etag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        (status, etag.unwrap_or_default(), response.bytes().await.unwrap().to_vec())
    }

    /// At which bytes of the text steps begin, as the header says it.
    async fn told_starts(&self) -> String {
        let owner = Client { base: self.server.base.clone(), ..self.owner.clone() };
        let request = owner.request(Method::GET, &self.path("/logs/raw")).header("range", "bytes=0-0");
        request.send().await.unwrap().headers()["x-oore-log-steps"].to_str().unwrap().to_owned()
    }

    async fn send(&self, from: u64, frames: &[Frame]) {
        for (batch, from) in frames.chunks(5000).zip((from..).step_by(5000)) {
            self.runner.frames(&self.job, from, batch).await.ok();
        }
    }

    async fn end(&self, report: Value) {
        self.runner.report(&self.job, report).await.ok();
    }

    fn file(&self, extension: &str) -> std::path::PathBuf {
        let name = format!("{}.1.{extension}", self.job["build_id"].as_str().unwrap());
        self.server.data().join("logs").join(name)
    }
}

fn ended(step: u16, name: &str, status: &str, exit_code: i64) -> Frame {
    let marker = json!({"event": "end", "name": name, "status": status, "exit_code": exit_code});
    frame(step, format!("[oore-step] {marker}"))
}

fn at(mut frame: Frame, ms: i64) -> Frame {
    frame.at_ms = ms;
    frame
}

/// A step that tells of its own end and beginning, over and over.
fn forging() -> Vec<Frame> {
    let mut frames = vec![marker(1, "checkout"), ended(1, "checkout", "succeeded", 0), marker(2, "build-1")];
    for n in 0..FORGED {
        let name = if n % 2 == 0 { "build-1".to_owned() } else { format!("build-{n}") };
        frames.extend([ended(2, "build-1", "succeeded", 0), marker(2, &name)]);
    }
    frames.extend([frame(2, "the last word"), ended(2, "build-1", "failed", 1)]);
    frames.extend([marker(3, "artifacts"), ended(3, "artifacts", "succeeded", 0)]);
    frames
}

/// All that a search finds: each answer has as much as its limits and its time allow.
async fn matches(rig: &Rig, query: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = rig.get(&format!("/logs/search?{query}&after={after}")).await.ok();
        found.extend(page["matches"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_after"].as_u64() else { return found };
        after = next;
    }
}

#[tokio::test]
async fn a_step_that_forges_markers_adds_no_steps_and_its_log_is_packed() {
    let rig = Rig::start().await;
    rig.send(0, &forging()).await;
    let index = rig.get("/logs/index").await.ok();
    let steps = index["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["", "checkout", "build-1", "artifacts"]);
    // The first end is believed: nobody can tell it from the true one. The rest is what the step printed.
    assert_eq!(index["lines"], 2 * FORGED + 1);
    assert_eq!(steps[2]["lines"], 2 * FORGED + 1);
    let found = matches(&rig, "q=last%20word").await;
    assert_eq!(found.iter().map(|found| &found["line"]).collect::<Vec<_>>(), [2 * FORGED]);
    // Who has the text alone is told which markers are true.
    let true_starts: Vec<_> = steps[1..].iter().map(|step| step["first_byte"].to_string()).collect();
    assert_eq!(rig.told_starts().await, true_starts.join(","));
    rig.end(json!({"status": "succeeded"})).await;
    rig.server.advance(121);
    log_keeping::pack(&rig.server.app).await.unwrap();
    assert!(rig.file("logz").exists());
    assert_eq!(rig.get("/logs/index").await.ok(), index);
    let rig = Rig { server: rig.server.restart().await, ..rig };
    assert_eq!(rig.told_starts().await, true_starts.join(","), "they are in the packed file too");
}

/// A build that compiles something and fails.
fn failing() -> Vec<Frame> {
    let mut frames = vec![frame(0, "hello"), marker(1, "checkout"), ended(1, "checkout", "succeeded", 0)];
    frames.push(marker(2, "build-1"));
    frames.extend((0..50).map(|n| frame(2, format!("note {n}"))));
    frames.push(frame(2, "\u{1b}[31mlib/main.dart:3:1: Error: Expected ';' after this.\u{1b}[0m"));
    frames.push(frame(2, "  foo"));
    frames.push(frame(2, "FAILURE: Build failed with an exception."));
    frames.push(ended(2, "build-1", "failed", 3));
    frames
}

fn failed_steps() -> Value {
    json!({"status": "failed", "exit_code": 3, "failure_reason": "step_failed", "steps": [
        {"name": "checkout", "status": "succeeded", "exit_code": 0, "started_at": 1, "finished_at": 1, "duration_ms": 5},
        {"name": "build-1", "status": "failed", "exit_code": 3, "started_at": 1, "finished_at": 2, "duration_ms": 900},
    ]})
}

#[tokio::test]
async fn the_index_says_where_steps_times_and_errors_are() {
    let rig = Rig::start().await;
    let empty = rig.get("/logs/index").await.ok();
    assert_eq!(
        (&empty["sequence"], &empty["lines"], empty["steps"].as_array().unwrap().len()),
        (&json!(-1), &json!(0), 1)
    );
    let start = 1_700_000_000_000;
    let frames: Vec<Frame> = (0..).zip(failing()).map(|(n, frame)| at(frame, start + n * 250)).collect();
    rig.send(0, &frames[..10]).await;
    assert_eq!(rig.get("/logs/index").await.ok()["lines"], 7);
    rig.send(10, &frames[10..]).await;
    let index = rig.get("/logs/index").await.ok();
    assert_eq!((&index["lines"], &index["sequence"]), (&json!(54), &json!(57)));
    let (_, _, text) = rig.raw("", &[]).await;
    assert_eq!(index["bytes"], text.len());
    let steps: Vec<_> = index["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| (step["name"].as_str().unwrap(), step["first_line"].as_u64(), step["lines"].as_u64()))
        .collect();
    assert_eq!(
        steps,
        [("", Some(1), Some(1)), ("checkout", Some(2), Some(0)), ("build-1", Some(2), Some(53))]
    );
    let build = &index["steps"][2];
    assert_eq!((&build["status"], &build["exit_code"]), (&json!("failed"), &json!(3)));
    assert_eq!(
        (build["started_at"].as_i64(), build["ended_at"].as_i64()),
        (Some(start + 750), Some(start + 57 * 250))
    );
    let part = |step: &Value| {
        let from = step["first_byte"].as_u64().unwrap() as usize;
        text[from..from + step["bytes"].as_u64().unwrap() as usize].to_vec()
    };
    assert_eq!(part(build), rig.raw("?step=build-1", &[]).await.2);
    assert_eq!(index["errors"], json!([{"line": 52, "lines": 1}, {"line": 54, "lines": 1}]));
    // Every fourth line another second; a place names the line that stands at its byte.
    let lines: Vec<&[u8]> =
        text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"[oore-step]")).collect();
    let places = index["places"].as_array().unwrap();
    assert!((13..=15).contains(&places.len()), "{}", places.len());
    for place in places {
        let (line, byte) =
            (place["line"].as_u64().unwrap() as usize, place["byte"].as_u64().unwrap() as usize);
        assert!(text[byte..].starts_with(lines[line - 1]), "{place}");
    }
}

#[tokio::test]
async fn a_selection_of_the_raw_log_has_parts_and_an_etag_of_its_own() {
    let rig = Rig::start().await;
    rig.send(0, &failing()).await;
    for query in
        ["", "?step=checkout", "?step=build-1", "?after_sequence=20", "?step=build-1&after_sequence=20"]
    {
        let (status, etag, whole) = rig.raw(query, &[]).await;
        assert_eq!(status, 200);
        let (status, same, part) = rig.raw(query, &[("range", "bytes=3-17")]).await;
        assert_eq!((status, &part[..], &same), (206, &whole[3..=17], &etag), "{query}");
        assert_eq!(rig.raw(query, &[("if-none-match", &etag)]).await.0, 304, "{query}");
        let beyond = format!("bytes={}-", whole.len());
        assert_eq!(rig.raw(query, &[("range", &beyond)]).await.0, 416, "{query}");
    }
    let tag = |query: &'static str| rig.raw(query, &[]);
    let (checkout, build) = (tag("?step=checkout").await.1, tag("?step=build-1").await.1);
    rig.send(58, &[frame(2, "more")]).await;
    assert_eq!(tag("?step=checkout").await.1, checkout, "nothing was added to this step");
    assert_ne!(tag("?step=build-1").await.1, build);
    assert!(tag("?after_sequence=57").await.2 == b"more\n" && tag("?after_sequence=99").await.2.is_empty());
}

#[tokio::test]
async fn the_etag_changes_when_the_line_that_counts_what_was_left_out_does() {
    let rig = Rig::start_with(&["--log-limit-bytes", "1"]).await;
    let line = vec![b'x'; 60_000];
    let frames: Vec<Frame> = (0..20).map(|_| frame(0, &line)).collect();
    rig.send(0, &frames).await;
    let (_, first, text) = rig.raw("", &[]).await;
    assert!(text.ends_with(b"bytes\n"));
    rig.send(20, &frames[..1]).await;
    let (_, second, longer) = rig.raw("", &[]).await;
    assert_eq!(text.len(), longer.len());
    assert!(text != longer && first != second);
    assert_eq!(rig.raw("", &[("if-none-match", &first)]).await.0, 200);
}

#[tokio::test]
async fn a_search_finds_lines_and_goes_on_where_it_stopped() {
    let rig = Rig::start().await;
    rig.send(0, &failing()).await;
    let found = rig.get("/logs/search?q=ERROR:%20expected").await.ok();
    assert_eq!(
        found["matches"],
        json!([{"line": 52, "step": "build-1", "step_line": 51, "is_whole": true,
            "excerpt": "lib/main.dart:3:1: Error: Expected ';' after this.", "ranges": [{"from": 19, "to": 34}]}])
    );
    assert_eq!(rig.get("/logs/search?q=ERROR:&case=true").await.ok()["matches"], json!([]));
    assert_eq!(rig.get("/logs/search?q=oore-step").await.ok()["matches"], json!([]), "markers are not shown");
    let found = matches(&rig, "q=note%20%5Cd*7%24&regex=true&limit=2").await;
    let lines: Vec<&Value> = found.iter().map(|found| &found["excerpt"]).collect();
    assert_eq!(lines, ["note 7", "note 17", "note 27", "note 37", "note 47"]);
    for bad in ["q=", "q=(&regex=true", "q=a*&regex=true"] {
        rig.get(&format!("/logs/search?{bad}")).await.error(400, "invalid_pattern");
    }
    rig.get("/logs/search").await.error(400, "invalid_request");
}

#[tokio::test]
async fn a_failed_build_says_the_step_the_first_error_and_a_known_cause() {
    let rig = Rig::start().await;
    rig.send(0, &failing()).await;
    rig.get("/failure").await.error(409, "build_not_failed");
    rig.end(failed_steps()).await;
    let failure = rig.get("/failure").await.ok();
    assert_eq!(
        (&failure["step"], &failure["exit_code"], &failure["reason"], &failure["cause"]["id"]),
        (&json!("build-1"), &json!(3), &json!("step_failed"), &json!("dart_compile"))
    );
    let excerpt = failure["excerpt"].as_array().unwrap();
    assert_eq!(
        excerpt.iter().map(|line| line["text"].as_str().unwrap()).collect::<Vec<_>>(),
        [
            "note 49",
            "lib/main.dart:3:1: Error: Expected ';' after this.",
            "  foo",
            "FAILURE: Build failed with an exception."
        ]
    );
    assert_eq!(
        (&excerpt[1]["line"], &excerpt[1]["step_line"], &excerpt[1]["is_error"]),
        (&json!(52), &json!(51), &json!(true))
    );
}

#[tokio::test]
async fn without_a_telling_line_the_last_lines_of_the_step_are_quoted() {
    let rig = Rig::start().await;
    let mut frames = vec![marker(1, "build-1")];
    frames.extend((0..20_000).map(|n| frame(1, format!("line {n}"))));
    frames.push(ended(1, "build-1", "failed", 1));
    rig.send(0, &frames).await;
    rig.end(json!({"status": "failed", "exit_code": 1})).await;
    let failure = rig.get("/failure").await.ok();
    assert_eq!((&failure["step"], failure.get("cause")), (&json!("build-1"), None));
    let excerpt = failure["excerpt"].as_array().unwrap();
    let (first, last) = (&excerpt[0], &excerpt[11]);
    assert_eq!((&first["text"], &first["step_line"]), (&json!("line 19988"), &json!(19_989)));
    assert_eq!(
        (excerpt.len(), &last["text"], &last["step_line"]),
        (12, &json!("line 19999"), &json!(20_000))
    );
}

#[tokio::test]
async fn a_packed_log_is_the_same_log() {
    let rig = Rig::start().await;
    let mut frames = failing();
    let end = frames.pop().unwrap();
    frames.extend((0..30_000).map(|n| frame(2, format!("compiling file number {n} of the app"))));
    frames.push(end);
    rig.send(0, &frames).await;
    rig.end(failed_steps()).await;
    let look = async || {
        let mut seen = Vec::new();
        for query in ["", "?step=build-1", "?after_sequence=20000"] {
            seen.push(rig.raw(query, &[]).await);
            seen.push(rig.raw(query, &[("range", "bytes=262100-524400")]).await);
        }
        let mut views = Vec::new();
        for rest in
            ["/logs?after_sequence=29000", "/logs/index", "/logs/search?q=number%20299&limit=7", "/failure"]
        {
            views.push(rig.get(rest).await.ok());
        }
        (seen, views)
    };
    let before = look().await;
    log_keeping::pack(&rig.server.app).await.unwrap();
    assert!(rig.file("log").exists(), "the runner may still send what a step wrote last");
    rig.server.advance(121);
    log_keeping::pack(&rig.server.app).await.unwrap();
    assert!(!rig.file("log").exists() && rig.file("logz").exists());
    assert!(look().await == before, "as it was");
    let plain = before.0[0].2.len() as u64;
    let packed = std::fs::metadata(rig.file("logz")).unwrap().len();
    assert!(packed * 5 < plain, "{plain} bytes became {packed}");
    let stream = rig.owner.request(Method::GET, &rig.path("/logs/stream")).header("last-event-id", "30050");
    let told = stream.send().await.unwrap().text().await.unwrap();
    assert!(told.contains("id: 30051\n") && told.ends_with("data: build_finished\n\n"), "{told}");
    let Rig { server, owner, runner, job, _repository } = rig;
    let server = server.restart().await;
    let owner = Client::new(&server.base).with_token(owner.token.clone().unwrap());
    let rig = Rig { server, owner, runner, job, _repository };
    assert_eq!(rig.raw("", &[]).await, before.0[0], "also after a restart");
    assert_eq!(rig.get("/logs/index").await.ok(), before.1[1]);
}

#[tokio::test]
async fn a_log_that_has_been_kept_long_enough_goes_and_its_build_stays() {
    let mut rig = Rig::start_with(&["--log-retention-days", "30"]).await;
    rig.send(0, &failing()).await;
    rig.end(failed_steps()).await;
    rig.server.advance(29 * 24 * 3600);
    rig.owner = rig.server.owner().await;
    log_keeping::pack(&rig.server.app).await.unwrap();
    log_keeping::remove_old(&rig.server.app).await.unwrap();
    assert_eq!(rig.get("/logs/index").await.ok()["lines"], 54);
    rig.server.advance(2 * 24 * 3600);
    rig.owner = rig.server.owner().await;
    log_keeping::remove_old(&rig.server.app).await.unwrap();
    assert!(!rig.file("log").exists() && !rig.file("logz").exists());
    for rest in ["/logs", "/logs/raw", "/logs/index", "/logs/search?q=x", "/logs/stream"] {
        assert!(rig.get(rest).await.error(410, "log_removed")["hint"].is_string(), "{rest}");
    }
    let build = &rig.get("").await.ok()["build"];
    assert_eq!((&build["status"], build["log_removed_at"].is_i64()), (&json!("failed"), true));
    let failure = rig.get("/failure").await.ok();
    assert_eq!((&failure["step"], &failure["excerpt"]), (&json!("build-1"), &json!([])));
    log_keeping::remove_old(&rig.server.app).await.unwrap();
}

#[tokio::test]
async fn a_pinned_build_keeps_its_log_and_what_its_tests_found() {
    let mut rig = Rig::start_with(&["--log-retention-days", "30"]).await;
    rig.send(0, &failing()).await;
    rig.end(failed_steps()).await;
    rig.owner.post(&rig.path("/pin"), json!({})).await.ok();
    rig.server.advance(31 * 24 * 3600);
    rig.owner = rig.server.owner().await;
    log_keeping::remove_old(&rig.server.app).await.unwrap();
    assert_eq!(rig.get("/logs/index").await.ok()["lines"], 54);
    rig.owner.delete(&rig.path("/pin")).await.ok();
    log_keeping::remove_old(&rig.server.app).await.unwrap();
    rig.get("/logs/index").await.error(410, "log_removed");
    assert!(!rig.file("log").exists());
}

#[tokio::test]
async fn logs_are_kept_for_ever_unless_told_otherwise() {
    let rig = Rig::start().await;
    rig.send(0, &failing()).await;
    rig.end(failed_steps()).await;
    rig.server.advance(10 * 365 * 24 * 3600);
    log_keeping::remove_old(&rig.server.app).await.unwrap();
    assert!(rig.file("log").exists());
}

#[tokio::test]
async fn growth_is_told_at_a_steady_pace_and_up_to_the_end() {
    let rig = Rig::start().await;
    let app = rig.server.app.clone();
    let mut feed = app.events.feed(None);
    let (before, began) = (app.events.position(), std::time::Instant::now());
    for n in 0..200 {
        rig.send(n, &[frame(0, "x")]).await;
    }
    let last = async {
        loop {
            let heard = feed.next(&app.events).await;
            if let oored::events::Heard::Change(id, oored::events::Change::Log { sequence: 199, .. }) = heard
            {
                return id;
            }
        }
    };
    // Every signal has a number of its own, also one that a newer one has replaced since.
    let told = tokio::time::timeout(std::time::Duration::from_secs(30), last).await.unwrap() - before;
    let most = began.elapsed().as_millis() / oored::tasks::GROWTH_PACE.as_millis() + 2;
    assert!((1..=most).contains(&u128::from(told)), "{told} in {:?}", began.elapsed());
}
