//! What home shows: to whom, what needs somebody and for how long, and that its parts fail alone.

use oored::domain::role::UserRole;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::connected::Connected;
use crate::support::{Agent, Client, Repository, Server};

struct House {
    server: Server,
    owner: Client,
    agent: Agent,
    project: Value,
    pipeline: Value,
    repository: Repository,
}

impl House {
    async fn open() -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let project = owner.project("Shop", &repository).await;
        let pipeline = owner.pipeline(&project, "Android").await;
        let agent = Agent::register(&owner, "by hand", 5).await;
        Self { server, owner, agent, project, pipeline, repository }
    }

    async fn home(&self) -> Value {
        home(&self.owner).await
    }

    /// Builds, and ends so after a minute.
    async fn ended(&self, status: &str) -> Value {
        let build = self.owner.build(&self.pipeline).await;
        self.end(status).await;
        build
    }

    async fn end(&self, status: &str) {
        let job = self.agent.begin().await;
        self.server.advance(60);
        self.agent.report(&job, json!({"status": status, "log_frames": 0})).await.ok();
    }
}

async fn home(client: &Client) -> Value {
    client.get("/v1/home").await.ok()
}

/// The kinds of what needs somebody, but for the disk of whoever runs the tests.
fn kinds(home: &Value) -> Vec<&str> {
    let kinds = home["attention"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap());
    kinds.filter(|kind| *kind != "disk_low").collect()
}

