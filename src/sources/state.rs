//! What a code host is handed to give back: sealed, so that nobody can read or make one, good for some minutes, and
//! used at most once by this process.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use subtle::ConstantTimeEq;

use crate::error::{Error, Result};
use crate::seal::{Sealer, random};

/// Longer ones are none of ours.
const MAX_LENGTH: usize = 8192;

/// What a state is for; one that was made for something else opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The way to GitHub and back with a new app.
    GithubApp,
    /// The cookie for the way to GitHub and back with an installation.
    GithubInstall,
    /// The way to GitLab and back with somebody's agreement.
    GitlabAgreement,
}

impl Purpose {
    fn identity(self) -> &'static str {
        match self {
            Purpose::GithubApp => "state/github/app",
            Purpose::GithubInstall => "state/github/install",
            Purpose::GitlabAgreement => "state/gitlab/agreement",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    id: String,
    expires_at: i64,
    content: T,
}

/// A state that came back in time.
#[derive(Debug)]
pub struct Opened<T> {
    id: String,
    expires_at: i64,
    pub content: T,
}

/// Makes a state that is good until `expires_at`.
///
/// Errors: 500 `encryption_error`.
pub fn seal<T: Serialize>(sealer: &Sealer, purpose: Purpose, content: &T, expires_at: i64) -> Result<String> {
    let mut id = [0; 16];
    random(&mut id)?;
    let envelope = Envelope { id: hex::encode(id), expires_at, content };
    let json = serde_json::to_vec(&envelope)
        .map_err(|error| Error::internal("encryption_error", "sealing a state failed", error))?;
    Ok(URL_SAFE_NO_PAD.encode(sealer.seal(purpose.identity(), &json)?))
}

/// What is in a state, if it is ours, for this, and not expired.
pub fn open<T: DeserializeOwned>(
    sealer: &Sealer,
    purpose: Purpose,
    state: &str,
    now: i64,
) -> Option<Opened<T>> {
    let sealed = URL_SAFE_NO_PAD.decode(state).ok().filter(|_| state.len() <= MAX_LENGTH)?;
    let json = sealer.open(purpose.identity(), &sealed).ok()?;
    let Envelope { id, expires_at, content } = serde_json::from_slice(&json).ok()?;
    (now < expires_at).then_some(Opened { id, expires_at, content })
}

/// Whoever comes back has to be in the browser that began, which `known` tells.
///
/// Errors: 400 `invalid_state`.
pub fn require_browser(held: Option<&str>, known: &str) -> Result<()> {
    let is_same = |held: &str| bool::from(held.as_bytes().ct_eq(known.as_bytes()));
    if held.is_some_and(is_same) {
        return Ok(());
    }
    Err(Error::invalid("invalid_state", "this was begun in another browser, or more than ten minutes ago")
        .hint("Begin again from the integrations page, stay in one browser, and let it keep cookies."))
}

/// The states that were used, until they would have expired anyway.
#[derive(Debug, Default)]
pub struct UsedStates(Mutex<HashMap<String, i64>>);

impl UsedStates {
    /// Uses a state up; answers what is in it, the first time only.
    pub fn once<T>(&self, opened: Opened<T>, now: i64) -> Option<T> {
        let mut used = self.0.lock();
        used.retain(|_, expires_at| now < *expires_at);
        used.insert(opened.id, opened.expires_at).is_none().then_some(opened.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_opens_in_time_for_its_purpose_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let sealer = Sealer::open_or_create(&folder.path().join("key"), &folder.path().join("db")).unwrap();
        let (used, text) = (UsedStates::default(), "where to".to_owned());
        let state = seal(&sealer, Purpose::GithubApp, &text, 600).unwrap();
        let opened = |purpose, now| open::<String>(&sealer, purpose, &state, now);
        assert!(opened(Purpose::GithubInstall, 599).is_none() && opened(Purpose::GithubApp, 600).is_none());
        assert!(open::<String>(&sealer, Purpose::GithubApp, &format!("{state}A"), 1).is_none());
        assert!(open::<String>(&sealer, Purpose::GithubApp, "", 1).is_none());
        assert_eq!(used.once(opened(Purpose::GithubApp, 599).unwrap(), 599).unwrap(), text);
        assert!(used.once(opened(Purpose::GithubApp, 599).unwrap(), 599).is_none());
    }
}
