//! Repositories of code hosts of which no webhooks come, and those whose webhooks may be lost: they are looked at, and
//! what moved starts builds by the same rules, once.

use oored::builds::{deliveries, watch};
use oored::db::Tx;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::connected::Connected;
use crate::support::fault::Fault;
use crate::support::payloads::push;
use crate::support::sources::Source;
use crate::support::with_gitlab::Site;
use crate::support::{Client, Repository, Server};

const REPOSITORY: &str = "/api/v3/repos/acme/app";

/// Looks at what is due and works off what was found.
async fn look(server: &Server) {
    watch::look_at_hosts(&server.app).await.unwrap();
    deliveries::work(&server.app).await.unwrap();
}

/// After a minute, and what chance adds.
async fn look_later(server: &Server) {
    server.advance(75);
    look(server).await;
}

/// What was built, the first one first: events, refs and commits.
pub async fn built(owner: &Client) -> Vec<(String, String, String)> {
    let builds = owner.get("/v1/builds?limit=100").await.ok()["builds"].as_array().unwrap().clone();
    let text = |build: &Value, key: &str| build[key].as_str().unwrap().to_owned();
    let each = builds.iter().map(|build| {
        let event = (text(build, "trigger_event"), text(build, "trigger_ref"), text(build, "commit_sha"));
        (build["build_number"].as_i64(), event)
    });
    let mut each: Vec<_> = each.collect();
    each.sort();
    each.into_iter().map(|(_, event)| event).collect()
}

fn event(event: &str, name: &str, sha: &str) -> (String, String, String) {
    (event.to_owned(), name.to_owned(), sha.to_owned())
}

async fn newest(owner: &Client) -> Value {
    owner.get("/v1/webhook-deliveries?limit=1").await.ok()["deliveries"][0].clone()
}

struct Rig {
    site: Connected,
    repository: Repository,
    project: String,
    pipeline: String,
}

impl Rig {
    async fn start() -> Self {
        let repository = Repository::running(&["true"]);
        let site = Connected::with(&[("acme/app", &repository)]).await;
        let project = site.project("acme/app").await;
        let pipeline = site.owner.pipeline(&project, "Main").await;
        let path = |kind: &str, row: &Value| format!("/v1/{kind}/{}", row["id"].as_str().unwrap());
        let (project, pipeline) = (path("projects", &project), path("pipelines", &pipeline));
        let rig = Self { site, repository, project, pipeline };
        look(&rig.site.server).await;
        rig
    }

    /// A webhook tells that main was pushed.
    async fn push(&self, id: &str, before: &str, after: &str) {
        let mut payload = push("refs/heads/main", before, after);
        payload["repository"]["id"] = json!(self.site.github.number("acme/app"));
        self.site.hear("push", id, &payload).await;
    }

    fn head(&self) -> String {
        self.repository.git(&["rev-parse", "HEAD"])
    }

    async fn pushes(&self) -> Value {
        self.site.owner.get(&self.project).await.ok()["pushes"].clone()
    }
}

#[tokio::test]
async fn what_is_pushed_behind_nat_is_built_and_the_first_look_builds_nothing() {
    let rig = Rig::start().await;
    let (server, owner, github) = (&rig.site.server, &rig.site.owner, &rig.site.github);
    assert!(built(owner).await.is_empty());
    let second = rig.repository.commit("second", &[]);
    look(server).await;
    assert!(built(owner).await.is_empty(), "not before its time");
    look_later(server).await;
    assert_eq!(built(owner).await, [event("push", "main", &second)]);
    assert_eq!(newest(owner).await["arrived_by"], "poll");
    rig.repository.git(&["branch", "topic"]);
    rig.repository.git(&["tag", "v1"]);
    look_later(server).await;
    github.open_request("acme/app", 7, ("topic", "main"), None);
    look_later(server).await;
    let expected = [
        event("push", "main", &second),
        event("push", "topic", &second),
        event("push", "refs/tags/v1", &second),
        event("pull_request", "topic", &second),
    ];
    assert_eq!(built(owner).await, expected);
    let told = newest(owner).await;
    assert_eq!((&told["number"], &told["sender"]), (&json!(7), &json!("octocat")));
    github.open_request("acme/app", 8, ("topic", "main"), Some("evil/app"));
    look_later(server).await;
    let (outcome, reason) = Source::verdict(&newest(owner).await);
    assert!(outcome == "blocked" && reason.contains("evil/app"), "{outcome}: {reason}");
    rig.repository.git(&["checkout", "--quiet", "--orphan", "other"]);
    let forced = rig.repository.commit("from the beginning", &[]);
    rig.repository.git(&["branch", "--quiet", "--force", "main", "other"]);
    rig.repository.git(&["tag", "-d", "v1"]);
    look_later(server).await;
    let main: Vec<_> = built(owner).await.into_iter().filter(|(_, name, _)| name == "main").collect();
    assert_eq!(main[1..], [event("push", "main", &forced)]);
}

