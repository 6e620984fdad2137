//! Logs over HTTP: chunks, exact text, parts of it, the live stream and its tokens, both protocols.

use futures_util::StreamExt;
use oored::domain::log::{Frame, LogStream};
use serde_json::{Value, json};

use crate::support::agent::{frame, marker};
use crate::support::{Agent, Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    runner: Agent,
    job: Value,
    pipeline: Value,
    _repository: Repository,
}

impl Rig {
    /// A running build without a log so far.
    async fn start(protocol: i64) -> Self {
        Self::start_with(protocol, &[]).await
    }

    async fn start_with(protocol: i64, flags: &[&str]) -> Self {
        let server = Server::start_with(flags).await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        owner.build(&pipeline).await;
        let runner = Agent::register(&owner, "r", protocol).await;
        let job = runner.begin().await;
        Self { server, owner, runner, job, pipeline, _repository: repository }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/builds/{}{rest}", self.job["build_id"].as_str().unwrap())
    }

    async fn raw(&self, query: &str) -> Vec<u8> {
        let request = self.owner.request(reqwest::Method::GET, &self.path(&format!("/logs/raw{query}")));
        request.send().await.unwrap().bytes().await.unwrap().to_vec()
    }

    async fn end(&self) {
        self.runner.report(&self.job, json!({"status": "succeeded"})).await.ok();
    }

    async fn token(&self) -> String {
        let made = self.owner.post(&self.path("/stream-token"), json!({})).await.ok();
        made["token"].as_str().unwrap().to_owned()
    }

    /// An open stream, read as text.
    async fn stream(&self, query: &str, last: Option<&str>) -> Live {
        let client = if query.is_empty() { self.owner.clone() } else { self.server.anonymous() };
        let mut request = client.request(reqwest::Method::GET, &self.path(&format!("/logs/stream{query}")));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Live { bytes: Box::pin(response.bytes_stream()), text: String::new() }
    }
}

struct Live {
    bytes: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

impl Live {
    /// The next frame that is no comment; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some((frame, rest)) = self.text.clone().split_once("\n\n") {
                self.text = rest.to_owned();
                if !frame.starts_with(':') {
                    return Some(frame.to_owned());
                }
                continue;
            }
            let more =
                tokio::time::timeout(std::time::Duration::from_secs(30), self.bytes.next()).await.unwrap();
            self.text.push_str(std::str::from_utf8(&more?.ok()?).unwrap());
        }
    }
}

#[tokio::test]
async fn frames_are_numbered_lines_with_step_and_stream() {
    let rig = Rig::start(5).await;
    let error = Frame { stream: LogStream::Stderr, newline: false, ..frame(1, b"\xff\xfeno text") };
    let sent = [frame(0, "hello"), marker(1, "build-1"), error, frame(1, "")];
    assert_eq!(rig.runner.frames(&rig.job, 0, &sent).await.ok(), json!({"next_sequence": 4}));
    let logs = rig.owner.get(&rig.path("/logs")).await.ok();
    assert_eq!(logs["total"], 4);
    assert_eq!(
        logs["logs"][0],
        json!({"sequence": 0, "content": "hello", "stream": "stdout", "at": 1_700_000_000_000_i64})
    );
    assert_eq!((&logs["logs"][2]["stream"], &logs["logs"][2]["partial"]), (&json!("stderr"), &json!(true)));
    assert_eq!(
        (&logs["logs"][2]["content"], &logs["logs"][2]["step"]),
        (&json!("\u{fffd}\u{fffd}no text"), &json!("build-1"))
    );
    let page = rig.owner.get(&rig.path("/logs?after_sequence=1&limit=1")).await.ok();
    assert_eq!((page["logs"].as_array().unwrap().len(), page["logs"][0]["sequence"].as_i64()), (1, Some(2)));
    let mut exact = b"hello\n".to_vec();
    exact.extend_from_slice(&marker(1, "build-1").content);
    exact.extend_from_slice(b"\n\xff\xfeno text\n");
    assert_eq!(rig.raw("").await, exact);
    assert_eq!(rig.raw("?after_sequence=1").await, b"\xff\xfeno text\n");
    assert!(rig.raw("?step=build-1").await.ends_with(b"\xff\xfeno text\n"));
    rig.owner.get(&rig.path("/logs/raw?step=nope")).await.error(404, "not_found");
    let answer = rig.owner.get(&rig.path("/logs/raw")).await;
    assert_eq!(answer.header("x-oore-log-sequence"), Some("3"));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
}

