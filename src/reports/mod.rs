//! Telling code hosts how builds go: a check or a status of each build, and one comment on a pull or merge request. What
//! is owed is in `db::reports`, without its content: that is made of the builds as they are when it is sent, so nothing
//! older ever comes after something newer. Each host is worked for by itself, and each commit in order.

mod case;
mod comment;
mod github;
mod gitlab;
pub mod text;
pub mod view;

use std::collections::BTreeMap;

use futures_util::StreamExt;

use crate::app::App;
use crate::db;
use crate::db::entity::{integrations, reports, repositories};
use crate::domain::id::IntegrationId;
use crate::domain::incident::IncidentReason;
use crate::domain::report::ReportChannel;
use crate::domain::source::ScmProvider;
use crate::error::{Error, Result};
use crate::forge::host::Trouble;
use crate::seal::random;
use crate::sources::incidents::{self, Found};
use crate::sources::is_remote;

use case::Case;

/// How many are taken at once, and for how many commits of a host at a time.
const BATCH: u64 = 64;
const AT_A_TIME: usize = 4;
/// The pause after the first attempt; it doubles with each, up to the longest.
const FIRST_PAUSE_MS: i64 = 10_000;
const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// How long one is tried.
const LIFE_MS: i64 = 24 * 3_600_000;
/// How often what the host does not know, or does not take, is tried.
const DOUBTS: i32 = 5;

/// Why something is not shown.
#[derive(Debug)]
enum Stop {
    /// The host asks for patience: nothing for so many seconds.
    Wait(u64),
    /// It may work later.
    Again(String),
    /// It may work later, but hardly.
    Doubt(String),
    /// It will not.
    Never(String),
    /// The host does not let us, until somebody does something there.
    Refused(ReportChannel, String),
}

type Told<T> = std::result::Result<T, Stop>;

/// Whether there was anything to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// The host took it.
    Told,
    /// It shows what it should.
    Nothing,
}

impl From<Error> for Stop {
    /// Of what is ours, or of getting at the host at all.
    fn from(error: Error) -> Self {
        Stop::Again(error.to_string())
    }
}

impl From<Trouble> for Stop {
    /// Of the host. What it forbids is judged by who asks, since hosts say it differently.
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::RateLimited(seconds) => Stop::Wait(seconds),
            Trouble::Missing | Trouble::Refused(..) => Stop::Doubt(trouble.to_string()),
            Trouble::Forbidden(_) => Stop::Never(trouble.to_string()),
            Trouble::Away(_) | Trouble::Unauthorized | Trouble::TooLarge | Trouble::Unreadable(_) => {
                Stop::Again(trouble.to_string())
            }
        }
    }
}

/// At start: what an earlier run of the daemon was at need not wait for its next attempt.
pub async fn resume(app: &App) -> Result<()> {
    let now_ms = app.clock.now_ms();
    app.db.write(async |tx| db::reports::hasten(tx, now_ms).await).await
}

/// The integrations to whose hosts something is due. A local instance tells nobody anything.
pub async fn hosts(app: &App) -> Result<Vec<IntegrationId>> {
    if !is_remote(app).await? {
        return Ok(Vec::new());
    }
    db::reports::hosts_due(app.db.read(), app.clock.now_ms()).await
}

/// Tells the host of an integration everything that is due.
pub async fn tell(app: &App, integration: IntegrationId) -> Result<()> {
    loop {
        let due = db::reports::due(app.db.read(), integration, app.clock.now_ms(), BATCH).await?;
        let row = db::integrations::find(app.db.read(), integration).await?;
        let Some(row) = row.filter(|_| !due.is_empty() && !app.stopping.is_cancelled()) else {
            return Ok(());
        };
        let mut by_commit: BTreeMap<_, Vec<reports::Model>> = BTreeMap::new();
        for report in due {
            by_commit.entry((report.repository_id, report.commit_sha.clone())).or_default().push(report);
        }
        let lanes: Vec<Result<()>> = futures_util::stream::iter(by_commit.into_values())
            .map(|lane| tell_in_order(app, &row, lane))
            .buffer_unordered(AT_A_TIME)
            .collect()
            .await;
        lanes.into_iter().collect::<Result<()>>()?;
    }
}

async fn tell_in_order(
    app: &App,
    integration: &integrations::Model,
    lane: Vec<reports::Model>,
) -> Result<()> {
    for report in lane {
        let now_ms = app.clock.now_ms();
        let next_ms = now_ms + pause_ms(report.attempts)?;
        let begun = app.db.write(async |tx| db::reports::begin(tx, report.id, now_ms, next_ms).await).await?;
        let Some(report) = begun else { continue };
        let repository = db::repositories::find(app.db.read(), report.repository_id).await?;
        let Some(repository) = repository else { continue };
        let outcome = show(app, integration, &repository, &report).await;
        note(app, integration, &repository, &report, outcome).await?;
    }
    Ok(())
}