#[tokio::test]
async fn skip_marks_and_paths_count_as_for_webhooks() {
    let rig = Rig::start().await;
    let (server, owner) = (&rig.site.server, &rig.site.owner);
    let rules = json!({"events": ["push"], "branches": [], "paths": ["lib/**"]});
    owner.patch(&rig.pipeline, json!({ "trigger_config": rules })).await.ok();
    rig.repository.commit("second\n\n[skip ci]", &[("lib/a", "1")]);
    look_later(server).await;
    assert_eq!(Source::verdict(&newest(owner).await).0, "skipped");
    rig.repository.commit("third", &[("README.md", "1")]);
    look_later(server).await;
    let (outcome, reason) = Source::verdict(&newest(owner).await);
    assert!(outcome == "filtered" && reason.contains("README.md"), "{outcome}: {reason}");
    // What was taken away with a forced push may be what is listened to.
    rig.repository.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    let forced = rig.repository.commit("fourth", &[("README.md", "2")]);
    look_later(server).await;
    assert_eq!(built(owner).await, [event("push", "main", &forced)]);
}

#[tokio::test]
async fn a_push_that_comes_both_ways_is_built_once() {
    let rig = Rig::start().await;
    let (server, owner) = (&rig.site.server, &rig.site.owner);
    let (first, second) = (rig.head(), rig.repository.commit("second", &[]));
    look_later(server).await;
    rig.push("d1", &first, &second).await;
    assert_eq!(Source::verdict(&newest(owner).await).0, "already_built");
    let third = rig.repository.commit("third", &[]);
    rig.push("d2", &second, &third).await;
    server.advance(2 * 3600);
    look(server).await;
    assert_eq!(newest(owner).await["external_id"], "d2", "it was told already");
    assert_eq!(built(owner).await, [event("push", "main", &second), event("push", "main", &third)]);
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again_and_nothing_is_written() {
    let rig = Rig::start().await;
    let (server, github) = (&rig.site.server, &rig.site.github);
    // The token for asking is renewed before long.
    look_later(server).await;
    let (writes, unchanged) = (server.app.db.writes(), github.unchanged());
    for _ in 0..10 {
        look_later(server).await;
    }
    assert_eq!(server.app.db.writes(), writes);
    assert_eq!(github.unchanged() - unchanged, 30, "branches, tags and pull requests");
}

#[tokio::test]
async fn lists_of_many_pages_are_read_to_their_end() {
    let rig = Rig::start().await;
    let (server, owner, github) = (&rig.site.server, &rig.site.owner, &rig.site.github);
    github.pages_of(2);
    let sha = rig.head();
    (0..5).for_each(|n| drop(rig.repository.git(&["branch", &format!("b{n}")])));
    look_later(server).await;
    assert_eq!(built(owner).await.len(), 5);
    rig.repository.git(&["checkout", "--quiet", "b4"]);
    let moved = rig.repository.commit("on the last page", &[]);
    look_later(server).await;
    let all = built(owner).await;
    assert_eq!((all[0].2.as_str(), all.last().unwrap()), (sha.as_str(), &event("push", "b4", &moved)));
}

#[tokio::test]
async fn where_webhooks_come_it_is_looked_at_once_an_hour_until_they_miss_something() {
    let rig = Rig::start().await;
    let (server, owner, github) = (&rig.site.server, &rig.site.owner, &rig.site.github);
    assert_eq!(rig.pushes().await["looked_every"], 60);
    let (first, second) = (rig.head(), rig.repository.commit("second", &[]));
    rig.push("d1", &first, &second).await;
    let told = rig.pushes().await;
    assert_eq!(told["looked_every"], 3600);
    assert!(server.app.clock.now() - told["webhook_at"].as_i64().unwrap() < 30, "{told}");
    look_later(server).await;
    github.forget_calls();
    for _ in 0..20 {
        look_later(server).await;
    }
    assert_eq!(github.asked(REPOSITORY), 0);
    // This one is told to nobody.
    let third = rig.repository.commit("third", &[]);
    server.advance(3600);
    look(server).await;
    assert_eq!(built(owner).await.last().unwrap(), &event("push", "main", &third));
    assert_eq!(rig.pushes().await["looked_every"], 60, "its webhooks don't come");
    let fourth = rig.repository.commit("fourth", &[]);
    look_later(server).await;
    look_later(server).await;
    assert_eq!(built(owner).await.last().unwrap(), &event("push", "main", &fourth));
}

#[tokio::test]
async fn a_project_can_do_without_polling_or_insist_on_it() {
    let rig = Rig::start().await;
    let (server, owner, github) = (&rig.site.server, &rig.site.owner, &rig.site.github);
    owner.patch(&rig.project, json!({"polling": "off"})).await.ok();
    github.forget_calls();
    rig.repository.commit("second", &[]);
    server.advance(7200);
    look(server).await;
    assert_eq!((github.asked(REPOSITORY), rig.pushes().await["looked_every"].clone()), (0, Value::Null));
    owner.patch(&rig.project, json!({"polling": "on"})).await.ok();
    look(server).await;
    assert!(built(owner).await.is_empty(), "what was pushed meanwhile was not wanted");
    let (before, third) = (rig.head(), rig.repository.commit("third", &[]));
    rig.push("d1", &before, &third).await;
    assert_eq!(rig.pushes().await["looked_every"], 60);
}

#[tokio::test]
async fn a_host_that_fails_is_asked_ever_less_and_one_that_limits_when_it_allows_it() {
    let rig = Rig::start().await;
    let (server, owner, github) = (&rig.site.server, &rig.site.owner, &rig.site.github);
    let second = rig.repository.commit("second", &[]);
    github.break_down(REPOSITORY, Fault::status(503));
    github.forget_calls();
    let mut asked = Vec::new();
    for minute in 1..=60 {
        look_later(server).await;
        if github.asked(REPOSITORY) > asked.len() {
            asked.push(minute);
        }
    }
    assert!((4..=7).contains(&asked.len()), "{asked:?}");
    assert!(asked.windows(3).all(|at| at[2] - at[1] >= at[1] - at[0]), "{asked:?}");
    assert!(rig.pushes().await["problem"].as_str().unwrap().contains("503"));
    github.recover();
    server.advance(2200);
    look(server).await;
    assert_eq!(built(owner).await, [event("push", "main", &second)]);
    assert_eq!(rig.pushes().await["problem"], Value::Null);
    let third = rig.repository.commit("third", &[]);
    github.break_down(REPOSITORY, Fault::rate_limited(server.app.clock.now() + 1800));
    look_later(server).await;
    github.recover();
    github.forget_calls();
    for _ in 0..20 {
        look_later(server).await;
    }
    assert_eq!(github.asked(REPOSITORY), 0, "it said when there will be more");
    server.advance(900);
    look(server).await;
    assert_eq!(built(owner).await.last().unwrap(), &event("push", "main", &third));
}

#[tokio::test]
async fn a_host_that_has_lost_everything_does_not_make_all_of_it_new() {
    let rig = Rig::start().await;
    let (server, owner, github) = (&rig.site.server, &rig.site.owner, &rig.site.github);
    let nothing = Fault::Answers(200, vec![("content-type", "application/json".to_owned())], "[]".to_owned());
    github.break_down(REPOSITORY, nothing);
    look_later(server).await;
    assert!(rig.pushes().await["problem"].as_str().unwrap().contains("no branches"));
    github.recover();
    server.advance(600);
    look(server).await;
    assert!(built(owner).await.is_empty() && rig.pushes().await["problem"].is_null());
}

#[tokio::test]
async fn what_is_pushed_while_the_daemon_is_down_is_found_at_the_start() {
    let rig = Rig::start().await;
    let Rig { site: Connected { server, owner, github: _github, .. }, repository, .. } = rig;
    repository.commit("second", &[]);
    let third = repository.commit("third", &[]);
    let server = server.restart().await;
    let owner = Client::new(&server.base).with_token(owner.token.unwrap());
    look(&server).await;
    assert_eq!(built(&owner).await, [event("push", "main", &third)], "the newest; nobody told of the other");
}

#[tokio::test]
async fn an_instance_in_local_mode_asks_nobody() {
    let rig = Rig::start().await;
    let local =
        async |tx: &Tx| Ok(tx.execute_unprepared("UPDATE instance SET runtime_mode = 'local'").await?);
    rig.site.server.app.db.write(local).await.unwrap();
    rig.site.github.forget_calls();
    look_later(&rig.site.server).await;
    assert!(rig.site.github.calls().is_empty());
}

#[tokio::test]
async fn heads_of_gitlab_are_compared_and_what_is_missing_is_started() {
    let repository = Repository::running(&["true"]);
    let site = Site::with_token(None, &[("group/app", &repository)]).await;
    let pipeline = site.pipeline("group/app").await;
    let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    let (server, owner, gitlab) = (&site.server, &site.owner, &site.gitlab);
    gitlab.pages_of(1);
    look(server).await;
    let second = repository.commit("second", &[("lib/a", "1")]);
    repository.git(&["-c", "user.name=A", "-c", "user.email=a@b", "tag", "-a", "-m", "one", "v1"]);
    repository.git(&["branch", "topic"]);
    look_later(server).await;
    let expected = [
        event("Push Hook", "main", &second),
        event("Push Hook", "topic", &second),
        event("Tag Push Hook", "refs/tags/v1", &second),
    ];
    assert_eq!(built(owner).await, expected);
    let rules = json!({"events": ["push", "pull_request"], "branches": [], "paths": ["lib/**"]});
    owner.patch(&path, json!({ "trigger_config": rules })).await.ok();
    repository.git(&["checkout", "--quiet", "topic"]);
    repository.commit("docs\n\nlong", &[("README.md", "1")]);
    gitlab.open_request("group/app", 3, ("topic", "main"), false);
    look_later(server).await;
    let told = owner.get("/v1/webhook-deliveries?limit=2").await.ok()["deliveries"].clone();
    for told in told.as_array().unwrap() {
        let (outcome, reason) = Source::verdict(told);
        assert!(outcome == "filtered" && reason.contains("README.md"), "{outcome}: {reason} of {told}");
    }
    let code = repository.commit("code\n\nfinally", &[("lib/a", "2")]);
    look_later(server).await;
    let all = built(owner).await;
    assert_eq!(all[3..], [event("Push Hook", "topic", &code), event("Merge Request Hook", "topic", &code)]);
    gitlab.open_request("group/app", 4, ("topic", "main"), true);
    look_later(server).await;
    assert_eq!(Source::verdict(&newest(owner).await).0, "blocked");
    repository.commit("code\n\nnot this [ci skip]", &[("lib/a", "3")]);
    look_later(server).await;
    assert_eq!(Source::verdict(&newest(owner).await).0, "blocked");
    let skipped = owner.get("/v1/webhook-deliveries?outcome=skipped").await.ok();
    assert_eq!(skipped["deliveries"].as_array().unwrap().len(), 2, "the push and its own request");
    let (writes, unchanged) = (server.app.db.writes(), gitlab.unchanged());
    look_later(server).await;
    assert_eq!(server.app.db.writes(), writes);
    assert!(gitlab.unchanged() - unchanged >= 4);
}

#[tokio::test]
async fn what_goes_back_to_where_it_was_is_told_again_and_is_not_outdated() {
    let rig = Rig::start().await;
    let (server, owner) = (&rig.site.server, &rig.site.owner);
    owner.patch(&rig.pipeline, json!({"concurrency": {"cancel_previous": true}})).await.ok();
    let first = rig.head();
    let second = rig.repository.commit("second", &[]);
    look_later(server).await;
    rig.repository.git(&["reset", "--quiet", "--hard", &first]);
    look_later(server).await;
    assert_eq!(built(owner).await, [event("push", "main", &second), event("push", "main", &first)]);
    rig.repository.git(&["reset", "--quiet", "--hard", &second]);
    look_later(server).await;
    let told = newest(owner).await;
    assert_eq!(told["commit_sha"], json!(second));
    assert_eq!(Source::verdict(&told).0, "already_built");
}
