//! Channels of notifications as people manage them: what they may be like, what is never told again, what changing one asks
//! for, and which private hosts the owner lists.

use oored::domain::id::NotificationChannelId;
use oored::domain::role::UserRole;
use serde_json::{Value, json};

use crate::support::{Client, Repository, Server};

pub const CHANNELS: &str = "/v1/settings/notification-channels";
pub const TARGETS: &str = "/v1/settings/notification-targets";
const HOOK: &str = "https://hooks.example.com/services/T0/s3cret-path";

pub fn path(channel: &Value, rest: &str) -> String {
    format!("{CHANNELS}/{}{rest}", channel["id"].as_str().unwrap())
}

pub async fn make(client: &Client, body: Value) -> Value {
    client.post(CHANNELS, body).await.ok()["channel"].clone()
}

fn webhook(change: Value) -> Value {
    let mut body = json!({"name": "Hook", "channel_type": "webhook", "url": HOOK});
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    body
}

fn email(change: Value) -> Value {
    let mut smtp = json!({"host": "mail.example.com", "port": 587, "username": "ci", "password": "s3cret-password",
        "tls_mode": "start_tls", "from_address": "Oore CI <ci@example.com>", "recipients": ["ana@example.com"]});
    smtp.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    json!({"name": "Mail", "channel_type": "email", "smtp_config": smtp})
}

#[tokio::test]
async fn channels_are_made_read_changed_and_removed_and_each_is_recorded() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let made = make(&owner, webhook(json!({"name": "  Hook ", "events": ["failed", "failed"]}))).await;
    let id = owner.id().await;
    let empty = json!({"project_ids": [], "branches": []});
    let expected = json!({"id": made["id"], "name": "Hook", "channel_type": "webhook", "enabled": true,
        "events": ["failed"], "rules": empty, "has_url": true, "has_secret": false, "has_smtp_config": false,
        "has_smtp_password": false,
        "target": "https://hooks.example.com", "created_by": id, "created_at": made["created_at"],
        "updated_at": made["created_at"]});
    assert_eq!(made, expected);
    assert_eq!(owner.get(&path(&made, "")).await.ok()["channel"], made);
    server.advance(2);
    let change = json!({"name": "Other", "enabled": false, "events": []});
    let changed = owner.put(&path(&made, ""), change).await.ok()["channel"].clone();
    assert_eq!(
        (&changed["name"], &changed["enabled"], &changed["events"]),
        (&json!("Other"), &json!(false), &json!([]))
    );
    assert!(changed["updated_at"].as_i64() > changed["created_at"].as_i64());
    assert_eq!(changed["has_url"], true, "what is left out stays");
    assert_eq!(owner.delete(&path(&made, "")).await.ok(), json!({"deleted": true}));
    owner.get(&path(&made, "")).await.error(404, "not_found");
    owner.delete(&path(&made, "")).await.error(404, "not_found");
    let log = owner.get("/v1/audit-logs?resource_type=notification_channel&direction=asc").await.ok();
    let acts: Vec<&str> =
        log["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let created = "notification_channel_created";
    for act in [created, "notification_channel_updated", "notification_channel_deleted"] {
        assert_eq!(acts.iter().filter(|name| **name == act).count(), 1, "{acts:?}");
    }
    assert!(!log.to_string().contains("s3cret"), "{log}");
}

#[tokio::test]
async fn channels_are_listed_sorted_searched_and_paged() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (name, channel_type, enabled) in
        [("beta", "slack", true), ("Alpha", "webhook", false), ("gamma_1", "discord", true)]
    {
        make(&owner, json!({"name": name, "channel_type": channel_type, "enabled": enabled, "url": HOOK}))
            .await;
        server.advance(1);
    }
    let names = async |query: &str| {
        let list = owner.get(&format!("{CHANNELS}?{query}")).await.ok();
        let names: Vec<String> = list["channels"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["name"].as_str().unwrap().to_owned())
            .collect();
        (names.join(" "), list["total"].as_i64().unwrap())
    };
    assert_eq!(names("").await, ("Alpha beta gamma_1".to_owned(), 3));
    assert_eq!(names("sort=type").await.0, "gamma_1 beta Alpha");
    assert_eq!(names("sort=status").await.0, "Alpha beta gamma_1");
    assert_eq!(names("sort=updated_at").await.0, "gamma_1 Alpha beta", "the newest first");
    assert_eq!(names("direction=desc&limit=1&offset=1").await, ("beta".to_owned(), 3));
    assert_eq!(names("q=_").await, ("gamma_1".to_owned(), 1), "wildcards are taken literally");
    assert_eq!(names("limit=0&sort=nonsense&direction=x").await.0, "Alpha", "a bad limit is clamped");
    owner.get(&format!("{CHANNELS}?limit=x")).await.error(400, "invalid_request");
}

