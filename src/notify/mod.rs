//! Telling people of builds and runners, through channels: webhooks, chats, e-mail. What is owed is in
//! `db::notification_deliveries`, with what it says. Each channel is worked for by itself, and in order.

pub mod channels;
mod chat;
mod mail;
pub mod sealed;
pub mod targets;
mod web;
mod words;

use std::time::Duration;

use crate::app::App;
use crate::db;
use crate::db::entity::{notification_channels, notification_deliveries as deliveries};
use crate::domain::id::{NotificationChannelId, NotificationDeliveryId};
use crate::domain::notification::{MAX_ERROR_CHARS, Notice};
use crate::error::{Error, Result};
use crate::outgoing::Failure;
use crate::reports::pause_ms;
use crate::reports::text::plain;

use sealed::Way;

/// How long somebody waits who tries a channel out.
const TRIAL: Duration = Duration::from_secs(30);
/// How many are taken at once.
const BATCH: u64 = 64;
/// How long one is tried, in seconds.
const LIFE: i64 = 24 * 3600;
/// How long one that is over is kept, in seconds.
const KEPT: i64 = 30 * 24 * 3600;
/// How many rows a transaction removes.
const REMOVED_AT_ONCE: u64 = 500;

/// Why something did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stop {
    /// It may work later; not before so many seconds, if the receiver says so.
    Again(String, Option<i64>),
    /// It will not.
    Never(String),
}

type Told = std::result::Result<(), Stop>;

impl From<Error> for Stop {
    /// Of what is ours.
    fn from(error: Error) -> Self {
        Stop::Again(error.message, None)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Away(why) => Stop::Again(why, None),
            Failure::Unusable(_) | Failure::TooLarge => Stop::Never(failure.to_string()),
        }
    }
}

impl Stop {
    /// As it is kept and shown.
    fn why(&self) -> String {
        let (Stop::Again(why, _) | Stop::Never(why)) = self;
        plain(why, MAX_ERROR_CHARS)
    }
}

/// At start: what an earlier run of the daemon was at need not wait for its next attempt.
pub async fn resume(app: &App) -> Result<()> {
    let now_ms = app.clock.now_ms();
    app.db.write(async |tx| db::notification_deliveries::hasten(tx, now_ms).await).await
}

/// The channels through which something is due.
pub async fn due(app: &App) -> Result<Vec<NotificationChannelId>> {
    db::notification_deliveries::channels_due(app.db.read(), app.clock.now_ms()).await
}

/// Tells through a channel everything that is due.
pub async fn tell(app: &App, channel: NotificationChannelId) -> Result<()> {
    loop {
        let now_ms = app.clock.now_ms();
        let due = db::notification_deliveries::due(app.db.read(), channel, now_ms, BATCH).await?;
        if due.is_empty() || app.stopping.is_cancelled() {
            return Ok(());
        }
        for id in due {
            tell_one(app, id).await?;
        }
    }
}

async fn tell_one(app: &App, id: NotificationDeliveryId) -> Result<()> {
    let now_ms = app.clock.now_ms();
    let begin = async |tx: &db::Tx| db::notification_deliveries::begin(tx, id, now_ms, pause_ms).await;
    let Some(delivery) = app.db.write(begin).await? else { return Ok(()) };
    let outcome = deliver(app, &delivery).await;
    note(app, &delivery, outcome).await
}

async fn deliver(app: &App, delivery: &deliveries::Model) -> Told {
    let Some(channel) = db::notification_channels::find(app.db.read(), delivery.channel_id).await? else {
        return Err(Stop::Never("the channel is gone".to_owned()));
    };
    let way = sealed::open(app, &channel)?;
    let reached = mail::Reached::of(delivery);
    send(app, &channel, &way, (&delivery.id.to_string(), &delivery.notice.0, delivery.created_at), reached)
        .await
}

async fn send(
    app: &App,
    channel: &notification_channels::Model,
    way: &Way,
    (id, notice, at): (&str, &Notice, i64),
    reached: mail::Reached,
) -> Told {
    match way {
        Way::Web { url, secret } => {
            let body = chat::payload(app, channel.channel_type, notice);
            web::post(app, url, secret.as_ref().map(|secret| secret.as_str()), (id, &body.to_string())).await
        }
        Way::Mail { smtp, password } => {
            let letter = mail::Letter { smtp, password: password.as_ref().map(|text| text.as_str()), id, at };
            letter.send(app, &words::say(app, notice), reached).await
        }
    }
}

