//! Where the branches, tags and open pull requests of a repository are.

use serde::Deserialize;

use super::{Api, JSON, failed, of};
use crate::domain::delivery::{Head, Place};
use crate::domain::source::Source;
use crate::error::Result;
use crate::forge::host::Trouble;

/// A branch, or a tag with the commit that it leads to.
#[derive(Deserialize)]
struct Pointer {
    name: String,
    commit: Commit,
}

#[derive(Deserialize)]
struct Commit {
    sha: String,
}

#[derive(Deserialize)]
struct PullRequest {
    number: i64,
    head: End,
    base: End,
    #[serde(default)]
    user: Option<Account>,
}

#[derive(Deserialize)]
struct End {
    r#ref: String,
    sha: String,
    /// None if the fork is gone.
    #[serde(default)]
    repo: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    id: u64,
    #[serde(default)]
    full_name: String,
}

#[derive(Deserialize)]
struct Account {
    login: String,
}

pub async fn all(api: &Api, source: &Source) -> Result<Vec<Head>> {
    list(api, source).await.map_err(|trouble| failed(source, trouble))
}

async fn list(api: &Api, source: &Source) -> Result<Vec<Head>, Trouble> {
    let mut heads = pointers(api, source, "branches", Place::Branch).await?;
    heads.extend(pointers(api, source, "tags", Place::Tag).await?);
    // One of them can have 20 KB.
    let path = format!("{}/pulls?state=open&sort=created&direction=asc&per_page=50", of(source));
    heads.extend(api.host.small_pages(&path, JSON, request).await?);
    Ok(heads)
}

async fn pointers(
    api: &Api,
    source: &Source,
    kind: &str,
    place: fn(String) -> Place,
) -> Result<Vec<Head>, Trouble> {
    let path = format!("{}/{kind}?per_page=100", of(source));
    let head = |found: Pointer| {
        Some(Head { place: place(found.name), sha: found.commit.sha, fork: None, sender: None })
    };
    api.host.small_pages(&path, JSON, head).await
}

fn request(found: PullRequest) -> Option<Head> {
    let PullRequest { number, head, base, user } = found;
    let own = base.repo.map(|repository| repository.id);
    let is_own = head.repo.as_ref().is_some_and(|repository| Some(repository.id) == own);
    let fork = (!is_own).then(|| {
        let name = head.repo.map(|repository| repository.full_name).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| "a repository that is gone".to_owned())
    });
    Some(Head {
        place: Place::Request { number, source: head.r#ref, target: base.r#ref },
        sha: head.sha,
        fork,
        sender: user.map(|account| account.login),
    })
}
