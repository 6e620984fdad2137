//! How long builds keep what they made: by age, number, size, budget and time to live; what is pinned or only tried out
//! stays, and outcomes never change.

use std::path::PathBuf;

use oored::builds::retention::{self, Pass};
use oored::builds::{leftovers, log_keeping};
use oored::db;
use oored::db::entity::artifact_stores;
use oored::domain::id::ArtifactStoreId;
use oored::domain::role::UserRole;
use oored::storage::place::Place;
use serde_json::{Value, json};

use crate::support::agent::frame;
use crate::support::{Agent, Client, Repository, Server};

const DAY: u64 = 24 * 60 * 60;

struct Rig {
    server: Server,
    owner: Client,
    runner: Agent,
    repository: Repository,
    project: Value,
    pipeline: Value,
}

impl Rig {
    async fn start() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("App", &repository).await;
        let pipeline = owner.pipeline(&project, "Main").await;
        let runner = Agent::register(&owner, "r", 5).await;
        Self { server, owner, runner, repository, project, pipeline }
    }

    /// A build of `pipeline` that is over and left an artifact of so many bytes.
    async fn build_of(&self, pipeline: &Value, status: &str, bytes: usize) -> Value {
        let build = self.owner.build(pipeline).await;
        let job = self.runner.begin().await;
        assert_eq!(job["build_id"], build["id"]);
        self.runner.frames(&job, 0, &[frame(0, "line")]).await.ok();
        if bytes > 0 {
            self.runner.store(&job, "a.bin", &vec![b'x'; bytes]).await;
        }
        self.runner.report(&job, json!({"status": status})).await.ok();
        build
    }

    async fn build(&self, status: &str, bytes: usize) -> Value {
        self.build_of(&self.pipeline, status, bytes).await
    }

    /// Lets days pass; whoever was signed in signs in again.
    async fn after_days(&mut self, days: u64) {
        self.server.advance(days * DAY);
        self.owner = self.server.anonymous().sign_in(Some("owner@local")).await;
    }

    async fn save(&self, policy: Value) -> Value {
        self.owner.put("/v1/settings/retention", with_defaults(policy)).await.ok()["policy"].clone()
    }

    async fn preview(&self, policy: Value) -> Value {
        self.owner.post("/v1/settings/retention/preview", with_defaults(policy)).await.ok()
    }

    /// One pass of everything that removes.
    async fn clean_up(&self) -> Value {
        assert_eq!(retention::run(&self.server.app).await.unwrap(), Pass::Done);
        retention::expire(&self.server.app).await.unwrap();
        leftovers::clear_all(&self.server.app).await.unwrap();
        self.owner.get("/v1/settings/retention/last-cleanup").await.ok()["last_cleanup"].clone()
    }

    async fn shown(&self, build: &Value) -> Value {
        self.owner.get(&path(build, "")).await.ok()["build"].clone()
    }

    async fn artifacts(&self, build: &Value) -> usize {
        let listed = self.owner.get(&path(build, "/artifacts")).await.ok();
        listed["artifacts"].as_array().unwrap().len()
    }

    /// How many files there are of a build's artifacts.
    fn files(&self, build: &Value) -> usize {
        let folder = self.server.data().join("artifacts").join(build["id"].as_str().unwrap());
        files_in(folder)
    }

    fn logs(&self) -> usize {
        std::fs::read_dir(self.server.data().join("logs")).unwrap().count()
    }
}

fn files_in(folder: PathBuf) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| if path.is_dir() { files_in(path) } else { 1 }).sum()
}

fn path(build: &Value, rest: &str) -> String {
    format!("/v1/builds/{}{rest}", build["id"].as_str().unwrap())
}

fn with_defaults(mut policy: Value) -> Value {
    for (key, value) in [("enabled", json!(true)), ("cleanup_target", json!("artifacts_only"))] {
        policy.as_object_mut().unwrap().entry(key).or_insert(value);
    }
    policy
}

fn counts(summary: &Value) -> (i64, i64, i64) {
    let number = |names: [&str; 2]| names.iter().find_map(|name| summary[*name].as_i64()).expect("a number");
    (
        number(["builds", "builds_expired"]),
        number(["artifacts", "artifacts_deleted"]),
        number(["bytes", "bytes_reclaimed"]),
    )
}

