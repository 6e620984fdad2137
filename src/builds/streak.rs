//! Since when a pipeline fails on a branch, and what came into the branch meanwhile.

use crate::app::App;
use crate::db::builds::streak::{self, Ended};
use crate::db::entity::builds;
use crate::domain::build::BuildStatus;
use crate::domain::source::{Commit, RefSpec};
use crate::error::{Error, Result, codes};
use crate::sources;

/// Commits that are told at most.
const MAX_COMMITS: usize = 50;

/// The builds of the same kind before one.
#[derive(Debug, Clone, Default)]
pub struct Streak {
    /// How many before it failed without one that passed in between.
    pub failures: usize,
    /// The first of those.
    pub first_failed: Option<Ended>,
    /// The last one that passed, if that is not too long ago to be looked for.
    pub last_passed: Option<Ended>,
}

impl Streak {
    fn of(before: Vec<Ended>) -> Self {
        let mut streak = Self::default();
        for build in before {
            if build.status == BuildStatus::Succeeded {
                streak.last_passed = Some(build);
                break;
            }
            streak.failures += 1;
            streak.first_failed = Some(build);
        }
        streak
    }
}

/// What came before a build.
pub async fn before(app: &App, build: &builds::Model) -> Result<Streak> {
    Ok(Streak::of(streak::before(app.db.read(), build).await?))
}

/// What a build has that the last one that passed had not.
#[derive(Debug)]
pub struct Changes {
    pub since: Option<Ended>,
    /// The newest first. Without a build that passed: the newest ones.
    pub commits: Vec<Commit>,
    /// Whether there are more than are told.
    pub truncated: bool,
}

/// The commits between the last build of the same kind that passed and this one.
///
/// Errors: 409 `source_not_configured`, and what the code host answers.
pub async fn changes(app: &App, build: &builds::Model) -> Result<Changes> {
    let since = before(app, build).await?.last_passed.filter(|passed| passed.commit_sha.is_some());
    let Some(target) = build.commit_sha.as_deref() else {
        return Ok(Changes { since, commits: Vec::new(), truncated: false });
    };
    let repository = build.repository_id.ok_or_else(|| {
        Error::conflict(codes::SOURCE_NOT_CONFIGURED, "the repository of this build is not known any more")
    })?;
    let base = since.as_ref().and_then(|passed| passed.commit_sha.as_deref());
    let repository = sources::open(app, repository).await?;
    // A repository that is gone has no commits either; it must not look like one without changes.
    let target = repository.resolve(&RefSpec::Commit(target.to_owned())).await?.sha;
    let mut commits = repository.history(base, &target, MAX_COMMITS + 1).await?;
    let truncated = commits.len() > MAX_COMMITS;
    commits.truncate(MAX_COMMITS);
    Ok(Changes { since, commits, truncated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::BuildId;

    fn ended(build_number: i64, status: BuildStatus) -> Ended {
        Ended { id: BuildId::new(), build_number, status, commit_sha: None }
    }

    #[test]
    fn failures_in_a_row_are_counted_back_to_the_last_build_that_passed() {
        let before = [
            ended(9, BuildStatus::Failed),
            ended(7, BuildStatus::TimedOut),
            ended(4, BuildStatus::Succeeded),
            ended(3, BuildStatus::Failed),
        ];
        let streak = Streak::of(before.to_vec());
        let number = |build: Option<Ended>| build.map(|build| build.build_number);
        assert_eq!(streak.failures, 2);
        assert_eq!((number(streak.first_failed), number(streak.last_passed)), (Some(7), Some(4)));
        let none = Streak::of(Vec::new());
        assert!(none.failures == 0 && none.first_failed.is_none() && none.last_passed.is_none());
    }
}
