//! Connecting GitLab, with a token and with an OAuth application; its projects, its pictures, its webhook secrets, and
//! reading code over its API.

use oored::domain::id::RepositoryId;
use oored::domain::source::RefSpec;
use oored::sources;
use serde_json::{Value, json};

use crate::support::fault::Fault;
use crate::support::gitlab::{CLIENT_SECRET, GitLab, LIVES};
use crate::support::with_gitlab::{
    ANA, SCOPES, Site, apart, authorize_url, open, start_application, start_with,
};
use crate::support::{Answer, Repository, Server, Stream};

const START: &str = "/v1/integrations/gitlab/start";

fn sample() -> Repository {
    Repository::with(&[
        ("README.md", "hello\n"),
        (".oore.yaml", "version: 1\n"),
        (".oore/ios.yaml", "version: 1\n"),
    ])
}

#[track_caller]
fn assert_page(page: &Answer, shows: &str) {
    assert_eq!(page.status, 200, "{} answered {}", page.asked, page.text);
    assert!(
        page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")),
        "{:?}",
        page.headers
    );
    assert!(page.text.contains(shows), "{}", page.text);
}

#[tokio::test]
async fn with_a_token_gitlab_works_at_once_and_its_projects_are_there() {
    let site = Site::with_token(Some(200), &[("group/sub/app", &sample())]).await;
    let made = site.integration().await;
    assert_eq!((&made["status"], &made["auth_mode"]), (&json!("active"), &json!("personal_token")));
    assert_eq!((&made["provider"], &made["host_url"]), (&json!("gitlab"), &json!(site.gitlab.base)));
    let accounts = site.owner.get(&site.path("/installations")).await.ok();
    assert_eq!(
        (&accounts["installations"][0]["external_id"], &accounts["installations"][0]["account_name"]),
        (&json!("7"), &json!("user7"))
    );
    let repository = site.repository("group/sub/app").await;
    assert_eq!((&repository["default_branch"], &repository["is_private"]), (&json!("main"), &json!(true)));
    let log = site.owner.get("/v1/audit-logs?action=integration_created").await.ok();
    assert_eq!(log["entries"][0]["resource_id"], json!(site.id));
    site.server.assert_not_stored(&site.token);
    assert!(!log.to_string().contains(&site.token));
}

#[tokio::test]
async fn a_gitlab_that_refuses_or_is_none_is_not_connected_and_says_why() {
    let (_server, owner, gitlab) = apart().await;
    let good = gitlab.token(ANA, &SCOPES, None);
    start_with(&owner, &gitlab, "glpat-wrong").await.error(400, "gitlab_auth_failed");
    let blind = gitlab.token(ANA, &["read_user"], None);
    let refused = start_with(&owner, &gitlab, &blind).await.error(400, "gitlab_auth_failed");
    assert!(refused["hint"].as_str().unwrap().contains("read_api and read_repository"), "{refused}");
    let codeless = gitlab.token(ANA, &["read_api"], None);
    start_with(&owner, &gitlab, &codeless).await.error(400, "gitlab_auth_failed");
    for (fault, status, code) in [
        (Fault::html(200), 502, "gitlab_parse_error"),
        (Fault::html(404), 502, "gitlab_api_error"),
        (Fault::status(429), 502, "gitlab_api_error"),
        (Fault::status(500), 502, "gitlab_unreachable"),
        (Fault::Endless, 502, "gitlab_parse_error"),
    ] {
        gitlab.break_down("/api/v4/user", fault);
        start_with(&owner, &gitlab, &good).await.error(status, code);
        gitlab.recover();
    }
    assert_eq!(owner.get("/v1/integrations").await.ok()["total"], 0);
    start_with(&owner, &gitlab, &good).await.ok();
}

