//! Where code is fetched from: which addresses are accepted, and over what git may fetch them. It runs nothing.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use super::CheckoutError;
use crate::config::here;
use crate::runner::protocol::CloneCredential;

/// Transports over which a repository elsewhere may come.
const SAFE_PROTOCOLS: &str = "https:ssh";
/// Where code is fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// A repository on this machine.
    Local(PathBuf),
    /// An https or ssh address.
    Network(String),
    /// An http address, at a host that the instance's people have connected without https.
    Plain(String),
    /// A repository that the daemon passes on, for as long as the build is this runner's.
    Daemon(Passed),
}

/// What git needs to fetch a repository through the daemon.
#[derive(Clone, PartialEq, Eq)]
pub struct Passed {
    address: String,
    /// Headers of each request, which prove who asks.
    headers: Vec<String>,
}

impl fmt::Debug for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Passed({})", self.address)
    }
}

impl Remote {
    /// Accepts an absolute path, https and ssh; http only at the host that the credential is for.
    pub fn parse(address: &str, credential: Option<&CloneCredential>) -> Result<Self, CheckoutError> {
        let refuse = |why: &str| Err(CheckoutError::Refused(format!("the repository address {why}")));
        if address.chars().any(|c| c.is_control() || c.is_whitespace() && !address.starts_with('/')) {
            return refuse("contains characters that don't belong there");
        }
        if address.starts_with('/') {
            return Ok(Self::Local(PathBuf::from(address)));
        }
        let is_plain = address.starts_with("http://") && credential.is_some_and(|one| covers(one, address));
        let host = match address.split_once("://") {
            Some(("http", rest)) if is_plain => rest.split(['/', '?', '#']).next().unwrap_or_default(),
            Some(("https" | "ssh", rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
            Some(_) => return refuse("must be https, ssh or an absolute path"),
            None => match address.split_once(':') {
                Some((host, path))
                    if host.contains('@') && !host.contains('/') && !path.starts_with([':', '-']) =>
                {
                    host
                }
                Some(_) | None => return refuse("must be https, ssh or an absolute path"),
            },
        };
        let name = host.rsplit_once('@').map_or(host, |(_, name)| name);
        if name.is_empty() || name.starts_with('-') || host.starts_with('-') {
            return refuse("names no host");
        }
        let address = address.to_owned();
        Ok(if is_plain { Self::Plain(address) } else { Self::Network(address) })
    }

    /// A repository that the daemon passes on at `path`, a part of its address.
    pub fn through_daemon(daemon_url: &str, path: &str, headers: Vec<String>) -> Result<Self, CheckoutError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
        if !path.starts_with("/v1/runners/") || path.contains("..") || !path.chars().all(is_plain) {
            return Err(CheckoutError::Refused("the daemon names an address that is not its own".to_owned()));
        }
        let address = format!("{}{path}", daemon_url.trim_end_matches('/'));
        Ok(Self::Daemon(Passed { address, headers }))
    }

    /// The transports that git may use for the repository itself.
    pub(super) fn protocols(&self) -> &'static str {
        match self {
            Remote::Local(_) => "https:ssh:file",
            Remote::Network(_) => SAFE_PROTOCOLS,
            Remote::Plain(_) => "https:ssh:http",
            // The daemon's address was checked: http is for this machine.
            Remote::Daemon(_) => "https:http",
        }
    }

    /// And for its submodules.
    pub(super) fn protocols_inside(&self) -> &'static str {
        match self {
            Remote::Local(_) | Remote::Network(_) | Remote::Plain(_) => self.protocols(),
            Remote::Daemon(_) => SAFE_PROTOCOLS,
        }
    }

    /// Settings of git for this address alone.
    pub(super) fn settings(&self) -> Vec<(String, String)> {
        let Remote::Daemon(Passed { address, headers }) = self else { return Vec::new() };
        let about = |key: &str| format!("http.{address}.{key}");
        let mut settings: Vec<_> =
            headers.iter().map(|header| (about("extraHeader"), header.clone())).collect();
        settings.push((about("followRedirects"), "false".to_owned()));
        if here(address).is_some() {
            settings.push((about("proxy"), String::new()));
        }
        settings
    }

    /// A repository on this machine may belong to somebody else; the operator has chosen it. Git
    /// takes this from the command line only, and doesn't pass ours on to the other side.
    pub(super) fn upload_pack(&self) -> Option<&'static str> {
        match self {
            Remote::Local(_) => Some("git -c 'safe.directory=*' upload-pack"),
            Remote::Network(_) | Remote::Plain(_) | Remote::Daemon(_) => None,
        }
    }

    pub(super) fn address(&self) -> OsString {
        match self {
            Remote::Local(path) => path.clone().into_os_string(),
            Remote::Network(url) | Remote::Plain(url) => url.into(),
            Remote::Daemon(passed) => (&passed.address).into(),
        }
    }
}

fn covers(credential: &CloneCredential, address: &str) -> bool {
    address.strip_prefix(&credential.url).is_some_and(|rest| rest.starts_with('/'))
}