/// What came of an attempt. What keeps one from arriving keeps the others of its channel too, so they wait with it, for some
/// attempts; once one arrives, they are due.
async fn note(app: &App, delivery: &deliveries::Model, outcome: Told) -> Result<()> {
    let (id, now_ms) = (delivery.id, app.clock.now_ms());
    let stop = match outcome {
        Ok(()) => {
            let now = now_ms.div_euclid(1000);
            return app
                .db
                .write(async |tx| {
                    db::notification_deliveries::deliver(tx, id, now).await?;
                    db::notification_deliveries::release(tx, delivery.channel_id, now_ms).await
                })
                .await;
        }
        Err(stop) => stop,
    };
    let why = stop.why();
    // What it says may name people, and messages may go to strangers: the delivery keeps it.
    tracing::warn!(task = "notifications", channel = %delivery.channel_id, delivery = %id, "not delivered");
    // From now, for an attempt may take longer than the pause after it.
    let paused = now_ms + pause_ms(delivery.attempts - 1)?;
    app.db
        .write(async |tx| match &stop {
            Stop::Again(_, wait) => {
                let asked = wait.map(|seconds| now_ms.saturating_add(seconds.saturating_mul(1000)));
                let due_at_ms = asked.map_or(paused, |asked| asked.max(paused));
                db::notification_deliveries::fail(tx, id, &why, Some(due_at_ms)).await?;
                if delivery.attempts > db::notification_deliveries::HOLDS_OTHERS {
                    return Ok(());
                }
                db::notification_deliveries::postpone(tx, delivery.channel_id, due_at_ms).await
            }
            Stop::Never(_) => db::notification_deliveries::give_up(tx, id, &why).await,
        })
        .await
}

/// Sends something through a channel at once, to try it out; answers why it did not arrive.
///
/// Errors: 400 `invalid_state` if the channel lacks what it needs; `decryption_error`.
pub async fn try_out(app: &App, channel: &notification_channels::Model) -> Result<Option<String>> {
    let way = sealed::open(app, channel)?;
    let (id, now) = (NotificationDeliveryId::new(), app.clock.now());
    let notice = Notice::sample(now);
    let name = id.to_string();
    let sent = send(app, channel, &way, (&name, &notice, now), mail::Reached::nobody());
    let outcome = tokio::time::timeout(TRIAL, sent).await;
    let outcome = outcome.unwrap_or_else(|_| Err(Stop::Again(too_slow(), None)));
    let failure = outcome.err().map(|stop| stop.why());
    let tried = db::notification_deliveries::tried(id, channel.id, notice, failure.clone(), now);
    app.db.write(async |tx| db::notification_deliveries::insert(tx, tried).await).await?;
    Ok(failure)
}

fn too_slow() -> String {
    format!("it took longer than {} s; messages of builds are given more time", TRIAL.as_secs())
}

/// Gives up what was tried for long enough.
pub async fn give_up(app: &App) -> Result<()> {
    let before = app.clock.patient_ms().div_euclid(1000) - LIFE;
    loop {
        let overdue = db::notification_deliveries::overdue(app.db.read(), before, BATCH).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        app.db
            .write(async |tx| {
                for (id, last) in &overdue {
                    let last = last.as_deref().unwrap_or("its turn did not come");
                    let why = plain(&format!("given up after 24 hours: {last}"), MAX_ERROR_CHARS);
                    db::notification_deliveries::give_up(tx, *id, &why).await?;
                }
                Ok(())
            })
            .await?;
    }
}

/// Removes what is over for long enough that nobody asks for it any more.
pub async fn remove_old(app: &App) -> Result<()> {
    let before = app.clock.patient_ms().div_euclid(1000) - KEPT;
    loop {
        let remove =
            async |tx: &db::Tx| db::notification_deliveries::delete_old(tx, before, REMOVED_AT_ONCE).await;
        if app.db.write(remove).await? < REMOVED_AT_ONCE {
            return Ok(());
        }
    }
}
