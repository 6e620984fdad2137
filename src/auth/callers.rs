//! Callers who were looked up a moment ago, so that a busy client costs no query a request. What is held
//! is only ever a copy of committed rows, and never outlives a change of them: see docs/adr/0004.
//! Wrong tokens are never held, so guessing costs memory nothing. It decides nothing: `caller` asks it.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use super::caller::Caller;
use super::token::Digest;
use crate::clock::Clock;
use crate::events::AccessVersion;

/// How long a copy is used at most. The signal ends it at once; this bounds what nobody signals, such as
/// a row changed by hand, and lets the use of an API token be noted.
const AGE: Duration = Duration::from_secs(1);
/// Most callers that are held.
const MOST: usize = 10_000;

/// The callers held, all of one version of who may call.
#[derive(Debug, Default)]
pub struct Callers {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    version: AccessVersion,
    by_token: HashMap<Digest, Copy>,
}

#[derive(Debug)]
struct Copy {
    caller: Caller,
    /// The monotonic time when it was made.
    since: Duration,
}

impl Callers {
    /// The caller with this token, if they were looked up lately and nothing has changed since.
    pub fn find(&self, version: AccessVersion, token: &Digest, clock: &Clock) -> Option<Caller> {
        let mut held = self.lock();
        if !held.is_at(version) {
            return None;
        }
        let copy = held.by_token.get(token)?;
        let young = clock.moment().saturating_sub(copy.since) < AGE;
        let stands = copy.caller.credential.expires_at().is_none_or(|end| end > clock.now());
        (young && stands).then(|| copy.caller.clone())
    }

    /// Holds a caller. `version` and `since` were read before the database was: what changed in between
    /// makes the copy useless instead of stale.
    pub fn keep(&self, version: AccessVersion, since: Duration, token: Digest, caller: Caller) {
        let mut held = self.lock();
        if !held.is_at(version) {
            return;
        }
        if held.by_token.len() >= MOST {
            held.by_token.clear();
        }
        held.by_token.insert(token, Copy { caller, since });
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock()
    }
}

impl Held {
    /// Whether what is held is of this version; empties it when the version is newer.
    fn is_at(&mut self, version: AccessVersion) -> bool {
        if version > self.version {
            self.by_token.clear();
            self.version = version;
        }
        version == self.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::entity::users;
    use crate::domain::credential::Credential;
    use crate::domain::id::UserId;
    use crate::domain::role::{UserRole, UserStatus};
    use crate::events::{Change, Events};

    fn somebody(expires_at: i64) -> Caller {
        let user = users::Model {
            id: UserId::new(),
            email: "ana@x".to_owned(),
            display_name: None,
            role: UserRole::Developer,
            status: UserStatus::Active,
            subject: "test::ana".to_owned(),
            avatar_url: None,
            created_at: 0,
            updated_at: 0,
        };
        Caller::new(user, Credential::Session { id: "s".to_owned(), expires_at })
    }

    fn token(n: usize) -> Digest {
        let mut token = [0; 32];
        token[..8].copy_from_slice(&n.to_le_bytes());
        token
    }

    #[test]
    fn a_caller_is_held_for_a_moment_and_not_past_its_end() {
        let (callers, clock) = (Callers::default(), Clock::system());
        let version = AccessVersion::default();
        let now = clock.moment() + AGE;
        let held = |n| callers.find(version, &token(n), &clock).is_some();
        callers.keep(version, now, token(1), somebody(clock.now() + 3600));
        callers.keep(version, now, token(2), somebody(clock.now()));
        assert!(held(1), "young and good");
        assert!(!held(2), "over");
        assert!(!held(3), "another token");
        clock.advance(2 * AGE);
        assert!(!held(1), "old");
    }

    #[test]
    fn a_change_ends_what_is_held_and_what_was_read_before_it() {
        let (callers, clock, events) = (Callers::default(), Clock::system(), Events::new(0));
        let (since, caller) = (clock.moment() + AGE, somebody(i64::MAX));
        let before = events.access();
        callers.keep(before, since, token(1), caller.clone());
        events.publish([Change::Queue]);
        assert!(callers.find(events.access(), &token(1), &clock).is_some(), "nothing of access changed");
        events.publish([Change::Access]);
        assert!(callers.find(events.access(), &token(1), &clock).is_none());
        callers.keep(before, since, token(1), caller.clone());
        assert!(callers.find(events.access(), &token(1), &clock).is_none(), "read before the change");
        callers.keep(events.access(), since, token(1), caller);
        assert!(callers.find(events.access(), &token(1), &clock).is_some());
    }

    #[test]
    fn memory_is_bounded() {
        let (callers, version) = (Callers::default(), AccessVersion::default());
        let caller = somebody(i64::MAX);
        for n in 0..2 * MOST + 1 {
            callers.keep(version, Duration::ZERO, token(n), caller.clone());
            assert!(callers.lock().by_token.len() <= MOST);
        }
    }
}
