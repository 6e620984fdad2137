//! GitHub connected by its manifest flow, and what the instance then reads from it: accounts, repositories, pictures.
//! GitHub is a model over real HTTP that checks every signature.

use serde_json::{Value, json};

use crate::support::connected::{Connected, agreed, connect, form, open, start};
use crate::support::fault::Fault;
use crate::support::github::{CLIENT_SECRET, GitHub, SLUG, WEBHOOK_SECRET};
use crate::support::setting_up::{behind_proxy, proxy_sign_in};
use crate::support::{Answer, Repository, Server};

async fn remote() -> (Server, crate::support::Client, GitHub) {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let github = GitHub::start().await;
    github.follow(&server.app.clock);
    (server, owner, github)
}

fn assert_page(answer: &Answer, text: &str) {
    answer.expect_status(200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.text.contains(text), "{}", answer.text);
}

#[tokio::test]
async fn an_app_is_made_of_a_manifest_installed_and_its_repositories_are_there() {
    let (server, owner, github) = remote().await;
    let installation = github.account("acme");
    github.host("acme/shop", &Repository::with(&[("a", "b")]), true);
    let page = open(&server, &start(&server, &owner, &github).await).await;
    assert_page(&page, "<form method=\"post\"");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("form-action {};", github.base)), "{policy}");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let (action, manifest) = form(&page);
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["hook_attributes"]["url"], "https://ci.example.com/v1/webhooks/github");
    assert_eq!(manifest["default_permissions"]["contents"], "read");
    let back = open(&server, &github.agree(&action, &manifest.to_string())).await;
    back.expect_status(303);
    assert_eq!(back.header("location"), Some(&*format!("{}/apps/{SLUG}/installations/new", github.base)));
    let cookie = back.header("set-cookie").unwrap();
    for part in [
        "oore_gh_install_state=",
        "Max-Age=1800",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/v1/integrations/github/installed",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "this instance is reached over http: {cookie}");
    let client = server.anonymous();
    let installed =
        format!("{}/v1/integrations/github/installed?installation_id={installation}", server.base);
    let with_cookie = client.http.get(&installed).header("cookie", cookie.split(';').next().unwrap());
    let page = client.send(with_cookie).await;
    assert_page(&page, "GitHub is connected");
    let list = owner.get("/v1/integrations?provider=github").await.ok();
    let made = &list["integrations"][0];
    let id = made["id"].as_str().unwrap();
    assert!(
        page.text.contains(&format!("2;url={}/settings/integrations/{id}?installed=true", server.base)),
        "{}",
        page.text
    );
    assert_eq!((&made["status"], &made["auth_mode"]), (&json!("active"), &json!("github_app")));
    assert_eq!((&made["app_slug"], &made["host_url"]), (&json!(SLUG), &json!(github.base)));
    let accounts = owner.get(&format!("/v1/integrations/{id}/installations")).await.ok();
    assert_eq!(accounts["installations"][0]["account_name"], "acme");
    assert_eq!(accounts["installations"][0]["account_type"], "Organization");
    let repositories = owner.get(&format!("/v1/integrations/{id}/repositories")).await.ok();
    assert_eq!(
        (&repositories["total"], &repositories["repositories"][0]["full_name"]),
        (&json!(1), &json!("acme/shop"))
    );
    assert_eq!(repositories["repositories"][0]["is_private"], true);
    let log = owner.get("/v1/audit-logs?action=integration_created").await.ok();
    assert_eq!(
        (&log["entries"][0]["actor_email"], &log["entries"][0]["resource_id"]),
        (&json!("ana@example.com"), &json!(id))
    );
    let key = github.pem().lines().nth(5).unwrap().to_owned();
    for secret in
        [CLIENT_SECRET, WEBHOOK_SECRET, &key].into_iter().chain(github.tokens().iter().map(String::as_str))
    {
        server.assert_not_stored(secret);
    }
    // Who comes without the cookie is sent to the list.
    assert_page(&client.send(client.http.get(&installed)).await, "/settings/integrations?github=success");
}