fn ids(builds: &Value) -> Vec<&str> {
    builds.as_array().unwrap().iter().map(|build| build["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn one_answer_says_what_runs_what_ran_and_how_projects_go() {
    let house = House::open().await;
    for _ in 0..3 {
        house.ended("succeeded").await;
    }
    let failed = house.ended("failed").await;
    let running = house.owner.build(&house.pipeline).await;
    house.agent.begin().await;
    let queued = house.owner.build(&house.pipeline).await;
    let home = house.home().await;
    assert_eq!(home["failed"], json!([]));
    assert!(home.get("first_run").is_none(), "there is a build");
    let active = home["active"].as_array().unwrap();
    assert_eq!((&active[0]["build"]["id"], &active[1]["build"]["id"]), (&running["id"], &queued["id"]));
    let usual = active[0]["usual_ms"].as_i64().unwrap();
    assert!((60_000..120_000).contains(&usual), "{usual}");
    assert!(active[1].get("usual_ms").is_none(), "it does not run");
    let recent = ids(&home["recent"]["all"]);
    assert_eq!((recent.len(), recent[0]), (4, failed["id"].as_str().unwrap()));
    assert_eq!(home["recent"]["mine"], home["recent"]["all"]);
    for _ in 0..45 {
        house.owner.build(&house.pipeline).await;
    }
    assert_eq!(ids(&house.home().await["recent"]["all"]).len(), 4, "what waits takes no room of what ended");
    let shop = &home["projects"][0];
    assert_eq!((&shop["name"], &shop["default_branch"]), (&json!("Shop"), &json!("main")));
    let bars = shop["builds"].as_array().unwrap();
    let statuses: Vec<&str> = bars.iter().map(|bar| bar["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["succeeded", "succeeded", "succeeded", "failed"]);
    assert_eq!(shop["success_rate"], 75.0);
    assert!(shop["run"]["p50_ms"].as_i64().unwrap() >= 60_000);
    assert_eq!(
        (&home["runners"][0]["name"], &home["runners"][0]["status"]),
        (&json!("by hand"), &json!("busy"))
    );
}

#[tokio::test]
async fn a_default_branch_needs_somebody_from_a_failure_to_the_next_success() {
    let house = House::open().await;
    house.ended("succeeded").await;
    assert_eq!(kinds(&house.home().await), [""; 0]);
    let failed = house.ended("failed").await;
    let home = house.home().await;
    let item = &home["attention"][0];
    assert_eq!((&item["kind"], &item["severity"]), (&json!("build_failed"), &json!("critical")));
    assert_eq!((&item["build"]["id"], item["since"].is_i64()), (&failed["id"], true));
    assert_eq!(house.home().await["attention"][0]["key"], item["key"], "it can be put off");
    // What happens on other branches, and what is under way, says nothing about the default one.
    house.repository.git(&["branch", "topic"]);
    let path = format!("/v1/projects/{}/builds", house.project["id"].as_str().unwrap());
    let body = json!({"pipeline_id": house.pipeline["id"], "branch": "topic"});
    house.owner.post(&path, body).await.created();
    house.end("succeeded").await;
    house.owner.build(&house.pipeline).await;
    assert_eq!(kinds(&house.home().await), ["build_failed"]);
    house.end("succeeded").await;
    assert_eq!(kinds(&house.home().await), [""; 0]);
}

#[tokio::test]
async fn what_waits_for_long_and_who_is_away_needs_somebody() {
    let house = House::open().await;
    house.owner.build(&house.pipeline).await;
    assert_eq!(kinds(&house.home().await), [""; 0]);
    house.server.advance(700);
    assert_eq!(kinds(&house.home().await), ["no_runner", "build_waiting"]);
    let second = Agent::register(&house.owner, "second", 5).await;
    let home = house.home().await;
    let mut found = kinds(&home);
    found.sort_unstable();
    assert_eq!(found, ["build_waiting", "runner_offline"]);
    let offline = home["attention"].as_array().unwrap();
    let offline = offline.iter().find(|item| item["kind"] == "runner_offline").unwrap();
    assert_eq!(offline["runner"]["name"], "by hand");
    second.begin().await;
    assert_eq!(kinds(&house.home().await), ["runner_offline"]);
}

#[tokio::test]
async fn a_pause_is_said_with_its_reason() {
    let house = House::open().await;
    let path = "/v1/settings/preferences";
    let mut wanted = house.owner.get(path).await.ok()["preferences"].clone();
    wanted["direct_macos_runner_paused"] = true.into();
    wanted["pause_reason"] = "new disk".into();
    house.owner.put(path, wanted).await.ok();
    let home = house.home().await;
    assert_eq!(kinds(&home), ["paused"]);
    let paused = home["attention"].as_array().unwrap().iter().find(|item| item["kind"] == "paused").unwrap();
    assert_eq!(paused["reason"], "new disk");
}

#[tokio::test]
async fn a_part_that_can_not_be_made_leaves_the_others() {
    let house = House::open().await;
    house.ended("succeeded").await;
    let drop = |table: &'static str| {
        let db = &house.server.app.db;
        async move { db.write(async |tx| Ok(tx.execute_unprepared(&format!("DROP TABLE {table}")).await?)).await }
    };
    drop("incidents").await.unwrap();
    let answer = house.owner.get("/v1/home").await;
    let home = answer.ok();
    assert_eq!(home["failed"][0]["request_id"].as_str(), answer.header("x-request-id"));
    assert_eq!(
        (&home["failed"][0]["part"], home["failed"].as_array().unwrap().len()),
        (&json!("attention"), 1)
    );
    assert_eq!(home["failed"][0]["code"], "store_error");
    assert!(home.get("attention").is_none() && home["recent"]["all"].as_array().unwrap().len() == 1);
    assert_eq!(home["projects"][0]["name"], "Shop");
}

#[tokio::test]
async fn people_see_the_home_of_their_projects_only() {
    let house = House::open().await;
    house.ended("failed").await;
    let stranger = house.server.person("dev@x", UserRole::Developer).await;
    let theirs = home(&stranger).await;
    assert_eq!((&theirs["recent"]["all"], &theirs["projects"]), (&json!([]), &json!([])));
    assert_eq!(kinds(&theirs), [""; 0]);
    assert_eq!(theirs["first_run"]["has_pipeline"], false);
    assert!(theirs["runners"].is_array(), "developers see runners");
    let tester = house.server.person("qa@x", UserRole::QaViewer).await;
    let path = format!("/v1/projects/{}/members", house.project["id"].as_str().unwrap());
    let member = json!({"user_id": tester.id().await, "role": "viewer"});
    house.owner.post(&path, member).await.created();
    let theirs = home(&tester).await;
    assert!(theirs.get("runners").is_none());
    assert_eq!(
        (theirs["recent"]["all"].as_array().unwrap().len(), &theirs["recent"]["mine"]),
        (1, &json!([]))
    );
    assert_eq!(kinds(&theirs), ["build_failed"]);
}

#[tokio::test]
async fn pinned_projects_come_first_and_what_is_no_project_is_left_out() {
    let house = House::open().await;
    let second = house.owner.project("Second", &house.repository).await;
    let id = house.project["id"].as_str().unwrap();
    let path = format!("/v1/home?pinned={id},nonsense,0190a0a0-0000-7000-8000-000000000000,{id}");
    let home = house.owner.get(&path).await.ok();
    let shown: Vec<_> =
        home["projects"].as_array().unwrap().iter().map(|one| (&one["id"], &one["pinned"])).collect();
    assert_eq!(shown, [(&house.project["id"], &json!(true)), (&second["id"], &json!(false))]);
}

#[tokio::test]
async fn the_way_to_the_first_build_is_shown_until_there_is_one() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let none = home(&owner).await;
    assert_eq!(none["first_run"], json!({"has_source": false, "has_pipeline": false}));
    let repository = Repository::running(&["true"]);
    let project = owner.project("Shop", &repository).await;
    let made = home(&owner).await["first_run"].clone();
    assert_eq!((&made["has_source"], &made["project_id"]), (&json!(true), &project["id"]));
    let pipeline = owner.pipeline(&project, "Android").await;
    assert_eq!(home(&owner).await["first_run"]["has_pipeline"], true);
    owner.build(&pipeline).await;
    assert!(home(&owner).await.get("first_run").is_none());
}

#[tokio::test]
async fn a_source_in_trouble_is_shown_to_who_can_repair_it() {
    let connected = Connected::with(&[]).await;
    let sql = format!(
        "INSERT INTO incidents VALUES ('0190a0a0-0000-7000-8000-000000000000','{}','rejected','critical',1,1,1,NULL)",
        connected.id
    );
    connected.server.app.db.write(async |tx| Ok(tx.execute_unprepared(&sql).await?)).await.unwrap();
    let shown = home(&connected.owner).await;
    let item = shown["attention"].as_array().unwrap().iter().find(|item| item["kind"] == "source_trouble");
    let item = item.unwrap();
    assert_eq!((&item["severity"], &item["since"]), (&json!("critical"), &json!(1)));
    assert_eq!(
        (&item["source"]["id"], &item["source"]["reason"]),
        (&json!(connected.id), &json!("rejected"))
    );
    assert_eq!(item["source"]["repair_action"], "Connect the source again");
}
