//! Refused sign-ins go to the audit log. Anybody can cause them, so their number is limited: what is
//! beyond is counted, and the count stands in the next entry.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use super::limits;
use super::peer::{Origin, network};
use crate::app::App;
use crate::audit;
use crate::clock::Moment;
use crate::domain::audit::{Actor, AuditAction, AuditResource, Entry};
use crate::error::{Error, Kind};

const WINDOW: Duration = Duration::from_secs(60);
/// Entries per address and window.
const PER_ADDRESS: u32 = 20;
/// Entries per window in all.
const IN_ALL: u32 = 200;
/// Longest attempted e-mail address that is kept.
const MAX_EMAIL: usize = 256;

/// How many refusals were recorded in the present window.
#[derive(Debug, Default)]
pub struct Refusals {
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    since: Moment,
    recorded: HashMap<IpAddr, u32>,
    total: u32,
    left_out: u64,
}

impl Refusals {
    /// Whether one more may be recorded; answers how many were left out before it.
    fn admit(&self, address: IpAddr, now: Moment) -> Option<u64> {
        let address = network(address);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_sub(window.since) >= WINDOW {
            window.since = now;
            window.total = 0;
            window.recorded.clear();
        }
        let recorded = window.recorded.get(&address).copied().unwrap_or(0);
        if window.total >= IN_ALL || recorded >= PER_ADDRESS {
            window.left_out += 1;
            return None;
        }
        window.total += 1;
        window.recorded.insert(address, recorded + 1);
        Some(std::mem::take(&mut window.left_out))
    }
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
        record(app, origin, action, email, error.code).await;
    }
    limits::refused_sign_in(app, origin, error)
}

async fn record(app: &App, origin: Origin, action: AuditAction, email: Option<&str>, code: &str) {
    let Some(left_out) = app.refusals.admit(origin.source(), app.clock.moment()) else {
        return;
    };
    let mut details = json!({ "code": code });
    // What is not an address may be a password typed into the wrong field.
    if let Some(email) = email.filter(|email| email.contains('@') && email.len() <= MAX_EMAIL) {
        details["email"] = email.into();
    }
    if left_out > 0 {
        details["refusals_not_recorded_before"] = left_out.into();
    }
    let entry = Entry::new(action, Actor::Unknown, AuditResource::Session).from(origin).details(details);
    if let Err(error) = app.db.write(async |tx| audit::record(tx, app, entry).await).await {
        tracing::error!("a refused sign-in was not recorded: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_fill_the_log_and_what_was_left_out_is_counted() {
        let refusals = Refusals::default();
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let admitted = (0..100).filter(|_| refusals.admit(one, Duration::ZERO).is_some()).count();
        assert_eq!(admitted, 20);
        assert_eq!(refusals.admit(other, Duration::ZERO), Some(80));
        assert_eq!(refusals.admit(one, WINDOW), Some(0));
    }

    #[test]
    fn a_network_is_one_address() {
        let refusals = Refusals::default();
        let addresses = (0..100_u32).map(|n| format!("2001:db8::{n:x}").parse().unwrap());
        let admitted = addresses.filter(|address| refusals.admit(*address, Duration::ZERO).is_some()).count();
        assert_eq!(admitted, 20);
        assert_eq!(refusals.admit("2001:db8:0:1::1".parse().unwrap(), Duration::ZERO), Some(80));
    }

    #[test]
    fn all_addresses_together_are_limited_too() {
        let refusals = Refusals::default();
        let addresses = (0..1000_u32).map(|n| IpAddr::from(std::net::Ipv4Addr::from_bits(n)));
        assert_eq!(addresses.filter(|address| refusals.admit(*address, WINDOW).is_some()).count(), 200);
    }
}
