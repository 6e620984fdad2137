//! Reading from code hosts: which commit a branch is, what a file says, what changed. Neutral verbs
//! over every provider, a closed set. It knows no table, no secret at rest and no HTTP edge: whoever opens a
//! repository brings the access to it (`crate::sources` does).

pub mod git_http;
pub mod github;
pub mod gitlab;
pub mod hook;
pub mod host;
pub mod known;
pub mod local_git;
pub mod tree;

use std::sync::Arc;

use crate::clock::Clock;
use crate::domain::delivery::{Head, Place};
use crate::domain::source::{Commit, RefSpec, Since, Source, is_full_sha, is_valid_ref};
use crate::error::{Error, Kind, Result, codes};
use crate::outgoing::Outgoing;

/// What talking to code hosts needs while the daemon runs.
#[derive(Debug)]
pub struct Forge {
    pub outgoing: Outgoing,
    pub clock: Clock,
    known: Arc<known::Known>,
    /// Short-lived tokens of GitHub Apps.
    pub github_tokens: github::tokens::Tokens,
    /// Who waits for new tokens of GitLab.
    pub gitlab_renewals: gitlab::renewal::Renewals,
}

/// How a repository is read.
#[derive(Debug, Clone)]
pub enum Access {
    /// With the git program, in a folder of this machine.
    Folder,
    Github(github::Api),
    Gitlab(gitlab::Api),
}

/// A repository that can be read.
#[derive(Debug, Clone)]
pub struct Repository {
    pub source: Source,
    pub access: Access,
}

impl Forge {
    pub fn new(outgoing: Outgoing, clock: Clock) -> Self {
        Self {
            outgoing,
            clock,
            known: Arc::default(),
            github_tokens: Default::default(),
            gitlab_renewals: Default::default(),
        }
    }
}

impl Repository {
    /// The commit that `wanted` is now.
    ///
    /// Errors: 400 `invalid_ref` if there is no such thing, 409 `source_unresolvable` if the repository
    /// can't be read, 502 `github_api_error`, `gitlab_api_error` if the host doesn't answer as it should.
    pub async fn resolve(&self, wanted: &RefSpec) -> Result<Commit> {
        match &self.access {
            Access::Folder => local_git::resolve(&self.source.clone_url, wanted).await,
            Access::Github(api) => github::resolve(api, &self.source, wanted).await,
            Access::Gitlab(api) => gitlab::resolve(api, &self.source, wanted).await,
        }
    }

    /// The content of a file at a commit; `None` if there is none. Larger than `max_bytes` is 413
    /// `workflow_too_large`.
    pub async fn read_file(&self, sha: &str, path: &str, max_bytes: usize) -> Result<Option<Vec<u8>>> {
        match &self.access {
            Access::Folder => local_git::read_file(&self.source.clone_url, sha, path, max_bytes).await,
            Access::Github(api) => github::read_file(api, &self.source, sha, path, max_bytes).await,
            Access::Gitlab(api) => gitlab::read_file(api, &self.source, sha, path, max_bytes).await,
        }
    }

    /// The paths of the files in the top folder and in `.oore/` at a commit that can be workflows.
    pub async fn list_workflow_candidates(&self, sha: &str) -> Result<Vec<String>> {
        let mut files = match &self.access {
            Access::Folder => local_git::list_workflow_candidates(&self.source.clone_url, sha).await,
            Access::Github(api) => github::list_workflow_candidates(api, &self.source, sha).await,
            Access::Gitlab(api) => gitlab::list_workflow_candidates(api, &self.source, sha).await,
        }?;
        files.retain(|path| is_workflow(path));
        files.sort_by_key(|path| (path.contains('/'), path.clone()));
        Ok(files)
    }

    /// The files of the whole repository at a commit, or as many as are listed.
    pub async fn list_files(&self, sha: &str) -> Result<tree::Tree> {
        match &self.access {
            Access::Folder => local_git::list_files(&self.source.clone_url, sha).await,
            Access::Github(api) => github::list_files(api, &self.source, sha).await,
            Access::Gitlab(api) => gitlab::list_files(api, &self.source, sha).await,
        }
    }

    /// The commits after `base` up to `target`, newest first, at most `limit`.
    pub async fn history(&self, base: Option<&str>, target: &str, limit: usize) -> Result<Vec<Commit>> {
        match &self.access {
            Access::Folder => local_git::history(&self.source.clone_url, base, target, limit).await,
            Access::Github(api) => github::history(api, &self.source, base, target, limit).await,
            Access::Gitlab(api) => gitlab::history(api, &self.source, base, target, limit).await,
        }
    }

    /// The paths of the files that changed up to `target`; `None` if that can't be told.
    pub async fn changed_paths(&self, since: Since<'_>, target: &str) -> Result<Option<Vec<String>>> {
        match &self.access {
            Access::Folder => local_git::changed_paths(&self.source.clone_url, since, target).await,
            Access::Github(api) => github::changes::changed_paths(api, &self.source, since, target).await,
            Access::Gitlab(api) => gitlab::changes::changed_paths(api, &self.source, since, target).await,
        }
    }

    /// Every branch, tag and open request. What has an odd name is left out.
    pub async fn heads(&self) -> Result<Vec<Head>> {
        let heads = match &self.access {
            Access::Folder => local_git::heads(&self.source.clone_url).await,
            Access::Github(api) => github::heads::all(api, &self.source).await,
            Access::Gitlab(api) => gitlab::heads::all(api, &self.source).await,
        }?;
        Ok(heads.into_iter().filter(|head| is_full_sha(&head.sha) && has_valid_names(&head.place)).collect())
    }
}

fn has_valid_names(place: &Place) -> bool {
    match place {
        Place::Branch(name) | Place::Tag(name) => is_valid_ref(name),
        Place::Request { source, target, .. } => is_valid_ref(source) && is_valid_ref(target),
    }
}

/// Whether a file can be a workflow by where it is.
pub fn is_workflow(path: &str) -> bool {
    let yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    matches!(path, ".oore.yaml" | ".oore.yml") || (yaml && path.starts_with(".oore/"))
}

/// What is asked for is not in the repository at `place`.
fn no_such(wanted: &RefSpec, place: &str) -> Error {
    let what = match wanted {
        RefSpec::Branch(name) => format!("there is no branch '{name}'"),
        RefSpec::Ref(name) => format!("there is no ref '{name}'"),
        RefSpec::Commit(sha) => format!("there is no commit {sha}"),
    };
    Error::invalid(codes::INVALID_REF, format!("{what} in {place}"))
}

fn bad_ref() -> Error {
    Error::invalid(codes::INVALID_REF, "this can't be the name of a branch, tag or commit")
}

fn too_large_file(path: &str, max_bytes: usize) -> Error {
    let why = format!("{path} is larger than {} KiB", max_bytes / 1024);
    Error::new(Kind::TooLarge, "workflow_too_large", why)
}

fn too_large_tree() -> Error {
    let why = "the repository's top folder holds too many files";
    Error::new(Kind::TooLarge, "repository_tree_too_large", why)
}
