//! When repositories are looked at. Folders of this machine all the time, by the marks that git leaves there. Those of
//! code hosts once an hour, and much more often while no webhooks come of them. What nobody builds of is not looked at.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use futures_util::StreamExt;
use parking_lot::{Mutex, MutexGuard};

use super::heads;
use crate::app::App;
use crate::clock::{Clock, Moment};
use crate::db;
use crate::db::repositories::Built;
use crate::domain::delivery::Arrival;
use crate::domain::id::{IntegrationId, RepositoryId};
use crate::domain::source::{Polling, ScmProvider};
use crate::error::{Error, Result, codes};
use crate::forge::local_git;
use crate::seal;
use crate::sources;

/// How often folders of this machine are looked at.
pub const FOLDERS_EVERY: Duration = Duration::from_secs(2);
/// How often a repository is asked of which no webhooks come.
const POLL_EVERY: Duration = Duration::from_secs(60);
/// How often one is asked of which they do: they may have been lost.
const CHECK_EVERY: Duration = Duration::from_secs(3600);
/// After a failure; twice as long after the next one, and so on up to the second.
const RETRY: Duration = Duration::from_secs(60);
const RETRY_MOST: Duration = Duration::from_secs(1800);
/// Code hosts that are asked at a time, and repositories of each.
const HOSTS_AT_A_TIME: usize = 8;
const OF_ONE: usize = 2;
/// How long git may take for one folder.
const FOLDER_TURN: Duration = Duration::from_secs(20);
/// How long one host may keep the next look at the others waiting.
const TURN: Duration = Duration::from_secs(60);

/// What is known of the looks at each repository since the start.
#[derive(Debug)]
pub struct Watches {
    clock: Clock,
    known: Mutex<HashMap<RepositoryId, Watch>>,
}

/// Looks at one repository.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Not before then it is looked at again.
    next: Moment,
    failures: u32,
    /// When it was last looked at with success, in Unix seconds.
    pub looked_at: Option<i64>,
    /// Why the last look failed.
    pub problem: Option<String>,
    /// Where git keeps its refs, and their mark at the last look.
    folder: Option<PathBuf>,
    mark: Option<u64>,
}

impl Watches {
    pub fn new(clock: Clock) -> Self {
        Self { clock, known: Mutex::default() }
    }

    pub fn of(&self, repository: RepositoryId) -> Watch {
        self.lock().get(&repository).cloned().unwrap_or_default()
    }

    /// Whatever was to wait is due at once, but for what failed: its host may have asked for patience.
    pub fn hasten(&self) {
        let mut known = self.lock();
        known.values_mut().filter(|watch| watch.failures == 0).for_each(|watch| watch.next = Moment::ZERO);
    }

    fn is_due(&self, repository: RepositoryId) -> bool {
        self.of(repository).next <= self.clock.moment()
    }

    fn keep_only(&self, built: &BTreeMap<RepositoryId, Built>) {
        self.lock().retain(|id, _| built.contains_key(id));
    }

    fn succeeded(&self, repository: RepositoryId, every: Duration) {
        let (now, next) = (self.clock.now(), self.clock.moment() + scattered(every));
        let mut known = self.lock();
        let watch = known.entry(repository).or_default();
        (watch.next, watch.failures, watch.looked_at, watch.problem) = (next, 0, Some(now), None);
    }

    fn failed(&self, repository: RepositoryId, error: &Error) {
        let mut known = self.lock();
        let watch = known.entry(repository).or_default();
        let longer = RETRY.saturating_mul(1 << watch.failures.min(10)).min(RETRY_MOST);
        watch.next =
            self.clock.moment() + scattered(asked_to_wait(error).unwrap_or(Duration::ZERO).max(longer));
        (watch.failures, watch.problem) = (watch.failures.saturating_add(1), Some(error.message.clone()));
    }

