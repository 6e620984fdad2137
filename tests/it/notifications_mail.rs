//! Notifications as e-mail, through a real mail server: encrypted as asked for, with a login, one message for each
//! recipient, and to everybody once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::notification_channels::{make, path};
use crate::support::audience::tell_everybody;
use crate::support::mail_server::{Certificate, MailServer};
use crate::support::program::{Daemon, free_port};
use crate::support::{Client, Repository, Server};

const PASSWORD: &str = "s3cret-password";

fn channel(server: &MailServer, change: Value) -> Value {
    channel_at(server.port, change)
}

fn channel_at(port: u16, change: Value) -> Value {
    let mut smtp = json!({"host": "localhost", "port": port, "username": "", "password": "", "tls_mode": "none",
        "from_address": "Oore CI <ci@example.com>", "recipients": ["ana@example.com"]});
    smtp.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    json!({"name": "Mail", "channel_type": "email", "smtp_config": smtp})
}

async fn test(client: &Client, channel: &Value) -> Value {
    client.post(&path(channel, "/test"), json!({})).await.ok()
}

/// A build that ends at once.
async fn ended(owner: &Client, repository: &Repository) {
    let project = owner.project("Shop <b>", repository).await;
    let build = owner.build(&owner.pipeline(&project, "Main").await).await;
    owner.post(&format!("/v1/builds/{}/cancel", build["id"].as_str().unwrap()), json!({})).await.ok();
}

#[tokio::test]
async fn each_recipient_gets_a_message_of_their_own_as_text_and_html() {
    let (server, repository) = (Server::start().await, Repository::running(&["true"]));
    let (owner, mail) = (server.owner().await, MailServer::start(&json!({"plain": true})));
    let made =
        make(&owner, channel(&mail, json!({"recipients": ["ana@example.com", "Ben <ben@example.com>"]})))
            .await;
    ended(&owner, &repository).await;
    tell_everybody(&server.app).await;
    let (one, two) = (mail.mail(), mail.mail());
    assert_eq!((&one["to"], &two["to"]), (&json!(["ana@example.com"]), &json!(["ben@example.com"])));
    assert!(mail.has_no_more());
    assert_eq!(one["from"], "ci@example.com");
    // Long lines are folded.
    let text = &one["message"].as_str().unwrap().replace("=\r\n", "");
    for part in [
        "<ci@example.com>",
        "To: ana@example.com",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "Shop &lt;b&gt;",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("ben@example.com"), "nobody sees who else is told: {text}");
    assert_ne!(header(text, "Message-ID"), header(two["message"].as_str().unwrap(), "Message-ID"));
    let list = owner.get(&path(&made, "/deliveries")).await.ok();
    assert_eq!((&list["total"], &list["deliveries"][0]["status"]), (&json!(1), &json!("delivered")));
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message.lines().find_map(|line| line.strip_prefix(name)).expect(name)
}

#[tokio::test]
async fn who_has_it_already_does_not_get_it_again_and_who_is_refused_keeps_it_from_nobody() {
    let (server, repository) = (Server::start().await, Repository::running(&["true"]));
    let (owner, mail) = (server.owner().await, MailServer::start(&json!({"plain": true})));
    let recipients = ["gone@example.com", "later@example.com", "ana@example.com"];
    let made = make(&owner, channel(&mail, json!({ "recipients": recipients }))).await;
    ended(&owner, &repository).await;
    tell_everybody(&server.app).await;
    assert_eq!(mail.mail()["to"], json!(["ana@example.com"]));
    let delivery = async || owner.get(&path(&made, "/deliveries")).await.ok()["deliveries"][0].clone();
    let waiting = delivery().await;
    assert_eq!(waiting["status"], "pending");
    let why = waiting["last_error"].as_str().unwrap();
    assert!(why.starts_with("later@example.com (and 1 more): ") && why.contains("come back later"), "{why}");
    server.advance(60);
    tell_everybody(&server.app).await;
    assert_eq!(mail.mail()["to"], json!(["later@example.com"]));
    assert!(mail.has_no_more());
    let over = delivery().await;
    assert_eq!((&over["status"], &over["attempt_count"]), (&json!("failed"), &json!(2)));
    let why = over["last_error"].as_str().unwrap();
    assert!(why.starts_with("gone@example.com: ") && why.contains("no such user"), "{why}");
}

