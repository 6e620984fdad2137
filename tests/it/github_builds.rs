//! Building what is at GitHub: reading it over its API, and fetching it with git over HTTP with a credential that is
//! handed out with the job and found nowhere afterwards. Real git, real runners.

use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::agent::Agent;
use crate::support::connected::Connected;
use crate::support::fault::Fault;
use crate::support::git::pipeline_file;
use crate::support::{Repository, build_in};

/// A site with a runner of its own process.
struct Workshop {
    rig: Rig,
    site: Connected,
}

impl Workshop {
    async fn with(repositories: &[(&str, &Repository)]) -> Self {
        let mut site = Connected::with(repositories).await;
        let server = std::mem::replace(&mut site.server, crate::support::Server::start().await);
        let rig = Rig::of(server, site.owner.clone()).await.with_runner(&[]);
        Self { rig, site }
    }

    /// Builds a repository's main branch to its end; answers the build and its log.
    async fn built(&self, name: &str, status: &str) -> (Value, String) {
        let project = self.site.project(name).await;
        let pipeline = self.site.owner.pipeline(&project, "Main").await;
        let build = self.site.owner.build(&pipeline).await;
        let build = build_in(&self.site.owner, &build, status).await;
        let log = self.site.owner.raw_log(&build).await;
        (build, String::from_utf8_lossy(&log).into_owned())
    }
}

#[tokio::test]
async fn a_private_repository_and_its_private_submodule_are_built_and_no_token_stays_anywhere() {
    let library = Repository::with(&[("lib.txt", "from the submodule\n")]);
    // What a step could find, it looks for.
    let search =
        "if grep -rIl --exclude=.oore.yaml -e ghs_ -e 'Authorization' . ; then echo found; exit 1; fi";
    let app = Repository::with(&[(
        ".oore.yaml",
        &pipeline_file(&[
            "cat modules/lib/lib.txt",
            search,
            "env | grep -i -e ghs_ -e GIT_CONFIG && exit 1 || true",
            "git remote -v && git config --list --show-origin | grep -i -e extraheader -e ghs_ && exit 1 || true",
            "mkdir -p out && cp modules/lib/lib.txt out/",
        ]),
    )]);
    let workshop =
        Workshop::with(&[("acme/app", &app), ("acme/lib", &library), ("acme/secret", &library)]).await;
    let module = format!("{}/acme/lib.git", workshop.site.github.base);
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "--quiet", "--name", "lib"];
    app.git(&[&add[..], &[library.folder().to_str().unwrap(), "modules/lib"]].concat());
    app.git(&["config", "-f", ".gitmodules", "submodule.lib.url", &module]);
    app.commit("with a library", &[]);
    let (build, log) = workshop.built("acme/app", "succeeded").await;
    assert!(log.contains("from the submodule"), "{log}");
    assert_eq!(build["commit_sha"], app.git(&["rev-parse", "HEAD"]));
    let tokens = workshop.site.github.tokens();
    assert!(!tokens.is_empty() && tokens.iter().all(|token| !log.contains(token.as_str())), "{log}");
    let shown = workshop.site.owner.get(&format!("/v1/builds/{}", build["id"].as_str().unwrap())).await;
    for token in &tokens {
        assert!(!shown.text.contains(token.as_str()), "{}", shown.text);
        workshop.rig.server.assert_not_stored(token);
    }
    // The one for git may read code and nothing else.
    let for_git = json!({"contents": "read"});
    assert!(workshop.site.github.permissions().contains(&for_git));
    let narrowed = workshop.site.github.narrowed();
    assert!(!narrowed.is_empty());
    for mut names in narrowed {
        names.sort();
        assert_eq!(names, ["acme/app", "acme/lib"], "not all of the account");
    }
    workshop.rig.tidy().await;
}

