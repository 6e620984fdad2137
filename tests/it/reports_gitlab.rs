//! What GitLab is told of builds: statuses of commits and a note on the merge request, if its credential may write.

use oored::reports;
use serde_json::{Value, json};

use crate::support::agent::Agent;
use crate::support::fault::Fault;
use crate::support::gitlab::GitLab;
use crate::support::with_gitlab::{
    ANA, SCOPES, Site, apart, authorize_url, open, start_application, start_with,
};
use crate::support::{Client, Repository, Server};

/// GitLab with `acme/shop`, a pipeline of it, and a runner worked by hand.
struct Shop {
    site: Site,
    repository: Repository,
    pipeline: Value,
    agent: Agent,
}

impl Shop {
    /// With a token that has these scopes.
    async fn open(scopes: &[&str]) -> Self {
        let repository = Repository::running(&["true"]);
        let (server, owner, gitlab) = apart().await;
        gitlab.host("acme/shop", &repository);
        let token = gitlab.token(ANA, scopes, None);
        let id = started(&start_with(&owner, &gitlab, &token).await.ok());
        Self::of(server, owner, gitlab, id, token, repository).await
    }

    async fn of(
        server: Server,
        owner: Client,
        gitlab: GitLab,
        id: String,
        token: String,
        repository: Repository,
    ) -> Self {
        let site = Site { server, owner, gitlab, id, token };
        let pipeline = site.pipeline("acme/shop").await;
        let agent = Agent::register(&site.owner, "by hand", 5).await;
        Self { site, repository, pipeline, agent }
    }

    async fn work(&self) {
        reports::work(&self.site.server.app).await.unwrap();
    }

    async fn build(&self) -> Value {
        self.site.owner.build(&self.pipeline).await
    }

    async fn end(&self, mut end: Value) {
        let job = self.agent.begin().await;
        end["log_frames"] = json!(0);
        self.agent.report(&job, end).await.ok();
    }

    /// A merge request brings a commit.
    async fn request(&self, iid: i64, sha: &str) {
        let secret = self.site.webhook_secret("acme/shop").await;
        let project = json!({"id": 1000, "path_with_namespace": "acme/shop"});
        let payload = json!({
            "object_kind": "merge_request", "event_type": "merge_request", "user": {"username": "jsmith"}, "project": project,
            "object_attributes": {"iid": iid, "action": "open", "source_branch": "feature", "target_branch": "main",
                "source_project_id": 1000, "target_project_id": 1000, "source": project, "last_commit": {"id": sha, "message": "m"}},
        });
        let told = self.site.hear("Merge Request Hook", &secret, &payload).await;
        assert_eq!(told["outcome"], "built", "{told}");
    }

    fn states(&self) -> Vec<String> {
        let reports = self.site.gitlab.reports();
        let told = reports.told.iter().filter_map(|(_, body)| body["state"].as_str().map(str::to_owned));
        told.collect()
    }
}

