//! Which files differ between two commits.

use serde::Deserialize;

use super::{Api, JSON, failed, of};
use crate::domain::source::{Since, Source};
use crate::error::Result;
use crate::forge::host::{MAX_LIST, Trouble, encoded};

/// A comparison lists this many files at most; if it has as many there may be more.
const LISTED_FILES: usize = 300;

#[derive(Deserialize)]
struct Comparison {
    #[serde(default)]
    status: String,
    #[serde(default)]
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    #[serde(default)]
    previous_filename: Option<String>,
}

/// `None` if there are too many to tell, or the base is gone.
pub async fn changed_paths(
    api: &Api,
    source: &Source,
    since: Since<'_>,
    target: &str,
) -> Result<Option<Vec<String>>> {
    // What a branch lost when it was moved is not in the list.
    let (base, told): (_, &[&str]) = match since {
        Since::Was(base) => (base, &["ahead", "identical"]),
        Since::Left(base) => (base, &["ahead", "identical", "diverged"]),
    };
    let path = format!("{}/compare/{}...{}?per_page=1", of(source), encoded(base), encoded(target));
    let reply = match api.host.get_limited(&path, JSON, MAX_LIST).await {
        Ok(reply) => reply,
        Err(Trouble::Missing | Trouble::TooLarge) => return Ok(None),
        Err(trouble) => return Err(failed(source, trouble)),
    };
    let found: Comparison = reply.json().map_err(|trouble| failed(source, trouble))?;
    if found.files.len() >= LISTED_FILES || !told.contains(&found.status.as_str()) {
        return Ok(None);
    }
    let names = found.files.into_iter().flat_map(|file| [Some(file.filename), file.previous_filename]);
    Ok(Some(names.flatten().collect()))
}
