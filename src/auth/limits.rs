//! How often one source may be wrong. What it presents is always looked at first, and what is right always
//! works: otherwise anybody could lock out everybody behind the same address. Only who was wrong is told
//! to wait. In memory, bounded, on the monotonic clock.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;

use super::peer::{Origin, network};
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, codes};

const WINDOW: Duration = Duration::from_secs(60);
/// Wrong guesses of a source at a secret that signs in, per window.
const SIGN_INS: u32 = 20;
/// Wrong tokens of a source per window.
const TOKENS: u32 = 100;
/// Most sources that are remembered.
const MOST: usize = 10_000;

/// What was wrong lately, by source.
#[derive(Debug, Default)]
pub struct Limits {
    sign_ins: Counts,
    tokens: Counts,
}

/// Counts a refused sign-in, if somebody may have guessed, and answers what its sender is told.
pub fn refused_sign_in(app: &App, origin: Origin, error: Error) -> Error {
    if !is_guess(error.code) {
        return error;
    }
    app.limits.sign_ins.wrong(app, origin, SIGN_INS).map_or(error, too_many)
}

/// Counts a wrong token, and answers what its sender is told.
pub fn wrong_token(app: &App, origin: Origin, error: Error) -> Error {
    if !matches!(error.code, codes::INVALID_SESSION | codes::INVALID_TOKEN | codes::INVALID_ENROLMENT_TOKEN) {
        return error;
    }
    app.limits.tokens.wrong(app, origin, TOKENS).map_or(error, too_many)
}

/// Whether a secret was presented, and a wrong one. Nothing else is a guess: who comes to the wrong door, or
/// is vouched for and unknown, has tried nothing.
fn is_guess(code: &str) -> bool {
    matches!(
        code,
        codes::TRUSTED_PROXY_SHARED_SECRET_INVALID
            | codes::LOCAL_RECOVERY_CAPABILITY_INVALID
            | codes::INVALID_PAIRING_CODE
            | codes::INVALID_TOKEN
    )
}

fn too_many(wait: Duration) -> Error {
    Error::rate_limited(codes::TOO_MANY_ATTEMPTS, "too many wrong attempts came from your address", wait)
}

#[derive(Debug, Default)]
struct Counts {
    windows: Mutex<HashMap<IpAddr, Window>>,
}

#[derive(Debug)]
struct Window {
    since: Moment,
    wrong: u32,
}

impl Counts {
    /// Notes that the source of a request was wrong; answers how long it has to wait, if it does.
    fn wrong(&self, app: &App, origin: Origin, most: u32) -> Option<Duration> {
        if origin.is_local() {
            return None;
        }
        let (source, now) = (origin.source(), app.clock.moment());
        let wait = self.wait(source, most, now);
        if wait.is_none() {
            self.count(source, now);
        }
        wait
    }

    /// How long a source has to wait; `None` if it needn't.
    fn wait(&self, source: IpAddr, most: u32, now: Moment) -> Option<Duration> {
        let windows = self.windows.lock();
        let window = windows.get(&network(source)).filter(|window| window.wrong >= most)?;
        WINDOW.checked_sub(now.saturating_sub(window.since)).filter(|left| !left.is_zero())
    }

    fn count(&self, source: IpAddr, now: Moment) {
        let mut windows = self.windows.lock();
        let source = network(source);
        if windows.len() >= MOST && !windows.contains_key(&source) {
            forget(&mut windows, now);
        }
        let window = windows.entry(source).or_insert(Window { since: now, wrong: 0 });
        if now.saturating_sub(window.since) >= WINDOW {
            *window = Window { since: now, wrong: 0 };
        }
        window.wrong = window.wrong.saturating_add(1);
    }
}

/// Makes room: whose time is over goes, and if nobody's is, who was wrong least.
fn forget(windows: &mut HashMap<IpAddr, Window>, now: Moment) {
    windows.retain(|_, window| now.saturating_sub(window.since) < WINDOW);
    if windows.len() >= MOST {
        let least = windows.iter().min_by_key(|(_, window)| window.wrong).map(|(source, _)| *source);
        least.and_then(|source| windows.remove(&source));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_waits_until_its_window_is_over_and_others_do_not() {
        let counts = Counts::default();
        let begun = Duration::from_secs(1000);
        (0..3).for_each(|_| counts.count(ip("192.0.2.1"), begun));
        assert_eq!(counts.wait(ip("192.0.2.1"), 4, begun), None);
        assert_eq!(counts.wait(ip("::ffff:192.0.2.1"), 3, begun), Some(WINDOW));
        assert_eq!(counts.wait(ip("192.0.2.2"), 3, begun), None);
        assert_eq!(counts.wait(ip("192.0.2.1"), 3, begun + WINDOW), None);
        counts.count(ip("192.0.2.1"), begun + WINDOW);
        assert_eq!(counts.wait(ip("192.0.2.1"), 2, begun + WINDOW), None);
    }

    #[test]
    fn a_network_is_one_source() {
        let counts = Counts::default();
        counts.count(ip("2001:db8::1"), Duration::ZERO);
        counts.count(ip("2001:db8::ffff:1"), Duration::ZERO);
        assert!(counts.wait(ip("2001:db8::2"), 2, Duration::ZERO).is_some());
        assert!(counts.wait(ip("2001:db8:0:1::2"), 1, Duration::ZERO).is_none());
    }

    #[test]
    fn memory_is_bounded_and_the_worst_are_not_forgotten_first() {
        let counts = Counts::default();
        (0..50).for_each(|_| counts.count(ip("203.0.113.1"), Duration::ZERO));
        for n in 0..2 * u32::try_from(MOST).unwrap() {
            counts.count(std::net::Ipv4Addr::from_bits(n).into(), Duration::ZERO);
        }
        assert_eq!(counts.windows.lock().len(), MOST);
        assert!(counts.wait(ip("203.0.113.1"), 50, Duration::ZERO).is_some());
    }
}
