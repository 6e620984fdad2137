//! Deliveries that GitHub could not deliver, because the daemon was down or is not reached from there. GitHub is asked
//! for them, and for what was in them: nobody has to reach us for that. What comes over the connection that an App has
//! proved itself on needs no signature.

use std::collections::HashSet;

use super::deliveries::{self, Packed, Received};
use super::inbox;
use crate::app::App;
use crate::db;
use crate::db::entity::integrations;
use crate::domain::delivery::Arrival;
use crate::domain::source::{IntegrationStatus, ScmProvider};
use crate::error::{Error, Result};
use crate::forge::github::hook_deliveries::Tried;
use crate::forge::hook;
use crate::forge::host::Trouble;
use crate::sources;
use crate::sources::github::access;

/// How long GitHub keeps deliveries, in seconds.
const KEPT: i64 = 3 * 24 * 3600;
/// What is younger is looked at again the next time: it may be on its way, in seconds.
const SETTLED: i64 = 600;
/// How often it is asked, and how soon after a failure, in seconds.
const EVERY: i64 = 3600;
const RETRY: i64 = 300;
/// Nobody looked for so long: the machine was asleep, in seconds.
const ASLEEP: i64 = 300;

/// When somebody asks again. It is told the time often.
#[derive(Debug, Default)]
pub struct Rounds {
    told: Option<i64>,
    next: i64,
    /// What the next one is, unless the clock jumps.
    kind: Round,
}

/// Why it is time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Round {
    /// Whatever is not told may have been lost.
    #[default]
    New,
    /// The last one did not work.
    Again,
}

impl Rounds {
    /// Whether it is time: at first, every hour, when the clock has jumped, and after a failure. `now` is in Unix seconds.
    pub fn due(&mut self, now: i64) -> Option<Round> {
        let has_jumped = self.told.is_none_or(|told| now.abs_diff(told) > ASLEEP.unsigned_abs());
        self.told = Some(now);
        if !has_jumped && now < self.next {
            return None;
        }
        let kind = if has_jumped { Round::New } else { self.kind };
        (self.next, self.kind) = (now + EVERY, Round::New);
        Some(kind)
    }

    /// It did not work.
    pub fn retry(&mut self, now: i64) {
        (self.next, self.kind) = (now + RETRY, Round::Again);
    }
}

/// Asks for what failed; answers whether every App could be asked.
pub async fn recover(app: &App) -> Result<bool> {
    if !sources::is_remote(app).await? {
        return Ok(true);
    }
    let mut is_all = true;
    for integration in db::integrations::of_provider(app.db.read(), ScmProvider::Github).await? {
        if integration.status == IntegrationStatus::Inactive {
            continue;
        }
        if let Err(error) = of_app(app, &integration).await {
            tracing::warn!(integration = %integration.id, "its failed deliveries could not be asked for: {error}");
            is_all = false;
        }
    }
    Ok(is_all)
}

async fn of_app(app: &App, integration: &integrations::Model) -> Result<()> {
    let (now, id) = (app.clock.now(), integration.id);
    let newest = db::delivery_looks::newest(app.db.read(), id).await?.unwrap_or_default();
    let oldest = integration.created_at.max(now - KEPT);
    let is_enough = |tried: &Tried| tried.id <= newest || tried.at().is_some_and(|at| at < oldest);
    let api = access::of_app(app, integration).await?;
    let tried = api.hook_deliveries(is_enough).await.map_err(failed)?;
    let mut seen = HashSet::new();
    for one in tried.iter().rev().filter(|one| !one.is_delivered()) {
        let is_new = seen.insert(one.guid.as_str());
        if is_new && db::deliveries::known(app.db.read(), id, &one.guid).await?.is_none() {
            feed(app, integration, one).await?;
        }
    }
    let settled = tried.iter().filter(|one| one.at().is_some_and(|at| at < now - SETTLED));
    match settled.map(|one| one.id).max() {
        Some(settled) => app.db.write(async |tx| db::delivery_looks::put(tx, id, settled).await).await,
        None => Ok(()),
    }
}

/// Takes one in as if it had arrived.
async fn feed(app: &App, integration: &integrations::Model, tried: &Tried) -> Result<()> {
    // An App's proof lasts minutes, and there may be thousands.
    let api = access::of_app(app, integration).await?;
    let body = match api.hook_payload(tried.id).await {
        Ok(body) => body,
        Err(trouble @ (Trouble::Missing | Trouble::TooLarge | Trouble::Unreadable(_))) => {
            tracing::warn!(delivery = tried.guid, "a failed delivery is lost: {trouble}");
            return Ok(());
        }
        Err(trouble) => return Err(failed(trouble)),
    };
    let notice = match hook::read(ScmProvider::Github, &tried.event, &body) {
        Ok(notice) => notice,
        Err(error) => {
            tracing::warn!(delivery = tried.guid, "a failed delivery is not understood: {error}");
            return Ok(());
        }
    };
    let received = Received {
        integration: integration.id,
        external_id: tried.guid.clone(),
        event: tried.event.clone(),
        notice,
        packed: Packed::of(&body)?,
        arrived_by: Arrival::Redelivery,
    };
    inbox::store(app, deliveries::row(app, received).await?).await?;
    Ok(())
}

fn failed(trouble: Trouble) -> Error {
    trouble.of_api(ScmProvider::Github)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_come_at_first_every_hour_and_after_a_jump() {
        let mut rounds = Rounds::default();
        assert_eq!([10_000, 10_010].map(|now| rounds.due(now)), [Some(Round::New), None]);
        let mut now = 10_010;
        while now < 13_600 {
            assert_eq!(rounds.due(now), None, "{now}");
            now += 100;
        }
        assert_eq!([13_600, 13_700].map(|now| rounds.due(now)), [Some(Round::New), None]);
        assert_eq!(rounds.due(20_000), Some(Round::New), "the machine was asleep");
        assert_eq!(
            [5000, 5010].map(|now| rounds.due(now)),
            [Some(Round::New), None],
            "the clock was set back"
        );
        rounds.retry(5010);
        assert_eq!([5300, 5310].map(|now| rounds.due(now)), [None, Some(Round::Again)]);
        rounds.retry(5310);
        assert_eq!(rounds.due(20_000), Some(Round::New), "asleep after a failure");
    }
}
