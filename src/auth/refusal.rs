//! Refusals go to the audit log. Anybody can cause them, so their number is limited, by the minute and by the
//! day; what is beyond is counted, and the count becomes an entry of its own. People who are signed in have a
//! budget apart, which nobody else can use up. Nothing here refuses anybody.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::Notify;

use super::caller::Caller;
use super::limits;
use super::peer::{Origin, network};
use crate::app::App;
use crate::audit;
use crate::clock::Moment;
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::domain::id::UserId;
use crate::error::{Error, Kind, Result, codes};

/// How long refusals are counted before the count is recorded.
pub const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Longest attempted e-mail address that is kept.
const MAX_EMAIL: usize = 256;

/// Refusals that wait to be written, and how many more may be.
#[derive(Debug, Default)]
pub struct Refusals {
    state: Mutex<State>,
    added: Notify,
}

#[derive(Debug, Default)]
struct State {
    strangers: Budget,
    people: Budget,
    waiting: Vec<Entry>,
    /// How many were left out, and since when.
    left_out: Option<(Moment, u64)>,
}

/// Who is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Who {
    Stranger(IpAddr),
    Person(UserId),
}

impl Who {
    fn of(caller: Option<&Caller>, origin: Origin) -> Self {
        match caller {
            Some(caller) => Who::Person(caller.user.id),
            None => Who::Stranger(network(origin.source())),
        }
    }
}

/// How many refusals may be recorded. A flood that goes on for a day costs some megabytes.
#[derive(Debug)]
struct Budget {
    minute: Window,
    day: Window,
}

impl Default for Budget {
    fn default() -> Self {
        Self { minute: Window::new(MINUTE, 20, 200), day: Window::new(DAY, 1000, 5000) }
    }
}

impl Budget {
    fn take(&mut self, who: Who, now: Moment) -> bool {
        let admitted = self.minute.has_room(who, now) && self.day.has_room(who, now);
        if admitted {
            self.minute.count(who);
            self.day.count(who);
        }
        admitted
    }
}

#[derive(Debug)]
struct Window {
    period: Duration,
    /// Most for one, and for all together.
    each: u32,
    all: u32,
    since: Moment,
    recorded: HashMap<Who, u32>,
    total: u32,
}

impl Window {
    fn new(period: Duration, each: u32, all: u32) -> Self {
        Self { period, each, all, since: Moment::default(), recorded: HashMap::new(), total: 0 }
    }

    fn has_room(&mut self, who: Who, now: Moment) -> bool {
        if now.saturating_sub(self.since) >= self.period {
            (self.since, self.total) = (now, 0);
            self.recorded.clear();
        }
        self.total < self.all && self.recorded.get(&who).copied().unwrap_or(0) < self.each
    }

    fn count(&mut self, who: Who) {
        self.total += 1;
        *self.recorded.entry(who).or_default() += 1;
    }
}

impl Refusals {
    /// Keeps an entry until it is written, or only counts it; answers whether it was kept.
    fn add(&self, who: Who, entry: Entry, now: Moment) -> bool {
        let mut state = self.state.lock();
        let budget = match who {
            Who::Stranger(_) => &mut state.strangers,
            Who::Person(_) => &mut state.people,
        };
        let kept = budget.take(who, now);
        if kept {
            state.waiting.push(entry);
        } else {
            state.leave_out(1, now);
        }
        kept
    }

    /// What is to be written now: what waits, and what was counted for a minute or, if `ending`, at all.
    fn take(&self, now: Moment, ending: bool) -> Leaving<'_> {
        let mut state = self.state.lock();
        let due = |(since, _): &mut (Moment, u64)| ending || now.saturating_sub(*since) >= MINUTE;
        let left_out = state.left_out.take_if(due).map(|(_, count)| count);
        let mut entries = std::mem::take(&mut state.waiting);
        let refusals = entries.len() as u64 + left_out.unwrap_or(0);
        entries.extend(left_out.map(counted));
        Leaving { from: self, entries, refusals }
    }

    /// Waits until there is something to write.
    pub async fn added(&self) {
        self.added.notified().await;
    }
}

