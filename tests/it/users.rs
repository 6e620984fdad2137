//! Accounts: inviting, listing, roles, disabling, and who may do that to whom.

use oored::domain::role::UserRole::{Admin, Developer, QaViewer};
use serde_json::{Value, json};

use crate::support::stream::Stream;
use crate::support::{Client, Server};

async fn invite(client: &Client, email: &str, role: &str) -> crate::support::Answer {
    client.post("/v1/users/invite", json!({"email": email, "role": role})).await
}

async fn set_role(client: &Client, id: &str, role: &str) -> crate::support::Answer {
    client.patch(&format!("/v1/users/{id}/role"), json!({ "role": role })).await
}

async fn disable(client: &Client, id: &str) -> crate::support::Answer {
    client.delete(&format!("/v1/users/{id}")).await
}

async fn enable(client: &Client, id: &str) -> crate::support::Answer {
    client.post(&format!("/v1/users/{id}/enable"), json!({})).await
}

#[tokio::test]
async fn somebody_is_invited_once() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let user = invite(&owner, " Ana@Example.com ", "developer").await.created()["user"].clone();
    assert_eq!((&user["email"], &user["status"]), (&json!("Ana@Example.com"), &json!("invited")));
    assert_eq!(user["role"], "developer");
    invite(&owner, "ana@example.COM", "admin").await.error(409, "email_exists");
    for email in ["", "ana", "@", "a@", "@b", "a b@c", "a\n@b", &format!("{}@b", "a".repeat(256))] {
        invite(&owner, email, "developer").await.error(400, "invalid_email");
    }
    for role in ["owner", "root", ""] {
        invite(&owner, "b@example.com", role).await.error(400, "invalid_role");
    }
    owner.post("/v1/users/invite", json!({"email": "b@example.com"})).await.error(400, "invalid_request");
    assert_eq!(owner.get("/v1/users").await.ok()["total"], 2);
}

#[tokio::test]
async fn an_invited_account_cannot_sign_in_locally() {
    let server = Server::start().await;
    let owner = server.owner().await;
    invite(&owner, "ana@example.com", "developer").await.created();
    let login = server.anonymous().post("/v1/auth/local/login", json!({"email": "ana@example.com"})).await;
    login.error(403, "user_not_found");
}

#[tokio::test]
async fn accounts_are_listed_with_search_sort_and_paging() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (email, role) in [("carl@x.org", "developer"), ("Bea@y.org", "qa_viewer"), ("dora_1@x.org", "admin")]
    {
        server.advance(1);
        invite(&owner, email, role).await.created();
    }
    let list = async |query: &str| -> Vec<String> {
        let answer: Value = owner.get(&format!("/v1/users?{query}")).await.ok();
        let rows = answer["users"].as_array().unwrap().clone();
        rows.iter().map(|row| row["email"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(list("").await, ["dora_1@x.org", "Bea@y.org", "carl@x.org", "owner@local"]);
    assert_eq!(
        list("sort=email&direction=asc").await,
        ["Bea@y.org", "carl@x.org", "dora_1@x.org", "owner@local"]
    );
    assert_eq!(list("q=X.ORG&sort=email&direction=asc").await, ["carl@x.org", "dora_1@x.org"]);
    assert_eq!(list("q=a_1").await, ["dora_1@x.org"]);
    assert_eq!(list("q=qa_viewer").await, ["Bea@y.org"]);
    assert_eq!(list("q=active&sort=nonsense&direction=nonsense").await, ["owner@local"]);
    assert_eq!(list("limit=1&offset=1").await, ["Bea@y.org"]);
    assert_eq!(list("limit=0").await.len(), 1);
    assert_eq!(list("limit=100000").await.len(), 4);
}

#[tokio::test]
async fn the_owner_cannot_be_changed_disabled_or_enabled_by_anybody() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", Admin).await;
    let id = owner.id().await;
    for client in [&owner, &admin] {
        set_role(client, &id, "developer").await.error(403, "cannot_change_owner");
    }
    disable(&owner, &id).await.error(400, "cannot_delete_self");
    enable(&owner, &id).await.error(400, "cannot_enable_self");
    disable(&admin, &id).await.error(403, "cannot_delete_owner");
    enable(&admin, &id).await.error(403, "cannot_enable_owner");
}

#[tokio::test]
async fn only_the_owner_touches_admins_and_nobody_raises_themselves() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let (one, two) = (server.person("one@x", Admin).await, server.person("two@x", Admin).await);
    let dev = server.person("dev@x", Developer).await;
    let (one_id, two_id, dev_id) = (one.id().await, two.id().await, dev.id().await);
    set_role(&one, &two_id, "developer").await.error(403, "insufficient_role");
    disable(&one, &two_id).await.error(403, "insufficient_role");
    set_role(&one, &dev_id, "admin").await.error(403, "insufficient_role");
    set_role(&one, &one_id, "developer").await.error(403, "insufficient_role");
    disable(&one, &one_id).await.error(400, "cannot_delete_self");
    set_role(&dev, &dev_id, "admin").await.error(403, "permission_denied");
    disable(&owner, &two_id).await.ok();
    enable(&one, &two_id).await.error(403, "insufficient_role");
    enable(&owner, &two_id).await.ok();
    set_role(&owner, &two_id, "developer").await.ok();
    set_role(&one, &two_id, "qa_viewer").await.ok();
    set_role(&owner, &dev_id, "admin").await.ok();
}