#[tokio::test]
async fn nothing_is_removed_before_somebody_says_so_and_a_policy_is_kept_as_it_was_given() {
    let rig = Rig::start().await;
    let policy = rig.owner.get("/v1/settings/retention").await.ok()["policy"].clone();
    let unchanged = json!({
        "enabled": false, "cleanup_target": "artifacts_only", "keep_statuses": [], "dry_run": false,
        "cleanup_interval_secs": 3600,
    });
    assert_eq!(policy, unchanged);
    assert_eq!(rig.clean_up().await, Value::Null);
    let given = json!({
        "enabled": true, "max_age_days": 30, "max_builds_per_project": 50, "max_artifact_size_bytes": 1000,
        "cleanup_target": "full", "keep_statuses": ["failed", "succeeded", "failed"], "dry_run": true,
        "cleanup_interval_secs": 60, "artifact_ttl_days": 7, "disk_budget_bytes": 5000,
    });
    let mut saved = rig.save(given.clone()).await;
    assert!(saved["updated_at"].is_i64());
    saved.as_object_mut().unwrap().remove("updated_at");
    let mut expected = given;
    expected["keep_statuses"] = json!(["succeeded", "failed"]);
    assert_eq!(saved, expected);
    // A client that does not know of the budget leaves it alone.
    let later = rig.save(json!({})).await;
    assert_eq!((later["disk_budget_bytes"].as_i64(), later.get("max_age_days")), (Some(5000), None));
    assert_eq!(rig.save(json!({"disk_budget_bytes": null})).await.get("disk_budget_bytes"), None);
    let entries = rig.owner.get("/v1/audit-logs?action=update_retention_policy").await.ok();
    assert_eq!(entries["total"], 3);
}

#[tokio::test]
async fn limits_out_of_range_and_unknown_words_are_refused() {
    let rig = Rig::start().await;
    let project = format!("/v1/projects/{}/retention", rig.project["id"].as_str().unwrap());
    for field in ["max_age_days", "max_builds_per_project", "max_artifact_size_bytes", "artifact_ttl_days"] {
        for value in [0, -1, i64::MIN] {
            let body = with_defaults(json!({field: value}));
            rig.owner.put("/v1/settings/retention", body.clone()).await.error(400, "validation_error");
            rig.owner.post("/v1/settings/retention/preview", body).await.error(400, "validation_error");
            rig.owner.put(&project, json!({field: value})).await.error(400, "validation_error");
        }
        let most = rig.save(json!({field: i64::MAX})).await;
        assert_eq!(most[field], i64::MAX, "{field}");
        rig.clean_up().await;
        rig.build("succeeded", 1).await;
    }
    for (field, value) in [("cleanup_interval_secs", 59), ("disk_budget_bytes", 0)] {
        let body = with_defaults(json!({field: value}));
        rig.owner.put("/v1/settings/retention", body).await.error(400, "validation_error");
    }
    for body in [json!({}), json!({"enabled": true}), json!({"enabled": true, "cleanup_target": "all"})] {
        rig.owner.put("/v1/settings/retention", body).await.error(400, "invalid_request");
    }
    let unknown = with_defaults(json!({"keep_statuses": ["happy"]}));
    rig.owner.put("/v1/settings/retention", unknown).await.error(400, "invalid_request");
}