#[tokio::test]
async fn a_state_is_good_once_in_time_and_only_while_who_began_may() {
    let (server, owner, github) = remote().await;
    let count = async || owner.get("/v1/integrations?provider=github").await.ok()["total"].as_u64().unwrap();
    let back = agreed(&server, &owner, &github).await;
    open(&server, &back).await.expect_status(303);
    assert_page(&open(&server, &back).await, "has expired, was used");
    assert_eq!(count().await, 1);
    for state in ["", "x", "%00", &"A".repeat(9000)] {
        let url = format!("{}/v1/integrations/github/callback?code=c&state={state}", server.base);
        let page = open(&server, &url).await;
        assert_page(&page, "has expired, was used");
        assert_page(&page, "/settings/integrations\">Back to the integrations</a>");
        assert_page(&open(&server, &url.replace("callback", "create")).await, "has expired, was used");
    }
    let bo = json!({"email": "bo@example.com", "role": "admin"});
    owner.post("/v1/users/invite", bo).await.created();
    let admin = proxy_sign_in(&server, "bo@example.com").await;
    let back = agreed(&server, &admin, &github).await;
    let bo = admin.id().await;
    owner.patch(&format!("/v1/users/{bo}/role"), json!({"role": "developer"})).await.ok();
    assert_page(&open(&server, &back).await, "may no longer do it");
    let page = start(&server, &owner, &github).await;
    let back = agreed(&server, &owner, &github).await;
    server.advance(601);
    assert_page(&open(&server, &page).await, "has expired");
    assert_page(&open(&server, &back).await, "has expired");
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn what_cannot_be_begun_is_refused_with_the_field() {
    let (server, owner, _github) = remote().await;
    let page = format!("{}/settings/integrations", server.base);
    let hook = "https://ci.example.com/v1/webhooks/github";
    let path = "/v1/integrations/github/start";
    let broken = format!("{}/set\ntings", server.base);
    for redirect in
        ["", "https://evil.example/x", "javascript:alert(1)", "//evil.example", "/settings", &broken]
    {
        let body = json!({"webhook_url": hook, "redirect_url": redirect});
        owner.post(path, body).await.error(400, "invalid_redirect_url");
    }
    for (field, value) in [
        ("webhook_url", "ftp://ci.example.com"),
        ("webhook_url", " "),
        ("webhook_url", "https://a:b@ci.example.com/"),
        ("host_url", "ftp://github.example.com"),
        ("host_url", "https://a:b@github.example.com"),
        ("host_url", "https://github.example.com/path"),
        ("host_url", "http://169.254.169.254"),
        ("host_url", "http://[::ffff:169.254.169.254]"),
        ("host_url", "http://0.0.0.0"),
        ("host_url", server.base.as_str()),
        ("organization", "a/b"),
    ] {
        let mut body = json!({"webhook_url": hook, "redirect_url": page});
        body[field] = json!(value);
        let refused = owner.post(path, body).await.error(400, "invalid_input");
        assert_eq!(refused["fields"][0]["field"], field);
    }
    let body = json!({"webhook_url": hook, "redirect_url": page, "organization": "acme"});
    let url = owner.post(path, body).await.ok()["create_url"].as_str().unwrap().to_owned();
    let (action, _) = form(&open(&server, &url).await);
    assert!(action.starts_with("https://github.com/organizations/acme/settings/apps/new?state="), "{action}");
}

#[tokio::test]
async fn an_instance_in_local_mode_connects_no_code_host() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let body = json!({"webhook_url": "https://x.example/", "redirect_url": server.base});
    owner.post("/v1/integrations/github/start", body).await.error(403, "mode_restricted");
    owner.post("/v1/integrations/github/complete", json!({"code": "c"})).await.error(403, "mode_restricted");
    for page in ["create?state=x", "callback?code=c&state=x", "installed?installation_id=1"] {
        let url = format!("{}/v1/integrations/github/{page}", server.base);
        assert_page(&open(&server, &url).await, "local mode");
    }
}