#[tokio::test]
async fn an_address_that_must_not_be_asked_is_refused_with_its_field() {
    let (server, owner, _gitlab) = apart().await;
    for host in [
        "",
        "gitlab.example.com",
        "ftp://gitlab.example.com",
        "http://gitlab.example.com",
        "http://localhost:3000",
        "http://10.0.0.5",
        "https://ana:s3cret@gitlab.example.com",
        "https://gitlab.example.com?a=b",
        "https://169.254.169.254",
        "https://[fd00:ec2::254]",
        "https://0.0.0.0",
        &server.base,
    ] {
        let body = json!({"host_url": host, "auth_mode": "personal_token", "access_token": "glpat-x"});
        let refused = owner.post(START, body).await.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], "host_url", "{host}: {refused}");
    }
    let host = "https://gitlab.example.com";
    for (field, body) in [
        ("access_token", json!({"host_url": host, "auth_mode": "personal_token"})),
        ("access_token", json!({"host_url": host, "auth_mode": "personal_token", "access_token": "a b"})),
        (
            "access_token",
            json!({"host_url": host, "auth_mode": "personal_token", "access_token": "a".repeat(1025)}),
        ),
        ("client_id", json!({"host_url": host, "auth_mode": "oauth_app", "client_secret": "s"})),
        (
            "client_secret",
            json!({"host_url": host, "auth_mode": "oauth_app", "client_id": "c", "client_secret": " "}),
        ),
        ("auth_mode", json!({"host_url": host, "auth_mode": "github_app"})),
    ] {
        let refused = owner.post(START, body).await.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
    owner.post(START, json!({"host_url": host, "auth_mode": "magic"})).await.error(400, "invalid_request");
}

#[tokio::test]
async fn an_instance_in_local_mode_has_no_gitlab() {
    let server = Server::start().await;
    let (owner, gitlab) = (server.owner().await, GitLab::start().await);
    start_with(&owner, &gitlab, "glpat-x").await.error(403, "mode_restricted");
    let url = format!("{}/v1/integrations/gitlab/callback?code=c&state=s", server.base);
    assert_page(&open(&server, &url).await, "local mode");
    assert!(gitlab.calls().is_empty());
}

#[tokio::test]
async fn an_application_works_once_a_person_has_agreed_and_comes_back() {
    let (server, owner, gitlab) = apart().await;
    gitlab.host("group/app", &sample());
    let id = start_application(&owner, &gitlab).await;
    let path = format!("/v1/integrations/{id}");
    assert_eq!(owner.get(&path).await.ok()["integration"]["status"], "inactive");
    owner.post(&format!("{path}/installations"), json!({})).await.error(409, "integration_inactive");
    let back = open(&server, &gitlab.agree(&authorize_url(&server, &owner, &id).await, ANA)).await;
    assert_eq!(back.status, 303, "{}", back.text);
    let location = format!("{}/settings/integrations?gitlab=success&integration_id={id}", server.base);
    assert_eq!(back.header("location"), Some(&*location));
    assert_eq!(owner.get(&path).await.ok()["integration"]["status"], "active");
    assert_eq!(owner.get(&path).await.ok()["repository_count"], 1);
    let log = owner.get("/v1/audit-logs?action=integration_authorized").await.ok();
    assert_eq!(
        (&log["entries"][0]["resource_id"], &log["entries"][0]["actor_email"]),
        (&json!(id), &json!("ana@example.com"))
    );
    for secret in gitlab.tokens().iter().map(String::as_str).chain([CLIENT_SECRET]) {
        server.assert_not_stored(secret);
    }
}

#[tokio::test]
async fn a_way_back_from_gitlab_is_good_once_in_time_and_for_one_account() {
    let site = Site::with_application(&[]).await;
    let (server, owner, gitlab) = (&site.server, &site.owner, &site.gitlab);
    let callback = format!("{}/v1/integrations/gitlab/callback", server.base);
    for state in ["", "x", "%00", &"A".repeat(9000)] {
        assert_page(&open(server, &format!("{callback}?code=c&state={state}")).await, "did not begin here");
    }
    let back = gitlab.agree(&authorize_url(server, owner, &site.id).await, ANA);
    assert_eq!(open(server, &back).await.status, 303);
    assert_page(&open(server, &back).await, "has expired, was used");
    let back = gitlab.agree(&authorize_url(server, owner, &site.id).await, ANA);
    server.advance(601);
    assert_page(&open(server, &back).await, "has expired");
    let state = authorize_url(server, owner, &site.id).await;
    let state = state.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let denied = format!("{callback}?error=access_denied&error_description=%3Cb%3Edenied&state={state}");
    let page = open(server, &denied).await;
    assert_page(&page, "denied");
    assert_page(&page, "/settings/integrations\">Back to the integrations</a>");
    assert!(!page.text.contains("<b>"), "{}", page.text);
    assert_page(&site.authorize(ANA + 1).await, "is of user7");
    let accounts = owner.get(&site.path("/installations")).await.ok();
    assert_eq!(accounts["installations"].as_array().unwrap().len(), 1);
    // GitLab forgets the code, or the secret of the application was changed there.
    let back = gitlab.agree(&authorize_url(server, owner, &site.id).await, ANA);
    assert_page(&open(server, &back.replace("code=code", "code=other")).await, "does not accept this");
}