#[tokio::test]
async fn a_project_says_otherwise_field_by_field() {
    let rig = Rig::start().await;
    let path = format!("/v1/projects/{}/retention", rig.project["id"].as_str().unwrap());
    rig.save(json!({"enabled": false, "max_age_days": 30, "cleanup_interval_secs": 120, "dry_run": true}))
        .await;
    let plain = rig.owner.get(&path).await.ok();
    assert_eq!((&plain["has_override"], plain.get("override_fields")), (&json!(false), None));
    assert_eq!(plain["effective"]["max_age_days"], 30);
    let own = json!({"enabled": true, "max_builds_per_project": 2, "keep_statuses": ["failed"]});
    let changed = rig.owner.put(&path, own).await.ok();
    let effective = &changed["effective"];
    assert_eq!(changed["has_override"], true);
    assert_eq!(changed["override_fields"]["project_id"], rig.project["id"]);
    assert_eq!(changed["override_fields"].get("max_age_days"), None);
    for (field, value) in [
        ("enabled", json!(true)),
        ("max_age_days", json!(30)),
        ("max_builds_per_project", json!(2)),
        ("keep_statuses", json!(["failed"])),
        ("dry_run", json!(true)),
        ("cleanup_interval_secs", json!(120)),
    ] {
        assert_eq!(effective[field], value, "{field}");
    }
    let person = rig.server.person("dev@x", UserRole::Developer).await;
    person.get(&path).await.error(404, "not_found");
    let back = rig.owner.delete(&path).await.ok();
    assert_eq!((&back["has_override"], &back["effective"]["enabled"]), (&json!(false), &json!(false)));
    for action in ["update_project_retention", "delete_project_retention"] {
        let entries = rig.owner.get(&format!("/v1/audit-logs?action={action}")).await.ok();
        assert_eq!(entries["total"], 1, "{action}");
    }
}

#[tokio::test]
async fn old_builds_lose_their_artifacts_and_keep_their_outcomes_logs_and_pins() {
    let mut rig = Rig::start().await;
    let old = rig.build("succeeded", 10).await;
    let pinned = rig.build("succeeded", 20).await;
    let failed = rig.build("failed", 40).await;
    let artifact = rig.owner.get(&path(&old, "/artifacts")).await.ok()["artifacts"][0]["id"].clone();
    assert_eq!(rig.owner.post(&path(&pinned, "/pin"), json!({})).await.ok()["build"]["pinned"], true);
    rig.after_days(3).await;
    let young = rig.build("succeeded", 80).await;
    let policy = json!({"max_age_days": 2, "keep_statuses": ["failed"]});
    let preview = rig.preview(policy.clone()).await;
    assert_eq!(counts(&preview), (1, 1, 10));
    assert_eq!((&preview["stored_bytes"], &preview["builds_deleted"]), (&json!(150), &json!(0)));
    assert_eq!(preview["rules"], json!([{"rule": "age", "builds": 1, "artifacts": 1, "bytes": 10}]));
    assert_eq!(rig.artifacts(&old).await, 1, "a preview removes nothing");
    rig.save(policy).await;
    let done = rig.clean_up().await;
    assert_eq!((counts(&done), &done["dry_run"]), ((1, 1, 10), &json!(false)));
    assert_eq!((rig.artifacts(&old).await, rig.files(&old)), (0, 0));
    for kept in [&pinned, &failed, &young] {
        assert_eq!((rig.artifacts(kept).await, rig.files(kept)), (1, 1));
    }
    let shown = rig.shown(&old).await;
    assert_eq!((&shown["status"], &shown["artifacts_removed_by"]), (&json!("succeeded"), &json!("age")));
    assert!(shown["artifacts_removed_at"].is_i64());
    assert_eq!(rig.owner.raw_log(&old).await, b"line\n");
    let link = format!("/v1/artifacts/{}/download-link", artifact.as_str().unwrap());
    rig.owner.post(&link, json!({})).await.error(410, "artifact_expired");
    // Let go, it has no more time than the others.
    let freed = rig.owner.delete(&path(&pinned, "/pin")).await.ok()["build"].clone();
    assert_eq!((freed.get("pinned"), freed.get("pinned_by")), (None, None));
    assert_eq!(counts(&rig.clean_up().await), (1, 1, 20));
    let again = rig.clean_up().await;
    assert_eq!(counts(&again), (0, 0, 0), "what is gone is not counted twice");
    for (action, times) in [("retention_cleanup_completed", 2), ("build_pinned", 1), ("build_unpinned", 1)] {
        let entries = rig.owner.get(&format!("/v1/audit-logs?action={action}")).await.ok();
        assert_eq!(entries["total"], times, "{action}");
    }
}

