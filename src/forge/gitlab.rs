//! Reading from GitLab.

use crate::domain::source::{Commit, RefSpec, Source};
use crate::error::{Error, Result};

use super::host::Host;

/// GitLab's API with a credential.
#[derive(Debug, Clone)]
pub struct Api {
    pub host: Host,
}

pub(super) async fn resolve(_api: &Api, _source: &Source, _wanted: &RefSpec) -> Result<Commit> {
    Err(unsupported())
}

pub(super) async fn read_file(
    _api: &Api,
    _source: &Source,
    _sha: &str,
    _path: &str,
    _max_bytes: usize,
) -> Result<Option<Vec<u8>>> {
    Err(unsupported())
}

pub(super) async fn list_workflow_candidates(
    _api: &Api,
    _source: &Source,
    _sha: &str,
) -> Result<Vec<String>> {
    Err(unsupported())
}

pub(super) async fn history(
    _api: &Api,
    _source: &Source,
    _base: Option<&str>,
    _target: &str,
    _limit: usize,
) -> Result<Vec<Commit>> {
    Err(unsupported())
}

/// GitLab can't be read yet.
pub fn unsupported() -> Error {
    Error::conflict("unsupported_provider", "sources of kind gitlab can't be read by this daemon")
}