#[tokio::test]
async fn authorising_is_for_applications_and_pages_of_this_instance() {
    let site = Site::with_token(None, &[]).await;
    let (owner, path) = (&site.owner, "/v1/integrations/gitlab/authorize");
    let page = format!("{}/settings", site.server.base);
    let body = json!({"integration_id": site.id, "redirect_url": page});
    owner.post(path, body).await.error(400, "invalid_auth_mode");
    let id = start_application(owner, &site.gitlab).await;
    for redirect in ["", "https://evil.example/x", "javascript:alert(1)", "//evil.example", "/settings"] {
        let body = json!({"integration_id": id, "redirect_url": redirect});
        owner.post(path, body).await.error(400, "invalid_redirect_url");
    }
    for id in ["x", "00000000-0000-7000-8000-000000000000"] {
        let body = json!({"integration_id": id, "redirect_url": page});
        owner.post(path, body).await.error(404, "not_found");
    }
}

#[tokio::test]
async fn many_who_need_new_tokens_at_once_get_them_by_one_renewal() {
    let site = Site::with_application(&[("group/app", &sample())]).await;
    let before = site.gitlab.refresh_tokens();
    site.server.advance(LIVES as u64 - 59);
    let all = futures_util::future::join_all((0..8).map(|_| site.sync())).await;
    all.iter().for_each(|answer| drop(answer.ok()));
    assert_eq!(site.gitlab.asked("/oauth/token"), 2, "one for the code, one renewal");
    assert_ne!(site.gitlab.refresh_tokens(), before);
    site.sync().await.ok();
    assert_eq!(site.gitlab.asked("/oauth/token"), 2);
}

#[tokio::test]
async fn new_tokens_are_on_the_disk_before_they_are_used() {
    let Site { server, owner, gitlab, id, .. } = Site::with_application(&[("group/app", &sample())]).await;
    server.advance(LIVES as u64);
    // Whoever wished for the renewal has gone away before GitLab answers.
    let gate = gitlab.hold("/oauth/token");
    let path = format!("/v1/integrations/{id}/installations");
    let asking = tokio::spawn({
        let (owner, path) = (owner.clone(), path.clone());
        async move { owner.post(&path, json!({})).await }
    });
    gate.arrival().await;
    asking.abort();
    gate.open();
    // Renewals are one after the other, so this one comes when that is over.
    owner.post(&path, json!({})).await.ok();
    let server = server.restart().await;
    let owner = server.anonymous().with_token(owner.token.clone().unwrap());
    owner.post(&path, json!({})).await.ok();
    assert_eq!(gitlab.asked("/oauth/token"), 2, "the tokens of the one renewal are still good");
    server.advance(LIVES as u64);
    owner.post(&path, json!({})).await.ok();
    assert_eq!((gitlab.asked("/oauth/token"), gitlab.refresh_tokens().len()), (3, 1));
}

#[tokio::test]
async fn an_access_that_gitlab_does_not_renew_is_an_incident_until_somebody_authorises_it_again() {
    let site = Site::with_application(&[("group/app", &sample())]).await;
    site.gitlab.revoke_application();
    site.server.advance(LIVES as u64);
    site.sync().await.error(409, "gitlab_reconnect_required");
    let incidents = site.incidents("").await;
    assert_eq!(
        (&incidents[0]["reason"], &incidents[0]["severity"]),
        (&json!("refresh_failed"), &json!("critical"))
    );
    assert_eq!(site.integration().await["status"], "error");
    assert_eq!(site.check().await["status"], "rejected");
    assert_eq!(site.incidents("").await.len(), 1);
    assert_eq!(site.authorize(ANA).await.status, 303);
    assert!(site.incidents("").await.is_empty());
    assert_eq!(site.integration().await["status"], "active");
    let checked = site.check().await;
    assert_eq!((&checked["status"], checked.get("expires_at")), (&json!("valid"), None));
}

