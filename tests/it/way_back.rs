//! The way to a code host and back belongs to one browser: another one that comes back with what was begun here changes
//! nothing. And what is found out about a token that somebody replaces meanwhile counts for nothing.

use oored::db;
use oored::db::integration_secrets::Holder;
use oored::domain::id::IntegrationId;
use oored::domain::incident::GitLabCredentialStatus;
use oored::domain::source::IntegrationSecretKind;
use oored::sources::secrets;
use serde_json::{Value, json};

use crate::support::connected::{form, start};
use crate::support::github::GitHub;
use crate::support::gitlab::LIVES;
use crate::support::setting_up::behind_proxy;
use crate::support::with_gitlab::{ANA, SCOPES, Site, apart, start_application};
use crate::support::{Answer, Browser, Client, Repository, Server};

async fn with_github() -> (Server, Client, GitHub) {
    let server = Server::start().await;
    let owner = behind_proxy(&server, "ana@example.com").await;
    let github = GitHub::start().await;
    github.follow(&server.app.clock);
    (server, owner, github)
}

#[track_caller]
fn assert_refused(page: &Answer) {
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("begun in another browser") && page.text.contains("stay in one browser"),
        "{}",
        page.text
    );
    assert!(page.text.contains("Back to the integrations"), "{}", page.text);
}

/// A person at GitHub agrees to what a page posts there; answers where they are sent back to.
fn agreed(github: &GitHub, page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let (action, manifest) = form(page);
    github.agree(&action, &manifest)
}

async fn count(owner: &Client) -> Value {
    owner.get("/v1/integrations").await.ok()["total"].clone()
}

async fn begin(browser: &Browser, owner: &Client, server: &Server, github: &GitHub) -> (String, Answer) {
    let body = json!({"webhook_url": "https://ci.example.com/v1/webhooks/github", "host_url": github.base,
        "redirect_url": format!("{}/settings/integrations", server.base)});
    let started = browser.call(owner, &server.base, "/v1/integrations/github/start", body).await;
    (started.ok()["create_url"].as_str().unwrap().to_owned(), started)
}

#[tokio::test]
async fn a_new_app_comes_back_to_the_browser_that_began_and_to_no_other() {
    let (server, owner, github) = with_github().await;
    let (ours, theirs, nobody) = (Browser::default(), Browser::default(), server.anonymous());
    let (create, started) = begin(&ours, &owner, &server, &github).await;
    let cookie = started.header("set-cookie").unwrap();
    for part in
        ["oore_gh_app_state=", "Max-Age=600", "Path=/v1/integrations/github;", "HttpOnly", "SameSite=Lax"]
    {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_refused(&theirs.open(&nobody, &create).await);
    let back = agreed(&github, &ours.open(&nobody, &create).await);
    assert_refused(&theirs.open(&nobody, &back).await);
    let plain = nobody.send(nobody.http.get(&back)).await;
    assert_refused(&plain);
    // Somebody else's own way is not this one.
    begin(&theirs, &owner, &server, &github).await;
    assert_refused(&theirs.open(&nobody, &back).await);
    assert_eq!(count(&owner).await, 0);
    assert_eq!(ours.open(&nobody, &back).await.status, 303, "nobody else has used it up");
    assert_eq!(count(&owner).await, 1);
}

#[tokio::test]
async fn two_ways_at_once_in_one_browser_do_not_end_each_other() {
    let (server, owner, github) = with_github().await;
    let (browser, nobody) = (Browser::default(), server.anonymous());
    let (first, _) = begin(&browser, &owner, &server, &github).await;
    let (second, _) = begin(&browser, &owner, &server, &github).await;
    for create in [first, second] {
        let back = agreed(&github, &browser.open(&nobody, &create).await);
        assert_eq!(browser.open(&nobody, &back).await.status, 303);
    }
    assert_eq!(count(&owner).await, 2);
}

#[tokio::test]
async fn what_a_program_or_a_page_elsewhere_began_belongs_to_the_browser_that_opens_it() {
    let (server, owner, github) = with_github().await;
    let (ours, theirs, nobody) = (Browser::default(), Browser::default(), server.anonymous());
    let create = start(&server, &owner, &github).await;
    let back = agreed(&github, &ours.open(&nobody, &create).await);
    assert_refused(&theirs.open(&nobody, &back).await);
    assert_eq!(ours.open(&nobody, &back).await.status, 303);
    assert_eq!(count(&owner).await, 1);
}

#[tokio::test]
async fn an_agreement_of_gitlab_comes_back_to_the_browser_that_began() {
    let (server, owner, gitlab) = apart().await;
    let id = start_application(&owner, &gitlab).await;
    let (ours, theirs, nobody) = (Browser::default(), Browser::default(), server.anonymous());
    let path = format!("/v1/integrations/{id}");
    let body =
        json!({"integration_id": id, "redirect_url": format!("{}/settings/integrations", server.base)});
    let begun = ours.call(&owner, &server.base, "/v1/integrations/gitlab/authorize", body).await;
    let cookie = begun.header("set-cookie").unwrap();
    for part in [
        "oore_gl_state=",
        "Max-Age=600",
        "Path=/v1/integrations/gitlab/callback;",
        "HttpOnly",
        "SameSite=Lax",
    ] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let back = gitlab.agree(begun.ok()["authorize_url"].as_str().unwrap(), ANA);
    assert_refused(&theirs.open(&nobody, &back).await);
    assert_refused(&nobody.send(nobody.http.get(&back)).await);
    assert_eq!(owner.get(&path).await.ok()["integration"]["status"], "inactive");
    assert_eq!(ours.open(&nobody, &back).await.status, 303);
    assert_eq!(owner.get(&path).await.ok()["integration"]["status"], "active");
}

#[tokio::test]
async fn an_application_that_lost_what_it_proves_itself_with_says_which_part() {
    let site = Site::with_application(&[]).await;
    let page = format!("{}/settings", site.server.base);
    let body = json!({"integration_id": site.id, "redirect_url": page});
    let authorize = async || site.owner.post("/v1/integrations/gitlab/authorize", body.clone()).await;
    let run = async |sql: &'static str| {
        let db = &site.server.app.db;
        db.write(async |tx| Ok(sea_orm::ConnectionTrait::execute_unprepared(tx, sql).await?)).await.unwrap();
    };
    run("DELETE FROM integration_secrets WHERE kind = 'client_secret'").await;
    authorize().await.error(500, "missing_credentials");
    run("UPDATE integrations SET app_id = NULL").await;
    authorize().await.error(409, "invalid_source_state");
}

