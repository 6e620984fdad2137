//! Fetching a repository of GitLab through the daemon: real git, a runner of the reference's protocol and one of ours,
//! and everything that must not pass.

use std::path::Path;
use std::process::{Command, Output};

use reqwest::Method;
use serde_json::{Value, json};

use crate::runner_builds::Rig;
use crate::support::connected::Connected;
use crate::support::fault::Fault;
use crate::support::git::pipeline_file;
use crate::support::gitlab::LIVES;
use crate::support::with_gitlab::Site;
use crate::support::{Agent, Answer, Repository, build_in};

const FORM: &str = "application/x-git-upload-pack-request";

/// A site with one project, and a runner worked by hand that has a build of it under way.
struct Bench {
    site: Site,
    _repository: Repository,
    pipeline: Value,
    agent: Agent,
    job: Value,
}

impl Bench {
    async fn with(protocol: i64) -> Self {
        let repository = Repository::running(&["true"]);
        let other = Repository::with(&[("secret", "x")]);
        let site = Site::with_token(None, &[("group/sub/app", &repository), ("group/other", &other)]).await;
        let pipeline = site.pipeline("group/sub/app").await;
        site.owner.build(&pipeline).await;
        let agent = Agent::register(&site.owner, "mac", protocol).await;
        let job = agent.begin().await;
        Self { site, _repository: repository, pipeline, agent, job }
    }

    /// Where the claim says that the repository is.
    fn proxy(&self) -> String {
        self.job["config_snapshot"]["checkout_proxy_path"].as_str().unwrap().to_owned()
    }

    /// What git would ask, with another path or service.
    async fn get(&self, git_path: &str, service: &str) -> Answer {
        let rest = format!("/gitlab/{git_path}?service={service}");
        self.agent.client.send(self.agent.about(Method::GET, &self.job, &rest)).await
    }

    async fn post(&self, git_path: &str, content_type: &str) -> Answer {
        let request = self.agent.about(Method::POST, &self.job, &format!("/gitlab/{git_path}"));
        self.agent.client.send(request.header("content-type", content_type).body("0000")).await
    }

    async fn discovery(&self) -> Answer {
        self.get("group/sub/app.git/info/refs", "git-upload-pack").await
    }

    fn fetch(&self, folder: &Path) -> Output {
        fetch(&self.agent, &self.job, folder)
    }
}

/// Fetches the commit of a job into a folder, as a runner of the reference does.
fn fetch(agent: &Agent, job: &Value, folder: &Path) -> Output {
    let path = job["config_snapshot"]["checkout_proxy_path"].as_str().unwrap();
    let url = format!("{}{path}", agent.client.base);
    let proof = format!("Authorization: Bearer {}", agent.client.token.as_ref().unwrap());
    let header = format!("http.{url}.extraHeader={proof}");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(arguments).env("GIT_TERMINAL_PROMPT", "0");
        command.output().unwrap()
    };
    assert!(git(&["init", "--quiet", "."]).status.success());
    let sha = job["commit_sha"].as_str().unwrap();
    let fetched = git(&["-c", &header, "fetch", "--depth", "1", &url, sha]);
    if fetched.status.success() {
        assert!(git(&["checkout", "--quiet", "FETCH_HEAD"]).status.success());
    }
    fetched
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_of_the_reference_fetches_with_its_own_token_and_sees_no_other() {
    let bench = Bench::with(4).await;
    let path = format!(
        "/v1/runners/{}/jobs/{}/gitlab/group/sub/app.git",
        bench.agent.id,
        bench.job["build_id"].as_str().unwrap()
    );
    assert_eq!(bench.proxy(), path);
    let folder = tempfile::tempdir().unwrap();
    let fetched = bench.fetch(folder.path());
    assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("README.md")).unwrap(), "hello\n");
    let calls = bench.site.gitlab.calls();
    let git: Vec<_> = calls.iter().filter(|call| call.path.starts_with("/group/sub/app.git/")).collect();
    assert!(
        git.len() >= 2 && git.iter().all(|call| call.token.as_deref() == Some(&*bench.site.token)),
        "{git:?}"
    );
    assert!(!bench.job.to_string().contains(&bench.site.token));
}

