//! Artifacts from announcement to download, and everything that can go wrong in between.

use oored::builds::{artifacts, leftovers};
use oored::db;
use oored::domain::artifact::ArtifactState;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::{Agent, Answer, Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    runner: Agent,
    job: Value,
    _repository: Repository,
}

impl Rig {
    async fn start(protocol: i64) -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        owner.build(&pipeline).await;
        let runner = Agent::register(&owner, "r", protocol).await;
        let job = runner.begin().await;
        Self { server, owner, runner, job, _repository: repository }
    }

    async fn listed(&self) -> Vec<Value> {
        let path = format!("/v1/builds/{}/artifacts", self.job["build_id"].as_str().unwrap());
        self.owner.get(&path).await.ok()["artifacts"].as_array().unwrap().clone()
    }

    async fn complete(&self, announced: &Value) -> Answer {
        let rest = format!("/artifacts/{}/complete", announced["artifact"]["id"].as_str().unwrap());
        self.runner.post(&self.job, &rest, json!({})).await
    }

    async fn link(&self, artifact: &Value) -> String {
        let path = format!("/v1/artifacts/{}/download-link", artifact["id"].as_str().unwrap());
        let made = self.owner.post(&path, json!({})).await.ok();
        let left = made["expires_at"].as_i64().unwrap() - self.server.app.clock.now();
        assert!((890..=900).contains(&left), "{left}");
        made["download_url"].as_str().unwrap().strip_prefix(&self.server.base).unwrap().to_owned()
    }
}

#[tokio::test]
async fn an_artifact_is_announced_uploaded_completed_listed_and_downloaded() {
    let rig = Rig::start(4).await;
    let announced = rig.runner.announce(&rig.job, "app-debug.apk", b"bytes").await;
    assert_eq!(announced["artifact"]["state"], "pending");
    assert!(rig.listed().await.is_empty(), "what is not complete is not shown");
    rig.complete(&announced).await.error(409, "artifact_not_uploaded");
    rig.runner.put(&announced, "bytes").await.expect(200);
    let done = rig.complete(&announced).await.ok();
    let artifact = &done["artifact"];
    assert_eq!((artifact["state"].as_str(), artifact["file_size"].as_i64()), (Some("available"), Some(5)));
    let path = artifact["file_path"].as_str().unwrap();
    assert!(path.starts_with("artifacts/") && path.ends_with("/app-debug.apk"));
    rig.complete(&announced).await.error(409, "artifact_not_pending");
    assert_eq!(rig.listed().await, std::slice::from_ref(artifact));
    let query = json!({"build_ids": [rig.job["build_id"], "", "nonsense"]});
    assert_eq!(rig.owner.post("/v1/artifacts/query", query).await.ok()["artifacts"], json!([artifact]));
    let many = json!({"build_ids": vec!["x"; 201]});
    rig.owner.post("/v1/artifacts/query", many).await.error(400, "too_many_build_ids");
    let project = format!("/v1/projects/{}/artifacts", rig.job["project_id"].as_str().unwrap());
    assert_eq!(rig.owner.get(&project).await.ok()["artifacts"], json!([artifact]));
    rig.owner.get(&format!("{project}?limit=0")).await.error(400, "invalid_input");
    let link = rig.link(artifact).await;
    for path in [link.clone(), link.replace("/download/", "/local-download/")] {
        let answer = rig.server.anonymous().get(&path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "bytes"));
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(answer.header("content-security-policy").unwrap().contains("sandbox"));
        assert!(
            answer
                .header("content-disposition")
                .unwrap()
                .starts_with("attachment; filename=\"app-debug.apk\"")
        );
        assert_eq!(answer.header("etag").unwrap().trim_matches('"'), artifact["checksum"].as_str().unwrap());
    }
}

#[tokio::test]
async fn a_download_can_be_resumed_and_its_link_survives_a_restart() {
    let rig = Rig::start(5).await;
    let content: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
    let artifact = rig.runner.store(&rig.job, "big.bin", &content).await;
    let link = rig.link(&artifact).await;
    let server = rig.server.restart().await;
    let client = server.anonymous();
    let fetch = async |range: &str| {
        let response =
            client.request(reqwest::Method::GET, &link).header("range", range).send().await.unwrap();
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    };
    assert_eq!(fetch("bytes=0-").await, (206, content.clone()));
    assert_eq!(fetch("bytes=300000-300009").await, (206, content[300_000..300_010].to_vec()));
    assert_eq!(fetch("bytes=700000-").await.0, 416);
    assert_eq!(fetch("bytes=0-1,5-6").await, (200, content));
    let head = client.send(client.request(reqwest::Method::HEAD, &link)).await;
    assert_eq!((head.status.as_u16(), head.header("content-length")), (200, Some("700000")));
}