#[tokio::test]
async fn an_account_that_is_another_one_by_now_fails_the_synchronisation() {
    let site = Site::with_token(None, &[]).await;
    let sql = "UPDATE installations SET external_id = '99'";
    let db = &site.server.app.db;
    db.write(async |tx| Ok(sea_orm::ConnectionTrait::execute_unprepared(tx, sql).await?)).await.unwrap();
    let refused = site.sync().await.error(502, "sync_failed");
    assert!(refused["hint"].as_str().is_some_and(|hint| hint.contains("same account")), "{refused}");
}

/// Somebody connects it anew while GitLab is asked about the token of before.
async fn connect_anew(site: &Site, token: &str) {
    let (app, id): (_, IntegrationId) = (&site.server.app, site.id.parse().unwrap());
    let now = app.clock.now();
    let row =
        oored::sources::gitlab::access::credential(id, GitLabCredentialStatus::Valid, Some(now + LIVES), now);
    app.db
        .write(async |tx| {
            let holder = Holder::Integration(id);
            secrets::keep(tx, app, holder, IntegrationSecretKind::AccessToken, token).await?;
            secrets::keep(tx, app, holder, IntegrationSecretKind::RefreshToken, "a new one").await?;
            db::source_credentials::put(tx, row).await
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_renewal_that_is_refused_breaks_nothing_when_the_access_is_a_new_one_by_then() {
    let repository = Repository::with(&[("a", "b")]);
    let site = Site::with_application(&[("group/app", &repository)]).await;
    site.server.advance(LIVES as u64);
    let gate = site.gitlab.hold("/oauth/token");
    let asking = tokio::spawn({
        let (owner, path) = (site.owner.clone(), site.path("/installations"));
        async move { owner.post(&path, json!({})).await }
    });
    gate.arrival().await;
    site.gitlab.revoke_application();
    connect_anew(&site, &site.gitlab.token(ANA, &SCOPES, None)).await;
    gate.open();
    asking.await.unwrap().ok();
    assert!(site.incidents("").await.is_empty());
    assert_eq!(site.integration().await["status"], "active");
}

#[tokio::test]
async fn a_token_that_gitlab_refuses_is_no_incident_when_there_is_another_one_by_then() {
    let site = Site::with_token(None, &[]).await;
    let gate = site.gitlab.hold("/api/v4/personal_access_tokens/self");
    let checking = tokio::spawn({
        let (owner, path) = (site.owner.clone(), site.path("/gitlab-token/check"));
        async move { owner.post(&path, json!({})).await }
    });
    gate.arrival().await;
    site.gitlab.revoke(&site.token);
    connect_anew(&site, &site.gitlab.token(ANA, &SCOPES, None)).await;
    gate.open();
    assert_eq!(checking.await.unwrap().ok()["status"], "valid");
    assert!(site.incidents("").await.is_empty());
    assert_eq!(site.integration().await["status"], "active");
    assert_eq!(site.check().await["status"], "valid");
}