#[tokio::test]
async fn only_a_fetch_of_the_builds_own_repository_passes() {
    let bench = Bench::with(5).await;
    let asked = bench.site.gitlab.calls().len();
    for (path, service) in [
        ("group/sub/app.git/info/refs", "git-receive-pack"),
        ("group/sub/app.git/info/refs", ""),
        ("group/sub/app.git/HEAD", "git-upload-pack"),
        ("group/sub/app.git/objects/info/packs", "git-upload-pack"),
        ("group/sub/app.git/git-upload-pack", "git-upload-pack"),
        ("group/sub/app.git/info/lfs/objects", "git-upload-pack"),
    ] {
        bench.get(path, service).await.error(400, "invalid_git_request");
    }
    for path in
        ["group/other.git", "group/sub/app", "group/sub/app.git.git", "sub/app.git", "GROUP/sub/app.git"]
    {
        bench
            .get(&format!("{path}/info/refs"), "git-upload-pack")
            .await
            .error(403, "checkout_path_forbidden");
        bench.post(&format!("{path}/git-upload-pack"), FORM).await.error(403, "checkout_path_forbidden");
    }
    for escape in ["group/sub/%2e%2e/other.git", "group/sub/app.git/..%2fother.git", "group%2Fother.git"] {
        let answer = bench.get(&format!("{escape}/info/refs"), "git-upload-pack").await;
        assert!(matches!(answer.status.as_u16(), 400 | 403 | 404), "{escape}: {}", answer.text);
    }
    bench
        .post("group/sub/app.git/git-receive-pack", "application/x-git-receive-pack-request")
        .await
        .error(400, "invalid_git_request");
    bench
        .post("group/sub/app.git/git-upload-pack", "application/json")
        .await
        .error(400, "invalid_git_request");
    assert_eq!(bench.site.gitlab.calls().len(), asked, "GitLab was asked for nothing");
    let large = bench.agent.about(Method::POST, &bench.job, "/gitlab/group/sub/app.git/git-upload-pack");
    let large = large.header("content-type", FORM).body(vec![b'0'; 8 * 1024 * 1024 + 1]);
    bench.agent.client.send(large).await.error(413, "payload_too_large");
}

