//! Giving builds up: a running build whose runner is gone fails and is never run twice; one that
//! was handed out and never began goes back to the queue; one that runs too long is timed out.

use std::time::Duration;

use super::tell_released;
use crate::app::App;
use crate::db::builds::{Outcome, Standing, Transition, With};
use crate::db::{self, Tx};
use crate::domain::build::{BuildMove, BuildStatus};
use crate::domain::failure::FailureReason;
use crate::domain::id::RunnerId;
use crate::domain::runner::{PROTOCOL_OWN, RunnerStatus};
use crate::error::Result;
use crate::events::Change;

/// An assigned build that its runner never mentions goes back to the queue after so long.
const UNTOUCHED: Duration = Duration::from_secs(300);
/// Our own runner ends a build that runs too long by itself; the daemon is its backstop.
const BACKSTOP: Duration = Duration::from_secs(60);
const ORPHANS_EVERY: Duration = Duration::from_millis(100);

/// What becomes of a build that a runner holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Lost(&'static str),
    NeverBegun,
    TooLong,
}

/// Looks at every runner and every build that is held.
pub async fn run_once(app: &App) -> Result<()> {
    let silent = app.leases.look();
    let held = db::builds::list_held(app.db.read(), None).await?;
    for (runner, at) in silent {
        let told = app
            .db
            .write(async |tx| {
                db::runners::set_silent(tx, runner, at).await?;
                tx.signal(Change::Runner { runner_id: runner, status: RunnerStatus::Offline });
                let unreachable: Vec<&Standing> =
                    held.iter().filter(|build| build.runner_id == Some(runner)).collect();
                unreachable.iter().for_each(|build| tx.signal(build.changed()));
                tell_offline(tx, runner, !unreachable.is_empty(), app.clock.now_ms()).await
            })
            .await;
        if let Err(error) = told {
            // The next look finds it silent anew.
            app.leases.untold(runner);
            tracing::error!(task = "leases", %runner, "{error}");
        }
    }
    app.leases.keep_only(&held.iter().map(|build| build.id).collect::<Vec<_>>());
    for build in held {
        if let Err(error) = look_at(app, &build).await {
            // The others have their turn, and this one with the next look.
            tracing::error!(task = "leases", build = %build.id, "{error}");
        }
    }
    Ok(())
}

async fn look_at(app: &App, build: &Standing) -> Result<()> {
    match verdict(app, build).await? {
        Some(verdict) => give_up(app, build, verdict).await,
        None => Ok(()),
    }
}

/// Notes for whoever wants to know that a runner fell silent.
async fn tell_offline(tx: &Tx, runner: RunnerId, holds: bool, now_ms: i64) -> Result<()> {
    let Some(row) = db::runners::find(tx, runner).await? else { return Ok(()) };
    let from = match (holds, row.is_drained()) {
        (_, true) => RunnerStatus::Draining,
        (true, false) => RunnerStatus::Busy,
        (false, false) => RunnerStatus::Online,
    };
    db::notification_deliveries::owed::runner(tx, &row, from, now_ms).await
}

/// What a runner ran when its process ended. Its successor first delivers what it finds of them:
/// the rest of the log, perhaps the outcome.
pub async fn orphans(app: &App, runner: RunnerId) -> Result<Vec<Standing>> {
    let held = db::builds::list_held(app.db.read(), Some(runner)).await?;
    Ok(held.into_iter().filter(|build| build.status == BuildStatus::Running).collect())
}

/// Waits until the successor asks for work, which it does after it has delivered everything, and
/// gives up the builds it did not speak of.
pub async fn give_up_orphans(app: &App, runner: RunnerId, orphans: Vec<Standing>) -> Result<()> {
    while !orphans.is_empty() && !app.leases.has_asked(runner) {
        tokio::time::sleep(ORPHANS_EVERY).await;
    }
    for build in orphans {
        give_up(app, &build, Verdict::Lost("its process ended and left nothing of this build")).await?;
    }
    Ok(())
}

/// Gives up everything that a runner holds that will not come back.
pub async fn give_up_all(app: &App, runner: RunnerId) -> Result<()> {
    for build in db::builds::list_held(app.db.read(), Some(runner)).await? {
        let verdict = if build.status == BuildStatus::Running {
            Verdict::Lost("its process ended and no other takes its place")
        } else {
            Verdict::NeverBegun
        };
        give_up(app, &build, verdict).await?;
    }
    Ok(())
}

async fn verdict(app: &App, build: &Standing) -> Result<Option<Verdict>> {
    let Some(runner) = build.runner_id else { return Ok(None) };
    let silent = app.leases.silence(runner) >= app.config.lost_after;
    if build.status == BuildStatus::Assigned {
        let untouched = app.leases.job_silence(build.id) >= UNTOUCHED.max(app.config.lost_after);
        return Ok((silent || untouched).then_some(Verdict::NeverBegun));
    }
    if silent {
        return Ok(Some(Verdict::Lost("nothing was heard of the runner")));
    }
    if app.leases.has_dropped(runner, build.id) {
        return Ok(Some(Verdict::Lost("the runner started over and no longer knows this build")));
    }
    Ok(ran_too_long(app, build, runner).await?.then_some(Verdict::TooLong))
}

async fn ran_too_long(app: &App, build: &Standing, runner: RunnerId) -> Result<bool> {
    let limit = app.config.build_timeout;
    let wall_ms = build.started_at_ms.map_or(0, |started| app.clock.now_ms() - started);
    let age = app.leases.running_for(build.id, wall_ms);
    if limit.is_zero() || age < limit {
        return Ok(false);
    }
    let runner = db::runners::find(app.db.read(), runner).await?;
    let own = runner.is_some_and(|runner| runner.protocol() >= PROTOCOL_OWN);
    Ok(age >= if own { limit + BACKSTOP } else { limit })
}

async fn give_up(app: &App, build: &Standing, verdict: Verdict) -> Result<()> {
    let (by, reason, with) = match verdict {
        Verdict::NeverBegun => (BuildMove::Requeue, "lease timeout", With::Nothing),
        Verdict::Lost(why) => {
            let text = format!("The runner was lost: {why}. What it had sent until then is kept.");
            (BuildMove::Fail, "runner lost", With::Outcome(failed(FailureReason::RunnerLost, text)))
        }
        Verdict::TooLong => {
            let text = format!("The build ran longer than {} s.", app.config.build_timeout.as_secs());
            (BuildMove::TimeOut, "build timeout", With::Outcome(failed(FailureReason::TimedOut, text)))
        }
    };
    let transition = Transition { by, actor: None, reason, now_ms: app.clock.now_ms(), with };
    let given_up = app
        .db
        .write(async |tx| {
            // Between the look and this transaction the runner may have come back or finished.
            let now = db::builds::standing(tx, build.id).await?;
            let same =
                (now.status, now.attempt, now.runner_id) == (build.status, build.attempt, build.runner_id);
            if same {
                db::builds::shift(tx, build.id, &transition).await?;
                tell_released(tx, app, build.runner_id).await?;
            }
            Ok(same)
        })
        .await?;
    if given_up {
        tracing::info!(build = %build.id, ?verdict, "a build was given up");
        app.leases.forget(build.id);
    }
    Ok(())
}

fn failed(reason: FailureReason, message: String) -> Outcome {
    Outcome { failure_reason: Some(reason), error_message: Some(message), ..Outcome::default() }
}
