//! Repositories in folders of this machine, read with the `git` program. Everything that comes from
//! people is passed after `--end-of-options` and checked before; the repository's own hooks and
//! helpers are never run.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use super::tree::{Entry, Tree};
use super::{bad_ref, no_such, too_large_file};
use crate::domain::delivery::{Head, Place};
use crate::domain::source::{Commit, RefSpec, Since, is_full_sha, is_valid_ref, is_valid_sha};
use crate::error::{Error, Result, codes};

/// Longest list of files that is read, in bytes.
const MAX_LIST: u64 = 16 * 1024 * 1024;
const FIELD: char = '\u{1f}';
/// Most branches and tags that are listed.
const MAX_HEADS: usize = 20_000;
/// Most files of refs that are looked at one by one, and how deep.
const MAX_LOOSE: usize = 5000;
const MAX_DEPTH: usize = 16;

/// A folder that is a git work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// The canonical path of its top.
    pub path: PathBuf,
    /// The branch that is checked out, if any.
    pub branch: Option<String>,
}

/// Checks that `path` is the top of a git work tree.
///
/// Errors: 400 `invalid_repository`.
pub async fn inspect(path: &str) -> Result<Worktree> {
    let refuse = |why: &str| Error::invalid("invalid_repository", format!("{path}: {why}"));
    if !Path::new(path).is_absolute() {
        return Err(refuse("the path must be absolute"));
    }
    let canonical = tokio::fs::canonicalize(path).await.map_err(|_| refuse("there is no such folder"))?;
    let folder = canonical.to_str().ok_or_else(|| refuse("the path is not UTF-8 text"))?.to_owned();
    let top = git(&folder, &["rev-parse", "--show-toplevel"]).await?;
    if !top.status.success() {
        return Err(refuse("this folder is not a git repository")
            .hint("Choose the folder that contains .git, or run git init and commit there first."));
    }
    if Path::new(text(&top).trim()) != canonical {
        return Err(refuse("this folder is inside a git repository, but not its top")
            .hint(format!("Choose {}", text(&top).trim())));
    }
    let head = git(&folder, &["symbolic-ref", "--quiet", "--short", "HEAD"]).await?;
    let branch = head.status.success().then(|| text(&head).trim().to_owned()).filter(|name| !name.is_empty());
    Ok(Worktree { path: canonical, branch })
}

pub(super) async fn resolve(path: &str, wanted: &RefSpec) -> Result<Commit> {
    let revision = revision(wanted)?;
    readable(path).await?;
    let format = format!("--format=%H{FIELD}%s{FIELD}%an{FIELD}%B");
    let shown =
        git(path, &["log", "-1", &format, "--no-show-signature", "--end-of-options", &revision]).await?;
    let found = parse_commit(text(&shown).trim_end_matches('\n')).filter(|_| shown.status.success());
    found.ok_or_else(|| no_such(wanted, path))
}