#[tokio::test]
async fn a_branch_is_resolved_its_file_read_and_its_history_listed_over_the_api() {
    let file = pipeline_file(&["true"]);
    let repository = Repository::with(&[(".oore.yaml", &file), (".oore/release.yaml", &file), ("a", "1")]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    let path = |rest: &str| format!("/v1/projects/{}/{rest}", project["id"].as_str().unwrap());
    let found = site.owner.get(&path("repository-workflows")).await.ok();
    let names: Vec<&str> =
        found["workflows"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(names, [".oore.yaml", ".oore/release.yaml"]);
    assert_eq!(
        (&found["provider"], &found["reference"]),
        (&json!("github"), &json!(repository.git(&["rev-parse", "HEAD"])))
    );
    let first = site.owner.build(&pipeline).await;
    assert_eq!(first["commit_subject"], "first commit");
    let agent = Agent::register(&site.owner, "by hand", 5).await;
    let job = agent.begin().await;
    agent.report(&job, json!({"status": "succeeded", "log_frames": 0})).await.ok();
    let second = repository.commit("fix: #2 of a \"few\"", &[("a", "2")]);
    let preview = format!("builds/changelog-preview?pipeline_id={}", pipeline["id"].as_str().unwrap());
    let changes = site.owner.get(&path(&preview)).await.ok();
    assert_eq!(changes["markdown"], format!("- fix: #2 of a \"few\" ({}, Ana)\n", &second[..7]));
    assert_eq!(changes["base_commit"], first["commit_sha"]);
    repository.git(&["branch", "feature/ä#1"]);
    repository.git(&["tag", "v1", "HEAD~1"]);
    for (body, commit) in [
        (json!({"branch": "feature/ä#1"}), &second),
        (json!({"trigger_ref": "refs/tags/v1"}), &first["commit_sha"].as_str().unwrap().to_owned()),
        (json!({"trigger_ref": "refs/heads/main"}), &second),
        (json!({"commit_sha": &second[..9]}), &second),
    ] {
        let mut body = body;
        body["pipeline_id"] = pipeline["id"].clone();
        let build = site.owner.post(&path("builds"), body).await.created();
        assert_eq!(build["build"]["commit_sha"].as_str().unwrap(), commit);
    }
    for body in [
        json!({"branch": "nowhere"}),
        json!({"commit_sha": "0123456789012345678901234567890123456789"}),
        json!({"trigger_ref": "refs/tags/none"}),
        json!({"branch": "../../installation/repositories"}),
        json!({"branch": "a b"}),
    ] {
        let mut body = body;
        body["pipeline_id"] = pipeline["id"].clone();
        site.owner.post(&path("builds"), body).await.error(400, "invalid_ref");
    }
    // A new name: GitHub redirects the old one, and what is not there is still not there.
    site.github.rename("acme/shop", "acme/store");
    let named = site.owner.get(&path("repository-workflows?path=.oore/release.yaml")).await.ok();
    assert_eq!(named["workflows"][0]["valid"], true);
    site.owner.get(&path("repository-workflows?path=.oore/none.yaml")).await.error(404, "source_not_found");
}

#[tokio::test]
async fn many_builds_at_once_ask_github_for_one_token() {
    let repository = Repository::running(&["true"]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    site.server.advance(3600);
    site.github.forget_calls();
    let builds = (0..20).map(|_| site.owner.build(&pipeline));
    futures_util::future::join_all(builds).await;
    let minted = |calls: Vec<crate::support::github::Call>| {
        calls.iter().filter(|call| call.path.ends_with("/access_tokens")).count()
    };
    assert_eq!(minted(site.github.calls()), 1);
    // Not yet expired, but too old to hand out.
    site.server.advance(3500);
    site.owner.build(&pipeline).await;
    assert_eq!(minted(site.github.calls()), 2);
}

#[tokio::test]
async fn what_has_not_changed_at_github_is_not_sent_again() {
    let repository = Repository::running(&["true"]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    let first = site.owner.build(&pipeline).await;
    let before = site.github.unchanged();
    let second = site.owner.build(&pipeline).await;
    assert_eq!(site.github.unchanged(), before + 3, "branch, commit and file");
    assert_eq!(second["commit_sha"], first["commit_sha"]);
    let commit = repository.commit("second", &[("a", "2")]);
    let third = site.owner.build(&pipeline).await;
    assert_eq!((&third["commit_sha"], &third["commit_subject"]), (&json!(commit), &json!("second")));
    // Another token may see other things.
    site.server.advance(3600);
    let before = site.github.unchanged();
    site.owner.build(&pipeline).await;
    assert_eq!(site.github.unchanged(), before);
}

#[tokio::test]
async fn what_github_refuses_or_garbles_is_told_and_no_build_comes_of_it() {
    let repository = Repository::running(&["true"]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    let path = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
    let build = async || site.owner.post(&path, json!({"pipeline_id": pipeline["id"]})).await;
    let commits = "/api/v3/repos/acme/shop/commits";
    for (fault, status, code) in [
        (Fault::status(500), 502, "github_api_error"),
        (Fault::html(503), 502, "github_api_error"),
        (Fault::html(200), 502, "github_api_error"),
        (Fault::rate_limited(site.server.app.clock.now() + 60), 502, "github_api_error"),
        (Fault::status(403), 409, "source_unresolvable"),
        (Fault::status(401), 409, "source_unresolvable"),
        (Fault::Endless, 502, "github_api_error"),
    ] {
        site.github.break_down(commits, fault);
        build().await.error(status, code);
        site.github.recover();
    }
    for part in ["git/commits", "contents"] {
        site.github.break_down(&format!("/api/v3/repos/acme/shop/{part}"), Fault::html(200));
        build().await.error(502, "github_api_error");
        site.github.recover();
    }
    site.github.list("acme/shop", false);
    build().await.error(409, "source_unresolvable");
    site.github.list("acme/shop", true);
    assert_eq!(site.owner.get("/v1/builds").await.ok()["total"], 0);
    build().await.created();
}

#[tokio::test]
async fn a_job_brings_its_credential_or_the_reason_why_there_is_none() {
    let repository = Repository::running(&["true"]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    let end = async |agent: &Agent, job: &Value| {
        agent.report(job, json!({"status": "running"})).await.ok();
        agent.report(job, json!({"status": "succeeded", "log_frames": 0})).await.ok();
    };
    let (ours, theirs) =
        (Agent::register(&site.owner, "ours", 5).await, Agent::register(&site.owner, "theirs", 4).await);
    site.owner.build(&pipeline).await;
    let job = ours.claim().await;
    let credential = &job["clone_credential"];
    assert_eq!(
        (&credential["url"], &credential["username"]),
        (&json!(site.github.base), &json!("x-access-token"))
    );
    assert!(credential["expires_at"].as_i64().unwrap() >= site.server.app.clock.now() + 1800);
    assert_eq!(job["config_snapshot"]["repo_url"], format!("{}/acme/shop.git", site.github.base));
    let again = ours.claim().await;
    assert_eq!(again["clone_credential"], *credential, "an answer that was lost is given again");
    end(&ours, &again).await;
    site.owner.build(&pipeline).await;
    let job = theirs.claim().await;
    assert!(job.get("clone_credential").is_none() && job.get("clone_refused").is_none(), "{job}");
    theirs.report(&job, json!({"status": "running"})).await.ok();
    theirs.report(&job, json!({"status": "succeeded"})).await.ok();
    site.owner.build(&pipeline).await;
    site.server.advance(3000);
    ours.beat("online").await.expect(204);
    site.github.uninstall("acme");
    let job = ours.claim().await;
    assert!(job.get("clone_credential").is_none(), "{job}");
    assert!(job["clone_refused"].as_str().unwrap().contains("GitHub does not show"), "{job}");
    assert_eq!(site.integration().await["status"], "active", "only the account is gone");
    end(&ours, &job).await;
}

#[tokio::test]
async fn a_runner_without_the_credential_fails_the_build_with_the_daemons_reason() {
    let repository = Repository::running(&["true"]);
    let workshop = Workshop::with(&[("acme/shop", &repository)]).await;
    let project = workshop.site.project("acme/shop").await;
    let pipeline = workshop.site.owner.pipeline(&project, "Main").await;
    // The API works; only the tokens for git are refused.
    let tokens = "/api/v3/app/installations/1/access_tokens";
    workshop.site.owner.get(&format!("/v1/pipelines/{}/inputs", pipeline["id"].as_str().unwrap())).await.ok();
    workshop.site.github.break_down(tokens, Fault::status(500));
    let build = workshop.site.owner.build(&pipeline).await;
    let build = build_in(&workshop.site.owner, &build, "failed").await;
    assert_eq!(build["failure_reason"], "checkout_failed");
    assert!(build["error_message"].as_str().unwrap().contains("GitHub could not be asked"), "{build}");
    let log = workshop.site.owner.raw_log(&build).await;
    assert!(String::from_utf8_lossy(&log).contains("GitHub could not be asked"));
}

#[tokio::test]
async fn a_source_that_breaks_fails_what_waits_for_it_with_the_reason() {
    let repository = Repository::running(&["true"]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    let waiting = site.owner.build(&pipeline).await;
    site.github.delete_app();
    site.server.advance(3600);
    let path = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
    site.owner.post(&path, json!({"pipeline_id": pipeline["id"]})).await.error(409, "source_unresolvable");
    let failed = build_in(&site.owner, &waiting, "failed").await;
    assert_eq!(failed["failure_reason"], "not_runnable");
    assert!(failed["error_message"].as_str().unwrap().contains("GitHub refuses the app"), "{failed}");
    assert_eq!(site.integration().await["status"], "error");
    site.github.restore_app();
    site.owner.build(&pipeline).await;
    assert_eq!(site.integration().await["status"], "active");
}

#[tokio::test]
async fn disconnecting_waits_for_builds_that_run_and_cancels_those_that_wait() {
    let repository = Repository::running(&["true"]);
    let site = Connected::with(&[("acme/shop", &repository)]).await;
    let project = site.project("acme/shop").await;
    let pipeline = site.owner.pipeline(&project, "Main").await;
    site.owner.build(&pipeline).await;
    let agent = Agent::register(&site.owner, "mac", 5).await;
    let job = agent.begin().await;
    let waiting = site.owner.build(&pipeline).await;
    let path = format!("/v1/integrations/{}", site.id);
    site.owner.delete(&path).await.error(409, "integration_has_active_builds");
    agent.report(&job, json!({"status": "succeeded", "log_frames": 0})).await.ok();
    site.owner.delete(&path).await.ok();
    build_in(&site.owner, &waiting, "canceled").await;
    let builds = format!("/v1/projects/{}/builds", project["id"].as_str().unwrap());
    site.owner
        .post(&builds, json!({"pipeline_id": pipeline["id"]}))
        .await
        .error(409, "source_not_configured");
}
