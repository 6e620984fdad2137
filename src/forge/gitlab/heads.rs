//! Where the branches, tags and open merge requests of a project are.

use serde::Deserialize;

use super::{Api, JSON, failed, of};
use crate::domain::delivery::{Head, Place};
use crate::domain::source::Source;
use crate::error::Result;
use crate::forge::host::{Trouble, encoded};

/// A branch or a tag.
#[derive(Deserialize)]
struct Pointer {
    name: String,
    commit: Commit,
}

#[derive(Deserialize)]
struct Commit {
    id: String,
}

#[derive(Deserialize)]
struct MergeRequest {
    iid: i64,
    source_branch: String,
    target_branch: String,
    source_project_id: Option<i64>,
    target_project_id: i64,
    /// None of a request without commits.
    sha: Option<String>,
    #[serde(default)]
    author: Option<Author>,
}

#[derive(Deserialize)]
struct Author {
    username: String,
}

pub async fn all(api: &Api, source: &Source) -> Result<Vec<Head>> {
    list(api, source).await.map_err(|trouble| failed(source, trouble))
}

async fn list(api: &Api, source: &Source) -> Result<Vec<Head>, Trouble> {
    let mut heads = pointers(api, source, "branches", Place::Branch).await?;
    heads.extend(pointers(api, source, "tags", Place::Tag).await?);
    let path = format!(
        "/projects/{}/merge_requests?state=opened&order_by=created_at&sort=asc&per_page=100",
        encoded(&source.external_id)
    );
    match api.host.small_pages(&path, JSON, request).await {
        Ok(requests) => heads.extend(requests),
        // A project can do without merge requests.
        Err(Trouble::Forbidden(_) | Trouble::Missing) => {}
        Err(trouble) => return Err(trouble),
    }
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
        Some(Head { place: place(found.name), sha: found.commit.id, fork: None, sender: None })
    };
    api.host.small_pages(&path, JSON, head).await
}

fn request(found: MergeRequest) -> Option<Head> {
    let is_own = found.source_project_id == Some(found.target_project_id);
    Some(Head {
        sha: found.sha?,
        place: Place::Request { number: found.iid, source: found.source_branch, target: found.target_branch },
        fork: (!is_own).then(|| "another project".to_owned()),
        sender: found.author.map(|author| author.username),
    })
}