#[tokio::test]
async fn expired_forged_and_foreign_links_open_nothing() {
    let rig = Rig::start(5).await;
    let artifact = rig.runner.store(&rig.job, "a", b"a").await;
    let announced = rig.runner.announce(&rig.job, "b", b"b").await;
    let link = rig.link(&artifact).await;
    let client = rig.server.anonymous();
    let mut parts: Vec<String> = link.rsplit('/').next().unwrap().split('.').map(str::to_owned).collect();
    parts[1] = (parts[1].parse::<i64>().unwrap() + 1).to_string();
    client.get(&format!("/v1/artifacts/download/{}", parts.join("."))).await.error(404, "not_found");
    let upload = announced["upload_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    client.get(&format!("/v1/artifacts/download/{upload}")).await.error(404, "not_found");
    let download = link.rsplit('/').next().unwrap();
    let put =
        client.request(reqwest::Method::PUT, &format!("/v1/artifacts/local-upload/{download}")).body("x");
    client.send(put).await.error(401, "invalid_upload_token");
    for token in ["x", "..", "%00", "a.b.c", "a.b.c.d"] {
        let answer = client.get(&format!("/v1/artifacts/download/{token}")).await;
        assert!(matches!(answer.status.as_u16(), 404), "{token}: {}", answer.text);
    }
    rig.server.advance(890);
    assert_eq!(client.get(&link).await.status, 200);
    rig.server.advance(10);
    client.get(&link).await.error(404, "not_found");
    let pending = format!("/v1/artifacts/{}/download-link", announced["artifact"]["id"].as_str().unwrap());
    rig.owner.post(&pending, json!({})).await.error(404, "not_found");
}

#[tokio::test]
async fn a_failed_upload_leaves_nothing_and_its_address_works_again() {
    let rig = Rig::start(5).await;
    let announced = rig.runner.announce(&rig.job, "a.bin", b"0123456789").await;
    rig.runner.put(&announced, "01234").await.error(400, "upload_incomplete");
    rig.runner.put(&announced, "0123456789more").await.error(413, "payload_too_large");
    rig.runner.put(&announced, "9876543210").await.error(400, "checksum_mismatch");
    let endless = futures_util::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b'x'; 1000])));
    rig.runner.put(&announced, reqwest::Body::wrap_stream(endless)).await.error(413, "payload_too_large");
    assert!(rig.listed().await.is_empty());
    rig.complete(&announced).await.error(409, "artifact_not_uploaded");
    let incoming = rig.server.data().join("artifacts/.incoming");
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0, "no half of it is kept");
    rig.runner.put(&announced, "0123456789").await.expect(200);
    rig.runner.put(&announced, "0123456789").await.error(401, "invalid_upload_token");
    let done = rig.complete(&announced).await.ok();
    assert_eq!(rig.complete(&announced).await.ok(), done, "a lost answer is given again");
}

#[tokio::test]
async fn names_types_and_documents_are_checked() {
    let rig = Rig::start(5).await;
    let announce = async |body: Value| rig.runner.post(&rig.job, "/artifacts", body).await;
    for name in ["../../x", "a/b", "a\\b", "", "x\r\nSet-Cookie: a", "\u{202e}gpj.apk", &"x".repeat(256)] {
        announce(json!({"name": name, "artifact_type": "apk"})).await.error(400, "invalid_name");
    }
    announce(json!({"name": "a", "artifact_type": "exe"})).await.error(400, "invalid_artifact_type");
    announce(json!({"name": "a", "artifact_type": "apk", "file_size": -1}))
        .await
        .error(400, "invalid_request");
    announce(json!({"name": "a", "artifact_type": "apk", "checksum": "abc"}))
        .await
        .error(400, "invalid_request");
    announce(json!({"name": "a", "artifact_type": "apk", "metadata": []}))
        .await
        .error(400, "invalid_request");
    let odd = rig.runner.store(&rig.job, "-größe;\"x\".html", b"<script>").await;
    let answer = rig.server.anonymous().get(&rig.link(&odd).await).await;
    let disposition = answer.header("content-disposition").unwrap();
    assert!(disposition.ends_with("filename*=UTF-8''-gr%C3%B6%C3%9Fe%3B%22x%22.html"), "{disposition}");
}

