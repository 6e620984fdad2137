//! Which files differ between two commits.

use serde::Deserialize;

use super::{Api, JSON, failed, of};
use crate::domain::source::{Since, Source};
use crate::error::Result;
use crate::forge::host::{MAX_LIST, Trouble, encoded};

#[derive(Deserialize)]
struct Comparison {
    /// Not all of it could be told in time.
    #[serde(default)]
    compare_timeout: bool,
    diffs: Vec<Diff>,
}

#[derive(Deserialize)]
struct Diff {
    old_path: String,
    new_path: String,
}

/// `None` if there is too much to tell, or the base is gone.
pub async fn changed_paths(
    api: &Api,
    source: &Source,
    since: Since<'_>,
    target: &str,
) -> Result<Option<Vec<String>>> {
    let (base, is_straight) = match since {
        Since::Was(base) => (base, true),
        Since::Left(base) => (base, false),
    };
    let (from, to) = (encoded(base), encoded(target));
    let path = format!("{}/compare?from={from}&to={to}&straight={is_straight}", of(source));
    let reply = match api.host.get_limited(&path, JSON, MAX_LIST).await {
        Ok(reply) => reply,
        Err(Trouble::Missing | Trouble::TooLarge | Trouble::Refused(..)) => return Ok(None),
        Err(trouble) => return Err(failed(source, trouble)),
    };
    let found: Comparison = reply.json().map_err(|trouble| failed(source, trouble))?;
    if found.compare_timeout {
        return Ok(None);
    }
    let mut paths: Vec<_> = found.diffs.into_iter().flat_map(|diff| [diff.old_path, diff.new_path]).collect();
    paths.sort_unstable();
    paths.dedup();
    Ok(Some(paths))
}