fn started(answer: &Value) -> String {
    answer["integration"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_commits_status_goes_with_its_newest_build() {
    let shop = Shop::open(&["api"]).await;
    let build = shop.build().await;
    shop.work().await;
    let job = shop.agent.begin().await;
    shop.work().await;
    shop.agent
        .report(&job, json!({"status": "failed", "failure_reason": "disk_full", "log_frames": 0}))
        .await
        .ok();
    shop.work().await;
    let status = shop.site.gitlab.reports().statuses[0].clone();
    assert_eq!((&status["name"], &status["ref"]), (&json!("oore/Main"), &json!("main")));
    assert_eq!((&status["sha"], &status["state"]), (&build["commit_sha"], &json!("failed")));
    assert_eq!(status["description"], "Failed: the disk is full");
    shop.build().await;
    shop.end(json!({"status": "succeeded"})).await;
    shop.work().await;
    assert_eq!(shop.states(), ["pending", "running", "failed", "success"]);
    // The host is told of the older build once more, if at all, when that is not the newest any more.
    let cancelled = shop.build().await;
    let newest = shop.build().await;
    let path = format!("/v1/builds/{}/cancel", cancelled["id"].as_str().unwrap());
    shop.site.owner.post(&path, json!({})).await.ok();
    shop.work().await;
    assert_eq!(shop.states().last().unwrap(), "pending", "of {newest}");
    assert_eq!(shop.states().len(), 5);
}

#[tokio::test]
async fn a_token_that_may_only_read_is_an_incident_and_one_that_may_write_ends_it() {
    let shop = Shop::open(&SCOPES).await;
    shop.build().await;
    shop.work().await;
    shop.end(json!({"status": "succeeded"})).await;
    shop.work().await;
    let statuses = "/api/v4/projects/1000/statuses";
    assert_eq!(shop.site.gitlab.asked(statuses), 1, "no storm");
    let open = shop.site.incidents("").await;
    assert_eq!((open.len(), &open[0]["reason"]), (1, &json!("reports_refused")));
    assert_eq!(open[0]["repair_action"], "Replace the token by one with the scope api");
    assert_eq!(shop.site.check().await["status"], "valid", "it is good for what it has to do");
    assert_eq!(shop.site.incidents("").await.len(), 1);
    let better = shop.site.gitlab.token(ANA, &["api"], None);
    shop.site.replace(&better).await.ok();
    shop.site.server.advance(60);
    shop.work().await;
    assert_eq!(shop.site.gitlab.reports().statuses[0]["state"], "success");
    assert!(shop.site.incidents("").await.is_empty());
}

#[tokio::test]
async fn an_application_reads_unless_it_is_authorised_to_report() {
    let repository = Repository::running(&["true"]);
    let (server, owner, gitlab) = apart().await;
    gitlab.host("acme/shop", &repository);
    let id = start_application(&owner, &gitlab).await;
    let url = authorize_url(&server, &owner, &id).await;
    assert!(url.contains("scope=read_api+read_repository"), "{url}");
    let body = json!({"integration_id": id, "redirect_url": format!("{}/settings/integrations", server.base), "report": true});
    let begun = owner.post("/v1/integrations/gitlab/authorize", body).await.ok();
    let url = begun["authorize_url"].as_str().unwrap();
    assert!(url.contains("scope=api+read_repository"), "{url}");
    assert_eq!(open(&server, &gitlab.agree(url, ANA)).await.status, 303);
    let shop = Shop::of(server, owner, gitlab, id, String::new(), repository).await;
    shop.build().await;
    shop.work().await;
    assert_eq!(shop.states(), ["pending"]);
}

#[tokio::test]
async fn a_gitlab_that_is_away_or_garbles_is_told_later_and_once() {
    let shop = Shop::open(&["api"]).await;
    let statuses = "/api/v4/projects/1000/statuses";
    shop.build().await;
    let limited = Fault::Answers(429, vec![("retry-after", "30".to_owned())], "{}".to_owned());
    for fault in [Fault::status(500), Fault::html(200), Fault::html(503), limited] {
        shop.site.gitlab.break_down(statuses, fault);
        shop.work().await;
        shop.site.gitlab.recover();
        shop.site.server.advance(200);
    }
    assert!(shop.states().is_empty());
    shop.work().await;
    shop.work().await;
    assert_eq!(shop.states(), ["pending"]);
}

#[tokio::test]
async fn a_token_that_is_refused_is_looked_at() {
    let shop = Shop::open(&["api"]).await;
    shop.build().await;
    shop.site.gitlab.revoke(&shop.site.token);
    shop.work().await;
    assert_eq!(shop.site.incidents("").await[0]["reason"], "rejected");
    assert_eq!(shop.site.integration().await["status"], "error");
}

#[tokio::test]
async fn a_project_in_which_the_account_may_not_write_is_in_no_others_way() {
    let shop = Shop::open(&["api"]).await;
    shop.site.gitlab.break_down("/api/v4/projects/1000/statuses", Fault::status(403));
    shop.build().await;
    shop.work().await;
    let source = shop.site.owner.get(&shop.site.path("")).await.ok();
    assert_eq!((&source["reports_waiting"], &source["reports_failed"]), (&json!(0), &json!(1)));
    assert!(shop.site.incidents("").await.is_empty());
    let other = Repository::running(&["true"]);
    shop.site.gitlab.host("acme/lib", &other);
    shop.site.sync().await.ok();
    shop.site.owner.build(&shop.site.pipeline("acme/lib").await).await;
    shop.work().await;
    assert_eq!(shop.states(), ["pending"]);
}

#[tokio::test]
async fn one_note_on_a_merge_request_goes_with_its_builds() {
    let shop = Shop::open(&["api"]).await;
    shop.repository.git(&["checkout", "--quiet", "-b", "feature"]);
    let sha = shop.repository.commit("one", &[("a", "1")]);
    let project = shop.pipeline["project_id"].as_str().unwrap();
    let theirs = format!("<!-- oore-ci report {project} -->\nnot yours");
    shop.site.gitlab.reports().note("1000", "3", ANA + 1, &theirs);
    shop.request(3, &sha).await;
    shop.work().await;
    let bodies = || -> Vec<String> {
        let reports = shop.site.gitlab.reports();
        reports.notes.iter().map(|note| note["body"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((bodies().len(), &bodies()[0]), (2, &theirs));
    assert!(bodies()[1].contains("| `Main` | ⏳ waiting |  | 1 |"), "{:?}", bodies());
    assert_eq!(shop.site.gitlab.reports().statuses[0]["ref"], "feature");
    shop.end(json!({"status": "succeeded"})).await;
    shop.work().await;
    assert!(bodies().len() == 2 && bodies()[1].contains("✅ succeeded"), "{:?}", bodies());
    shop.site.gitlab.reports().notes.pop();
    shop.build().await;
    shop.work().await;
    assert_eq!(bodies().len(), 1, "a build of another commit is not of the request");
}