#[tokio::test]
async fn a_gitlab_that_is_away_costs_no_tokens() {
    let site = Site::with_application(&[]).await;
    site.gitlab.break_down("/oauth/token", Fault::status(503));
    site.server.advance(LIVES as u64 - 30);
    site.sync().await.ok();
    site.server.advance(30);
    site.sync().await.error(502, "gitlab_api_error");
    assert!(site.incidents("").await.is_empty());
    assert_eq!(site.check().await["status"], "unknown");
    site.gitlab.recover();
    site.sync().await.ok();
}

#[tokio::test]
async fn every_page_of_projects_is_read_and_what_is_gone_goes() {
    let site = Site::with_token(None, &[("group/app", &sample())]).await;
    site.gitlab.host_many("big", 250);
    // Behind a proxy it may know itself by another name; nobody else is asked, and no token goes there.
    site.gitlab.call_itself("https://gitlab.internal:8443/sub");
    site.gitlab.pages_of(40);
    site.sync().await.ok();
    let list = site.owner.get(&site.path("/repositories?limit=1")).await.ok();
    assert_eq!(list["total"], 251);
    let id = site.repository("group/app").await["id"].clone();
    site.gitlab.take_away("big/many-0001");
    site.sync().await.ok();
    let list = site.owner.get(&site.path("/repositories?limit=1")).await.ok();
    assert_eq!(list["total"], 250);
    assert_eq!(site.repository("group/app").await["id"], id, "what is known keeps its id");
    site.owner.get("/v1/audit-logs?action=integration_synced").await.ok();
}

#[tokio::test]
async fn reading_projects_fails_with_the_reason_and_loses_nothing() {
    let site = Site::with_token(None, &[("group/app", &sample())]).await;
    for (fault, code) in [
        (Fault::status(403), "gitlab_api_error"),
        (Fault::status(404), "gitlab_api_error"),
        (Fault::status(500), "gitlab_api_error"),
        (Fault::rate_limited(0), "gitlab_api_error"),
        (Fault::html(200), "gitlab_parse_error"),
        (Fault::Endless, "gitlab_parse_error"),
    ] {
        site.gitlab.break_down("/api/v4/projects", fault);
        site.sync().await.error(502, code);
        site.gitlab.recover();
    }
    let limited = Fault::Answers(429, vec![("retry-after", "17".to_owned())], "{}".to_owned());
    site.gitlab.break_down("/api/v4/projects", limited);
    let refused = site.sync().await.error(502, "gitlab_api_error");
    assert_eq!(refused["details"]["retry_after_seconds"], 17);
    site.gitlab.recover();
    assert_eq!(site.names().await, ["group/app"]);
    assert!(site.incidents("").await.is_empty(), "none of this is the token's fault");
    site.gitlab.revoke(&site.token);
    site.sync().await.error(502, "gitlab_api_error");
    assert_eq!(site.incidents("").await[0]["reason"], "rejected");
}

#[tokio::test]
async fn a_token_is_replaced_by_one_of_the_same_account_that_may_do_enough() {
    let site = Site::with_token(Some(3), &[("group/app", &sample())]).await;
    let gitlab = &site.gitlab;
    assert_eq!(site.incidents("").await[0]["reason"], "expiring");
    site.replace(" ").await.error(400, "invalid_input");
    site.replace("glpat-wrong").await.error(400, "gitlab_auth_failed");
    site.replace(&gitlab.token(ANA, &["read_api"], None)).await.error(400, "gitlab_scope_missing");
    site.replace(&gitlab.token(ANA, &["read_repository"], None)).await.error(400, "gitlab_scope_missing");
    site.replace(&gitlab.token(ANA + 1, &["api"], None)).await.error(409, "gitlab_account_mismatch");
    let good = gitlab.token(ANA, &["api"], Some(90));
    for fault in [Fault::status(500), Fault::status(429), Fault::html(200)] {
        gitlab.break_down("/api/v4/user", fault);
        site.replace(&good).await.error(502, "gitlab_unavailable");
        gitlab.recover();
    }
    let mut stream = Stream::open(&site.owner, None).await;
    let replaced = site.replace(&good).await.ok();
    assert_eq!(replaced["status"], "valid");
    assert!(replaced["expires_at"].as_i64().unwrap() > replaced["checked_at"].as_i64().unwrap());
    while stream.next().await.unwrap().name != "sources" {}
    assert!(site.incidents("").await.is_empty());
    site.sync().await.ok();
    assert_eq!(gitlab.calls().last().unwrap().token.as_ref(), Some(&good));
    let log = site.owner.get("/v1/audit-logs?action=integration_credential_replaced").await.ok();
    assert_eq!((&log["total"], &log["entries"][0]["resource_id"]), (&json!(1), &json!(site.id)));
    site.server.assert_not_stored(&good);
    let application = Site::with_application(&[]).await;
    application.replace("glpat-x").await.error(400, "invalid_auth_mode");
}