/// Entries on their way into the log. If whoever writes them is gone before they are there, as a client is that hangs
/// up, they wait again: rather twice in the log than never.
struct Leaving<'a> {
    from: &'a Refusals,
    entries: Vec<Entry>,
    /// How many refusals they stand for.
    refusals: u64,
}

impl Leaving<'_> {
    fn written(mut self) {
        self.entries.clear();
    }

    fn missed(mut self, now: Moment) {
        self.entries.clear();
        let mut state = self.from.state.lock();
        state.leave_out(self.refusals, now);
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if self.entries.is_empty() {
            return;
        }
        let mut state = self.from.state.lock();
        state.waiting.splice(0..0, self.entries.drain(..));
        self.from.added.notify_one();
    }
}

impl State {
    fn leave_out(&mut self, count: u64, now: Moment) {
        self.left_out.get_or_insert((now, 0)).1 += count;
    }
}

fn counted(count: u64) -> Entry {
    Entry::new(AuditAction::RefusalsCounted, Actor::Unknown, AuditResource::Request)
        .details(json!({ "not_recorded": count }))
}

/// Writes what waits. What cannot be written is counted.
pub async fn write(app: &App) -> Result<()> {
    write_now(app, false).await
}

/// Writes everything, counts too; nothing comes after it.
pub async fn finish(app: &App) -> Result<()> {
    write_now(app, true).await
}

async fn write_now(app: &App, ending: bool) -> Result<()> {
    let leaving = app.refusals.take(app.clock.moment(), ending);
    if leaving.entries.is_empty() {
        return Ok(());
    }
    let entries = leaving.entries.clone();
    let written = app
        .db
        .write(async |tx| {
            for entry in entries {
                audit::record(tx, app, entry).await?;
            }
            Ok(())
        })
        .await;
    match &written {
        Ok(()) => leaving.written(),
        Err(_) => leaving.missed(app.clock.moment()),
    }
    written
}

/// Records that a sign-in was refused, and answers what its sender is told. Our own failures are no refusals;
/// they are in the daemon's log.
pub async fn note(
    app: &App,
    origin: Origin,
    action: AuditAction,
    email: Option<&str>,
    error: Error,
) -> Error {
    if !matches!(error.kind, Kind::Internal | Kind::StorageFull | Kind::Unavailable) {
        let entry = refused_sign_in(origin, action, email, error.code);
        app.refusals.add(Who::of(None, origin), entry, app.clock.moment());
        if let Err(error) = write(app).await {
            tracing::error!("a refused sign-in was not recorded: {error}");
        }
    }
    limits::refused_sign_in(app, origin, error).recorded()
}

fn refused_sign_in(origin: Origin, action: AuditAction, email: Option<&str>, code: &str) -> Entry {
    let mut details = json!({ "code": code });
    // What is not an address may be a password typed into the wrong field.
    if let Some(email) = email.filter(|email| email.contains('@') && email.len() <= MAX_EMAIL) {
        details["email"] = email.into();
    }
    Entry::new(action, Actor::Unknown, AuditResource::Session).from(origin).details(details)
}

/// What somebody wanted: a method and a path without what may be a secret in it.
#[derive(Debug)]
pub struct Wanted<'a> {
    pub method: &'a str,
    pub path: String,
}

/// Keeps the refusal of any other request for the log. Nobody waits for it to be written.
pub fn keep(app: &App, origin: Origin, caller: Option<&Caller>, wanted: Wanted<'_>, error: &Error) {
    let Some(action) = action(error, caller.is_some()) else {
        return;
    };
    let entry = match caller {
        Some(caller) => caller.did(action, AuditResource::Request),
        None => Entry::new(action, Actor::Unknown, AuditResource::Request).from(origin),
    };
    let details = json!({"code": error.code, "method": wanted.method, "path": wanted.path});
    if app.refusals.add(Who::of(caller, origin), entry.details(details), app.clock.moment()) {
        app.refusals.added.notify_one();
    }
}

