//! Reading from GitLab, of which each address is documented. Projects are named by their number, which stays when they
//! are renamed. Who the credential belongs to is in `account`, how one is made in `oauth`.

pub mod account;
pub mod changes;
pub mod heads;
pub mod oauth;
pub mod renewal;
pub mod reports;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::host::{Host, MAX_LIST, Reply, Trouble, encoded};
use super::tree;
use super::{Forge, bad_ref, too_large_file, too_large_tree};
use crate::domain::source::{Commit, RefSpec, ScmProvider, Source, is_full_sha, is_valid_ref, is_valid_sha};
use crate::error::{Error, Kind, Result};

const JSON: &str = "application/json";
const ANY: &str = "*/*";
/// Pages of a whole repository's files that are read, of a hundred each.
const TREE_PAGES: usize = 60;
/// Most commits GitLab lists at once.
const PAGE: usize = 100;

/// GitLab's API with a credential.
#[derive(Debug, Clone)]
pub struct Api {
    host: Host,
}

impl Api {
    /// `host_url` is what people see; `token` may be of a person, a group, a project or an OAuth application.
    pub fn new(forge: &Forge, host_url: &str, token: &str) -> Self {
        let proof = ("authorization", Zeroizing::new(format!("Bearer {token}")));
        Self { host: Host::new(forge, format!("{host_url}/api/v4"), vec![proof]) }
    }

    async fn get(&self, path: &str) -> Result<Reply, Trouble> {
        self.host.get_limited(path, JSON, MAX_LIST).await
    }
}

#[derive(Deserialize)]
struct ListedCommit {
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    author_name: String,
}

/// A branch or a tag.
#[derive(Deserialize)]
struct Pointer {
    commit: ListedCommit,
}

#[derive(Deserialize)]
struct TreeEntry {
    path: String,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type")]
    kind: String,
}

pub(super) async fn resolve(api: &Api, source: &Source, wanted: &RefSpec) -> Result<Commit> {
    let is_valid = match wanted {
        RefSpec::Branch(name) | RefSpec::Ref(name) => is_valid_ref(name),
        RefSpec::Commit(sha) => is_valid_sha(sha),
    };
    if !is_valid {
        return Err(bad_ref());
    }
    let found = match look_up(api, source, wanted).await {
        Ok(found) => found,
        Err(Trouble::Missing | Trouble::Refused(400, _)) => return Err(no_such(api, source, wanted).await),
        Err(trouble) => return Err(failed(source, trouble)),
    };
    if !is_full_sha(&found.id) {
        return Err(failed(source, Trouble::Unreadable("no commit id".to_owned())));
    }
    Ok(shown(found))
}

async fn look_up(api: &Api, source: &Source, wanted: &RefSpec) -> Result<ListedCommit, Trouble> {
    let (kind, name) = match wanted {
        RefSpec::Branch(name) => ("branches", name.as_str()),
        RefSpec::Commit(sha) => ("commits", sha.as_str()),
        RefSpec::Ref(name) => match (name.strip_prefix("refs/heads/"), name.strip_prefix("refs/tags/")) {
            (Some(branch), _) => ("branches", branch),
            (None, Some(tag)) => ("tags", tag),
            (None, None) => ("commits", name.as_str()),
        },
    };
    let reply = api.get(&format!("{}/{kind}/{}", of(source), encoded(name))).await?;
    match kind {
        "commits" => reply.json(),
        _ => Ok(reply.json::<Pointer>()?.commit),
    }
}

