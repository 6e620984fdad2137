//! F19 and its like: deliveries that GitHub could not deliver are asked for, and taken in as if they had arrived.

use oored::builds::{deliveries, missed, watch};
use oored::db::Tx;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::support::connected::Connected;
use crate::support::fault::Fault;
use crate::support::github::{GitHub, WEBHOOK_SECRET};
use crate::support::payloads::{ZERO, push};
use crate::support::program::{Daemon, free_port};
use crate::support::sources::{self, Source, deliver};
use crate::support::{Repository, wait_for};

const DELIVERIES: &str = "/api/v3/app/hook/deliveries";
/// What GitHub says of a delivery that nobody took.
const UNREACHED: &str = "failed to connect to host";

async fn connected(repository: &Repository) -> Connected {
    let site = Connected::with(&[("acme/app", repository)]).await;
    let project = site.project("acme/app").await;
    site.owner.pipeline(&project, "Main").await;
    site
}

fn of_app(github: &GitHub, branch: &str, sha: &str) -> Value {
    let mut payload = push(&format!("refs/heads/{branch}"), ZERO, sha);
    payload["repository"]["id"] = json!(github.number("acme/app"));
    payload
}

/// Asks for what failed and works it off.
async fn recover(site: &Connected) -> bool {
    let is_all = missed::recover(&site.server.app).await.unwrap();
    deliveries::work(&site.server.app).await.unwrap();
    is_all
}

async fn commits(site: &Connected) -> Vec<String> {
    sources::commits(&site.owner.get("/v1/builds?limit=200").await.ok())
}

fn payloads_asked(github: &GitHub) -> usize {
    github.asked(&format!("{DELIVERIES}/"))
}

/// F19: 100 pushes while the daemon is down.
#[tokio::test]
async fn all_that_is_pushed_while_the_daemon_is_down_is_built_after_it_starts() {
    let repository = Repository::running(&["true"]);
    let site = connected(&repository).await;
    let Connected { server, owner, github, .. } = site;
    let folder = server.leave().await;
    let mut shas = Vec::new();
    for number in 0..100 {
        let sha = repository.commit(&format!("{number}"), &[]);
        let branch = if number % 2 == 0 { "main".to_owned() } else { format!("b{number}") };
        github.try_to_deliver(&format!("guid-{number}"), "push", UNREACHED, of_app(&github, &branch, &sha));
        shas.push(sha);
    }
    github.pages_of(30);
    let daemon = Daemon::start(folder.path(), free_port(), &["--runner-mode", "external"]).await;
    let owner = daemon.client().with_token(owner.token.unwrap());
    let built = wait_for(&owner, "/v1/builds?limit=200", |page| page["total"] == 100).await;
    shas.sort();
    assert_eq!(sources::commits(&built), shas);
}