#[tokio::test]
async fn addresses_secrets_and_passwords_are_sealed_and_never_told_again() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let hook = make(&owner, webhook(json!({"secret": "s3cret-signing"}))).await;
    let mail = make(&owner, email(json!({}))).await;
    assert_eq!((&hook["has_secret"], &mail["has_smtp_config"]), (&json!(true), &json!(true)));
    assert_eq!((&hook["has_smtp_password"], &mail["has_smtp_password"]), (&json!(false), &json!(true)));
    assert_eq!(mail["smtp"]["host"], "mail.example.com");
    let mut told = vec![hook.to_string(), mail.to_string()];
    for at in [
        CHANNELS.to_owned(),
        path(&hook, ""),
        path(&mail, ""),
        path(&mail, "/deliveries"),
        "/v1/audit-logs".to_owned(),
    ] {
        told.push(owner.get(&at).await.text);
    }
    // Not even when they are of the wrong kind.
    let wrong = json!({"name": "x", "channel_type": "webhook", "url": {"s3cret": "s3cret"}});
    told.push(owner.post(CHANNELS, wrong).await.error(400, "invalid_request").to_string());
    let wrong = owner.put(&path(&hook, ""), json!({"secret": ["s3cret"]})).await;
    told.push(wrong.error(400, "invalid_request").to_string());
    for text in told {
        assert!(!text.contains("s3cret"), "{text}");
    }
    for secret in ["s3cret-path", "s3cret-signing", "s3cret-password"] {
        server.assert_not_stored(secret);
    }
}

#[tokio::test]
async fn what_a_channel_can_not_be_is_refused_with_the_field_and_the_reason() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let own = server.app.config.listen.port();
    let unknown = NotificationChannelId::new();
    let many: Vec<String> = (0..101).map(|n| format!("a{n}@example.com")).collect();
    let refused = [
        (webhook(json!({"name": " "})), "name"),
        (webhook(json!({"name": "x".repeat(201)})), "name"),
        (webhook(json!({"name": "a\u{0}b"})), "name"),
        (webhook(json!({"url": null})), "url"),
        (webhook(json!({"url": ""})), "url"),
        (webhook(json!({"url": "ftp://hooks.example.com/"})), "url"),
        (webhook(json!({"url": "hooks.example.com"})), "url"),
        (webhook(json!({"url": "https://u:p@hooks.example.com/"})), "url"),
        (webhook(json!({"url": format!("https://hooks.example.com/{}", "x".repeat(2048))})), "url"),
        (webhook(json!({"events": ["build.failed"]})), "events[0]"),
        (webhook(json!({"events": ["failed", "everything"]})), "events[1]"),
        (webhook(json!({"secret": "x".repeat(1025)})), "secret"),
        (webhook(json!({"smtp_config": email(json!({}))["smtp_config"]})), "smtp_config"),
        (webhook(json!({"channel_type": "slack", "secret": "s"})), "secret"),
        (webhook(json!({"channel_type": "email"})), "url"),
        (json!({"name": "n", "channel_type": "email"}), "smtp_config"),
        (webhook(json!({"rules": {"project_ids": [unknown]}})), "rules.project_ids"),
        (webhook(json!({"rules": {"person_id": unknown}})), "rules.person_id"),
        (webhook(json!({"rules": {"branches": [" "]}})), "rules.branches"),
        (webhook(json!({"rules": {"branches": vec!["x"; 65]}})), "rules.branches"),
        (email(json!({"host": " "})), "smtp_config.host"),
        (email(json!({"host": "a b"})), "smtp_config.host"),
        (email(json!({"host": "http://mail.example.com"})), "smtp_config.host"),
        (email(json!({"host": "169.254.169.254"})), "smtp_config.host"),
        (email(json!({"host": "127.0.0.1", "port": own})), "smtp_config.host"),
        (email(json!({"port": 0})), "smtp_config.port"),
        (email(json!({"from_address": "ci"})), "smtp_config.from_address"),
        (email(json!({"from_address": "ci@example.com\r\nBcc: x@example.com"})), "smtp_config.from_address"),
        (email(json!({"recipients": []})), "smtp_config.recipients"),
        (email(json!({"recipients": many})), "smtp_config.recipients"),
        (email(json!({"recipients": ["ana@example.com", "ben"]})), "smtp_config.recipients"),
        (email(json!({"password": ""})), "smtp_config.password"),
        (email(json!({"username": "a\nb"})), "smtp_config.username"),
    ];
    for (body, field) in refused {
        let error = owner.post(CHANNELS, body.clone()).await.error(400, "invalid_input");
        assert_eq!(error["fields"][0]["field"], field, "{body} {error}");
    }
    for body in [
        json!({}),
        json!([]),
        json!("x"),
        webhook(json!({"channel_type": "pigeon"})),
        webhook(json!({"enabled": "yes"})),
        webhook(json!({"events": "failed"})),
        webhook(json!({"rules": {"project_ids": ["x"]}})),
        email(json!({"port": 65536})),
        email(json!({"port": -1})),
        email(json!({"tls_mode": "maybe"})),
    ] {
        owner.post(CHANNELS, body).await.error(400, "invalid_request");
    }
    owner.post(CHANNELS, webhook(json!({"name": "x".repeat(3 << 20)}))).await.error(413, "payload_too_large");
    for rest in ["x", &unknown.to_string()] {
        owner.get(&format!("{CHANNELS}/{rest}")).await.error(404, "not_found");
        owner.get(&format!("{CHANNELS}/{rest}/deliveries")).await.error(404, "not_found");
        owner.put(&format!("{CHANNELS}/{rest}"), json!({})).await.error(404, "not_found");
        owner.post(&format!("{CHANNELS}/{rest}/test"), json!({})).await.error(404, "not_found");
    }
    assert_eq!(owner.get(CHANNELS).await.ok()["total"], 0);
}

