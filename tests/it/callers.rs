//! Callers are held in memory for a moment. Whoever loses access is refused at the very next call, however
//! busy they are, and however the call and the loss fall together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use oored::domain::role::UserRole::Admin;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Client, Server};

/// Needs the role of an admin.
const ACCOUNTS: &str = "/v1/users";
const ROUNDS: usize = 12;
/// Connections that ask at the same time.
const ASKING: usize = 3;

/// How somebody loses access.
#[derive(Debug, Clone, Copy)]
enum Loss {
    SignsOut,
    EndsSession,
    EndsOtherSessions,
    OwnTokenRevoked,
    TokenRevokedByOwner,
    Disabled,
    TokensPersonDisabled,
    RoleLowered,
    TokensPersonLowered,
}

const LOSSES: [Loss; 9] = [
    Loss::SignsOut,
    Loss::EndsSession,
    Loss::EndsOtherSessions,
    Loss::OwnTokenRevoked,
    Loss::TokenRevokedByOwner,
    Loss::Disabled,
    Loss::TokensPersonDisabled,
    Loss::RoleLowered,
    Loss::TokensPersonLowered,
];

/// Somebody with access, and all that is needed to take it away.
struct Somebody {
    owner: Client,
    /// What asks: a session or an API token.
    client: Client,
    /// Another session of the same person.
    other: Client,
    person: String,
    loss: Loss,
    /// The session or API token.
    credential: String,
}

impl Somebody {
    async fn new(server: &Server, owner: &Client, email: &str, loss: Loss) -> Self {
        let other = server.person(email, Admin).await;
        let person = other.id().await;
        let (client, credential) = match loss {
            Loss::OwnTokenRevoked
            | Loss::TokenRevokedByOwner
            | Loss::TokensPersonDisabled
            | Loss::TokensPersonLowered => {
                let token = other.post("/v1/api-tokens", json!({"name": "t", "role": "admin"})).await.ok();
                let id = token["id"].as_str().unwrap().to_owned();
                (other.with_token(token["token"].as_str().unwrap()), id)
            }
            Loss::SignsOut
            | Loss::EndsSession
            | Loss::EndsOtherSessions
            | Loss::Disabled
            | Loss::RoleLowered => {
                let client = server.anonymous().sign_in(Some(email)).await;
                let sessions = client.get("/v1/users/me/sessions").await.ok();
                let mut sessions = sessions["sessions"].as_array().unwrap().iter();
                let current = sessions.find(|session| session["current"] == true).unwrap();
                (client, current["id"].as_str().unwrap().to_owned())
            }
        };
        Self { owner: owner.clone(), client, other, person, loss, credential }
    }

    /// Takes the access away; it is gone when this returns.
    async fn lose(&self) {
        let account = format!("{ACCOUNTS}/{}", self.person);
        let token = format!("/v1/api-tokens/{}", self.credential);
        let session = format!("/v1/users/me/sessions/{}", self.credential);
        let done = match self.loss {
            Loss::SignsOut => self.client.send(self.client.request(Method::POST, "/v1/auth/logout")).await,
            Loss::EndsSession => self.other.delete(&session).await,
            Loss::EndsOtherSessions => self.other.delete("/v1/users/me/sessions").await,
            Loss::OwnTokenRevoked => self.other.delete(&token).await,
            Loss::TokenRevokedByOwner => self.owner.delete(&token).await,
            Loss::Disabled | Loss::TokensPersonDisabled => self.owner.delete(&account).await,
            Loss::RoleLowered | Loss::TokensPersonLowered => {
                self.owner.patch(&format!("{account}/role"), json!({"role": "developer"})).await
            }
        };
        done.ok();
    }

    async fn refused(&self) {
        let answer = self.client.get(ACCOUNTS).await;
        match self.loss {
            Loss::RoleLowered | Loss::TokensPersonLowered => answer.error(403, "permission_denied"),
            Loss::SignsOut
            | Loss::EndsSession
            | Loss::EndsOtherSessions
            | Loss::OwnTokenRevoked
            | Loss::TokenRevokedByOwner
            | Loss::Disabled
            | Loss::TokensPersonDisabled => answer.error(401, "invalid_session"),
        };
    }
}

#[tokio::test]
async fn who_loses_access_is_refused_at_the_next_call() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for (n, loss) in LOSSES.into_iter().enumerate() {
        let somebody = Somebody::new(&server, &owner, &format!("p{n}@x"), loss).await;
        for _ in 0..2 {
            somebody.client.get(ACCOUNTS).await.ok();
        }
        somebody.lose().await;
        somebody.refused().await;
        owner.get(ACCOUNTS).await.ok();
    }
}

/// Asks until a request that began after the loss was answered, and sees to it that it was refused.
async fn ask_until_lost(client: Client, lost: Arc<AtomicBool>) {
    loop {
        let began_after = lost.load(Ordering::SeqCst);
        let answer = client.get(ACCOUNTS).await;
        if began_after {
            assert!(matches!(answer.status.as_u16(), 401 | 403), "{} after the loss", answer.status);
            return;
        }
    }
}

async fn lose_while_asking(somebody: Somebody, is_known: bool) {
    let lost = Arc::new(AtomicBool::new(false));
    if is_known {
        somebody.client.get(ACCOUNTS).await.ok();
    }
    let mut asking = JoinSet::new();
    for _ in 0..ASKING {
        asking.spawn(ask_until_lost(somebody.client.clone(), lost.clone()));
    }
    somebody.lose().await;
    lost.store(true, Ordering::SeqCst);
    while let Some(asked) = asking.join_next().await {
        asked.unwrap();
    }
    somebody.refused().await;
}

/// Everybody loses access at once, so that each loss falls into the look-ups of all others.
#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_begins_after_the_loss_is_answered() {
    let server = Server::start().await;
    let owner = server.owner().await;
    for round in 0..ROUNDS {
        let mut losing = JoinSet::new();
        for (n, loss) in LOSSES.into_iter().enumerate() {
            let somebody = Somebody::new(&server, &owner, &format!("p{n}-{round}@x"), loss).await;
            losing.spawn(lose_while_asking(somebody, round % 2 == 0));
        }
        while let Some(lost) = losing.join_next().await {
            lost.unwrap();
        }
    }
}

#[tokio::test]
async fn what_nobody_signals_acts_within_a_second() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let admin = server.person("admin@x", Admin).await;
    admin.get(ACCOUNTS).await.ok();
    let by_hand = "UPDATE users SET role = 'developer' WHERE email = 'admin@x'";
    server.app.db.write(async |tx| Ok(tx.execute_unprepared(by_hand).await?)).await.unwrap();
    server.advance(1);
    admin.get(ACCOUNTS).await.error(403, "permission_denied");
    owner.get(ACCOUNTS).await.ok();
}

#[tokio::test]
async fn a_busy_api_token_still_tells_when_it_was_used() {
    let server = Server::start().await;
    let owner = server.owner().await;
    let token = owner.post("/v1/api-tokens", json!({"name": "t", "role": "admin"})).await.ok();
    let program = owner.with_token(token["token"].as_str().unwrap());
    let used = async || owner.get("/v1/api-tokens").await.ok()["tokens"][0]["last_used_at"].as_i64().unwrap();
    program.get(ACCOUNTS).await.ok();
    let first = used().await;
    server.advance(60);
    program.get(ACCOUNTS).await.ok();
    assert!(used().await >= first + 60);
}