/// GitLab answers the same for what isn't there and for what this instance may not see.
async fn no_such(api: &Api, source: &Source, wanted: &RefSpec) -> Error {
    if let Err(trouble) = api.get(&format!("/projects/{}", encoded(&source.external_id))).await {
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
    let address = format!("{}/files/{}/raw?ref={}", of(source), encoded(path), encoded(sha));
    match api.host.get_limited(&address, ANY, max_bytes).await {
        Ok(reply) => Ok(Some(reply.body)),
        Err(Trouble::Missing) => missing_or(api, source, sha).await,
        Err(Trouble::TooLarge) => Err(too_large_file(path, max_bytes)),
        Err(trouble) => Err(failed(source, trouble)),
    }
}

/// No file, if the commit can be seen at all.
async fn missing_or(api: &Api, source: &Source, sha: &str) -> Result<Option<Vec<u8>>> {
    match api.get(&format!("{}/commits/{}", of(source), encoded(sha))).await {
        Ok(_) => Ok(None),
        Err(trouble) => Err(failed(source, trouble)),
    }
}

pub(super) async fn list_workflow_candidates(api: &Api, source: &Source, sha: &str) -> Result<Vec<String>> {
    let mut found = tree(api, source, sha, None).await?;
    if found.iter().any(|entry| entry.kind == "tree" && entry.path == ".oore") {
        found.extend(tree(api, source, sha, Some(".oore")).await?);
    }
    let files = found.into_iter().filter(|entry| entry.kind == "blob");
    Ok(files.map(|entry| entry.path).collect())
}

pub(super) async fn list_files(api: &Api, source: &Source, sha: &str) -> Result<tree::Tree> {
    let address =
        format!("{}/tree?ref={}&recursive=true&pagination=keyset&per_page={PAGE}", of(source), encoded(sha));
    let listed = api.host.first_pages(&address, JSON, TREE_PAGES, |page: Vec<TreeEntry>| page).await;
    let (entries, is_whole) = listed.map_err(|trouble| failed(source, trouble))?;
    let entries = entries.into_iter().map(|TreeEntry { mode, path, .. }| tree::Entry { mode, path });
    Ok(tree::Tree::of(entries, !is_whole))
}

async fn tree(api: &Api, source: &Source, sha: &str, folder: Option<&str>) -> Result<Vec<TreeEntry>> {
    let folder = folder.map(|folder| format!("&path={}", encoded(folder))).unwrap_or_default();
    let address =
        format!("{}/tree?ref={}{folder}&pagination=keyset&per_page={PAGE}", of(source), encoded(sha));
    let listed = api.host.pages(&address, JSON, |page: Vec<TreeEntry>| page).await;
    listed.map_err(|trouble| match trouble {
        Trouble::TooLarge => too_large_tree(),
        Trouble::Away(_)
        | Trouble::Unauthorized
        | Trouble::Forbidden(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..)
        | Trouble::Unreadable(_) => failed(source, trouble),
    })
}

pub(super) async fn history(
    api: &Api,
    source: &Source,
    base: Option<&str>,
    target: &str,
    limit: usize,
) -> Result<Vec<Commit>> {
    let ranged = match base {
        Some(base) => commits(api, source, &format!("{base}..{target}"), limit).await,
        None => Err(Trouble::Missing),
    };
    let found = match ranged {
        // The base may be gone.
        Err(Trouble::Missing | Trouble::Refused(400, _)) => commits(api, source, target, limit).await,
        other => other,
    };
    let found = found.map_err(|trouble| failed(source, trouble))?;
    let since_base = found.into_iter().take_while(|commit| Some(commit.id.as_str()) != base);
    Ok(since_base.map(shown).collect())
}

/// The newest commits of a ref or a range.
async fn commits(
    api: &Api,
    source: &Source,
    range: &str,
    limit: usize,
) -> Result<Vec<ListedCommit>, Trouble> {
    let per_page = limit.clamp(1, PAGE);
    let path = format!("{}/commits?ref_name={}&per_page={per_page}", of(source), encoded(range));
    api.get(&path).await?.json()
}

fn shown(commit: ListedCommit) -> Commit {
    let message = commit.message.unwrap_or_else(|| commit.title.clone());
    Commit { sha: commit.id, subject: commit.title, message, author: commit.author_name }
}

/// The repository's part of an address.
fn of(source: &Source) -> String {
    format!("/projects/{}/repository", encoded(&source.external_id))
}

fn failed(source: &Source, trouble: Trouble) -> Error {
    trouble.of_repository(ScmProvider::Gitlab, &source.full_name)
}

/// What a call that is about no one repository says about trouble.
pub fn failed_call(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Unreadable(_) | Trouble::TooLarge => {
            Error::new(Kind::Upstream, "gitlab_parse_error", format!("GitLab is not understood: {trouble}"))
                .hint("Check that the address is that of a GitLab.")
        }
        Trouble::Away(_)
        | Trouble::Unauthorized
        | Trouble::Forbidden(_)
        | Trouble::RateLimited(_)
        | Trouble::Missing
        | Trouble::Refused(..) => trouble.of_api(ScmProvider::Gitlab),
    }
}
