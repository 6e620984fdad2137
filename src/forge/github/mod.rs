//! Reading from GitHub, of which each address is documented: small answers are asked for, since a commit with
//! its files can be megabytes. How an app proves itself is in `app` and `tokens`.

pub mod app;
pub mod changes;
pub mod heads;
pub mod hook_deliveries;
pub mod reports;
pub mod tokens;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::host::{Host, MAX_LIST, Reply, Trouble, encoded, encoded_path};
use super::tree;
use super::{Forge, bad_ref, too_large_file, too_large_tree};
use crate::domain::source::{Commit, RefSpec, ScmProvider, Source, is_full_sha, is_valid_ref, is_valid_sha};
use crate::error::{Error, Result};

/// The host of those who don't run their own.
pub const PUBLIC_HOST: &str = "https://github.com";
const JSON: &str = "application/vnd.github+json";
/// Only the id of a commit, as text.
const SHA: &str = "application/vnd.github.sha";
/// A file and a folder in the same shape.
const OBJECT: &str = "application/vnd.github.object+json";
const VERSION: &str = "2022-11-28";
/// Most commits GitHub lists at once.
const PAGE: usize = 100;

/// GitHub's API with a credential.
#[derive(Debug, Clone)]
pub struct Api {
    host: Host,
}

impl Api {
    /// `host_url` is what people see, `token` of an app or an installation.
    pub fn new(forge: &Forge, host_url: &str, token: &str) -> Self {
        let proof = ("authorization", Zeroizing::new(format!("Bearer {token}")));
        Self { host: Host::new(forge, base(host_url), vec![version(), proof]) }
    }

    /// Without any credential: for exchanging the code of a new app.
    pub fn anonymous(forge: &Forge, host_url: &str) -> Self {
        Self { host: Host::new(forge, base(host_url), vec![version()]) }
    }

    async fn get(&self, path: &str) -> Result<Reply, Trouble> {
        self.host.get_limited(path, JSON, MAX_LIST).await
    }
}

fn version() -> (&'static str, Zeroizing<String>) {
    ("x-github-api-version", Zeroizing::new(VERSION.to_owned()))
}

