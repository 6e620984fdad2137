//! People as a table, in and out, and the audit log out: rules of each row, all or nothing, and cells
//! that want to be formulas.

use oored::domain::role::UserRole::{Admin, Developer, QaViewer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, Server};

async fn import(client: &Client, query: &str, table: &str) -> Answer {
    let request = client.request(Method::POST, &format!("/v1/users/import{query}"));
    client.send(request.header("content-type", "text/csv; charset=utf-8").body(table.to_owned())).await
}

fn outcomes(report: &Value) -> Vec<(u64, String)> {
    let rows = report["rows"].as_array().unwrap();
    let row = |row: &Value| (row["line"].as_u64().unwrap(), row["outcome"].as_str().unwrap().to_owned());
    rows.iter().map(row).collect()
}

fn counts(report: &Value) -> [u64; 4] {
    ["invited", "changed", "unchanged", "errors"].map(|key| report[key].as_u64().unwrap())
}

#[tokio::test]
async fn a_table_is_judged_first_and_then_carried_out_and_twice_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner().await;
    server.person("Dev@x", Developer).await;
    let qa = server.person("qa@x", QaViewer).await;
    let table = "email,role\nnew@x,admin\nDEV@x,developer\nqa@x,developer\nowner@local,owner\n";
    let before = owner.get("/v1/audit-logs").await.ok()["total"].clone();
    let dry = import(&owner, "?dry_run=true", table).await.ok();
    let words = ["invite", "exists", "change_role", "exists"];
    let expected: Vec<_> = (2..).zip(words.map(str::to_owned)).collect();
    assert_eq!((outcomes(&dry), counts(&dry)), (expected, [1, 1, 2, 0]));
    assert_eq!(owner.get("/v1/users").await.ok()["total"], 3);
    assert_eq!(owner.get("/v1/audit-logs").await.ok()["total"], before);
    assert_eq!(import(&owner, "?dry_run=false", table).await.ok(), dry);
    assert_eq!(qa.get("/v1/users/me").await.ok()["user"]["role"], "developer", "at the next request");
    let invited = owner.get("/v1/users?q=new@x").await.ok()["users"][0].clone();
    assert_eq!((&invited["status"], &invited["role"]), (&json!("invited"), &json!("admin")));
    assert_eq!(counts(&import(&owner, "", table).await.ok()), [0, 0, 4, 0]);
    let log = owner.get("/v1/audit-logs?direction=asc&resource_type=user").await.ok();
    let words: Vec<_> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(words[words.len() - 2..], [json!("user_invited"), json!("role_changed")]);
}

#[tokio::test]
async fn one_wrong_row_stops_all_and_every_wrong_row_is_named() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", Admin).await;
    server.person("other@x", Admin).await;
    server.person("dev@x", Developer).await;
    let table = "email,role\ngood@x,developer\nno-address,developer\nb@x,owner\nc@x,\nowner@local,developer\n\
                 GOOD@x,admin\n\"a\nb@x\",developer\n";
    let dry = import(&owner, "?dry_run=true", table).await.ok();
    assert_eq!(counts(&dry), [1, 0, 0, 6]);
    for row in &dry["rows"].as_array().unwrap()[1..] {
        assert!(row["message"].as_str().is_some_and(|why| !why.is_empty()), "{row}");
    }
    assert!(dry["rows"][5]["message"].as_str().unwrap().contains("line 2"));
    let refused = import(&owner, "", table).await.error(400, "import_has_errors");
    assert_eq!(refused["details"], dry);
    assert_eq!(owner.get("/v1/users?q=good@x").await.ok()["total"], 0);
    // An admin touches no admins, nor themselves.
    let table = "email,role\nother@x,developer\ndev@x,admin\nadmin@x,developer\ndev2@x,developer\n";
    let report = import(&admin, "?dry_run=true", table).await.ok();
    let words: Vec<String> = outcomes(&report).into_iter().map(|(_, word)| word).collect();
    assert_eq!(words, ["error", "error", "error", "invite"]);
}

