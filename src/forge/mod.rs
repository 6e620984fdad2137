//! Reading from code hosts: which commit a branch is, what a file says, what changed. Neutral verbs
//! over every provider; it knows no table and no HTTP edge. Local git is the one provider so far.

pub mod hook;
pub mod local_git;

use crate::domain::source::{Commit, RefSpec, ScmProvider, Source};
use crate::error::{Error, Result};

/// The commit that `wanted` is now.
///
/// Errors: 400 `invalid_ref` if there is no such thing, 409 `source_unresolvable` if the repository
/// can't be read.
pub async fn resolve(source: &Source, wanted: &RefSpec) -> Result<Commit> {
    match source.provider {
        ScmProvider::LocalGit => local_git::resolve(&source.clone_url, wanted).await,
        ScmProvider::Github | ScmProvider::Gitlab => Err(unsupported(source.provider)),
    }
}

/// The content of a file at a commit; `None` if there is none. Larger than `max_bytes` is 413
/// `workflow_too_large`.
pub async fn read_file(source: &Source, sha: &str, path: &str, max_bytes: usize) -> Result<Option<Vec<u8>>> {
    match source.provider {
        ScmProvider::LocalGit => local_git::read_file(&source.clone_url, sha, path, max_bytes).await,
        ScmProvider::Github | ScmProvider::Gitlab => Err(unsupported(source.provider)),
    }
}

/// The paths of the files in the top folder and in `.oore/` at a commit.
pub async fn list_workflow_candidates(source: &Source, sha: &str) -> Result<Vec<String>> {
    match source.provider {
        ScmProvider::LocalGit => local_git::list_workflow_candidates(&source.clone_url, sha).await,
        ScmProvider::Github | ScmProvider::Gitlab => Err(unsupported(source.provider)),
    }
}

/// The subjects of the commits after `base` up to `target`, newest first, at most `limit`.
pub async fn history(source: &Source, base: Option<&str>, target: &str, limit: usize) -> Result<Vec<Commit>> {
    match source.provider {
        ScmProvider::LocalGit => local_git::history(&source.clone_url, base, target, limit).await,
        ScmProvider::Github | ScmProvider::Gitlab => Err(unsupported(source.provider)),
    }
}

fn unsupported(provider: ScmProvider) -> Error {
    Error::conflict(
        "unsupported_provider",
        format!("sources of kind {provider} can't be read by this daemon"),
    )
}