/// The address of the API of a host.
fn base(host_url: &str) -> String {
    let url = Url::parse(host_url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    match host {
        "github.com" => "https://api.github.com".to_owned(),
        tenant if tenant.ends_with(".ghe.com") => format!("https://api.{tenant}"),
        _ => format!("{host_url}/api/v3"),
    }
}

/// A commit as the database of git objects shows it.
#[derive(Deserialize)]
struct GitCommit {
    sha: String,
    message: String,
    author: Option<Person>,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    name: String,
}

/// A commit in a list.
#[derive(Deserialize)]
struct ListedCommit {
    sha: String,
    commit: ListedMessage,
}

#[derive(Deserialize)]
struct ListedMessage {
    message: String,
    author: Option<Person>,
}

#[derive(Deserialize)]
struct Comparison {
    commits: Vec<ListedCommit>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    size: usize,
    #[serde(default)]
    encoding: String,
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Tree {
    tree: Vec<TreeEntry>,
    #[serde(default)]
    truncated: bool,
}

#[derive(Deserialize)]
struct TreeEntry {
    path: String,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    sha: String,
}

pub(super) async fn resolve(api: &Api, source: &Source, wanted: &RefSpec) -> Result<Commit> {
    let (is_valid, name) = match wanted {
        RefSpec::Branch(name) => (is_valid_ref(name), format!("heads/{name}")),
        RefSpec::Ref(name) => (is_valid_ref(name), name.strip_prefix("refs/").unwrap_or(name).to_owned()),
        RefSpec::Commit(sha) => (is_valid_sha(sha), sha.clone()),
    };
    if !is_valid {
        return Err(bad_ref());
    }
    let path = format!("{}/commits/{}", of(source), encoded_path(&name));
    let sha = match api.host.get(&path, SHA).await {
        Ok(reply) => String::from_utf8_lossy(&reply.body).trim().to_owned(),
        Err(Trouble::Missing | Trouble::Refused(409 | 422, _)) => {
            return Err(no_such(api, source, wanted).await);
        }
        Err(trouble) => return Err(failed(source, trouble)),
    };
    if !is_full_sha(&sha) {
        return Err(failed(source, Trouble::Unreadable("no commit id".to_owned())));
    }
    commit(api, source, &sha).await.map_err(|trouble| failed(source, trouble))
}

async fn commit(api: &Api, source: &Source, sha: &str) -> Result<Commit, Trouble> {
    let found: GitCommit = api.get(&format!("{}/git/commits/{sha}", of(source))).await?.json()?;
    if found.sha != sha {
        return Err(Trouble::Unreadable("another commit".to_owned()));
    }
    Ok(shown(found.sha, &found.message, found.author))
}

/// GitHub answers the same for what isn't there and for what this instance may not see.
async fn no_such(api: &Api, source: &Source, wanted: &RefSpec) -> Error {
    if let Err(trouble) = api.get(&of(source)).await {
        return failed(source, trouble);
    }
    super::no_such(wanted, &source.full_name)
}

pub(super) async fn read_file(
    api: &Api,
    source: &Source,
    sha: &str,
    path: &str,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>> {
    let address = format!("{}/contents/{}?ref={}", of(source), encoded_path(path), encoded(sha));
    // Base64 in lines, and what is said about the file.
    let limit = max_bytes * 2 + 16 * 1024;
    let reply = match api.host.get_limited(&address, OBJECT, limit).await {
        Ok(reply) => reply,
        Err(Trouble::Missing) => return missing_or(api, source, sha).await,
        Err(Trouble::TooLarge) => return Err(too_large_file(path, max_bytes)),
        Err(trouble) => return Err(failed(source, trouble)),
    };
    let found: Content = reply.json().map_err(|trouble| failed(source, trouble))?;
    if found.kind != "file" {
        return Ok(None);
    }
    if found.size > max_bytes {
        return Err(too_large_file(path, max_bytes));
    }
    let text: String = found.content.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(text).ok().filter(|_| found.encoding == "base64");
    let unreadable = || failed(source, Trouble::Unreadable(format!("the content of {path}")));
    bytes.map(Some).ok_or_else(unreadable)
}

/// No file, if the commit can be seen at all.
async fn missing_or(api: &Api, source: &Source, sha: &str) -> Result<Option<Vec<u8>>> {
    match api.get(&format!("{}/git/commits/{}", of(source), encoded(sha))).await {
        Ok(_) => Ok(None),
        Err(trouble) => Err(failed(source, trouble)),
    }
}

pub(super) async fn list_workflow_candidates(api: &Api, source: &Source, sha: &str) -> Result<Vec<String>> {
    let top = tree(api, source, sha).await?;
    let folder = top.iter().find(|entry| entry.kind == "tree" && entry.path == ".oore");
    let inner = match folder {
        Some(folder) => tree(api, source, &folder.sha).await?,
        None => Vec::new(),
    };
    let files = |entries: Vec<TreeEntry>, prefix: &'static str| {
        let files = entries.into_iter().filter(|entry| entry.kind == "blob");
        files.map(move |entry| format!("{prefix}{}", entry.path))
    };
    Ok(files(top, "").chain(files(inner, ".oore/")).collect())
}

/// GitHub lists what fits into 7 MB. Of what is larger than we read, the top folder is listed.
pub(super) async fn list_files(api: &Api, source: &Source, sha: &str) -> Result<tree::Tree> {
    let address = format!("{}/git/trees/{}?recursive=1", of(source), encoded(sha));
    let (entries, is_cut) = match api.get(&address).await {
        Ok(reply) => {
            let found: Tree = reply.json().map_err(|trouble| failed(source, trouble))?;
            (found.tree, found.truncated)
        }
        Err(Trouble::TooLarge) => (tree(api, source, sha).await?, true),
        Err(trouble) => return Err(failed(source, trouble)),
    };
    let entries = entries.into_iter().map(|TreeEntry { mode, path, .. }| tree::Entry { mode, path });
    Ok(tree::Tree::of(entries, is_cut))
}

async fn tree(api: &Api, source: &Source, sha: &str) -> Result<Vec<TreeEntry>> {
    let reply = match api.get(&format!("{}/git/trees/{}", of(source), encoded(sha))).await {
        Ok(reply) => reply,
        Err(Trouble::TooLarge) => return Err(too_large_tree()),
        Err(trouble) => return Err(failed(source, trouble)),
    };
    let found: Tree = reply.json().map_err(|trouble| failed(source, trouble))?;
    if found.truncated { Err(too_large_tree()) } else { Ok(found.tree) }
}

pub(super) async fn history(
    api: &Api,
    source: &Source,
    base: Option<&str>,
    target: &str,
    limit: usize,
) -> Result<Vec<Commit>> {
    if let Some(base) = base {
        let path = format!("{}/compare/{}...{}", of(source), encoded(base), encoded(target));
        match api.get(&path).await {
            Ok(reply) => {
                let found: Comparison = reply.json().map_err(|trouble| failed(source, trouble))?;
                // The last one is the newest.
                return Ok(found.commits.into_iter().rev().take(limit).map(listed).collect());
            }
            // The base may be gone, and its comparison may hold megabytes of changes.
            Err(Trouble::Missing | Trouble::TooLarge) => {}
            Err(trouble) => return Err(failed(source, trouble)),
        }
    }
    let path = format!("{}/commits?sha={}&per_page={}", of(source), encoded(target), limit.min(PAGE));
    let reply = api.get(&path).await.map_err(|trouble| failed(source, trouble))?;
    let found: Vec<ListedCommit> = reply.json().map_err(|trouble| failed(source, trouble))?;
    let since_base = found.into_iter().take_while(|commit| Some(commit.sha.as_str()) != base);
    Ok(since_base.map(listed).collect())
}

fn listed(commit: ListedCommit) -> Commit {
    shown(commit.sha, &commit.commit.message, commit.commit.author)
}

fn shown(sha: String, message: &str, author: Option<Person>) -> Commit {
    let subject = message.lines().next().unwrap_or_default().to_owned();
    let author = author.map(|author| author.name).unwrap_or_default();
    Commit { sha, subject, message: message.to_owned(), author }
}

/// The repository's part of an address.
fn of(source: &Source) -> String {
    format!("/repos/{}", encoded_path(&source.full_name))
}

fn failed(source: &Source, trouble: Trouble) -> Error {
    trouble.of_repository(ScmProvider::Github, &source.full_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_host_has_its_api_elsewhere() {
        assert_eq!(base(PUBLIC_HOST), "https://api.github.com");
        assert_eq!(base("https://acme.ghe.com"), "https://api.acme.ghe.com");
        assert_eq!(base("https://github.example.com"), "https://github.example.com/api/v3");
        assert_eq!(base("http://127.0.0.1:8080"), "http://127.0.0.1:8080/api/v3");
    }
}