#[tokio::test]
async fn only_the_runner_that_has_the_build_under_way_is_answered() {
    let bench = Bench::with(5).await;
    let path = format!("{}/info/refs?service=git-upload-pack", bench.proxy());
    let server = &bench.site.server;
    server.anonymous().get(&path).await.error(401, "missing_auth");
    bench.site.owner.get(&path).await.error(401, "invalid_token");
    let other = Agent::register(&bench.site.owner, "other", 5).await;
    other.client.get(&path).await.error(403, "runner_mismatch");
    let own = path.replace(&bench.agent.id, &other.id);
    other.client.get(&own).await.error(403, "runner_mismatch");
    let unknown =
        path.replace(bench.job["build_id"].as_str().unwrap(), "00000000-0000-7000-8000-000000000000");
    bench.agent.client.get(&unknown).await.error(404, "checkout_not_found");
    let stale = bench.agent.client.request(Method::GET, &path).header("x-oore-attempt", "9");
    bench.agent.client.send(stale).await.error(409, "attempt_superseded");
    assert_eq!(bench.discovery().await.status, 200);
    let id = bench.job["build_id"].as_str().unwrap();
    bench.site.owner.post(&format!("/v1/builds/{id}/cancel"), json!({})).await.ok();
    let after = bench.discovery().await;
    assert!(
        matches!(after.json()["code"].as_str(), Some("checkout_not_found" | "runner_mismatch")),
        "{}",
        after.text
    );
    // One that is assigned and has not begun has nothing to fetch yet.
    bench.site.owner.build(&bench.pipeline).await;
    let job = other.claim().await;
    let rest = "/gitlab/group/sub/app.git/info/refs?service=git-upload-pack";
    other.client.send(other.about(Method::GET, &job, rest)).await.error(404, "checkout_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_of_the_reference_fetches_what_is_private_at_github_the_same_way() {
    let repository = Repository::running(&["true"]);
    let other = Repository::with(&[("secret", "x")]);
    let site = Connected::with(&[("acme/app", &repository), ("acme/other", &other)]).await;
    site.github.host("acme/open", &repository, false);
    site.sync().await.ok();
    let pipeline = site.owner.pipeline(&site.project("acme/app").await, "Main").await;
    site.owner.build(&pipeline).await;
    let agent = Agent::register(&site.owner, "mac", 4).await;
    let job = agent.begin().await;
    let path = job["config_snapshot"]["checkout_proxy_path"].as_str().unwrap();
    let id = job["build_id"].as_str().unwrap();
    assert_eq!(path, format!("/v1/runners/{}/jobs/{id}/gitlab/acme/app.git", agent.id));
    let folder = tempfile::tempdir().unwrap();
    let fetched = fetch(&agent, &job, folder.path());
    assert!(fetched.status.success(), "{}", String::from_utf8_lossy(&fetched.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("README.md")).unwrap(), "hello\n");
    assert_eq!(site.github.narrowed(), [["acme/app"]], "the credential reads this repository alone");
    assert!(site.github.tokens().iter().all(|token| !job.to_string().contains(token.as_str())));
    let rest = "/gitlab/acme/other.git/info/refs?service=git-upload-pack";
    agent.client.send(agent.about(Method::GET, &job, rest)).await.error(403, "checkout_path_forbidden");
    site.github.break_down("/acme/app.git", Fault::status(500));
    let rest = "/gitlab/acme/app.git/info/refs?service=git-upload-pack";
    agent.client.send(agent.about(Method::GET, &job, rest)).await.error(502, "github_checkout_failed");
    site.github.recover();
    agent.report(&job, json!({"status": "succeeded"})).await.ok();
    // What everybody may see is fetched from where it is, with its submodules.
    let pipeline = site.owner.pipeline(&site.project("acme/open").await, "Main").await;
    site.owner.build(&pipeline).await;
    let job = agent.claim().await;
    assert!(job["config_snapshot"].get("checkout_proxy_path").is_none(), "{job}");
}

#[tokio::test]
async fn what_gitlab_answers_git_is_passed_on_or_told_apart() {
    let bench = Bench::with(5).await;
    let gitlab = &bench.site.gitlab;
    let moved = |to: &str| Fault::Answers(302, vec![("location", to.to_owned())], String::new());
    for (fault, code) in [
        (moved("https://evil.example/"), "gitlab_redirect_rejected"),
        (moved("/users/sign_in"), "gitlab_redirect_rejected"),
        (Fault::status(403), "gitlab_checkout_failed"),
        (Fault::status(404), "gitlab_checkout_failed"),
        (Fault::status(429), "gitlab_checkout_failed"),
        (Fault::status(500), "gitlab_checkout_failed"),
        (Fault::html(200), "gitlab_checkout_failed"),
    ] {
        gitlab.break_down("/group", fault);
        bench.discovery().await.error(502, code);
        bench.post("group/sub/app.git/git-upload-pack", FORM).await.error(502, code);
        gitlab.recover();
    }
    assert!(bench.site.incidents("").await.is_empty());
    let answer = bench.discovery().await;
    assert_eq!(answer.header("content-type"), Some("application/x-git-upload-pack-advertisement"));
    assert!(answer.text.contains("refs/heads/main"), "{}", answer.text);
    gitlab.revoke(&bench.site.token);
    bench.discovery().await.error(502, "gitlab_checkout_failed");
    assert_eq!(bench.site.incidents("").await[0]["reason"], "rejected");
}

#[tokio::test]
async fn a_fetch_ends_when_its_build_does() {
    let bench = Bench::with(5).await;
    let id = bench.job["build_id"].as_str().unwrap().to_owned();
    // While GitLab thinks about it.
    let gate = bench.site.gitlab.hold("/group");
    let (asked, ()) = tokio::join!(bench.discovery(), async {
        gate.arrival().await;
        bench.site.owner.post(&format!("/v1/builds/{id}/cancel"), json!({})).await.ok();
    });
    asked.error(404, "checkout_not_found");
    gate.open();
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_with_the_build() {
    let bench = Bench::with(5).await;
    let id = bench.job["build_id"].as_str().unwrap().to_owned();
    bench.site.gitlab.break_down("/group", Fault::EndlessAs("application/x-git-upload-pack-result"));
    let request = bench.agent.about(Method::POST, &bench.job, "/gitlab/group/sub/app.git/git-upload-pack");
    let mut answer = request.header("content-type", FORM).body("0000").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut bytes = answer.chunk().await.unwrap().unwrap().len();
    bench.site.owner.post(&format!("/v1/builds/{id}/cancel"), json!({})).await.ok();
    let end = loop {
        match answer.chunk().await {
            Ok(Some(piece)) => bytes += piece.len(),
            other => break other,
        }
    };
    assert!(end.is_err(), "git must not take it for a whole answer");
    assert!(bytes > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_runner_builds_a_private_project_and_no_token_stays_anywhere() {
    let search = "if grep -rI --exclude=.oore.yaml -e glpat- -e access-0 -e Authorization . ; then echo found; exit 1; fi";
    let repository = Repository::with(&[
        ("lib.txt", "from gitlab\n"),
        (
            ".oore.yaml",
            &pipeline_file(&[
                "cat lib.txt",
                search,
                "if env | grep -i -e GIT_CONFIG_ -e glpat- ; then exit 1; fi",
                "if git config --list --show-origin | grep -i extraheader ; then exit 1; fi",
                "mkdir -p out && cp lib.txt out/",
            ]),
        ),
    ]);
    let mut site = Site::with_application(&[("group/sub/app", &repository)]).await;
    // The access has to be renewed first.
    site.server.advance(LIVES as u64);
    let pipeline = site.pipeline("group/sub/app").await;
    let server = std::mem::replace(&mut site.server, crate::support::Server::start().await);
    let rig = Rig::of(server, site.owner.clone()).await.with_runner(&[]);
    let build = site.owner.build(&pipeline).await;
    let built = build_in(&site.owner, &build, "succeeded").await;
    let log = String::from_utf8_lossy(&site.owner.raw_log(&built).await).into_owned();
    assert!(log.contains("from gitlab"), "{log}");
    for token in site.gitlab.tokens() {
        assert!(!log.contains(&token), "{log}");
    }
    // One that GitLab no longer hands out fails with git's own words, and again no secret.
    site.gitlab.break_down("/group", Fault::status(500));
    let build = site.owner.build(&pipeline).await;
    let failed = build_in(&site.owner, &build, "failed").await;
    assert_eq!(failed["failure_reason"], "checkout_failed");
    let log = String::from_utf8_lossy(&site.owner.raw_log(&failed).await).into_owned();
    assert!(log.contains("502"), "{log}");
    drop(rig);
}