#[tokio::test]
async fn who_sends_a_webhook_elsewhere_has_to_know_its_secret() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let hook = make(&owner, webhook(json!({"secret": "s3cret"}))).await;
    let at = path(&hook, "");
    for url in
        ["https://other.example.com/x", "http://hooks.example.com/x", "https://hooks.example.com:444/x"]
    {
        let error = owner.put(&at, json!({"url": url})).await.error(400, "invalid_input");
        assert_eq!(error["fields"][0]["field"], "secret", "{error}");
    }
    owner.put(&at, json!({"url": "https://hooks.example.com/another-path"})).await.ok();
    let moved = owner.put(&at, json!({"url": "https://other.example.com/x", "secret": "s3cret"})).await.ok();
    assert_eq!(moved["channel"]["target"], "https://other.example.com");
    assert_eq!(moved["channel"]["has_secret"], true);
    let bare = owner.put(&at, json!({"url": HOOK, "secret": ""})).await.ok();
    assert_eq!(bare["channel"]["has_secret"], false, "an empty secret removes it");
    owner.put(&at, json!({"url": "https://third.example.com/x"})).await.ok();
    owner.put(&at, json!({"smtp_config": {}})).await.error(400, "invalid_state");
    let mail = make(&owner, email(json!({}))).await;
    owner.put(&path(&mail, ""), json!({"url": HOOK})).await.error(400, "invalid_state");
    owner.put(&path(&mail, ""), json!({"secret": "s"})).await.error(400, "invalid_state");
}

#[tokio::test]
async fn who_sends_mail_through_another_server_has_to_know_the_password() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let mail = make(&owner, email(json!({}))).await;
    let change = async |smtp: Value| owner.put(&path(&mail, ""), json!({"smtp_config": smtp})).await;
    let code = "smtp_password_required_for_authority_change";
    for elsewhere in
        [json!({"host": "evil.example.com"}), json!({"username": "root"}), json!({"tls_mode": "none"})]
    {
        change(elsewhere).await.error(400, code);
    }
    let same =
        json!({"host": "MAIL.example.com", "port": 465, "tls_mode": "tls", "recipients": ["b@example.com"]});
    let changed = change(same).await.ok()["channel"]["smtp"].clone();
    let expected = json!({"host": "MAIL.example.com", "port": 465, "username": "ci", "tls_mode": "tls",
        "from_address": "Oore CI <ci@example.com>", "recipients": ["b@example.com"]});
    assert_eq!(changed, expected, "what is left out stays");
    change(json!({"host": "new.example.com", "password": "s3cret"})).await.ok();
    change(json!({"username": ""})).await.ok();
    change(json!({"host": "third.example.com"})).await.ok();
    change(json!({"username": "ci"})).await.error(400, code);
}