#[tokio::test]
async fn the_same_file_announced_twice_is_one_artifact_and_fails_nobody() {
    let rig = Rig::start(4).await;
    let first = rig.runner.store(&rig.job, "app-release.apk", b"same").await;
    let again = rig.runner.announce(&rig.job, "app-release.apk", b"same").await;
    assert_eq!(again["artifact"]["id"], first["id"]);
    rig.runner.put(&again, "same").await.expect(200);
    assert_eq!(rig.complete(&again).await.ok()["artifact"], first);
    rig.runner.store(&rig.job, "copy.apk", b"same").await;
    assert_eq!(rig.listed().await.len(), 2);
}

#[tokio::test]
async fn aborted_forgotten_and_late_uploads_end_as_failed() {
    let rig = Rig::start(5).await;
    let aborted = rig.runner.announce(&rig.job, "a", b"a").await;
    let rest = format!("/artifacts/{}/abort", aborted["artifact"]["id"].as_str().unwrap());
    let failed = rig.runner.post(&rig.job, &rest, json!({"error_message": "m"})).await.ok();
    assert_eq!(failed["artifact"]["state"], "failed");
    rig.runner.post(&rig.job, &rest, json!({})).await.error(409, "artifact_not_pending");
    rig.complete(&aborted).await.error(409, "artifact_not_pending");
    rig.runner.put(&aborted, "a").await.error(401, "invalid_upload_token");
    let slow = rig.runner.announce(&rig.job, "b", b"b").await;
    rig.runner.put(&slow, "b").await.expect(200);
    let forgotten = rig.runner.announce(&rig.job, "c", b"c").await;
    rig.server.advance(2 * 3600);
    artifacts::sweep(&rig.server.app).await.unwrap();
    assert_eq!(rig.complete(&slow).await.ok()["artifact"]["state"], "available", "its build goes on");
    let late = rig.runner.announce(&rig.job, "d", b"d").await;
    let cancel = format!("/v1/builds/{}/cancel", rig.job["build_id"].as_str().unwrap());
    rig.owner.post(&cancel, json!({})).await.ok();
    rig.runner.put(&late, "d").await.error(401, "invalid_upload_token");
    rig.complete(&late).await.error(403, "runner_mismatch");
    assert_eq!(state(&rig, &forgotten).await, ArtifactState::Pending);
    artifacts::sweep(&rig.server.app).await.unwrap();
    assert_eq!(state(&rig, &forgotten).await, ArtifactState::Failed, "nobody sends it any more");
    assert_eq!(state(&rig, &slow).await, ArtifactState::Available);
}

async fn state(rig: &Rig, announced: &Value) -> ArtifactState {
    let id = announced["artifact"]["id"].as_str().unwrap().parse().unwrap();
    db::artifacts::get(rig.server.app.db.read(), id).await.unwrap().state
}

#[tokio::test]
async fn what_an_attempt_of_before_has_announced_is_nobodys_upload() {
    let rig = Rig::start(5).await;
    let app = &rig.server.app;
    let announced = rig.runner.announce(&rig.job, "a", b"a").await;
    // As if the job had gone back to the queue and been handed out anew.
    let build = rig.job["build_id"].as_str().unwrap();
    let sql = format!("UPDATE builds SET attempt = attempt + 1 WHERE id = '{build}'");
    app.db.write(async |tx| Ok(tx.execute_unprepared(&sql).await?)).await.unwrap();
    artifacts::sweep(app).await.unwrap();
    assert_eq!(state(&rig, &announced).await, ArtifactState::Pending, "not before its time");
    rig.server.advance(1801);
    artifacts::sweep(app).await.unwrap();
    assert_eq!(state(&rig, &announced).await, ArtifactState::Failed);
}

#[tokio::test]
async fn deleting_the_project_removes_the_bytes() {
    let rig = Rig::start(4).await;
    rig.runner.store(&rig.job, "a", b"a").await;
    rig.runner.lines(&rig.job, 0, &["x"]).await.ok();
    rig.runner.report(&rig.job, json!({"status": "succeeded"})).await.ok();
    let files = |folder: &str| std::fs::read_dir(rig.server.data().join(folder)).unwrap().count();
    assert_eq!((files("logs"), files("artifacts")), (1, 2));
    let path = format!("/v1/projects/{}", rig.job["project_id"].as_str().unwrap());
    rig.owner.delete(&path).await.ok();
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!((files("logs"), files("artifacts")), (0, 1));
}

