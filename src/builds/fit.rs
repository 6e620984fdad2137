//! Which runners could take a build that nobody has made yet. It only foretells: `queue` and `claim` decide when there is one.

use crate::app::App;
use crate::db;
use crate::domain::id::RunnerId;
use crate::domain::runner::RunnerStatus;
use crate::error::Result;

/// A runner, and what it lacks.
#[derive(Debug, Clone)]
pub struct Fit {
    pub id: RunnerId,
    pub name: String,
    pub status: RunnerStatus,
    /// The labels it does not offer; empty if it fits.
    pub missing: Vec<String>,
}

impl Fit {
    /// Whether it would take a build, now or as soon as it has a free slot.
    fn takes_builds(&self) -> bool {
        let works = match self.status {
            RunnerStatus::Online | RunnerStatus::Busy => true,
            RunnerStatus::Offline | RunnerStatus::Draining => false,
        };
        works && self.missing.is_empty()
    }
}

/// Every runner that serves this instance: first those that would take such a build, then those that lack the least.
pub async fn of(app: &App, required: &[String]) -> Result<Vec<Fit>> {
    let db = app.db.read();
    let held = db::builds::list_held(db, None).await?;
    let rows = db::runners::list(db, None).await?;
    let served = rows.into_iter().filter(|runner| app.config.runner_mode.serves(runner.embedded));
    let fit = |runner: db::entity::runners::Model| Fit {
        status: app.leases.status_of(&runner, held.iter().any(|build| build.runner_id == Some(runner.id))),
        missing: runner.offer().missing(required),
        id: runner.id,
        name: runner.name,
    };
    let mut fits: Vec<Fit> = served.map(fit).collect();
    fits.sort_by_key(|fit| (!fit.takes_builds(), fit.missing.len()));
    Ok(fits)
}
