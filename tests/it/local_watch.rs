//! Folders of this machine in which somebody commits: what moves starts builds by the same rules as webhooks do.

use std::time::Duration;

use oored::builds::{deliveries, watch};
use serde_json::{Value, json};

use crate::polling;
use crate::support::program::{Daemon, free_port};
use crate::support::{Client, Repository, Server, wait_for};

struct Rig {
    server: Server,
    owner: Client,
    repository: Repository,
    pipeline: Value,
}

impl Rig {
    /// With a pipeline that listens to these events.
    async fn start(events: Value) -> Self {
        let server = Server::start().await;
        let owner = server.owner().await;
        let repository = Repository::running(&["true"]);
        let pipeline = listening(&owner, &repository, events).await;
        let rig = Self { server, owner, repository, pipeline };
        rig.look().await;
        rig
    }

    async fn set(&self, change: Value) {
        let path = format!("/v1/pipelines/{}", self.pipeline["id"].as_str().unwrap());
        self.owner.patch(&path, change).await.ok();
    }

    /// Looks once and works off what was found.
    async fn look(&self) {
        watch::look_at_folders(&self.server.app).await.unwrap();
        deliveries::work(&self.server.app).await.unwrap();
    }

    /// What was built, the first one first: refs and commits.
    async fn built(&self) -> Vec<(String, String)> {
        polling::built(&self.owner).await.into_iter().map(|(_, name, sha)| (name, sha)).collect()
    }

    /// The newest verdict: outcome and reason.
    async fn verdict(&self) -> (String, String) {
        let told = self.owner.get("/v1/webhook-deliveries?limit=1").await.ok()["deliveries"][0].clone();
        crate::support::sources::Source::verdict(&told)
    }

    fn head(&self) -> String {
        self.repository.git(&["rev-parse", "HEAD"])
    }
}

async fn listening(owner: &Client, repository: &Repository, events: Value) -> Value {
    let project = owner.project("App", repository).await;
    let pipeline = owner.pipeline(&project, "Main").await;
    let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    let change = json!({"trigger_config": {"events": events, "branches": []}});
    owner.patch(&path, change).await.ok()["pipeline"].clone()
}

fn pair(name: &str, sha: &str) -> (String, String) {
    (name.to_owned(), sha.to_owned())
}

#[tokio::test]
async fn a_commit_in_a_folder_is_built_once_and_the_first_look_builds_nothing() {
    let rig = Rig::start(json!(["push"])).await;
    assert!(rig.built().await.is_empty());
    let sha = rig.repository.commit("second", &[("a", "b")]);
    rig.look().await;
    rig.look().await;
    assert_eq!(rig.built().await, [pair("main", &sha)]);
    let told = rig.owner.get(&format!("/v1/webhook-deliveries?commit={sha}")).await.ok();
    let told = told["deliveries"].as_array().unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0]["arrived_by"], &told[0]["event"]), (&json!("poll"), &json!("push")));
    assert_eq!(told[0]["verdicts"][0]["reason"], "built #1");
    let build = rig.owner.get("/v1/builds").await.ok()["builds"][0].clone();
    assert_eq!((&build["branch"], &build["trigger_event"]), (&json!("main"), &json!("push")));
}

#[tokio::test]
async fn new_branches_tags_and_what_is_moved_back_are_built_and_what_is_deleted_is_not() {
    let rig = Rig::start(json!(["push", "tag_push"])).await;
    let first = rig.head();
    let second = rig.repository.commit("second", &[]);
    rig.look().await;
    rig.repository.git(&["branch", "topic/a"]);
    rig.repository.git(&["-c", "user.name=A", "-c", "user.email=a@b", "tag", "-a", "-m", "one", "v1"]);
    rig.look().await;
    rig.repository.git(&["reset", "--quiet", "--hard", &first]);
    let other = rig.repository.commit("elsewhere", &[]);
    rig.look().await;
    // What refs are packed into is no move.
    rig.repository.git(&["pack-refs", "--all"]);
    rig.look().await;
    rig.repository.git(&["branch", "--quiet", "-D", "topic/a"]);
    rig.repository.git(&["tag", "-d", "v1"]);
    rig.look().await;
    let expected = [
        pair("main", &second),
        pair("topic/a", &second),
        pair("refs/tags/v1", &second),
        pair("main", &other),
    ];
    assert_eq!(rig.built().await, expected);
}

