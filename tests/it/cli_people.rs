//! `oore user` and `token` against a real daemon.

use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::Server;
use crate::support::operator::{Operator, said};

async fn owner() -> (Server, Operator) {
    let server = Server::start().await;
    let operator = Operator::new();
    operator.json(&["login", "--daemon-url", &server.base, "--json"]).await;
    (server, operator)
}

async fn fails(operator: &Operator, arguments: &[&str], code: i32) -> String {
    let done = operator.run(arguments).await;
    assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", said(&done));
    said(&done)
}

#[tokio::test]
async fn people_are_invited_given_roles_kept_out_and_let_in_again() {
    let (server, operator) = owner().await;
    let invited =
        operator.json(&["user", "invite", "ana@example.com", "--role", "qa_viewer", "--json"]).await;
    assert_eq!(
        (&invited["user"]["status"], &invited["user"]["role"]),
        (&json!("invited"), &json!("qa_viewer"))
    );
    let changed = operator.json(&["user", "role", "ANA@example.com", "admin", "--json"]).await;
    assert_eq!(changed["user"]["role"], "admin");
    let dana = server.person("dana@example.com", UserRole::Developer).await;
    let done = operator.run(&["user", "disable", "dana@example.com"]).await;
    assert!(
        done.status.success() && said(&done).contains("dana@example.com is disabled."),
        "{}",
        said(&done)
    );
    dana.get("/v1/users/me").await.expect(401);
    assert!(operator.run(&["user", "enable", "dana@example.com"]).await.status.success());
    assert!(operator.run(&["user", "remove", "dana@example.com"]).await.status.success());
    let listed = operator.json(&["user", "list", "--json"]).await;
    let people: Vec<(&Value, &Value)> =
        listed["users"].as_array().unwrap().iter().map(|user| (&user["email"], &user["status"])).collect();
    assert!(people.contains(&(&json!("dana@example.com"), &json!("disabled"))), "{people:?}");
    let table = said(&operator.run(&["user", "list", "--search", "ana@example.com"]).await);
    assert!(
        table.starts_with("ADDRESS") && table.contains("ana@example.com") && !table.contains('\x1b'),
        "{table}"
    );

    assert!(fails(&operator, &["user", "disable", "nobody@example.com"], 1).await.contains("oore user list"));
    fails(&operator, &["user", "invite", "nobody"], 2).await;
    fails(&operator, &["user", "invite", "a@b", "--role", "king"], 2).await;
    let owner = fails(&operator, &["user", "disable", "owner@local"], 1).await;
    assert!(owner.contains("cannot_delete_self"), "{owner}");
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_ends_when_it_is_revoked() {
    let (server, operator) = owner().await;
    let made = operator.run(&["token", "create", "ci", "--role", "developer", "--days", "30"]).await;
    let token = String::from_utf8(made.stdout.clone()).unwrap().trim().to_owned();
    assert!(token.starts_with("oore_") && !token.contains(char::is_whitespace), "{}", said(&made));
    let with = ["build", "list", "--daemon-url", &server.base, "--token", &token];
    assert!(Operator::new().run(&with).await.status.success());
    let listed = said(&operator.run(&["token", "list"]).await);
    assert!(listed.contains("ci") && listed.contains("active") && !listed.contains(&token), "{listed}");
    let found = operator.json(&["token", "list", "--json"]).await;
    let expires = found["tokens"][0]["expires_at"].as_i64().unwrap();
    assert!((29 * 86_400..=31 * 86_400).contains(&(expires - server.app.clock.now())), "{found}");
    let gone =
        operator.json(&["token", "revoke", found["tokens"][0]["prefix"].as_str().unwrap(), "--json"]).await;
    assert_eq!(gone["revoked"], true);
    assert_eq!(Operator::new().run(&with).await.status.code(), Some(4));
    assert!(
        fails(&operator, &["token", "revoke", "ci"], 1).await.contains("oore token list"),
        "it is revoked already"
    );
    operator.json(&["token", "create", "twin", "--role", "developer", "--json"]).await;
    let second = operator.json(&["token", "create", "twin", "--role", "developer", "--json"]).await;
    let ambiguous = fails(&operator, &["token", "revoke", "twin"], 2).await;
    assert!(ambiguous.contains(second["id"].as_str().unwrap()), "{ambiguous}");
    fails(&operator, &["token", "create", "x"], 2).await;
    fails(&operator, &["token", "create", "x", "--role", "developer", "--days", "0"], 2).await;
    fails(&operator, &["token", "create", " ", "--role", "developer"], 2).await;
}