#[tokio::test]
async fn what_is_no_table_has_no_effect() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for table in ["", "new@x,developer\n", "email\nnew@x\n", "email,email,role\nnew@x,new@x,admin\n", "\0"] {
        import(&owner, "", table).await.error(400, "invalid_csv");
    }
    import(&owner, "?dry_run=maybe", "email,role\n").await.error(400, "invalid_request");
    let many = format!("email,role\n{}", "x@y,developer\n".repeat(5001));
    import(&owner, "", &many).await.error(400, "too_many_rows");
    import(&owner, "", &"x".repeat((1 << 20) + 1)).await.error(413, "payload_too_large");
    for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded", ""] {
        let request = owner.request(Method::POST, "/v1/users/import").header("content-type", kind);
        owner.send(request.body("email,role\nnew@x,developer\n")).await.error(400, "invalid_request");
    }
    assert_eq!(owner.get("/v1/users").await.ok()["total"], 1);
    assert_eq!(counts(&import(&owner, "", "email,role\n").await.ok()), [0; 4]);
}

#[tokio::test]
async fn five_thousand_people_come_in_at_once_and_go_out_as_they_came() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let rows: String = (0..4999).map(|n| format!("person{n}@example.com,developer\n")).collect();
    let table = format!("email,role\n{rows}=1+1@example.com,qa_viewer\n");
    assert_eq!(counts(&import(&owner, "", &table).await.ok()), [5000, 0, 0, 0]);
    let exported = owner.get("/v1/users/export").await;
    assert_eq!(exported.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(exported.header("content-disposition"), Some("attachment; filename=\"people.csv\""));
    assert!(exported.text.starts_with("email,role,status,display_name,created_at\r\n"));
    assert_eq!(exported.text.lines().count(), 5002);
    assert!(exported.text.contains("\r\n'=1+1@example.com,qa_viewer,invited,,20"));
    let kept: String = exported.text.split_inclusive("\r\n").filter(|line| !line.starts_with('\'')).collect();
    assert_eq!(counts(&import(&owner, "", &kept).await.ok()), [0, 0, 5000, 0]);
    let defused: String =
        exported.text.split_inclusive("\r\n").filter(|line| line.starts_with('\'')).collect();
    let again = import(&owner, "", &format!("email,role,status,display_name,created_at\r\n{defused}")).await;
    assert_eq!(counts(&again.ok()), [0, 0, 1, 0]);
    let log = owner.get("/v1/audit-logs/export?action=user_invited").await;
    assert_eq!(log.text.lines().count(), 5001);
}

#[tokio::test]
async fn the_audit_log_is_taken_away_with_the_filters_of_its_list() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let login = json!({"email": "=cmd|' /C calc'!A0@x"});
    server.anonymous().post("/v1/auth/local/login", login).await.error(403, "user_not_found");
    server.advance(100);
    let later = server.app.clock.now();
    owner.post("/v1/users/invite", json!({"email": "+sum@x", "role": "developer"})).await.created();
    let export = async |query: &str| -> Vec<String> {
        let answer = owner.get(&format!("/v1/audit-logs/export{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text.lines().skip(1).map(str::to_owned).collect()
    };
    let all = export("").await;
    assert_eq!(all.len() as u64, owner.get("/v1/audit-logs").await.ok()["total"].as_u64().unwrap());
    assert!(all[0].starts_with("1,20") && all[0].contains(",owner_created_auto_local,user,"), "{}", all[0]);
    assert!(all.iter().all(|line| !line.contains(",=") && !line.contains(",@")), "{all:?}");
    assert_eq!(export(&format!("?from_ts={later}")).await.len(), 1);
    assert_eq!(export("?action=user_invited").await.len(), 1);
    assert_eq!(export(&format!("?actor_id={}&resource_type=user", owner.id().await)).await.len(), 3);
    assert!(export("?action=nothing").await.is_empty());
    owner.get("/v1/audit-logs/export?from_ts=x").await.error(400, "invalid_request");
}