#[tokio::test]
async fn rules_hold_as_they_do_for_webhooks() {
    let rig = Rig::start(json!([])).await;
    rig.repository.commit("nobody asked for it", &[]);
    rig.look().await;
    let (outcome, reason) = rig.verdict().await;
    assert!(outcome == "filtered" && reason.contains("neither"), "{outcome}: {reason}");
    let rules = json!({"events": ["push"], "branches": [], "paths": ["lib/**"]});
    rig.set(json!({ "trigger_config": rules })).await;
    rig.repository.commit("docs", &[("README.md", "x")]);
    rig.look().await;
    let (outcome, reason) = rig.verdict().await;
    assert!(outcome == "filtered" && reason.contains("README.md"), "{outcome}: {reason}");
    rig.repository.commit("code\n\nnot yet [skip ci]", &[("lib/a", "x")]);
    rig.look().await;
    assert_eq!(rig.verdict().await.0, "skipped");
    // Several commits between two looks are one push.
    rig.repository.commit("code", &[("lib/a", "y")]);
    let last = rig.repository.commit("docs", &[("README.md", "y")]);
    rig.look().await;
    assert_eq!(rig.built().await, [pair("main", &last)]);
    // What a forced push takes away has changed, too.
    rig.repository.git(&["reset", "--quiet", "--hard", "HEAD~2"]);
    let forced = rig.repository.commit("docs instead", &[("README.md", "z")]);
    rig.look().await;
    assert_eq!(rig.built().await[1..], [pair("main", &forced)]);
    let file = "version: 2\nplatforms: [android]\ntriggers: {events: [push], branches: [release]}\nsteps: [{name: A, run: 'true'}]\n";
    rig.repository.commit("a file", &[(".oore.yaml", file), ("lib/a", "z")]);
    rig.look().await;
    assert_eq!(rig.verdict().await.1, "branch main does not match release");
}

#[tokio::test]
async fn linked_work_trees_share_their_branches() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let repository = Repository::running(&["true"]);
    let linked = tempfile::tempdir().unwrap();
    let folder = linked.path().canonicalize().unwrap().join("tree");
    repository.git(&["worktree", "add", "--quiet", "-b", "topic", folder.to_str().unwrap()]);
    let body = json!({"name": "App", "local_repository_path": folder});
    let project = owner.post("/v1/projects", body).await.created()["project"].clone();
    let pipeline = owner.pipeline(&project, "Main").await;
    let path = format!("/v1/pipelines/{}", pipeline["id"].as_str().unwrap());
    owner.patch(&path, json!({"trigger_config": {"events": ["push"], "branches": []}})).await.ok();
    let rig = Rig { server, owner, repository, pipeline };
    rig.look().await;
    let sha = rig.repository.commit("on main, in the other tree", &[]);
    rig.look().await;
    assert_eq!(rig.built().await, [pair("main", &sha)]);
}

