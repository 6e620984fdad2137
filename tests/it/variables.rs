//! Variables and secrets of projects and pipelines: kept sealed, never read back, handed out with a
//! claimed build only.

use oored::db::sealed;
use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::{Agent, Answer, Client, Repository, Server};

struct Rig {
    server: Server,
    owner: Client,
    _repository: Repository,
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
        Self { server, owner, _repository: repository, project, pipeline }
    }

    fn of_project(&self, name: &str) -> String {
        format!("/v1/projects/{}/variables{name}", self.project["id"].as_str().unwrap())
    }

    fn of_pipeline(&self, name: &str) -> String {
        format!("/v1/pipelines/{}/variables{name}", self.pipeline["id"].as_str().unwrap())
    }

    async fn set(&self, path: &str, kind: &str, value: &str) -> Answer {
        self.owner.put(path, json!({"kind": kind, "value": value})).await
    }

    /// A person in the project.
    async fn member(&self, email: &str, role: &str) -> Client {
        let person = self.server.person(email, UserRole::Developer).await;
        let path = format!("/v1/projects/{}/members", self.project["id"].as_str().unwrap());
        self.owner.post(&path, json!({"user_id": person.id().await, "role": role})).await.created();
        person
    }
}

#[tokio::test]
async fn a_secret_is_never_read_back_and_its_value_is_nowhere() {
    let rig = Rig::start().await;
    let path = rig.of_project("/API_KEY");
    let made = rig.owner.put(&path, json!({"value": "v3ry-s3cret-value"})).await;
    let variable = made.ok()["variable"].clone();
    assert_eq!((variable["name"].as_str(), variable["kind"].as_str()), (Some("API_KEY"), Some("secret")));
    assert_eq!(variable["updated_by"], "owner@local");
    let listed = rig.owner.get(&rig.of_project("")).await;
    let audit = rig.owner.get("/v1/audit-logs").await;
    let build = rig.owner.build(&rig.pipeline).await;
    for text in [made.ok(), listed.ok(), audit.ok(), build].map(|answer| answer.to_string()) {
        assert!(!text.contains("v3ry"), "{text}");
    }
    let acts = audit.ok()["entries"].as_array().unwrap().clone();
    let set = acts.iter().find(|entry| entry["action"] == "variable_set").unwrap();
    assert!(set.to_string().contains("API_KEY"), "{set}");
    rig.server.assert_not_stored("v3ry-s3cret-value");
    let refused = rig.owner.put(&path, json!({"value": 8_642_097_531_i64})).await;
    assert!(!refused.error(400, "invalid_request").to_string().contains("86420"));
}

#[tokio::test]
async fn plain_values_are_shown_to_those_who_change_pipelines() {
    let rig = Rig::start().await;
    rig.set(&rig.of_project("/API_URL"), "plain", "https://api.example").await.ok();
    rig.set(&rig.of_project("/CERT"), "file", "certificate").await.ok();
    let (developer, viewer) = (rig.member("dev@x", "developer").await, rig.member("view@x", "viewer").await);
    for (person, value) in
        [(&rig.owner, "https://api.example"), (&developer, "https://api.example"), (&viewer, "[REDACTED]")]
    {
        let listed = person.get(&rig.of_project("")).await.ok();
        assert_eq!(listed["variables"][0]["value"], value);
        assert_eq!(listed["variables"][1]["value"], Value::Null);
    }
    for person in [&developer, &viewer] {
        let write = person.put(&rig.of_project("/API_URL"), json!({"value": "other-value"})).await;
        write.error(403, "permission_denied");
        person.delete(&rig.of_pipeline("/API_URL")).await.error(403, "permission_denied");
    }
    let stranger = rig.server.person("else@x", UserRole::Developer).await;
    stranger.get(&rig.of_pipeline("")).await.error(404, "not_found");
    let maintainer = rig.member("main@x", "maintainer").await;
    maintainer.put(&rig.of_pipeline("/API_URL"), json!({"value": "other-value"})).await.ok();
}

#[tokio::test]
async fn names_and_values_that_do_not_work_are_refused_with_the_reason() {
    let rig = Rig::start().await;
    for (name, kind, value, field, why) in [
        ("A-B", "plain", "x", "name", "must match"),
        ("OORE_X", "plain", "x", "name", "reserved"),
        ("PATH", "plain", "/bin", "name", "which programs run"),
        ("DYLD_INSERT_LIBRARIES", "secret", "/x/y", "name", "which programs run"),
        ("BUILD_NUMBER", "plain", "7", "name", "set by every build"),
        ("PIN", "secret", "123", "value", "can't be masked"),
        ("BIG", "plain", &"x".repeat(32 * 1024 + 1), "value", "32 KiB"),
    ] {
        let refused = rig.set(&rig.of_project(&format!("/{name}")), kind, value).await;
        let error = refused.error(400, "invalid_variable");
        assert_eq!(error["fields"][0]["field"], field, "{error}");
        assert!(error["fields"][0]["message"].as_str().unwrap().contains(why), "{error}");
    }
    assert_eq!(rig.owner.get(&rig.of_project("")).await.ok()["variables"], json!([]));
    rig.owner.delete(&rig.of_project("/NONE")).await.error(404, "not_found");
}