/// What somebody is told about each account: what may be done to it, and the roles it may be given.
async fn told(client: &Client) -> Vec<(String, Value, Value)> {
    let users = client.get("/v1/users?sort=email&direction=asc").await.ok()["users"].clone();
    let told = |user: &Value| {
        let email = user["email"].as_str().unwrap().to_owned();
        (email, user["capabilities"].clone(), user["assignable_roles"].clone())
    };
    users.as_array().unwrap().iter().map(told).collect()
}

#[tokio::test]
async fn what_may_be_done_to_an_account_is_told_beforehand() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let one = server.person("one@x", Admin).await;
    server.person("two@x", Admin).await;
    let (dev, gone) = (server.person("dev@x", Developer).await, server.person("gone@x", QaViewer).await);
    let (dev_id, gone_id) = (dev.id().await, gone.id().await);
    disable(&owner, &gone_id).await.ok();
    let (every, some) = (json!(["admin", "developer", "qa_viewer"]), json!(["developer", "qa_viewer"]));
    let (none, open) = (json!([]), json!(["change_role", "disable", "forget_identity"]));
    let own = json!(["change_email"]);
    let shut = json!(["change_role", "enable", "forget_identity"]);
    let row = |email: &str, may: &Value, roles: &Value| (email.to_owned(), may.clone(), roles.clone());
    let by_owner = [
        row("dev@x", &open, &every),
        row("gone@x", &shut, &every),
        row("one@x", &open, &every),
        row("owner@local", &own, &none),
        row("two@x", &open, &every),
    ];
    assert_eq!(told(&owner).await, by_owner);
    let by_admin = [
        row("dev@x", &open, &some),
        row("gone@x", &shut, &some),
        row("one@x", &none, &none),
        row("owner@local", &none, &none),
        row("two@x", &none, &none),
    ];
    assert_eq!(told(&one).await, by_admin);
    assert_eq!(dev.get("/v1/users/me").await.ok()["user"]["capabilities"], none);
    assert_eq!(enable(&one, &gone_id).await.ok()["user"]["capabilities"], open);
    assert_eq!(set_role(&owner, &dev_id, "admin").await.ok()["user"]["assignable_roles"], every);
    let invited = invite(&one, "new@x", "admin").await.created();
    assert_eq!(invited["user"]["capabilities"], none);
}