    fn noted(&self, repository: RepositoryId, folder: PathBuf, mark: Option<u64>) {
        let mut known = self.lock();
        let watch = known.entry(repository).or_default();
        (watch.folder, watch.mark) = (Some(folder), mark);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RepositoryId, Watch>> {
        self.known.lock()
    }
}

/// How long the host said to wait.
fn asked_to_wait(error: &Error) -> Option<Duration> {
    let seconds = error.details.as_ref()?.get("retry_after_seconds")?.as_u64()?;
    Some(Duration::from_secs(seconds))
}

/// Up to a fifth more, so that not all are asked at the same time.
fn scattered(pause: Duration) -> Duration {
    let mut byte = [0];
    // Without chance they are asked at the same time.
    let _ = seal::random(&mut byte);
    pause + pause.mul_f64(f64::from(byte[0]) / 1280.0)
}

/// Repositories that may be looked at. Of the others the heads are forgotten, so that nobody builds what was pushed
/// while nobody wanted to.
async fn built(app: &App) -> Result<BTreeMap<RepositoryId, Built>> {
    let found = wanted(db::repositories::built(app.db.read()).await?);
    app.watches.keep_only(&found);
    let kept: Vec<RepositoryId> = found.keys().copied().collect();
    if db::heads::knows_others(app.db.read(), &kept).await? {
        app.db.write(async |tx| db::heads::forget_others(tx, &kept).await).await?;
    }
    Ok(found)
}

/// Each repository once, without those that nobody wants to be looked at.
fn wanted(built: Vec<Built>) -> BTreeMap<RepositoryId, Built> {
    let mut found: BTreeMap<RepositoryId, Built> = BTreeMap::new();
    for next in built {
        let one = found.entry(next.id).or_insert(next);
        one.polling = either(one.polling, next.polling);
    }
    found.retain(|_, one| one.polling != Polling::Off);
    found
}

/// What two projects of one repository want together.
fn either(one: Polling, other: Polling) -> Polling {
    match (one, other) {
        (Polling::On, _) | (_, Polling::On) => Polling::On,
        (Polling::Auto, _) | (_, Polling::Auto) => Polling::Auto,
        (Polling::Off, Polling::Off) => Polling::Off,
    }
}

/// Looks at the folders of this machine in which something may have moved.
pub async fn look_at_folders(app: &App) -> Result<()> {
    for one in built(app).await?.into_values().filter(|one| one.provider == ScmProvider::LocalGit) {
        if !app.watches.is_due(one.id) {
            continue;
        }
        let looked = tokio::time::timeout(FOLDER_TURN, look_at_folder(app, one)).await;
        let too_long =
            |_| Error::conflict(codes::SOURCE_UNRESOLVABLE, "git takes too long to list its branches");
        if let Err(error) = looked.map_err(too_long).and_then(|looked| looked) {
            tracing::debug!(task = "heads", repository = %one.id, "{error}");
            app.watches.failed(one.id, &error);
        }
    }
    Ok(())
}

async fn look_at_folder(app: &App, one: Built) -> Result<()> {
    let (row, _) = db::repositories::with_integration(app.db.read(), one.id).await?;
    let watch = app.watches.of(one.id);
    let folder = match watch.folder.filter(|_| watch.problem.is_none()) {
        Some(folder) => folder,
        None => local_git::common_folder(&row.clone_url).await?,
    };
    // Before the look: what moves during it has another mark afterwards.
    let marked = folder.clone();
    let mark = tokio::task::spawn_blocking(move || local_git::mark(&marked)).await.unwrap_or_default();
    if mark.is_none() || mark != watch.mark || watch.problem.is_some() {
        look(app, one).await?;
        app.watches.noted(one.id, folder, mark);
    }
    // The next look finds out whether something moved.
    app.watches.succeeded(one.id, Duration::ZERO);
    Ok(())
}

/// Looks at the repositories of code hosts that are due.
pub async fn look_at_hosts(app: &App) -> Result<()> {
    if !sources::is_remote(app).await? {
        return Ok(());
    }
    let mut hosts: BTreeMap<IntegrationId, Vec<Built>> = BTreeMap::new();
    for one in built(app).await?.into_values() {
        if one.provider != ScmProvider::LocalGit && app.watches.is_due(one.id) {
            hosts.entry(one.integration_id).or_default().push(one);
        }
    }
    let hosts = futures_util::stream::iter(hosts.into_values());
    hosts.for_each_concurrent(HOSTS_AT_A_TIME, |of_one| ask(app, of_one)).await;
    Ok(())
}

/// Asks one host. What there was no time for is still due.
async fn ask(app: &App, repositories: Vec<Built>) {
    let each = futures_util::stream::iter(repositories);
    let all = each.for_each_concurrent(OF_ONE, |one| async move {
        let looked = match look(app, one).await {
            Ok(()) => rhythm(app, one).await,
            Err(error) => Err(error),
        };
        match looked {
            Ok(every) => app.watches.succeeded(one.id, every),
            Err(error) => {
                tracing::debug!(task = "heads", repository = %one.id, "{error}");
                app.watches.failed(one.id, &error);
            }
        }
    });
    if tokio::time::timeout(TURN, all).await.is_err() {
        tracing::warn!(task = "heads", "a code host is slow; its other repositories are looked at later");
    }
}

async fn look(app: &App, one: Built) -> Result<()> {
    let (row, integration) = db::repositories::with_integration(app.db.read(), one.id).await?;
    let heads = sources::open(app, one.id).await?.heads().await?;
    heads::learn(app, &row, integration.provider, heads).await?;
    Ok(())
}

/// How long after a look the next one is.
async fn rhythm(app: &App, one: Built) -> Result<Duration> {
    if one.provider == ScmProvider::LocalGit {
        return Ok(FOLDERS_EVERY);
    }
    // What was not told by a webhook, though it could have been, says that they don't come.
    let is_polled = match one.polling {
        Polling::On => true,
        Polling::Auto => {
            db::deliveries::newest_arrival(app.db.read(), one.id).await? != Some(Arrival::Webhook)
        }
        Polling::Off => false,
    };
    Ok(if is_polled { POLL_EVERY } else { CHECK_EVERY })
}

/// How often a repository is looked at; `None` if it is not.
pub async fn every(app: &App, repository: RepositoryId) -> Result<Option<Duration>> {
    let wanted = wanted(db::repositories::built(app.db.read()).await?);
    match wanted.get(&repository) {
        Some(one) => Ok(Some(rhythm(app, *one).await?)),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_not_hastened() {
        let watches = Watches::new(Clock::system());
        let (well, ill) = (RepositoryId::new(), RepositoryId::new());
        watches.succeeded(well, CHECK_EVERY);
        watches.failed(ill, &Error::conflict("x", "x"));
        assert!(!watches.is_due(well) && !watches.is_due(ill));
        watches.hasten();
        assert!(watches.is_due(well) && !watches.is_due(ill));
    }
}
