//! What a repository holds for pipelines: its Flutter roots, its pipeline files, and the pipelines that fit. Read from the
//! code host within bounds, however large or odd the repository is; nothing is stored.

use std::collections::HashMap;

use futures_util::StreamExt;

use crate::domain::source::{Commit, RefSpec, ScmProvider};
use crate::error::{Error, Kind, Result};
use crate::forge::{Repository, is_workflow};
use crate::pipeline::detect::pubspec::{self, Pubspec};
use crate::pipeline::detect::{self, Clues, Proposal, Root, Setting, Told};

/// Most descriptions of packages that are read, and most roots that are shown.
const MAX_PUBSPECS: usize = 60;
const MAX_ROOTS: usize = 24;
/// Most pipeline files that are named.
pub const MAX_WORKFLOWS: usize = 16;
/// How many files are asked for at a time.
const AT_A_TIME: usize = 8;
/// Largest file that says more about a root, in bytes.
const MAX_CLUE: usize = 128 * 1024;

/// What was found at a commit.
#[derive(Debug)]
pub struct Detection {
    pub commit: Commit,
    /// The branch that was looked at.
    pub branch: String,
    pub roots: Vec<Root>,
    /// Paths of pipeline files.
    pub workflows: Vec<String>,
    pub proposals: Vec<Proposal>,
    pub problems: Vec<Problem>,
    /// Whether there is more than was looked at.
    pub is_cut: bool,
}

/// A file or folder that could not be used.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    pub path: String,
    /// Why, in a sentence.
    pub message: String,
}

/// Looks at a branch, by default the repository's own.
///
/// Errors: 400 `invalid_ref`, 409 `missing_default_branch`, 409 `source_unresolvable`, and what the code host answers.
pub async fn detect(repository: &Repository, branch: Option<String>) -> Result<Detection> {
    let branch = branch.or_else(|| repository.source.default_branch.clone()).ok_or_else(|| {
        Error::conflict("missing_default_branch", "the repository has no default branch; name a branch")
    })?;
    let commit = repository.resolve(&RefSpec::Branch(branch.clone())).await?;
    let tree = repository.list_files(&commit.sha).await?;
    let mut found = Found { repository, sha: &commit.sha, problems: Vec::new(), is_cut: tree.is_cut };
    let roots = found.roots(&tree.files).await?;
    let workflows = found.workflows(&tree.files, &roots);
    let Found { problems, is_cut, .. } = found;
    let has_file = workflows.iter().any(|path| matches!(path.as_str(), ".oore.yaml" | ".oore.yml"));
    let released = match repository.source.provider {
        ScmProvider::LocalGit => None,
        ScmProvider::Github | ScmProvider::Gitlab => Some(branch.as_str()),
    };
    let proposals = detect::propose(&roots, Setting { has_file, released });
    Ok(Detection { branch, commit, roots, workflows, proposals, problems, is_cut })
}

/// The content of a file if there is one, or why it can't be used.
type Content = Result<Option<Vec<u8>>, String>;

/// What is found as it is found.
struct Found<'a> {
    repository: &'a Repository,
    sha: &'a str,
    problems: Vec<Problem>,
    is_cut: bool,
}

impl Found<'_> {
    async fn roots(&mut self, files: &[String]) -> Result<Vec<Root>> {
        let mut folders = detect::folders(files);
        self.is_cut |= folders.len() > MAX_PUBSPECS;
        folders.truncate(MAX_PUBSPECS);
        let (usable, odd): (Vec<_>, Vec<_>) =
            folders.into_iter().partition(|folder| detect::is_usable(folder));
        for folder in odd {
            self.problem(&folder, "its name has characters that commands can't have, or is too long");
        }
        let paths = usable.iter().map(|folder| detect::pubspec_of(folder)).collect();
        let texts = self.read(paths, pubspec::MAX_BYTES).await?;
        let mut flutter = Vec::new();
        for (folder, text) in usable.into_iter().zip(texts) {
            match text.and_then(|text| Pubspec::read(&text.unwrap_or_default())) {
                Ok(pubspec) if pubspec.is_flutter() => flutter.push((folder, pubspec)),
                Ok(_) => {}
                Err(why) => self.problem(&detect::pubspec_of(&folder), &why),
            }
        }
        self.is_cut |= flutter.len() > MAX_ROOTS;
        flutter.truncate(MAX_ROOTS);
        self.described(files, flutter).await
    }

    /// The roots with what their other files say: applications first, then packages, examples last.
    async fn described(&mut self, files: &[String], flutter: Vec<(String, Pubspec)>) -> Result<Vec<Root>> {
        let clues: Vec<Clues> = flutter.iter().map(|(folder, _)| detect::clues(files, folder)).collect();
        let paths: Vec<String> =
            clues.iter().flat_map(|one| [&one.gradle, &one.fvm]).flatten().cloned().collect();
        let texts = self.read(paths.clone(), MAX_CLUE).await?;
        let mut known = HashMap::new();
        for (path, text) in paths.into_iter().zip(texts) {
            match text {
                Ok(text) => known.extend(text.map(|text| (path, text))),
                Err(why) => self.problem(&path, &why),
            }
        }
        let mut text_of = |path: &Option<String>| path.as_ref().and_then(|path| known.remove(path));
        let mut roots: Vec<Root> = Vec::with_capacity(flutter.len());
        for ((folder, pubspec), clues) in flutter.into_iter().zip(&clues) {
            let told = Told { gradle: text_of(&clues.gradle), fvm: text_of(&clues.fvm) };
            roots.push(detect::root(files, &folder, pubspec, clues, &told));
        }
        // The order of before stays within each kind.
        roots.sort_by_key(|root| (root.is_example, !root.is_app()));
        Ok(roots)
    }

    /// Files in the order they are asked for.
    async fn read(&self, paths: Vec<String>, limit: usize) -> Result<Vec<Content>> {
        let ask = |path: String| async move {
            match self.repository.read_file(self.sha, &path, limit).await {
                Ok(content) => Ok(Ok(content)),
                Err(error) if error.kind == Kind::TooLarge => {
                    Ok(Err(format!("it is larger than {} KiB", limit / 1024)))
                }
                Err(error) => Err(error),
            }
        };
        let asked: Vec<Result<_>> =
            futures_util::stream::iter(paths.into_iter().map(ask)).buffered(AT_A_TIME).collect().await;
        asked.into_iter().collect()
    }

    fn workflows(&mut self, files: &[String], roots: &[Root]) -> Vec<String> {
        let mut found: Vec<String> = files.iter().filter(|path| is_workflow(path)).cloned().collect();
        found.sort_by_key(|path| (path.contains('/'), path.clone()));
        let of_roots = roots.iter().filter_map(|root| root.workflow.clone());
        for path in of_roots {
            if !found.contains(&path) {
                found.push(path);
            }
        }
        self.is_cut |= found.len() > MAX_WORKFLOWS;
        found.truncate(MAX_WORKFLOWS);
        found
    }

    fn problem(&mut self, path: &str, message: &str) {
        let path = path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(300).collect();
        self.problems.push(Problem { path, message: message.to_owned() });
    }
}