#[tokio::test]
async fn private_hosts_are_refused_until_the_owner_lists_them() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", UserRole::Admin).await;
    let own = server.app.config.listen.port();
    let url = async |url: &str| admin.post(CHANNELS, webhook(json!({ "url": url }))).await;
    let refused = [
        format!("http://127.0.0.1:{own}/v1/builds"),
        format!("http://localhost:{own}/v1/builds"),
        "http://127.0.0.1:9/x".to_owned(),
        "http://169.254.169.254/latest".to_owned(),
        "http://[::]/".to_owned(),
        "http://[::1]:9/".to_owned(),
        "http://[::ffff:127.0.0.1]/".to_owned(),
        "http://0.0.0.0/".to_owned(),
        "http://0177.1/".to_owned(),
        "http://2130706433/".to_owned(),
        "http://10.0.0.5/".to_owned(),
        "http://192.168.1.1/".to_owned(),
        "http://[fd12::1]/".to_owned(),
        "http://100.64.0.1/".to_owned(),
    ];
    for target in &refused {
        let error = url(target).await.error(400, "invalid_input");
        assert_eq!(error["fields"][0]["field"], "url", "{target}");
    }
    assert_eq!(owner.get(TARGETS).await.ok(), json!({"targets": {"allowed_hosts": ["localhost"]}}));
    let listed = json!({"allowed_hosts": ["127.0.0.1", "Chat.LAN", "169.254.169.254"]});
    admin.put(TARGETS, listed.clone()).await.error(403, "external_access_owner_required");
    let put = owner.put(TARGETS, listed).await.ok()["targets"].clone();
    assert_eq!(put["allowed_hosts"], json!(["127.0.0.1", "chat.lan", "169.254.169.254"]));
    assert!(put["updated_at"].is_i64());
    url("http://127.0.0.1:9/x").await.ok();
    url("http://chat.lan/x").await.ok();
    for target in [&refused[0], &refused[3], &refused[10]] {
        url(target).await.error(400, "invalid_input");
    }
    for hosts in [json!(["http://a"]), json!([""]), json!(["10.0.0.0/8"]), json!(vec!["a"; 65])] {
        owner.put(TARGETS, json!({ "allowed_hosts": hosts })).await.error(400, "invalid_input");
    }
    owner.put(TARGETS, json!({})).await.error(400, "invalid_request");
    // A mail server may be anywhere but here, where the daemon itself listens: also in two steps.
    let on_port = |port: u16| json!({"host": "127.0.0.1", "port": port});
    let refused = owner.post(CHANNELS, email(on_port(own))).await.error(400, "invalid_input");
    assert_eq!(refused["fields"][0]["field"], "smtp_config.host");
    let mail = make(&owner, email(on_port(25))).await;
    let moved = owner.put(&path(&mail, ""), json!({"smtp_config": {"port": own}})).await;
    assert_eq!(moved.error(400, "invalid_input")["fields"][0]["field"], "smtp_config.host");
    let log = owner.get("/v1/audit-logs?action=notification_targets_updated").await.ok();
    assert_eq!(log["entries"].as_array().unwrap().len(), 1, "{log}");
    assert!(log["entries"][0]["details"].as_str().unwrap().contains("chat.lan"), "{log}");
}

#[tokio::test]
async fn a_channel_that_can_not_be_read_keeps_no_build_from_ending() {
    use sea_orm::ConnectionTrait;
    let server = Server::start().await;
    let owner = server.owner().await;
    let (broken, good) = (make(&owner, webhook(json!({}))).await, make(&owner, webhook(json!({}))).await);
    let damage =
        format!("UPDATE notification_channels SET rules = '[', events = '7' WHERE id = {}", broken["id"])
            .replace('"', "'");
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(&damage).await?)).await.unwrap();
    let repository = Repository::running(&["true"]);
    let project = owner.project("App", &repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    owner.post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({})).await.ok();
    let told = owner.get(&path(&good, "/deliveries")).await.ok();
    assert_eq!((&told["total"], &told["deliveries"][0]["event_type"]), (&json!(1), &json!("build.canceled")));
}