#[tokio::test]
async fn only_the_owner_is_told_that_access_may_be_changed() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", Admin).await;
    for (client, may) in [(&owner, true), (&admin, false)] {
        let capabilities = client.get("/v1/bootstrap").await.ok()["capabilities"].clone();
        assert_eq!(capabilities.as_array().unwrap().contains(&json!("external_access.write")), may);
    }
}

#[tokio::test]
async fn who_may_manage_people_and_who_may_not() {
    let server = Server::start().await;
    server.owner().await;
    for (role, may) in [(Admin, true), (Developer, false), (QaViewer, false)] {
        let client = server.person(&format!("{role}@x"), role).await;
        let answers = [
            client.get("/v1/users").await,
            invite(&client, &format!("new-{role}@x"), "developer").await,
            set_role(&client, "00000000-0000-7000-8000-000000000000", "developer").await,
            disable(&client, "nobody").await,
            enable(&client, "nobody").await,
        ];
        for answer in answers {
            if may {
                assert_ne!(answer.status, 403, "{role}: {}", answer.asked);
            } else {
                answer.error(403, "permission_denied");
            }
        }
        if may {
            set_role(&client, "nobody", "developer").await.error(404, "user_not_found");
            disable(&client, "nobody").await.error(404, "user_not_found");
        }
    }
}

#[tokio::test]
async fn a_changed_role_acts_at_the_next_request_and_keeps_the_session() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("ana@x", Admin).await;
    admin.get("/v1/users").await.ok();
    set_role(&owner, &admin.id().await, "developer").await.ok();
    admin.get("/v1/users").await.error(403, "permission_denied");
    let capabilities = admin.get("/v1/bootstrap").await.ok()["capabilities"].clone();
    assert!(!capabilities.as_array().unwrap().contains(&json!("users.read")));
}

#[tokio::test]
async fn a_disabled_account_loses_sessions_and_streams_at_once_and_can_come_back() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let dev = server.person("dev@x", Developer).await;
    let id = dev.id().await;
    let mut stream = Stream::open(&dev, None).await;
    assert_eq!(stream.next().await.unwrap().name, "hello");
    disable(&owner, &id).await.ok();
    assert!(stream.next().await.is_none(), "the stream ends");
    dev.get("/v1/users/me").await.error(401, "invalid_session");
    let login = json!({"email": "dev@x"});
    server.anonymous().post("/v1/auth/local/login", login).await.error(403, "user_not_found");
    disable(&owner, &id).await.ok();
    assert_eq!(enable(&owner, &id).await.ok()["user"]["status"], "active");
    enable(&owner, &id).await.error(409, "not_disabled");
    dev.get("/v1/users/me").await.error(401, "invalid_session");
    server.anonymous().sign_in(Some("dev@x")).await.get("/v1/users/me").await.ok();
}

#[tokio::test]
async fn an_invited_account_that_is_disabled_comes_back_as_invited() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = invite(&owner, "ana@x", "developer").await.created()["user"]["id"].as_str().unwrap().to_owned();
    disable(&owner, &id).await.ok();
    assert_eq!(enable(&owner, &id).await.ok()["user"]["status"], "invited");
}

#[tokio::test]
async fn changes_of_people_are_in_the_audit_log() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let id = invite(&owner, "ana@x", "developer").await.created()["user"]["id"].as_str().unwrap().to_owned();
    set_role(&owner, &id, "admin").await.ok();
    disable(&owner, &id).await.ok();
    enable(&owner, &id).await.ok();
    set_role(&owner, &owner.id().await, "developer").await.error(403, "cannot_change_owner");
    let log = owner.get("/v1/audit-logs?resource_type=user&direction=asc").await.ok()["entries"].clone();
    let words: Vec<_> = log.as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    let expected = [
        "owner_created_auto_local",
        "local_login_succeeded",
        "user_invited",
        "role_changed",
        "user_disabled",
        "user_enabled",
    ];
    assert_eq!(words, expected);
    assert_eq!(log[3]["details"], r#"{"email":"ana@x","from":"developer","to":"admin"}"#);
    assert_eq!(log[3]["resource_id"], id);
}