#[tokio::test]
async fn an_older_gitlab_that_knows_no_expiry_is_connected_all_the_same() {
    let (_server, owner, gitlab) = apart().await;
    gitlab.grow_old();
    let token = gitlab.token(ANA, &SCOPES, None);
    let started = start_with(&owner, &gitlab, &token).await.ok();
    let path =
        format!("/v1/integrations/{}/gitlab-token/check", started["integration"]["id"].as_str().unwrap());
    let checked = owner.post(&path, json!({})).await.ok();
    assert_eq!((&checked["status"], checked.get("expires_at")), (&json!("valid"), None));
}

#[tokio::test]
async fn each_repository_has_a_webhook_secret_of_its_own_that_is_shown_once() {
    let site = Site::with_token(None, &[("group/one", &sample()), ("group/two", &sample())]).await;
    let rotate = async |name: &str| site.webhook_secret(name).await;
    let secrets = [rotate("group/one").await, rotate("group/one").await, rotate("group/two").await];
    for (n, secret) in secrets.iter().enumerate() {
        let digits = secret.strip_prefix("oore_").unwrap();
        assert!(
            digits.len() == 64 && digits.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')),
            "{secret}"
        );
        assert!(!secrets[..n].contains(secret));
        site.server.assert_not_stored(secret);
    }
    let log = site.owner.get("/v1/audit-logs?action=gitlab_repository_webhook_secret_rotated").await.ok();
    assert_eq!((&log["total"], &log["entries"][0]["resource_type"]), (&json!(3), &json!("repository")));
    let unknown = "/v1/integration-repositories/00000000-0000-7000-8000-000000000000/gitlab-webhook-secret";
    site.owner.post(unknown, json!({})).await.error(404, "not_found");
}

#[tokio::test]
async fn pictures_of_private_projects_are_fetched_with_the_credential() {
    let site = Site::with_token(None, &[("group/app", &sample())]).await;
    let id = site.repository("group/app").await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/integration-repositories/{id}/avatar");
    let picture = site.owner.get(&path).await;
    assert_eq!((picture.status.as_u16(), picture.header("content-type")), (200, Some("image/png")));
    assert_eq!(picture.header("cache-control"), Some("private, max-age=3600"));
    let svg = Fault::Answers(200, vec![("content-type", "image/svg+xml".to_owned())], "<svg/>".to_owned());
    for (fault, code) in [
        (svg, "gitlab_avatar_invalid"),
        (Fault::html(200), "gitlab_avatar_invalid"),
        (Fault::status(404), "gitlab_avatar_unavailable"),
        (Fault::Endless, "gitlab_avatar_too_large"),
    ] {
        site.gitlab.break_down("/api/v4/projects/1000/avatar", fault);
        site.owner.get(&path).await.error(502, code);
        site.gitlab.recover();
    }
}