#[tokio::test]
async fn a_code_that_github_does_not_honour_makes_nothing() {
    let (server, owner, github) = remote().await;
    let complete = async |code: &str| {
        let body = json!({"code": code, "host_url": github.base});
        owner.post("/v1/integrations/github/complete", body).await
    };
    for code in ["", "a/b", "a b", "..", &"x".repeat(300)] {
        complete(code).await.error(400, "invalid_input");
    }
    complete("unknown").await.error(502, "github_conversion_failed");
    for fault in [Fault::status(500), Fault::status(403), Fault::html(200), Fault::html(502), Fault::Endless]
    {
        github.break_down("/api/v3/app-manifests", fault);
        complete("code").await.error(502, "github_conversion_failed");
        assert_page(&open(&server, &agreed(&server, &owner, &github).await).await, "did not hand over");
    }
    github.recover();
    assert_eq!(owner.get("/v1/integrations").await.ok()["total"], 0);
    let code = agreed(&server, &owner, &github).await;
    let code = code.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let made = complete(code).await.ok();
    assert_eq!(made["integration"]["app_slug"], SLUG);
    complete(code).await.error(502, "github_conversion_failed");
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let (server, owner, github) = remote().await;
    let first = github.account("acme");
    github.account("globex");
    github.host_many("acme", 230);
    github.pages_of(50);
    let id = connect(&server, &owner, &github, first).await;
    let read = github.calls().iter().filter(|call| call.path.contains("/installation/repositories")).count();
    assert_eq!(read, 5, "230 repositories in pages of 50");
    github.pages_of(1);
    owner.post(&format!("/v1/integrations/{id}/installations"), json!({"installation_id": "2"})).await.ok();
    let detail = owner.get(&format!("/v1/integrations/{id}")).await.ok();
    assert_eq!((&detail["installation_count"], &detail["repository_count"]), (&json!(2), &json!(230)));
    let found = owner.get(&format!("/v1/integrations/{id}/repositories?q=many-002&limit=100")).await.ok();
    assert_eq!(found["total"], 10);
    let page = owner.get(&format!("/v1/integrations/{id}/repositories?offset=229")).await.ok();
    assert_eq!(page["repositories"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_changes_at_github_changes_here_but_no_project_loses_its_repository() {
    let (shop, web, old) =
        (Repository::with(&[("a", "b")]), Repository::with(&[("a", "b")]), Repository::with(&[("a", "b")]));
    let site = Connected::with(&[("acme/shop", &shop), ("acme/web", &web), ("acme/old", &old)]).await;
    let project = site.project("acme/shop").await;
    assert_eq!(site.names().await, ["acme/old", "acme/shop", "acme/web"]);
    site.github.rename("acme/web", "acme/website");
    site.github.list("acme/old", false);
    site.github.list("acme/shop", false);
    site.sync().await.ok();
    assert_eq!(site.names().await, ["acme/shop", "acme/website"]);
    site.github.suspend("acme", true);
    site.sync().await.ok();
    assert_eq!(site.names().await, ["acme/shop", "acme/website"], "a suspension is not for good");
    site.github.suspend("acme", false);
    site.github.uninstall("acme");
    let left = site.sync().await.ok();
    assert_eq!(site.names().await, ["acme/shop"]);
    assert_eq!(left["installations"].as_array().unwrap().len(), 1, "its account stays with it");
    let path = format!("/v1/projects/{}", project["id"].as_str().unwrap());
    assert!(site.owner.get(&path).await.ok()["project"]["repository_id"].is_string());
    let log = site.owner.get("/v1/audit-logs?action=integration_synced").await.ok();
    assert_eq!(log["entries"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_changes_at_github_is_read_when_github_tells_of_it() {
    let site = Connected::with(&[("acme/shop", &Repository::with(&[("a", "b")]))]).await;
    site.github.host("acme/web", &Repository::with(&[("a", "b")]), false);
    let told = async |id: &str| {
        let payload = json!({"action": "added", "of": id});
        site.hear("installation_repositories", id, &payload).await
    };
    assert_eq!(site.names().await, ["acme/shop"], "nothing is read before the answer");
    let read = told("d1").await;
    assert_eq!((&read["status"], &read["outcome"]), (&json!("done"), &json!("ignored")));
    assert_eq!(site.names().await, ["acme/shop", "acme/web"]);
    site.github.break_down("/api/v3/app/installations", Fault::status(500));
    assert_eq!(told("d2").await["status"], "waiting", "it is tried again");
}

#[tokio::test]
async fn whatever_github_answers_nothing_is_lost_and_the_reason_is_told() {
    let site = Connected::with(&[("acme/shop", &Repository::with(&[("a", "b")]))]).await;
    let (listing, installations) = ("/api/v3/installation/repositories", "/api/v3/app/installations");
    let reset = site.server.app.clock.now() + 300;
    for (path, fault, code) in [
        (installations, Fault::status(500), "github_api_error"),
        (installations, Fault::html(503), "github_api_error"),
        (installations, Fault::rate_limited(reset), "github_api_error"),
        (installations, Fault::html(200), "github_parse_error"),
        (installations, Fault::Endless, "github_parse_error"),
        (installations, Fault::Silence, "github_api_error"),
        (listing, Fault::status(500), "github_api_error"),
        (listing, Fault::status(404), "github_api_error"),
        (listing, Fault::html(200), "github_parse_error"),
        (listing, Fault::Answers(200, vec![], "{\"repositories\": 7}".to_owned()), "github_parse_error"),
        (
            listing,
            Fault::Answers(302, vec![("location", "http://127.0.0.1:1/".to_owned())], String::new()),
            "github_api_error",
        ),
    ] {
        site.github.break_down(path, fault.clone());
        let refused = site.sync().await.error(502, code);
        if let Fault::Answers(403, ..) = fault {
            let wait = refused["details"]["retry_after_seconds"].as_i64().unwrap();
            assert!((240..=300).contains(&wait), "{refused}");
        }
        site.github.recover();
        assert_eq!(site.names().await, ["acme/shop"], "{fault:?}");
        assert_eq!(site.integration().await["status"], "active", "{fault:?}");
    }
    site.github.delete_app();
    site.sync().await.error(502, "github_api_error");
    let broken = site.integration().await;
    assert_eq!(broken["status"], "error");
    assert!(broken["status_reason"].as_str().unwrap().contains("refuses the app"), "{broken}");
    assert_eq!(site.owner.get("/v1/integrations").await.ok()["active_total"], 0);
    site.github.restore_app();
    site.sync().await.ok();
    let repaired = site.integration().await;
    assert_eq!((&repaired["status"], repaired.get("status_reason")), (&json!("active"), None));
}

#[tokio::test]
async fn the_hourly_look_notices_what_was_taken_away_and_what_is_repaired() {
    let site = Connected::with(&[("acme/shop", &Repository::with(&[("a", "b")]))]).await;
    let look = async || oored::sources::health::look(&site.server.app).await.unwrap();
    site.github.delete_app();
    look().await;
    assert_eq!(site.integration().await["status"], "error");
    site.github.restore_app();
    site.github.host("acme/web", &Repository::with(&[("a", "b")]), false);
    site.server.advance(3600);
    look().await;
    let found = site.integration().await;
    assert_eq!(found["status"], "active");
    let ago = site.server.app.clock.now() - found["synced_at"].as_i64().unwrap();
    assert!((0..30).contains(&ago), "{found}");
    assert_eq!(site.names().await, ["acme/shop", "acme/web"]);
}

#[tokio::test]
async fn pictures_come_through_the_daemon_and_only_pictures() {
    let site = Connected::with(&[("acme/shop", &Repository::with(&[("a", "b")]))]).await;
    let repository = site.repository("acme/shop").await;
    let path = format!("/v1/integration-repositories/{}/avatar", repository["id"].as_str().unwrap());
    let picture = site.owner.get(&path).await;
    picture.expect_status(200);
    assert_eq!(picture.header("content-type"), Some("image/png"));
    assert_eq!(picture.header("cache-control"), Some("private, max-age=3600"));
    for (fault, code) in [
        (Fault::status(404), "github_avatar_unavailable"),
        (Fault::html(200), "github_avatar_invalid"),
        (
            Fault::Answers(200, vec![("content-type", "image/svg+xml".to_owned())], "<svg/>".to_owned()),
            "github_avatar_invalid",
        ),
        (
            Fault::Answers(302, vec![("location", "http://127.0.0.1:1/".to_owned())], String::new()),
            "github_avatar_unavailable",
        ),
        (Fault::EndlessAs("image/png"), "github_avatar_too_large"),
    ] {
        site.github.break_down("/avatars/", fault);
        site.owner.get(&path).await.error(502, code);
        site.github.recover();
    }
}

#[tokio::test]
async fn disconnecting_takes_the_secrets_along() {
    let site = Connected::with(&[("acme/shop", &Repository::with(&[("a", "b")]))]).await;
    site.owner.delete(&format!("/v1/integrations/{}", site.id)).await.ok();
    let count = "SELECT count(*) AS n FROM integration_secrets";
    let row = sea_orm::ConnectionTrait::query_one_raw(
        site.server.app.db.read(),
        sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, count),
    );
    assert_eq!(row.await.unwrap().unwrap().try_get::<i64>("", "n").unwrap(), 0);
    assert_eq!(site.owner.get("/v1/integration-repositories").await.ok()["total"], 0);
}