async fn show(
    app: &App,
    integration: &integrations::Model,
    repository: &repositories::Model,
    report: &reports::Model,
) -> Told<Done> {
    let Some(case) = Case::read(app, integration, repository, report).await? else {
        return Ok(Done::Nothing);
    };
    match integration.provider {
        ScmProvider::Github => github::show(&case).await,
        ScmProvider::Gitlab => gitlab::show(&case).await,
        ScmProvider::LocalGit => Ok(Done::Nothing),
    }
}

/// What came of an attempt.
async fn note(
    app: &App,
    integration: &integrations::Model,
    repository: &repositories::Model,
    report: &reports::Model,
    outcome: Told<Done>,
) -> Result<()> {
    let now_ms = app.clock.now_ms();
    let now = now_ms.div_euclid(1000);
    let name = &repository.full_name;
    let stop = match outcome {
        Ok(Done::Nothing) => {
            return app.db.write(async |tx| db::reports::settle(tx, report, None, now_ms).await).await;
        }
        Ok(Done::Told) => return paid(app, integration, repository, report).await,
        Err(stop) => stop,
    };
    tracing::warn!(task = "reports", integration = %integration.id, repository = %name, "{stop}");
    app.db
        .write(async |tx| {
            let failure = stop.to_string();
            match stop {
                Stop::Wait(seconds) => {
                    let then_ms =
                        now_ms.saturating_add(i64::try_from(seconds).unwrap_or(0).saturating_mul(1000));
                    db::reports::fail(tx, report.id, &failure, Some(then_ms)).await?;
                    db::reports::postpone(tx, repository.installation_id, then_ms).await
                }
                Stop::Again(_) => db::reports::fail(tx, report.id, &failure, None).await,
                Stop::Doubt(_) if report.attempts < DOUBTS => {
                    db::reports::fail(tx, report.id, &failure, None).await
                }
                Stop::Doubt(_) | Stop::Never(_) => {
                    db::reports::settle(tx, report, Some(&failure), now_ms).await
                }
                Stop::Refused(channel, _) => {
                    db::reports::refuse(tx, repository.installation_id, channel, now).await?;
                    // It is due, and waits until the host is read anew.
                    db::reports::fail(tx, report.id, &failure, Some(now_ms)).await?;
                    let found = Found { reason: IncidentReason::ReportsRefused, expires_at: None };
                    incidents::open(tx, integration.id, found, now).await
                }
            }
        })
        .await
}

/// The host lets us tell it again, if it did not before.
async fn paid(
    app: &App,
    integration: &integrations::Model,
    repository: &repositories::Model,
    report: &reports::Model,
) -> Result<()> {
    let now_ms = app.clock.now_ms();
    app.db
        .write(async |tx| {
            db::reports::settle(tx, report, None, now_ms).await?;
            db::reports::allow(tx, repository.installation_id, report.kind.last_channel()).await?;
            if db::reports::any_refused(tx, integration.id).await? {
                return Ok(());
            }
            incidents::resolve(tx, integration.id, IncidentReason::is_of_reports, now_ms.div_euclid(1000))
                .await
        })
        .await
}

/// Gives up what was tried for long enough.
pub async fn give_up(app: &App) -> Result<()> {
    let now_ms = app.clock.patient_ms();
    let before_ms = now_ms - LIFE_MS;
    loop {
        let overdue = db::reports::overdue(app.db.read(), before_ms, BATCH).await?;
        if overdue.is_empty() {
            return Ok(());
        }
        app.db
            .write(async |tx| {
                for report in &overdue {
                    let last = report.failure.as_deref().unwrap_or("its turn did not come");
                    let why = format!("given up after 24 hours: {last}");
                    db::reports::settle(tx, report, Some(&why), now_ms).await?;
                    let Some(repository) = db::repositories::find(tx, report.repository_id).await? else {
                        continue;
                    };
                    // That it is refused is known, and says more.
                    if db::reports::any_refused(tx, repository.integration_id).await? {
                        continue;
                    }
                    let found = Found { reason: IncidentReason::ReportsUndelivered, expires_at: None };
                    incidents::open(tx, repository.integration_id, found, now_ms.div_euclid(1000)).await?;
                }
                Ok(())
            })
            .await?;
    }
}

/// The pause after an attempt, by how many there were before; not the same for all, so that they don't come back together.
pub fn pause_ms(attempts: i32) -> Result<i64> {
    let doublings = u32::try_from(attempts).unwrap_or(0).min(16);
    let pause = (FIRST_PAUSE_MS << doublings).min(LONGEST_PAUSE_MS);
    let mut dice = [0];
    random(&mut dice)?;
    Ok(pause + pause * i64::from(dice[0]) / 1024)
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::Wait(seconds) => write!(f, "the host allows no more requests for {seconds} s"),
            Stop::Again(why) | Stop::Doubt(why) | Stop::Never(why) | Stop::Refused(_, why) => {
                f.write_str(why)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_differ_by_a_quarter() {
        for (attempts, least) in [(0, 10_000), (1, 20_000), (5, 320_000), (9, 3_600_000), (1000, 3_600_000)] {
            let pause = pause_ms(attempts).unwrap();
            assert!((least..=least * 5 / 4).contains(&pause), "{attempts}: {pause}");
        }
    }
}