/// What a refusal is called, unless it is none or the log has it already.
fn action(error: &Error, known: bool) -> Option<AuditAction> {
    if error.is_recorded {
        return None;
    }
    match error.kind {
        Kind::Unauthenticated if is_routine(error) => None,
        Kind::Unauthenticated => Some(AuditAction::TokenRefused),
        Kind::RateLimited if error.code == codes::TOO_MANY_ATTEMPTS => Some(AuditAction::TokenRefused),
        Kind::Forbidden if known => Some(AuditAction::PermissionDenied),
        Kind::Forbidden | Kind::Misdirected => Some(AuditAction::RequestRefused),
        Kind::Invalid | Kind::Conflict if protects(error.code) => Some(AuditAction::PermissionDenied),
        Kind::Invalid
        | Kind::NotFound
        | Kind::Gone
        | Kind::Conflict
        | Kind::TooLarge
        | Kind::RangeNotSatisfiable
        | Kind::RateLimited
        | Kind::StorageFull
        | Kind::Unavailable
        | Kind::Upstream
        | Kind::Internal => None,
    }
}

/// Everybody's browser asks without a session, or with one whose time is over.
fn is_routine(error: &Error) -> bool {
    let expired = error.details.as_ref().is_some_and(|details| details["reason"] == "expired");
    expired
        || matches!(
            error.code,
            "missing_auth" | "session_expired" | "no_session" | "stream_authorization_ended"
        )
}

/// Rules that keep somebody from shutting out themselves or everybody.
fn protects(code: &str) -> bool {
    matches!(code, codes::CANNOT_DELETE_SELF | codes::CANNOT_ENABLE_SELF | codes::LAST_MAINTAINER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry::new(AuditAction::TokenRefused, Actor::Unknown, AuditResource::Request)
    }

    /// Adds one refusal for each address; answers how many are kept.
    fn kept(refusals: &Refusals, addresses: impl Iterator<Item = IpAddr>, now: Moment) -> usize {
        for address in addresses {
            refusals.add(Who::Stranger(network(address)), entry(), now);
        }
        refusals.state.lock().waiting.drain(..).count()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_fill_the_log_and_what_was_left_out_is_counted() {
        let refusals = Refusals::default();
        let now = DAY;
        assert_eq!(kept(&refusals, std::iter::repeat_n(ip("192.0.2.1"), 100), now), 20);
        assert_eq!(kept(&refusals, std::iter::once(ip("192.0.2.2")), now), 1);
        assert!(refusals.take(now, false).entries.is_empty());
        let leaving = refusals.take(now + MINUTE, false);
        assert_eq!(leaving.entries[0].details, Some(json!({"not_recorded": 80})));
        leaving.missed(now + MINUTE);
        let leaving = refusals.take(now + MINUTE, true);
        assert_eq!(leaving.entries[0].details, Some(json!({"not_recorded": 80})), "a failure loses none");
        leaving.written();
        assert!(refusals.take(now + MINUTE, true).entries.is_empty());
        assert_eq!(kept(&refusals, std::iter::once(ip("192.0.2.1")), now + MINUTE), 1);
    }

    #[test]
    fn a_network_is_one_address() {
        let refusals = Refusals::default();
        let addresses = (0..100_u32).map(|n| ip(&format!("2001:db8::{n:x}")));
        assert_eq!(kept(&refusals, addresses, DAY), 20);
        assert_eq!(kept(&refusals, std::iter::once(ip("2001:db8:0:1::1")), DAY), 1);
    }

    #[test]
    fn all_addresses_together_are_limited_by_the_minute_and_by_the_day() {
        let refusals = Refusals::default();
        let mut in_all = 0;
        for minute in 0..60 {
            let addresses = (0..1000_u32).map(|n| IpAddr::from(std::net::Ipv4Addr::from_bits(n)));
            let now = kept(&refusals, addresses, DAY + minute * MINUTE);
            assert!(now <= 200, "{now}");
            in_all += now;
        }
        assert_eq!(in_all, 5000);
    }

    #[test]
    fn strangers_cannot_use_up_what_people_have() {
        let refusals = Refusals::default();
        kept(&refusals, (0..1000_u32).map(|n| IpAddr::from(std::net::Ipv4Addr::from_bits(n))), DAY);
        refusals.add(Who::Person(UserId::new()), entry(), DAY);
        let leaving = refusals.take(DAY, true);
        assert_eq!(leaving.entries.len(), 2, "the person's, and the count of the others'");
        drop(leaving);
        assert_eq!(refusals.take(DAY, false).entries.len(), 2, "what nobody wrote waits again");
    }
}