#[tokio::test]
async fn the_newest_builds_of_a_project_keep_theirs_by_number_and_by_size() {
    let rig = Rig::start().await;
    let mut builds = Vec::new();
    for bytes in [10, 20, 30, 40] {
        builds.push(rig.build("succeeded", bytes).await);
    }
    let pin = path(&builds[3], "/pin");
    rig.owner.post(&pin, json!({})).await.ok();
    let by_number = rig.preview(json!({"max_builds_per_project": 2})).await;
    assert_eq!((counts(&by_number), &by_number["rules"][0]["rule"]), ((1, 1, 10), &json!("count")));
    let by_size = rig.preview(json!({"max_artifact_size_bytes": 49})).await;
    assert_eq!((counts(&by_size), &by_size["rules"][0]["rule"]), ((2, 2, 30), &json!("size")));
    assert_eq!(counts(&rig.preview(json!({"max_artifact_size_bytes": 50})).await), (1, 1, 10));
    assert_eq!(counts(&rig.preview(json!({"max_artifact_size_bytes": 60})).await), (0, 0, 0));
    let project = format!("/v1/projects/{}/retention/preview", rig.project["id"].as_str().unwrap());
    let own = rig.owner.post(&project, json!({"enabled": true, "max_builds_per_project": 1})).await.ok();
    assert_eq!((counts(&own), &own["stored_bytes"]), ((2, 2, 30), &json!(100)));
    rig.save(json!({"max_builds_per_project": 2, "max_artifact_size_bytes": 49})).await;
    assert_eq!(counts(&rig.clean_up().await), (2, 2, 30));
    assert_eq!(rig.shown(&builds[0]).await["artifacts_removed_by"], "count");
    assert_eq!(rig.shown(&builds[1]).await["artifacts_removed_by"], "size");
    assert_eq!((rig.files(&builds[2]), rig.files(&builds[3])), (1, 1));
}

#[tokio::test]
async fn over_the_budget_of_the_disk_the_oldest_of_all_projects_go() {
    let rig = Rig::start().await;
    let other = rig.owner.project("Other", &rig.repository).await;
    let others = rig.owner.pipeline(&other, "Main").await;
    let first = rig.build("succeeded", 100).await;
    let second = rig.build_of(&others, "succeeded", 100).await;
    let third = rig.build("succeeded", 100).await;
    let exempt = format!("/v1/projects/{}/retention", other["id"].as_str().unwrap());
    let preview = rig.preview(json!({"disk_budget_bytes": 150})).await;
    assert_eq!((counts(&preview), &preview["rules"][0]["rule"]), ((2, 2, 200), &json!("disk_budget")));
    // What other rules take counts for the budget.
    let both = rig.preview(json!({"disk_budget_bytes": 250, "max_builds_per_project": 1})).await;
    assert_eq!((counts(&both), &both["rules"][0]["rule"]), ((1, 1, 100), &json!("count")));
    rig.owner.put(&exempt, json!({"enabled": false})).await.ok();
    rig.save(json!({"disk_budget_bytes": 150})).await;
    assert_eq!(
        counts(&rig.clean_up().await),
        (2, 2, 200),
        "a project that keeps everything takes room of others"
    );
    assert_eq!((rig.files(&first), rig.files(&second), rig.files(&third)), (0, 1, 0));
    assert_eq!(rig.shown(&first).await["artifacts_removed_by"], "disk_budget");
}

#[tokio::test]
async fn whole_builds_go_with_logs_and_numbers_are_not_used_again() {
    let mut rig = Rig::start().await;
    let old = rig.build("succeeded", 10).await;
    let bare = rig.build("failed", 0).await;
    let pinned = rig.build("succeeded", 10).await;
    rig.owner.post(&path(&pinned, "/pin"), json!({})).await.ok();
    rig.after_days(3).await;
    let waiting = rig.owner.build(&rig.pipeline).await;
    rig.save(json!({"max_age_days": 2, "cleanup_target": "full"})).await;
    let preview = rig.preview(json!({"max_age_days": 2, "cleanup_target": "full"})).await;
    assert_eq!((counts(&preview), &preview["builds_deleted"]), ((2, 1, 10), &json!(2)));
    assert_eq!(counts(&rig.clean_up().await), (2, 1, 10));
    for gone in [&old, &bare] {
        rig.owner.get(&path(gone, "")).await.error(404, "not_found");
        assert_eq!(rig.files(gone), 0);
    }
    assert_eq!(rig.logs(), 1, "the pinned build's");
    assert_eq!(rig.owner.raw_log(&pinned).await, b"line\n");
    let listed = rig.owner.get("/v1/builds").await.ok();
    assert_eq!((&listed["total"], listed["builds"].as_array().unwrap().len()), (&json!(2), 2));
    let detail = rig.owner.get(&format!("/v1/projects/{}", rig.project["id"].as_str().unwrap())).await.ok();
    assert_eq!(detail["build_count"], 2);
    assert_eq!(waiting["build_number"], 4);
    assert_eq!(rig.owner.build(&rig.pipeline).await["build_number"], 5);
}