#[tokio::test]
async fn encryption_that_is_asked_for_is_never_left_out_and_the_password_is_not_told() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let login = json!({"plain": true, "user": "ci", "password": PASSWORD});
    let mail = MailServer::start(&login);
    let with = |change: Value| {
        let mut all = json!({"username": "ci", "password": PASSWORD});
        all.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        channel(&mail, all)
    };
    let bare = make(&owner, with(json!({"tls_mode": "start_tls"}))).await;
    let refused = test(&owner, &bare).await;
    assert_eq!(refused, json!({"success": false, "error": "the mail server does not offer STARTTLS"}));
    let wrapped = make(&owner, with(json!({"tls_mode": "tls"}))).await;
    assert_eq!(test(&owner, &wrapped).await["success"], false);
    let wrong = make(&owner, with(json!({"password": "s3cret-wrong"}))).await;
    let refused = test(&owner, &wrong).await;
    let why = refused["error"].as_str().unwrap();
    assert!(why.contains("535") && why.contains("wrong password ***") && !why.contains("s3cret"), "{why}");
    assert!(mail.has_no_more());
    let right = make(&owner, with(json!({}))).await;
    assert_eq!(test(&owner, &right).await, json!({"success": true}));
    let got = mail.mail();
    assert_eq!((&got["user"], &got["secure"]), (&json!("ci"), &json!(false)));
    let away = make(&owner, with(json!({"port": free_port()}))).await;
    assert_eq!(test(&owner, &away).await["success"], false);
    let nowhere = make(&owner, with(json!({"host": "does-not-exist.invalid"}))).await;
    assert_eq!(test(&owner, &nowhere).await["success"], false);
}

#[tokio::test]
async fn mail_goes_over_starttls_and_tls_to_servers_that_are_trusted_and_to_no_others() {
    let (folder, certificate) = (tempfile::tempdir().unwrap(), Certificate::make());
    let file = |name: &str| certificate.file(name).to_str().unwrap().to_owned();
    let (authority, key, cert) = (file("ca.pem"), file("key.pem"), file("cert.pem"));
    let options = |secure: bool| json!({"secure": secure, "key": key, "cert": cert, "user": "ci", "password": PASSWORD});
    let (start_tls, tls) = (MailServer::start(&options(false)), MailServer::start(&options(true)));
    let with = |mail: &MailServer, mode: &str, host: &str| {
        let login = json!({"username": "ci", "password": PASSWORD, "tls_mode": mode, "host": host});
        channel(mail, login)
    };
    let port = free_port();
    let trusting = [("SSL_CERT_FILE", authority.as_str()), ("OORED_RUNNER_MODE", "external")];
    let mut daemon = Daemon::start_in(folder.path(), port, &trusting).await;
    let owner = daemon.client().sign_in(None).await;
    let mut channels = Vec::new();
    for (mail, mode) in [(&start_tls, "start_tls"), (&tls, "tls")] {
        let made = make(&owner, with(mail, mode, "localhost")).await;
        assert_eq!(test(&owner, &made).await, json!({"success": true}), "{mode}");
        let got = mail.mail();
        assert_eq!((&got["user"], &got["secure"]), (&json!("ci"), &json!(true)), "{mode}");
        let other_name = make(&owner, with(mail, mode, "127.0.0.1")).await;
        assert_eq!(test(&owner, &other_name).await["success"], false, "the certificate is for another name");
        channels.push(made);
    }
    daemon.kill();
    let daemon = Daemon::start_in(folder.path(), port, &[("OORED_RUNNER_MODE", "external")]).await;
    let owner = daemon.client().sign_in(None).await;
    for made in &channels {
        assert_eq!(test(&owner, made).await["success"], false, "nobody vouches for this server");
    }
    assert!(start_tls.has_no_more() && tls.has_no_more());
}

/// A mail server that takes so long for each answer; answers its port.
async fn slow_server(pause: Duration) -> u16 {
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (connection, _) = listener.accept().await.unwrap();
        let mut connection = BufReader::new(connection);
        let (mut answer, mut line, mut is_text) = ("220 slow\r\n", String::new(), false);
        loop {
            if !is_text {
                tokio::time::sleep(pause).await;
                // Who does not wait has gone.
                let Ok(()) = connection.write_all(answer.as_bytes()).await else { return };
            }
            is_text |= answer.starts_with("354");
            line.clear();
            if connection.read_line(&mut line).await.unwrap_or_default() == 0 {
                return;
            }
            is_text &= line != ".\r\n";
            answer = if line.starts_with("DATA") { "354 go on\r\n" } else { "250 well\r\n" };
        }
    });
    port
}

#[tokio::test]
async fn who_tries_a_channel_out_is_not_kept_waiting_by_a_server_that_is_slow_with_each_answer() {
    let server = Server::start().await;
    let owner = server.owner().await;
    // Each answer comes in time; all of them together take longer.
    let port = slow_server(Duration::from_secs(8)).await;
    let made = make(&owner, channel_at(port, json!({}))).await;
    let begun = Instant::now();
    let tried = test(&owner, &made).await;
    assert_eq!(tried["success"], false);
    assert!(tried["error"].as_str().unwrap().contains("longer than 30 s"), "{tried}");
    assert!(begun.elapsed() < Duration::from_secs(35), "{:?}", begun.elapsed());
    let list = owner.get(&path(&made, "/deliveries")).await.ok();
    assert_eq!((&list["total"], &list["deliveries"][0]["status"]), (&json!(1), &json!("failed")));
}
