//! Sign-ins that have been sent to the provider and have not come back. Each is used at most once,
//! within ten minutes of the monotonic clock; their number is limited in all and per source.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::auth::peer::network;
use crate::clock::Moment;
use crate::error::{Error, Result};

/// How long a sign-in may take.
pub const TTL: Duration = Duration::from_secs(600);
/// How long an expired one is still told from one that never was.
const REMEMBERED: Duration = Duration::from_secs(1200);
const MOST: usize = 1000;
const MOST_PER_SOURCE: usize = 100;
const WINDOW: Duration = Duration::from_secs(60);
const STARTS: usize = 120;
const STARTS_PER_SOURCE: usize = 20;

/// What a sign-in is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    SignIn,
    /// To become the owner, within the set-up session with this hash.
    Setup {
        session_hash: String,
    },
}

/// What has to be remembered of a sign-in.
#[derive(Debug, Clone)]
pub struct Login {
    pub purpose: Purpose,
    /// Of the settings it was started with.
    pub revision: String,
    pub nonce: String,
    pub verifier: String,
    pub redirect_uri: String,
    /// Hash of a secret that the browser keeps; whoever comes back has to show it.
    pub binding: Option<String>,
}

/// What a state stands for.
#[derive(Debug)]
pub enum Taken {
    Live(Login),
    Expired,
    Unknown,
}

#[derive(Debug)]
struct Entry {
    login: Login,
    source: Option<IpAddr>,
    since: Moment,
}

/// The sign-ins under way.
#[derive(Debug, Default)]
pub struct Pending {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: HashMap<String, Entry>,
    /// Recent starts of counted sources.
    starts: VecDeque<(Moment, IpAddr)>,
}

impl Pending {
    /// Counts the start of a sign-in, before anybody is asked for its sake. `source` is `None` for callers that
    /// are not counted.
    ///
    /// Errors: 429 `oidc_start_rate_limited`, 429 `too_many_pending`.
    pub fn admit(&self, source: Option<IpAddr>, now: Moment) -> Result<()> {
        let source = source.map(network);
        let mut pending = self.lock();
        pending.forget(now);
        if let Some(source) = source {
            pending.count_start(source, now)?;
        }
        pending.refuse_too_many(source, now)
    }

    /// Remembers a sign-in that was admitted, under its state. Others may have taken the room meanwhile.
    ///
    /// Errors: 429 `too_many_pending`.
    pub fn add(&self, state: String, login: Login, source: Option<IpAddr>, now: Moment) -> Result<()> {
        let source = source.map(network);
        let mut pending = self.lock();
        pending.refuse_too_many(source, now)?;
        pending.entries.insert(state, Entry { login, source, since: now });
        Ok(())
    }

    /// Ends the sign-in of a state; whoever comes second finds nothing.
    pub fn take(&self, state: &str, now: Moment) -> Taken {
        let mut pending = self.lock();
        pending.forget(now);
        match pending.entries.remove(state) {
            Some(entry) if now.saturating_sub(entry.since) < TTL => Taken::Live(entry.login),
            Some(_) => Taken::Expired,
            None => Taken::Unknown,
        }
    }

    /// Forgets all, because the settings they were started with have changed.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    /// Expired ones take no room from live ones, and go altogether when there are many.
    fn forget(&mut self, now: Moment) {
        let keep = if self.entries.len() >= 2 * MOST { TTL } else { REMEMBERED };
        self.entries.retain(|_, entry| now.saturating_sub(entry.since) < keep);
        while self.starts.front().is_some_and(|(at, _)| now.saturating_sub(*at) >= WINDOW) {
            self.starts.pop_front();
        }
    }

    fn refuse_too_many(&self, source: Option<IpAddr>, now: Moment) -> Result<()> {
        let live = || self.entries.values().filter(|entry| now.saturating_sub(entry.since) < TTL);
        let own = live().filter(|entry| source.is_some() && entry.source == source);
        let wait = wait_for_room(live().map(|entry| entry.since), MOST, TTL, now)
            .or_else(|| wait_for_room(own.map(|entry| entry.since), MOST_PER_SOURCE, TTL, now));
        match wait {
            Some(wait) => {
                Err(Error::rate_limited("too_many_pending", "too many sign-ins are under way", wait))
            }
            None => Ok(()),
        }
    }