#[tokio::test]
async fn a_dry_run_tells_and_removes_nothing() {
    let mut rig = Rig::start().await;
    let old = rig.build("succeeded", 10).await;
    rig.after_days(3).await;
    rig.save(json!({"max_age_days": 2, "cleanup_target": "full", "dry_run": true})).await;
    let told = rig.clean_up().await;
    assert_eq!((counts(&told), &told["dry_run"]), ((1, 1, 10), &json!(true)));
    assert!(told["ran_at"].is_i64());
    assert_eq!((rig.artifacts(&old).await, rig.files(&old)), (1, 1));
    let entries = rig.owner.get("/v1/audit-logs?action=retention_cleanup_completed").await.ok();
    assert_eq!(entries["total"], 0);
}

#[tokio::test]
async fn artifacts_expire_after_the_days_they_were_given() {
    let mut rig = Rig::start().await;
    let before = rig.build("succeeded", 10).await;
    rig.save(json!({"artifact_ttl_days": 2})).await;
    let short = rig.build("succeeded", 20).await;
    let pinned = rig.build("succeeded", 40).await;
    rig.owner.post(&path(&pinned, "/pin"), json!({})).await.ok();
    let artifact = rig.owner.get(&path(&short, "/artifacts")).await.ok()["artifacts"][0].clone();
    let lived = artifact["expires_at"].as_i64().unwrap() - artifact["created_at"].as_i64().unwrap();
    assert_eq!(lived, 2 * 24 * 3600);
    retention::expire(&rig.server.app).await.unwrap();
    assert_eq!(rig.artifacts(&short).await, 1);
    rig.after_days(2).await;
    let link = format!("/v1/artifacts/{}/download-link", artifact["id"].as_str().unwrap());
    let end = async |build: &Value| {
        rig.owner.get(&path(build, "/artifacts")).await.ok()["artifacts"][0].get("expires_at").cloned()
    };
    assert_eq!((end(&short).await.as_ref(), end(&pinned).await), (artifact.get("expires_at"), None));
    rig.save(json!({"artifact_ttl_days": 2, "dry_run": true})).await;
    assert_eq!(end(&short).await, None, "while the rules only count it has no end");
    rig.owner.post(&link, json!({})).await.ok();
    rig.save(json!({"artifact_ttl_days": 2})).await;
    rig.owner.post(&link, json!({})).await.error(410, "artifact_expired");
    rig.clean_up().await;
    assert_eq!((rig.artifacts(&short).await, rig.files(&short)), (0, 0));
    rig.owner.post(&link, json!({})).await.error(410, "artifact_expired");
    let shown = rig.shown(&short).await;
    assert_eq!((&shown["status"], &shown["artifacts_removed_by"]), (&json!("succeeded"), &json!("ttl")));
    for kept in [&before, &pinned] {
        assert_eq!((rig.artifacts(kept).await, rig.files(kept)), (1, 1));
    }
    let of_pinned = rig.owner.get(&path(&pinned, "/artifacts")).await.ok()["artifacts"][0]["id"].clone();
    let link = format!("/v1/artifacts/{}/download-link", of_pinned.as_str().unwrap());
    rig.owner.post(&link, json!({})).await.ok();
    let entries = rig.owner.get("/v1/audit-logs?action=artifact_expiry_cleanup_completed").await.ok();
    assert_eq!(entries["total"], 1);
}