pub(super) async fn read_file(
    path: &str,
    sha: &str,
    file: &str,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>> {
    let object = format!("{sha}:{file}");
    let size = git(path, &["cat-file", "-s", "--end-of-options", &object]).await?;
    let Ok(size) = text(&size).trim().parse::<usize>() else {
        return Ok(None);
    };
    if size > max_bytes {
        return Err(too_large_file(file, max_bytes));
    }
    let content = git(path, &["cat-file", "blob", &object]).await?;
    Ok(content.status.success().then_some(content.stdout))
}

pub(super) async fn list_workflow_candidates(path: &str, sha: &str) -> Result<Vec<String>> {
    readable(path).await?;
    let listed = git(path, &["ls-tree", "-z", "--name-only", "--full-tree", sha, "./", ".oore/"]).await?;
    Ok(text(&listed).split('\0').map(str::to_owned).collect())
}

pub(super) async fn list_files(path: &str, sha: &str) -> Result<Tree> {
    readable(path).await?;
    let (listed, is_cut) = git_until(path, &["ls-tree", "-r", "-z", "--full-tree", sha], MAX_LIST).await?;
    let listed = String::from_utf8_lossy(&listed);
    let mut lines: Vec<&str> = listed.split('\0').collect();
    // What follows the last separator is nothing, or was cut off.
    lines.pop();
    Ok(Tree::of(lines.into_iter().filter_map(entry), is_cut))
}

/// `<mode> <type> <id>\t<path>`
fn entry(line: &str) -> Option<Entry> {
    let (about, path) = line.split_once('\t')?;
    let mode = about.split(' ').next()?.to_owned();
    Some(Entry { mode, path: path.to_owned() })
}

pub(super) async fn history(
    path: &str,
    base: Option<&str>,
    target: &str,
    limit: usize,
) -> Result<Vec<Commit>> {
    let format = format!("--format=%H{FIELD}%s{FIELD}%an");
    let count = format!("-{limit}");
    let range = match base {
        Some(base) => format!("{base}..{target}"),
        None => target.to_owned(),
    };
    let listed =
        git(path, &["log", &count, &format, "--no-show-signature", "--end-of-options", &range]).await?;
    Ok(text(&listed).lines().filter_map(parse_commit).collect())
}

pub(super) async fn changed_paths(path: &str, since: Since<'_>, target: &str) -> Result<Option<Vec<String>>> {
    let range = match since {
        Since::Was(base) => format!("{base}..{target}"),
        Since::Left(base) => format!("{base}...{target}"),
    };
    let listed =
        git(path, &["diff", "--name-only", "-z", "--no-renames", "--end-of-options", &range]).await?;
    let paths = text(&listed).split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    Ok(listed.status.success().then_some(paths))
}

/// Every branch and tag, `MAX_HEADS` at most.
pub(super) async fn heads(path: &str) -> Result<Vec<Head>> {
    readable(path).await?;
    let count = format!("--count={MAX_HEADS}");
    let format = "--format=%(objectname) %(*objectname) %(refname)";
    let listed = git(path, &["for-each-ref", &count, format, "refs/heads", "refs/tags"]).await?;
    if !listed.status.success() {
        let why = format!("git can't list the branches of {path}");
        return Err(Error::conflict(codes::SOURCE_UNRESOLVABLE, why)
            .hint("Look at what git for-each-ref says in that folder."));
    }
    Ok(text(&listed).lines().filter_map(parse_head).collect())
}

fn parse_head(line: &str) -> Option<Head> {
    let mut fields = line.splitn(3, ' ');
    let (own, peeled, name) = (fields.next()?, fields.next()?, fields.next()?);
    // An annotated tag is no commit, but leads to one.
    let sha = if peeled.is_empty() { own } else { peeled };
    let place = Place::of_ref(name).filter(|_| is_valid_ref(name) && is_full_sha(sha))?;
    Some(Head { place, sha: sha.to_owned(), fork: None, sender: None })
}

/// The folder where a repository keeps its refs, which several work trees may share.
pub async fn common_folder(path: &str) -> Result<PathBuf> {
    readable(path).await?;
    let found = git(path, &["rev-parse", "--git-common-dir"]).await?;
    if !found.status.success() {
        let why = format!("{path} is no git repository any more");
        return Err(Error::conflict(codes::SOURCE_UNRESOLVABLE, why));
    }
    // Relative to the folder, unless it is elsewhere.
    Ok(Path::new(path).join(text(&found).trim_end_matches('\n')))
}

/// A number that changes whenever a branch or tag may have moved: made of the names, times and sizes of the files that
/// hold them, without reading one. `None` if there are too many to look at.
pub fn mark(common: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    let mut left = MAX_LOOSE;
    for name in ["packed-refs", "reftable/tables.list", "refs/heads", "refs/tags"] {
        note(&common.join(name), &mut hasher, &mut left, MAX_DEPTH)?;
    }
    Some(hasher.finish())
}

/// Links are noted, not followed.
fn note(path: &Path, hasher: &mut DefaultHasher, left: &mut usize, depth: usize) -> Option<()> {
    *left = left.checked_sub(1)?;
    let Ok(found) = std::fs::symlink_metadata(path) else {
        path.hash(hasher);
        return Some(());
    };
    (path, found.ino(), found.size(), found.mtime(), found.mtime_nsec()).hash(hasher);
    if !found.is_dir() {
        return Some(());
    }
    let inner = depth.checked_sub(1)?;
    let Ok(entries) = std::fs::read_dir(path) else { return Some(()) };
    let mut paths: Vec<PathBuf> = entries.take(*left + 1).flatten().map(|entry| entry.path()).collect();
    paths.sort_unstable();
    paths.iter().try_for_each(|path| note(path, hasher, left, inner))
}

fn parse_commit(told: &str) -> Option<Commit> {
    let mut fields = told.splitn(4, FIELD).map(str::to_owned);
    let (sha, subject, author) = (fields.next()?, fields.next()?, fields.next()?);
    let message = fields.next().unwrap_or_else(|| subject.clone());
    (sha.len() >= 40).then_some(Commit { sha, subject, message, author })
}

fn revision(wanted: &RefSpec) -> Result<String> {
    let (valid, revision) = match wanted {
        RefSpec::Branch(name) => (is_valid_ref(name), format!("refs/heads/{name}^{{commit}}")),
        RefSpec::Ref(name) => (is_valid_ref(name), format!("{name}^{{commit}}")),
        RefSpec::Commit(sha) => (is_valid_sha(sha), format!("{sha}^{{commit}}")),
    };
    if valid { Ok(revision) } else { Err(bad_ref()) }
}

async fn readable(path: &str) -> Result<()> {
    if tokio::fs::metadata(path).await.is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    Err(Error::conflict(codes::SOURCE_UNRESOLVABLE, format!("the repository folder {path} is gone"))
        .hint("Put the folder back, or link the project to another repository."))
}

async fn git(path: &str, arguments: &[&str]) -> Result<Output> {
    command(path, arguments).output().await.map_err(not_started)
}

/// What git prints, `limit` bytes at most, and whether there was more.
async fn git_until(path: &str, arguments: &[&str], limit: u64) -> Result<(Vec<u8>, bool)> {
    let mut command = command(path, arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(not_started)?;
    let mut printed = Vec::new();
    if let Some(output) = child.stdout.take() {
        output.take(limit).read_to_end(&mut printed).await?;
    }
    let is_cut = printed.len() as u64 == limit;
    if is_cut {
        child.kill().await?;
    }
    child.wait().await?;
    Ok((printed, is_cut))
}

fn not_started(error: std::io::Error) -> Error {
    Error::internal("git_error", "the git program could not be started", error)
        .hint("Install git on the daemon's machine.")
}

fn command(path: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args([
            "-c",
            &format!("safe.directory={path}"),
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.hooksPath=/dev/null",
        ])
        .args(["--no-pager", "-C", path])
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        // What a partial clone lacks stays away: fetching it would run what the repository says.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}