    fn count_start(&mut self, source: IpAddr, now: Moment) -> Result<()> {
        let all = self.starts.iter().map(|(at, _)| *at);
        let own = self.starts.iter().filter(|(_, from)| *from == source).map(|(at, _)| *at);
        let wait = wait_for_room(all, STARTS, WINDOW, now)
            .or_else(|| wait_for_room(own, STARTS_PER_SOURCE, WINDOW, now));
        if let Some(wait) = wait {
            let why = "too many sign-ins were started";
            return Err(Error::rate_limited("oidc_start_rate_limited", why, wait));
        }
        self.starts.push_back((now, source));
        Ok(())
    }
}

/// How long until one of these is over, if there are as many as there may be.
fn wait_for_room(
    begun: impl Iterator<Item = Moment>,
    most: usize,
    life: Duration,
    now: Moment,
) -> Option<Duration> {
    let (count, oldest) = begun.fold((0, now), |(count, oldest), at| (count + 1, oldest.min(at)));
    (count >= most).then(|| (oldest + life).saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login() -> Login {
        Login {
            purpose: Purpose::SignIn,
            revision: String::new(),
            nonce: String::new(),
            verifier: String::new(),
            redirect_uri: String::new(),
            binding: None,
        }
    }

    fn start(pending: &Pending, state: String, source: Option<IpAddr>, now: Moment) -> Result<()> {
        pending.admit(source, now)?;
        pending.add(state, login(), source, now)
    }

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    fn source(n: u32) -> Option<IpAddr> {
        Some(IpAddr::from(std::net::Ipv4Addr::from_bits(n)))
    }

    #[test]
    fn a_state_is_used_once_and_only_in_time() {
        let pending = Pending::default();
        for state in ["early", "late", "forgotten"] {
            start(&pending, state.to_owned(), None, at(0)).unwrap();
        }
        assert!(matches!(pending.take("early", at(599)), Taken::Live(_)));
        assert!(matches!(pending.take("early", at(599)), Taken::Unknown));
        assert!(matches!(pending.take("late", at(600)), Taken::Expired));
        assert!(matches!(pending.take("forgotten", at(1200)), Taken::Unknown));
    }

    #[test]
    fn a_thousand_at_most_are_under_way_and_expired_ones_make_room() {
        let pending = Pending::default();
        for n in 0..1000 {
            start(&pending, n.to_string(), None, at(0)).unwrap();
        }
        let refused = start(&pending, "x".to_owned(), None, at(1)).unwrap_err();
        assert_eq!(refused.code, "too_many_pending");
        assert_eq!(refused.details.unwrap()["retry_after_seconds"], 599);
        start(&pending, "x".to_owned(), None, at(600)).unwrap();
        assert!(matches!(pending.take("7", at(600)), Taken::Expired));
    }

    #[test]
    fn no_source_can_lock_others_out() {
        let v4: fn(u32) -> Option<IpAddr> = |_| source(1);
        let v6: fn(u32) -> Option<IpAddr> = |n| format!("2001:db8::{n:x}").parse().ok();
        for greedy in [v4, v6] {
            let pending = Pending::default();
            let mut refused = 0;
            for minute in 0..9 {
                for n in 0..50 {
                    let state = format!("{minute}.{n}");
                    refused += u32::from(start(&pending, state, greedy(n), at(minute * 60)).is_err());
                }
            }
            assert!(refused > 0);
            assert!(pending.lock().entries.len() <= MOST_PER_SOURCE);
            start(&pending, "other".to_owned(), source(2), at(540)).unwrap();
        }
    }

    #[test]
    fn starts_are_limited_per_minute() {
        let pending = Pending::default();
        let add = |n: u32, from: u32, now| start(&pending, format!("{n}.{from}"), source(from), at(now));
        for n in 0..20 {
            add(n, 1, 0).unwrap();
        }
        let refused = add(20, 1, 59).unwrap_err();
        assert_eq!(refused.code, "oidc_start_rate_limited");
        assert_eq!(refused.details.unwrap()["retry_after_seconds"], 1);
        add(21, 1, 60).unwrap();
    }
}