#[tokio::test]
async fn bytes_that_cannot_be_removed_go_later_and_nobody_sees_them_meanwhile() {
    let mut rig = Rig::start().await;
    let old = rig.build("succeeded", 10).await;
    rig.after_days(3).await;
    let artifact = rig.owner.get(&path(&old, "/artifacts")).await.ok()["artifacts"][0]["id"].clone();
    let folder = rig.server.data().join("artifacts").join(old["id"].as_str().unwrap());
    let folder = folder.join(artifact.as_str().unwrap());
    // Not a folder, so it can't be removed as one.
    let aside = rig.server.data().join("aside");
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    rig.save(json!({"max_age_days": 2})).await;
    assert_eq!(counts(&rig.clean_up().await), (1, 1, 10));
    assert_eq!((rig.artifacts(&old).await, rig.files(&old)), (0, 1));
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&aside, &folder).unwrap();
    rig.server.advance(61);
    leftovers::clear_all(&rig.server.app).await.unwrap();
    assert_eq!(rig.files(&old), 0);
}

#[tokio::test]
async fn many_builds_are_removed_in_one_pass_and_pins_need_the_right_to_change_artifacts() {
    let mut rig = Rig::start().await;
    let first = rig.build("succeeded", 1).await;
    for _ in 0..104 {
        rig.build("succeeded", 0).await;
    }
    let person = rig.server.person("viewer@x", UserRole::Developer).await;
    let members = format!("/v1/projects/{}/members", rig.project["id"].as_str().unwrap());
    let member = json!({"user_id": person.id().await, "role": "viewer"});
    rig.owner.post(&members, member).await.created();
    person.post(&path(&first, "/pin"), json!({})).await.error(403, "permission_denied");
    rig.after_days(3).await;
    rig.save(json!({"max_age_days": 2, "cleanup_target": "full"})).await;
    assert_eq!(counts(&rig.clean_up().await), (105, 1, 1));
    assert_eq!(rig.owner.get("/v1/builds").await.ok()["total"], 0);
    assert_eq!(rig.logs(), 0);
}

#[tokio::test]
async fn bytes_of_any_number_go_at_once_and_a_store_that_is_away_is_in_no_others_way() {
    let rig = Rig::start().await;
    let app = &rig.server.app;
    let (away, folder) = (ArtifactStoreId::new(), rig.server.data().join("artifacts"));
    let place = artifact_stores::Model::of_place(away, &Place::Folder("/nowhere/at/all".into()), 0);
    let noted = app.db.write(async |tx| {
        db::artifact_stores::insert(tx, place).await?;
        for number in 0..250 {
            db::artifact_leftovers::insert(tx, Some(away), format!("away-{number}"), 0).await?;
            db::artifact_leftovers::insert(tx, None, format!("here-{number}"), 1).await?;
        }
        Ok(())
    });
    noted.await.unwrap();
    for number in 0..250 {
        std::fs::create_dir(folder.join(format!("here-{number}"))).unwrap();
    }
    leftovers::clear_all(app).await.unwrap();
    let left = std::fs::read_dir(&folder).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left, [".incoming"]);
    let due = db::artifact_leftovers::list_due(app.db.read(), Some(away), app.clock.now(), 1000);
    assert_eq!(due.await.unwrap().len(), 247, "who is away is not asked for each of them");
}

#[tokio::test]
async fn whoever_pins_a_build_in_time_keeps_its_log() {
    let mut rig = Rig::start().await;
    let (old, pinned) = (rig.build("succeeded", 10).await, rig.build("succeeded", 0).await);
    rig.after_days(3).await;
    rig.save(json!({"max_age_days": 2, "cleanup_target": "full"})).await;
    rig.owner.post(&path(&pinned, "/pin"), json!({})).await.ok();
    assert_eq!(counts(&rig.clean_up().await), (1, 1, 10));
    rig.owner.get(&path(&old, "")).await.error(404, "not_found");
    assert_eq!(rig.owner.raw_log(&pinned).await, b"line\n");
    // What a deletion that was cut off left behind.
    let stray = rig.server.data().join("logs").join(format!("{}.1.log", old["id"].as_str().unwrap()));
    std::fs::write(&stray, "").unwrap();
    log_keeping::tidy(&rig.server.app).await.unwrap();
    assert!(!stray.exists());
    assert_eq!(rig.owner.raw_log(&pinned).await, b"line\n");
}