#[tokio::test]
async fn a_scope_has_room_for_so_much() {
    let rig = Rig::start().await;
    let big = "x".repeat(32 * 1024);
    for name in ["A", "B", "C"] {
        rig.set(&rig.of_pipeline(&format!("/{name}")), "plain", &big).await.ok();
    }
    rig.set(&rig.of_pipeline("/D"), "plain", &big).await.error(409, "too_many_variables");
    // What is replaced makes room for itself, and other scopes have room of their own.
    rig.set(&rig.of_pipeline("/C"), "plain", &big).await.ok();
    rig.set(&rig.of_project("/D"), "plain", &big).await.ok();
    rig.owner.delete(&rig.of_pipeline("/A")).await.ok();
    rig.set(&rig.of_pipeline("/D"), "plain", &big).await.ok();
    for number in 0..127 {
        rig.set(&rig.of_project(&format!("/V{number}")), "plain", "").await.ok();
    }
    rig.set(&rig.of_project("/ONE_MORE"), "plain", "").await.error(409, "too_many_variables");
}

#[tokio::test]
async fn only_a_claimed_job_carries_them_and_the_pipelines_win() {
    let rig = Rig::start().await;
    rig.set(&rig.of_project("/A"), "plain", "of the project").await.ok();
    rig.set(&rig.of_project("/B"), "secret", "s3cret of the project").await.ok();
    rig.set(&rig.of_pipeline("/A"), "secret", "s3cret of the pipeline").await.ok();
    let other = rig.owner.pipeline(&rig.project, "Other").await;
    let runner = Agent::register(&rig.owner, "ours", 5).await;
    rig.owner.build(&rig.pipeline).await;
    let job = runner.begin().await;
    let expected = json!([
        {"name": "A", "kind": "secret", "value": "s3cret of the pipeline"},
        {"name": "B", "kind": "secret", "value": "s3cret of the project"},
    ]);
    assert_eq!(job["variables"], expected);
    assert!(!job["config_snapshot"].to_string().contains("s3cret"));
    let reported = runner.report(&job, json!({"status": "succeeded"})).await.ok();
    assert!(!reported.to_string().contains("s3cret"));
    rig.owner.build(&other).await;
    assert_eq!(runner.begin().await["variables"][0]["value"], "of the project");
    // It has no field for them, and would print them.
    let reference = Agent::register(&rig.owner, "reference", 4).await;
    rig.owner.build(&other).await;
    assert!(!reference.claim().await.to_string().contains("s3cret"));
}

#[tokio::test]
async fn a_value_of_another_row_opens_nothing_and_the_job_names_it() {
    let rig = Rig::start().await;
    rig.set(&rig.of_project("/A"), "secret", "first secret").await.ok();
    rig.set(&rig.of_project("/B"), "secret", "second secret").await.ok();
    let columns = sealed::columns(rig.server.app.db.read()).await.unwrap();
    assert!(columns.iter().any(|one| one.table == "variables" && one.column == "value"));
    let swap = "UPDATE variables SET value = (SELECT value FROM variables WHERE name = 'A') WHERE name = 'B'";
    let swapped = rig.server.app.db.write(async |tx| {
        use sea_orm::ConnectionTrait;
        Ok(tx.execute_unprepared(swap).await?)
    });
    swapped.await.unwrap();
    let runner = Agent::register(&rig.owner, "ours", 5).await;
    rig.owner.build(&rig.pipeline).await;
    let job = runner.claim().await;
    assert_eq!(job["variables"].as_array().unwrap().len(), 1);
    assert_eq!(job["unreadable_variables"], json!(["B"]));
}

#[tokio::test]
async fn variables_go_with_their_pipeline_and_project() {
    let rig = Rig::start().await;
    rig.set(&rig.of_pipeline("/A"), "secret", "s3cret").await.ok();
    rig.set(&rig.of_project("/A"), "secret", "s3cret").await.ok();
    let count = async || {
        let column = sealed::Column { table: "variables".to_owned(), column: "value".to_owned() };
        sealed::without_mark(rig.server.app.db.read(), &column, b"none", 9).await.unwrap().len()
    };
    assert_eq!(count().await, 2);
    rig.owner.delete(&format!("/v1/pipelines/{}", rig.pipeline["id"].as_str().unwrap())).await.ok();
    assert_eq!(count().await, 1);
    rig.owner.delete(&format!("/v1/projects/{}", rig.project["id"].as_str().unwrap())).await.ok();
    assert_eq!(count().await, 0);
}