#[tokio::test]
async fn any_part_of_the_text_can_be_fetched() {
    let rig = Rig::start(5).await;
    let mut whole = Vec::new();
    for batch in 0..8_u64 {
        let frames: Vec<Frame> =
            (0..60).map(|n| frame(1, vec![b'a' + (n % 26) as u8; 1 + (n * 97) % 4000])).collect();
        frames.iter().for_each(|frame| whole.extend([&frame.content[..], b"\n"].concat()));
        rig.runner.frames(&rig.job, batch * 60, &frames).await.ok();
    }
    let fetch = async |range: &str, extra: Option<(&str, String)>| {
        let mut request =
            rig.owner.request(reqwest::Method::GET, &rig.path("/logs/raw")).header("range", range);
        if let Some((name, value)) = extra {
            request = request.header(name, value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        (status, headers, response.bytes().await.unwrap().to_vec())
    };
    let size = whole.len();
    for (from, to) in [(0, 0), (0, 99), (65_530, 65_600), (300_001, 300_001), (size - 5, size - 1)] {
        let (status, headers, part) = fetch(&format!("bytes={from}-{to}"), None).await;
        assert_eq!(status, 206);
        assert_eq!(part, whole[from..=to], "{from}-{to}");
        assert_eq!(headers["content-range"], format!("bytes {from}-{to}/{size}"));
    }
    let (status, headers, part) = fetch("bytes=-10", None).await;
    assert_eq!((status, &part[..]), (206, &whole[size - 10..]));
    let etag = headers["etag"].to_str().unwrap().to_owned();
    let (status, headers, _) = fetch(&format!("bytes={size}-"), None).await;
    assert_eq!((status, &headers["content-range"]), (416, &format!("bytes */{size}").parse().unwrap()));
    assert_eq!(fetch("bytes=0-0", Some(("if-range", etag.clone()))).await.0, 206);
    assert_eq!(fetch("bytes=0-0", Some(("if-range", "\"old\"".to_owned()))).await.0, 200);
    assert_eq!(fetch("bytes=0-0", Some(("if-none-match", etag))).await.0, 304);
    assert_eq!(rig.raw("").await, whole);
}

#[tokio::test]
async fn lost_answers_gaps_and_an_unfinished_log_are_told_apart() {
    let rig = Rig::start(5).await;
    let lines: Vec<Frame> = (0..6).map(|n| frame(0, n.to_string())).collect();
    rig.runner.frames(&rig.job, 0, &lines[..3]).await.ok();
    assert_eq!(rig.runner.frames(&rig.job, 0, &lines[..4]).await.ok()["next_sequence"], 4);
    let gap = rig.runner.frames(&rig.job, 5, &lines[5..]).await.error(409, "log_gap");
    assert_eq!(gap["details"]["expected_sequence"], 4);
    let early = rig.runner.report(&rig.job, json!({"status": "succeeded", "log_frames": 6})).await;
    assert_eq!(early.error(409, "log_incomplete")["details"]["expected_sequence"], 4);
    rig.runner.frames(&rig.job, 4, &lines[4..]).await.ok();
    rig.runner.report(&rig.job, json!({"status": "succeeded", "log_frames": 6})).await.ok();
    assert_eq!(rig.raw("").await, b"0\n1\n2\n3\n4\n5\n");
    let request = rig.runner.about(reqwest::Method::POST, &rig.job, "/log-frames?from=0").body("x");
    rig.runner.client.send(request.header("content-type", "text/plain")).await.error(400, "invalid_request");
}

#[tokio::test]
async fn malformed_and_oversized_bodies_add_nothing() {
    let rig = Rig::start(5).await;
    let send = async |body: Vec<u8>| {
        let request = rig.runner.about(reqwest::Method::POST, &rig.job, "/log-frames?from=0").body(body);
        rig.runner.client.send(request.header("content-type", "application/octet-stream")).await
    };
    send(vec![0; 14]).await.error(400, "invalid_request");
    send(vec![255; 400]).await.error(400, "invalid_request");
    send(vec![0; 5 * 1024 * 1024]).await.error(413, "payload_too_large");
    assert_eq!(rig.owner.get(&rig.path("/logs")).await.ok(), json!({"logs": [], "total": 0}));
    let full: Vec<Frame> = (0..62).map(|_| frame(0, vec![b'x'; 64 * 1024])).collect();
    assert_eq!(rig.runner.frames(&rig.job, 0, &full).await.ok()["next_sequence"], 62);
}

#[tokio::test]
async fn lines_of_protocol_4_are_kept_once_and_their_markers_name_steps() {
    let rig = Rig::start(4).await;
    let marker = r#"[oore-step] {"command":"true","event":"start","name":"checkout"}"#;
    assert_eq!(rig.runner.lines(&rig.job, 0, &["a", marker, "b"]).await.ok(), json!({"appended": 3}));
    assert_eq!(rig.runner.lines(&rig.job, 0, &["a", marker, "b", "c"]).await.ok(), json!({"appended": 1}));
    assert_eq!(rig.runner.lines(&rig.job, 9, &["far"]).await.ok(), json!({"appended": 1}));
    rig.runner.lines(&rig.job, -1, &["x"]).await.error(400, "invalid_request");
    let bad = json!({"chunks": [{"sequence": 0, "content": "x", "stream": "stdin"}]});
    rig.runner.post(&rig.job, "/logs", bad).await.error(400, "invalid_request");
    let logs = rig.owner.get(&rig.path("/logs")).await.ok();
    let seen: Vec<_> = logs["logs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["sequence"].as_i64().unwrap(), l["step"].clone()))
        .collect();
    let step = json!("checkout");
    assert_eq!(seen, [(0, Value::Null), (1, step.clone()), (2, step.clone()), (3, step.clone()), (9, step)]);
    rig.end().await;
    rig.runner.lines(&rig.job, 10, &["late"]).await.error(403, "runner_mismatch");
}

#[tokio::test]
async fn the_stream_tells_what_is_there_what_comes_and_that_the_build_is_over() {
    let rig = Rig::start(5).await;
    rig.runner.frames(&rig.job, 0, &[frame(0, "one"), frame(0, "two\n\nevent: done\n")]).await.ok();
    let mut live = rig.stream("", None).await;
    let first = live.next().await.unwrap();
    assert!(first.starts_with("id: 0\nevent: log\ndata: {\"sequence\":0,\"content\":\"one\""), "{first}");
    let forged = live.next().await.unwrap();
    assert_eq!(forged.lines().count(), 3, "text of a build cannot end the frame: {forged}");
    rig.runner.frames(&rig.job, 2, &[frame(0, "three")]).await.ok();
    assert!(live.next().await.unwrap().starts_with("id: 2\n"));
    rig.runner.frames(&rig.job, 3, &[frame(0, "four")]).await.ok();
    rig.end().await;
    assert!(live.next().await.unwrap().starts_with("id: 3\n"));
    assert_eq!(live.next().await.unwrap(), "event: done\ndata: build_finished");
    assert_eq!(live.next().await, None);
    let mut resumed = rig.stream("", Some("2")).await;
    assert!(resumed.next().await.unwrap().starts_with("id: 3\n"));
    assert_eq!(resumed.next().await.unwrap(), "event: done\ndata: build_finished");
}

#[tokio::test]
async fn a_stream_opened_while_the_build_is_queued_follows_it_when_it_runs() {
    let rig = Rig::start(5).await;
    let build = rig.owner.build(&rig.pipeline).await;
    let path = format!("/v1/builds/{}/logs/stream", build["id"].as_str().unwrap());
    let response = rig.owner.request(reqwest::Method::GET, &path).send().await.unwrap();
    let mut live = Live { bytes: Box::pin(response.bytes_stream()), text: String::new() };
    rig.end().await;
    let job = rig.runner.begin().await;
    rig.runner.frames(&job, 0, &[frame(0, "begun")]).await.ok();
    assert!(live.next().await.unwrap().contains("begun"));
}

#[tokio::test]
async fn a_stream_token_opens_once_resumes_while_it_lives_and_fits_one_build() {
    let rig = Rig::start(5).await;
    rig.runner.frames(&rig.job, 0, &[frame(0, "one")]).await.ok();
    let token = rig.token().await;
    let mut live = rig.stream(&format!("?token={token}"), None).await;
    assert!(live.next().await.unwrap().contains("one"));
    let path = rig.path(&format!("/logs/stream?token={token}"));
    rig.server.anonymous().get(&path).await.error(401, "invalid_stream_token");
    drop(live);
    rig.end().await;
    let mut resumed = rig.stream(&format!("?token={token}"), Some("0")).await;
    assert_eq!(resumed.next().await.unwrap(), "event: done\ndata: build_finished");
    let other = rig.owner.build(&rig.pipeline).await;
    let fresh = rig.token().await;
    let elsewhere = format!("/v1/builds/{}/logs/stream?token={fresh}", other["id"].as_str().unwrap());
    rig.server.anonymous().get(&elsewhere).await.error(403, "stream_token_build_mismatch");
    let late = rig.token().await;
    rig.server.advance(300);
    rig.server
        .anonymous()
        .get(&rig.path(&format!("/logs/stream?token={late}")))
        .await
        .error(401, "invalid_stream_token");
    rig.server.anonymous().get(&rig.path("/logs/stream?token=x")).await.error(401, "invalid_stream_token");
    rig.server.anonymous().get(&rig.path("/logs/stream")).await.error(401, "missing_auth");
    let orphan = rig.token().await;
    rig.owner.post("/v1/auth/logout", json!({})).await;
    let ended = rig.server.anonymous().get(&rig.path(&format!("/logs/stream?token={orphan}"))).await;
    ended.error(401, "stream_authorization_ended");
}

#[tokio::test]
async fn signing_out_ends_an_open_stream() {
    let rig = Rig::start(5).await;
    let mut live = rig.stream("", None).await;
    rig.owner.post("/v1/auth/logout", json!({})).await;
    assert_eq!(live.next().await.unwrap(), "event: done\ndata: authorization_ended");
    assert_eq!(live.next().await, None);
}

#[tokio::test]
async fn logs_survive_a_restart_and_the_runner_goes_on_where_it_was() {
    let rig = Rig::start(5).await;
    rig.runner.frames(&rig.job, 0, &[marker(1, "build-1"), frame(1, "before")]).await.ok();
    let server = rig.server.restart().await;
    let owner = Client::new(&server.base).with_token(rig.owner.token.clone().unwrap());
    let runner =
        Agent { client: owner.with_token(rig.runner.client.token.clone().unwrap()), ..rig.runner.clone() };
    runner.frames(&rig.job, 1, &[frame(1, "before"), frame(1, "after")]).await.ok();
    let path = format!("/v1/builds/{}/logs?after_sequence=0", rig.job["build_id"].as_str().unwrap());
    let logs = owner.get(&path).await.ok();
    let seen: Vec<_> = logs["logs"].as_array().unwrap().iter().map(|line| line["content"].clone()).collect();
    assert_eq!(seen, ["before", "after"]);
    assert_eq!(logs["logs"][1]["step"], "build-1");
}

#[tokio::test]
async fn after_its_time_a_stream_ends_without_a_word_and_can_be_resumed() {
    let rig = Rig::start(5).await;
    rig.runner.frames(&rig.job, 0, &[frame(0, "one")]).await.ok();
    let mut live = rig.stream("", None).await;
    assert!(live.next().await.unwrap().starts_with("id: 0\n"));
    rig.server.advance(300);
    rig.runner.frames(&rig.job, 1, &[frame(0, "two")]).await.ok();
    assert_eq!(live.next().await, None, "`done` would tell the client that the build is over");
    let mut resumed = rig.stream("", Some("0")).await;
    assert!(resumed.next().await.unwrap().starts_with("id: 1\n"));
}

#[tokio::test]
async fn a_silent_stream_is_kept_alive_also_while_others_are_heard_of() {
    let rig = Rig::start(5).await;
    rig.runner.frames(&rig.job, 0, &[frame(0, "one")]).await.ok();
    let mut live = rig.stream("", None).await;
    assert!(live.next().await.unwrap().starts_with("id: 0\n"));
    rig.server.advance(16);
    rig.owner.build(&rig.pipeline).await;
    let soon = tokio::time::timeout(std::time::Duration::from_secs(10), live.bytes.next());
    assert_eq!(soon.await.unwrap().unwrap().unwrap(), ": keep-alive\n\n");
}

#[tokio::test]
async fn readers_that_take_nothing_hinder_nobody() {
    use tokio::io::AsyncWriteExt;
    let rig = Rig::start(5).await;
    let batch: Vec<Frame> = (0..60).map(|_| frame(0, vec![b'x'; 60_000])).collect();
    for n in 0..3 {
        rig.runner.frames(&rig.job, n * 60, &batch).await.ok();
    }
    let address = rig.server.base.strip_prefix("http://").unwrap().to_owned();
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\r\n",
        rig.path("/logs/stream"),
        rig.owner.token.as_deref().unwrap()
    );
    let mut stalled = Vec::new();
    for _ in 0..128 {
        let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        stalled.push(socket);
    }
    let mut live = rig.stream("", None).await;
    rig.end().await;
    let mut seen = 0;
    while let Some(event) = live.next().await {
        seen += usize::from(event.starts_with("id: "));
    }
    assert_eq!(seen, 180);
}

#[tokio::test]
async fn what_a_canceled_step_still_wrote_is_kept_for_a_minute_and_nothing_else() {
    let rig = Rig::start(5).await;
    rig.runner.frames(&rig.job, 0, &[frame(0, "before")]).await.ok();
    rig.owner.post(&rig.path("/cancel"), json!({})).await.ok();
    rig.runner.frames(&rig.job, 1, &[frame(0, "last words")]).await.ok();
    assert_eq!(rig.raw("").await, b"before\nlast words\n");
    let stranger = Agent::register(&rig.owner, "s", 5).await;
    stranger.frames(&rig.job, 2, &[frame(0, "forged")]).await.error(403, "runner_mismatch");
    rig.server.advance(60);
    rig.runner.frames(&rig.job, 2, &[frame(0, "late")]).await.error(403, "runner_mismatch");
    rig.runner.status(&rig.job).await.error(403, "runner_mismatch");
    rig.owner.build(&rig.pipeline).await;
    let done = rig.runner.begin().await;
    rig.runner.report(&done, json!({"status": "succeeded"})).await.ok();
    rig.runner.frames(&done, 0, &[frame(0, "after the end")]).await.error(403, "runner_mismatch");
}