#[tokio::test]
async fn branches_tags_and_commits_are_found_and_files_read() {
    let repository = sample();
    let first = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["tag", "v1"]);
    repository.git(&["branch", "feature/a b#c".replace(' ', "-").as_str()]);
    let second = repository.commit("second", &[("big.yaml", &"x".repeat(5000))]);
    let third = repository.commit("third", &[("a b/ü.txt", "deep")]);
    let site = Site::with_token(None, &[("group/app", &repository)]).await;
    let id: RepositoryId = site.repository("group/app").await["id"].as_str().unwrap().parse().unwrap();
    let source = sources::open(&site.server.app, id).await.unwrap();
    let resolved =
        async |wanted: RefSpec| source.resolve(&wanted).await.map(|commit| (commit.sha, commit.subject));
    let (one, three) = ((first.clone(), "first commit".to_owned()), (third.clone(), "third".to_owned()));
    assert_eq!(resolved(RefSpec::Branch("main".to_owned())).await.unwrap(), three);
    assert_eq!(resolved(RefSpec::Branch("feature/a-b#c".to_owned())).await.unwrap(), one);
    assert_eq!(resolved(RefSpec::Ref("refs/heads/main".to_owned())).await.unwrap(), three);
    assert_eq!(resolved(RefSpec::Ref("refs/tags/v1".to_owned())).await.unwrap(), one);
    assert_eq!(resolved(RefSpec::Ref("v1".to_owned())).await.unwrap(), one);
    assert_eq!(resolved(RefSpec::Commit(first.clone())).await.unwrap(), one);
    for missing in [
        RefSpec::Branch("gone".to_owned()),
        RefSpec::Branch("../x".to_owned()),
        RefSpec::Ref("refs/tags/v9".to_owned()),
        RefSpec::Commit("0123456789".repeat(4)),
    ] {
        assert_eq!(resolved(missing).await.unwrap_err().code, "invalid_ref");
    }
    let read = async |path: &str| source.read_file(&third, path, 4096).await;
    assert_eq!(read("README.md").await.unwrap().unwrap(), b"hello\n");
    assert_eq!(read("a b/ü.txt").await.unwrap().unwrap(), b"deep");
    assert_eq!(read("gone.yaml").await.unwrap(), None);
    assert_eq!(read("big.yaml").await.unwrap_err().code, "workflow_too_large");
    let found = source.list_workflow_candidates(&third).await.unwrap();
    assert_eq!(found, [".oore.yaml", ".oore/ios.yaml"]);
    let shas = async |base: Option<&str>, limit| {
        let commits = source.history(base, &third, limit).await.unwrap();
        commits.into_iter().map(|commit| commit.sha).collect::<Vec<_>>()
    };
    assert_eq!(shas(Some(&first), 10).await, [third.clone(), second.clone()]);
    assert_eq!(shas(None, 2).await, [third.clone(), second.clone()]);
    assert_eq!(shas(Some(&"0123456789".repeat(4)), 10).await, [third.clone(), second, first]);
}

#[tokio::test]
async fn what_goes_wrong_at_gitlab_while_code_is_read_is_told_apart() {
    let repository = sample();
    let site = Site::with_token(None, &[("group/app", &repository)]).await;
    let id: RepositoryId = site.repository("group/app").await["id"].as_str().unwrap().parse().unwrap();
    let source = sources::open(&site.server.app, id).await.unwrap();
    let branch = RefSpec::Branch("main".to_owned());
    for (fault, code) in [
        (Fault::status(401), "source_unresolvable"),
        (Fault::status(403), "source_unresolvable"),
        (Fault::status(404), "source_unresolvable"),
        (Fault::status(429), "gitlab_api_error"),
        (Fault::status(500), "gitlab_api_error"),
        (Fault::html(200), "gitlab_api_error"),
        (Fault::Endless, "gitlab_api_error"),
    ] {
        site.gitlab.break_down("/api/v4/projects/1000", fault.clone());
        assert_eq!(source.resolve(&branch).await.unwrap_err().code, code, "{fault:?}");
        assert!(source.list_workflow_candidates("main").await.is_err(), "{fault:?}");
        site.gitlab.recover();
    }
    source.resolve(&branch).await.unwrap();
}

#[tokio::test]
async fn workflows_of_a_gitlab_project_are_found_and_builds_pinned() {
    let repository = Repository::running(&["true"]);
    let site = Site::with_token(None, &[("group/app", &repository)]).await;
    let pipeline = site.pipeline("group/app").await;
    let project = pipeline["project_id"].as_str().unwrap();
    let found = site.owner.get(&format!("/v1/projects/{project}/repository-workflows")).await.ok();
    assert_eq!(found["workflows"][0]["path"], ".oore.yaml");
    let build = site.owner.build(&pipeline).await;
    assert_eq!(build["commit_sha"], json!(repository.git(&["rev-parse", "HEAD"])));
    let snapshot: &Value = &build["config_snapshot"];
    assert!(snapshot.get("checkout_proxy_path").is_none(), "that is for the runner alone");
}