#[tokio::test]
async fn an_upload_in_parts_goes_on_after_a_break_and_a_restart() {
    let mut rig = Rig::start(5).await;
    let content: Vec<u8> = (0..40_000_000_u32).map(|n| (n % 251) as u8).collect();
    let checksum = format!("{:x}", <sha2::Sha256 as sha2::Digest>::digest(&content));
    let body = json!({
        "name": "big.bin", "artifact_type": "generic", "file_size": content.len(), "checksum": checksum, "parts": true,
    });
    let announced = rig.runner.post(&rig.job, "/artifacts", body).await.ok();
    let each = usize::try_from(announced["part_bytes"].as_u64().unwrap()).unwrap();
    let path = format!("/artifacts/{}/parts", announced["artifact"]["id"].as_str().unwrap());
    let wanted = async |rig: &Rig| {
        let parts = rig.runner.post(&rig.job, &path, json!({})).await.ok()["missing"].clone();
        parts.as_array().unwrap().first().cloned()
    };
    let send = async |rig: &Rig, part: &Value, bytes: &[u8]| {
        let url: reqwest::Url = part["upload_url"].as_str().unwrap().parse().unwrap();
        let path = format!("{}?{}", url.path(), url.query().unwrap());
        let anonymous = rig.server.anonymous();
        anonymous.send(anonymous.request(reqwest::Method::PUT, &path).body(bytes.to_vec())).await
    };
    let first = wanted(&rig).await.unwrap();
    assert_eq!(first["number"], 1);
    send(&rig, &first, &content[..each]).await.expect_status(200);
    let second = wanted(&rig).await.unwrap();
    assert_eq!(second["number"], 2);
    send(&rig, &second, &content[each..each + 1000]).await.error(400, "upload_incomplete");
    rig.complete(&announced).await.error(409, "artifact_not_uploaded");
    rig.server = rig.server.restart().await;
    rig.runner.client = rig.server.anonymous().with_token(rig.runner.client.token.as_deref().unwrap());
    let again = wanted(&rig).await.unwrap();
    assert_eq!(again["number"], 2, "what has arrived stays");
    let third = json!({"upload_url": again["upload_url"].as_str().unwrap().replace("part=2", "part=3")});
    send(&rig, &third, &content[2 * each..]).await.error(409, "part_out_of_order");
    send(&rig, &again, &content[each..2 * each]).await.expect_status(200);
    send(&rig, &wanted(&rig).await.unwrap(), &content[2 * each..]).await.expect_status(200);
    assert_eq!(wanted(&rig).await, None);
    let done = rig.complete(&announced).await.ok();
    assert_eq!(
        (&done["artifact"]["state"], &done["artifact"]["checksum"]),
        (&json!("available"), &json!(checksum))
    );
    rig.owner = rig.server.owner().await;
    let link = rig.link(&done["artifact"]).await;
    let fetched = rig.server.anonymous().request(reqwest::Method::GET, &link).send().await.unwrap();
    assert!(fetched.bytes().await.unwrap()[..] == content[..]);
    assert_eq!(std::fs::read_dir(rig.server.data().join("artifacts/.incoming")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_deleted_artifact_is_gone_with_its_bytes_and_links_but_a_pinned_build_keeps_its_own() {
    let rig = Rig::start(5).await;
    let artifact = rig.runner.store(&rig.job, "app.apk", b"bytes").await;
    let other = rig.runner.store(&rig.job, "notes.txt", b"more").await;
    let path = |artifact: &Value| format!("/v1/artifacts/{}", artifact["id"].as_str().unwrap());
    let link = rig.link(&artifact).await;
    let build = format!("/v1/builds/{}", rig.job["build_id"].as_str().unwrap());
    rig.owner.post(&format!("{build}/pin"), json!({})).await.ok();
    let refused = rig.owner.delete(&path(&artifact)).await.error(409, "build_pinned");
    assert!(refused["hint"].as_str().unwrap().contains("Unpin"), "{refused}");
    rig.owner.delete(&format!("{build}/pin")).await.ok();
    rig.owner.delete(&path(&artifact)).await.expect(204);
    assert_eq!(rig.listed().await, std::slice::from_ref(&other));
    rig.server.anonymous().get(&link).await.error(404, "not_found");
    rig.owner.delete(&path(&artifact)).await.error(404, "not_found");
    let announced = rig.runner.announce(&rig.job, "late.txt", b"late").await;
    rig.owner.delete(&path(&announced["artifact"])).await.error(404, "not_found");
    leftovers::clear_all(&rig.server.app).await.unwrap();
    let stored = |artifact: &Value| rig.server.data().join(artifact["file_path"].as_str().unwrap());
    assert!(!stored(&artifact).exists() && stored(&other).exists());
    let log = rig.owner.get("/v1/audit-logs?action=artifact_deleted").await.ok();
    let entry = &log["entries"][0];
    assert_eq!((&log["total"], &entry["resource_id"]), (&json!(1), &artifact["id"]));
    assert!(entry["details"].as_str().unwrap().contains("app.apk"), "{entry}");
}