#[tokio::test]
async fn only_what_failed_and_is_not_here_is_asked_for_and_once() {
    let repository = Repository::running(&["true"]);
    let site = connected(&repository).await;
    let (github, sha) = (&site.github, repository.git(&["rev-parse", "HEAD"]));
    let client = site.server.anonymous();
    let here = of_app(github, "here", &sha).to_string();
    deliver(&client, WEBHOOK_SECRET, "push", "guid-here", &here).await.ok();
    github.try_to_deliver("guid-here", "push", "timed out", serde_json::from_str(&here).unwrap());
    github.try_to_deliver("guid-fine", "push", "OK", of_app(github, "fine", &sha));
    for status in [UNREACHED, "Invalid HTTP Response: 502"] {
        github.try_to_deliver("guid-lost", "push", status, of_app(github, "lost", &sha));
    }
    github.try_to_deliver("guid-ping", "ping", UNREACHED, json!({"zen": "x"}));
    github.try_to_deliver("guid-odd", "push", UNREACHED, json!([1]));
    assert!(recover(&site).await);
    assert_eq!(payloads_asked(github), 3, "the lost one, the ping and the odd one");
    let lost = site.owner.get("/v1/webhook-deliveries?arrived_by=redelivery").await.ok();
    let lost = lost["deliveries"].as_array().unwrap();
    let ids: Vec<_> = lost.iter().map(|one| one["external_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["guid-ping", "guid-lost"]);
    assert_eq!(Source::verdict(&lost[1]).1, "built #2");
    site.server.advance(3600);
    let asked = payloads_asked(github);
    assert!(recover(&site).await);
    assert_eq!(payloads_asked(github) - asked, 1, "nobody knows yet that the odd one is of no use");
    // GitHub delivers it after all.
    let late = of_app(github, "lost", &sha).to_string();
    let answer = deliver(&client, WEBHOOK_SECRET, "push", "guid-lost", &late).await.ok();
    assert_eq!(answer["duplicate"], true);
    // Whoever looks at the repository finds nothing that was not told.
    watch::look_at_hosts(&site.server.app).await.unwrap();
    deliveries::work(&site.server.app).await.unwrap();
    assert_eq!(commits(&site).await.len(), 2);
}

#[tokio::test]
async fn what_was_looked_at_is_not_looked_at_again() {
    let repository = Repository::running(&["true"]);
    let site = connected(&repository).await;
    let (github, sha) = (&site.github, repository.git(&["rev-parse", "HEAD"]));
    for number in 0..250 {
        github.try_to_deliver(&format!("guid-{number}"), "push", "OK", of_app(github, "main", &sha));
    }
    assert!(recover(&site).await);
    assert_eq!(github.asked(DELIVERIES), 3);
    site.server.advance(3600);
    github.try_to_deliver("guid-new", "push", UNREACHED, of_app(github, "main", &sha));
    assert!(recover(&site).await);
    github.forget_calls();
    site.server.advance(3600);
    assert!(recover(&site).await);
    assert_eq!(github.asked(DELIVERIES), 1);
    assert_eq!(commits(&site).await, [sha]);
    let writes = site.server.app.db.writes();
    assert!(recover(&site).await);
    assert!(site.server.app.db.writes() - writes <= 1);
}

#[tokio::test]
async fn deliveries_of_before_it_was_connected_and_of_long_ago_are_left_alone() {
    let repository = Repository::running(&["true"]);
    let site = connected(&repository).await;
    let (github, sha) = (&site.github, repository.git(&["rev-parse", "HEAD"]));
    github.try_to_deliver("guid-old", "push", UNREACHED, of_app(github, "old", &sha));
    site.server.advance(4 * 24 * 3600);
    github.try_to_deliver("guid-new", "push", UNREACHED, of_app(github, "new", &sha));
    assert!(recover(&site).await);
    assert_eq!(payloads_asked(github), 1, "the new one");
    github.try_to_deliver("guid-before", "push", UNREACHED, of_app(github, "before", &sha));
    site.server.advance(60);
    let sql = format!("UPDATE integrations SET created_at = {}", site.server.app.clock.now());
    let connect = async |tx: &Tx| Ok(tx.execute_unprepared(&sql).await?);
    site.server.app.db.write(connect).await.unwrap();
    github.try_to_deliver("guid-after", "push", UNREACHED, of_app(github, "after", &sha));
    assert!(recover(&site).await);
    assert_eq!(payloads_asked(github), 2, "the one of afterwards");
}

#[tokio::test]
async fn while_github_is_away_nothing_is_given_up() {
    let repository = Repository::running(&["true"]);
    let site = connected(&repository).await;
    let (github, sha) = (&site.github, repository.git(&["rev-parse", "HEAD"]));
    github.try_to_deliver("guid-1", "push", UNREACHED, of_app(github, "main", &sha));
    for fault in
        [Fault::status(503), Fault::status(401), Fault::rate_limited(site.server.app.clock.now() + 60)]
    {
        github.break_down(DELIVERIES, fault.clone());
        assert!(!recover(&site).await, "{fault:?}");
        github.recover();
        github.break_down(&format!("{DELIVERIES}/9"), fault.clone());
        assert!(!recover(&site).await, "{fault:?}");
        github.recover();
    }
    assert!(commits(&site).await.is_empty());
    assert!(recover(&site).await);
    assert_eq!(commits(&site).await, [sha]);
}