#[tokio::test]
async fn nothing_is_written_while_nothing_moves() {
    let rig = Rig::start(json!(["push"])).await;
    let before = rig.server.app.db.writes();
    for _ in 0..20 {
        rig.look().await;
        rig.server.advance(60);
    }
    assert_eq!(rig.server.app.db.writes(), before);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_said_to_be_and_what_was_committed_meanwhile_is_built() {
    let rig = Rig::start(json!(["push"])).await;
    let project = format!("/v1/projects/{}", rig.pipeline["project_id"].as_str().unwrap());
    let (there, gone) = (rig.repository.folder().to_owned(), rig.repository.folder().with_extension("gone"));
    std::fs::rename(&there, &gone).unwrap();
    rig.look().await;
    let told = rig.owner.get(&project).await.ok()["pushes"].clone();
    assert!(told["problem"].as_str().unwrap().contains("is gone"), "{told}");
    std::fs::rename(&gone, &there).unwrap();
    let sha = rig.repository.commit("second", &[]);
    rig.look().await;
    assert!(rig.built().await.is_empty(), "it is left alone for a while");
    rig.server.advance(90);
    rig.look().await;
    assert_eq!(rig.built().await, [pair("main", &sha)]);
    let told = rig.owner.get(&project).await.ok()["pushes"].clone();
    assert_eq!((&told["problem"], &told["looked_every"]), (&Value::Null, &json!(2)));
    assert!(rig.server.app.clock.now() - told["looked_at"].as_i64().unwrap() < 30);
}

#[tokio::test]
async fn what_was_committed_while_nobody_wanted_builds_is_not_built_later() {
    let rig = Rig::start(json!(["push"])).await;
    rig.set(json!({"enabled": false})).await;
    rig.look().await;
    rig.repository.commit("second", &[]);
    rig.look().await;
    rig.set(json!({"enabled": true})).await;
    rig.look().await;
    let project = format!("/v1/projects/{}", rig.pipeline["project_id"].as_str().unwrap());
    rig.owner.patch(&project, json!({"polling": "off"})).await.ok();
    rig.look().await;
    rig.repository.commit("third", &[]);
    rig.look().await;
    let detail = rig.owner.patch(&project, json!({"polling": "on"})).await.ok();
    assert_eq!(detail["project"]["polling"], "on");
    rig.look().await;
    assert!(rig.built().await.is_empty());
    let fourth = rig.repository.commit("fourth", &[]);
    rig.look().await;
    assert_eq!(rig.built().await, [pair("main", &fourth)]);
    rig.owner.patch(&project, json!({"polling": "often"})).await.error(400, "invalid_request");
}

/// A repository may be somebody else's: what it says to run when git looks at it is not run.
#[tokio::test]
async fn a_hostile_repository_runs_nothing_and_odd_refs_are_left_out() {
    let rig = Rig::start(json!(["push"])).await;
    let trap = tempfile::tempdir().unwrap();
    let sprung = trap.path().join("sprung");
    let command = format!("touch {}", sprung.display());
    for key in ["core.fsmonitor", "core.sshCommand", "diff.external"] {
        rig.repository.git(&["config", key, &command]);
    }
    let git = rig.repository.folder().join(".git");
    for hook in ["reference-transaction", "post-index-change", "post-checkout"] {
        let script = git.join("hooks").join(hook);
        std::fs::create_dir_all(script.parent().unwrap()).unwrap();
        std::fs::write(&script, format!("#!/bin/sh\n{command}\n")).unwrap();
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    // Written without git, so that its own traps do not spring.
    let sha = rig.head();
    let refs = git.join("refs/heads");
    for name in ["$(id)", "a;b", "-h", "good"] {
        std::fs::write(refs.join(name), format!("{sha}\n")).unwrap();
    }
    std::os::unix::fs::symlink(trap.path(), refs.join("elsewhere")).unwrap();
    rig.look().await;
    let mut names: Vec<String> = rig.built().await.into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["$(id)", "a;b", "good"]);
    assert!(!sprung.exists());
    rig.repository.git(&["status", "--short"]);
    assert!(sprung.exists(), "the trap is one");
}

#[tokio::test]
async fn a_daemon_notices_commits_by_itself() {
    let data = tempfile::tempdir().unwrap();
    let daemon = Daemon::start(data.path(), free_port(), &["--runner-mode", "external"]).await;
    let owner = daemon.client().sign_in(None).await;
    let repository = Repository::running(&["true"]);
    let pipeline = listening(&owner, &repository, json!(["push"])).await;
    let project = format!("/v1/projects/{}", pipeline["project_id"].as_str().unwrap());
    // Nothing tells of the first look: it is asked for.
    let first_look = async {
        while owner.get(&project).await.ok()["pushes"]["looked_at"].is_null() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), first_look).await.expect("it looks");
    let sha = repository.commit("second", &[]);
    let builds = wait_for(&owner, "/v1/builds", |page| page["total"] == 1).await;
    assert_eq!(builds["builds"][0]["commit_sha"], json!(sha));
}
