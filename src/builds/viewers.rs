//! Who watches logs: one-use tickets for clients that can't send headers, and how many streams are
//! open. In memory: after a restart clients ask for a new ticket.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::clock::Clock;
use crate::domain::credential::Credential;
use crate::domain::id::{BuildId, UserId};
use crate::error::{Error, Result};

/// Seconds a ticket is good for.
pub const TICKET_SECONDS: i64 = 300;

const TICKETS: usize = 256;
const TICKETS_PER_USER: usize = 16;
const TICKETS_PER_BUILD: usize = 32;
/// Used tickets are kept for resuming; beyond this the oldest go.
const KEPT: usize = 1024;

const STREAMS: usize = 1024;
const STREAMS_PER_USER: usize = 256;
const STREAMS_PER_BUILD: usize = 256;
/// After how long to try again: nobody knows when a page is closed.
const A_LITTLE: Duration = Duration::from_secs(10);

/// Lets its holder watch one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub user: UserId,
    pub build: BuildId,
    /// What it was asked for with; it ends with that.
    pub credential: Credential,
    /// Unix seconds.
    pub expires_at: i64,
}

/// How a ticket is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented {
    First,
    /// Again, by a client that lost its connection and says where it was.
    ToResume,
}

#[derive(Debug)]
struct Issued {
    ticket: Ticket,
    used: bool,
}

/// Tickets and open streams of the instance.
#[derive(Debug)]
pub struct Viewers {
    clock: Clock,
    tickets: Mutex<HashMap<String, Issued>>,
    open: Arc<Mutex<Vec<(UserId, BuildId)>>>,
}

impl Viewers {
    pub fn new(clock: Clock) -> Self {
        Self { clock, tickets: Mutex::default(), open: Arc::default() }
    }

    /// Issues a ticket under the hash of its token. A newer one replaces the same person's for the
    /// same build.
    ///
    /// Errors: 429 `stream_token_limit`.
    pub fn issue(&self, token_hash: String, ticket: Ticket) -> Result<()> {
        let now = self.clock.now();
        let mut tickets = self.tickets();
        tickets.retain(|_, issued| {
            let other = issued.ticket.user != ticket.user || issued.ticket.build != ticket.build;
            issued.ticket.expires_at > now && (other || issued.used)
        });
        let unused = |of: &dyn Fn(&Ticket) -> bool| {
            tickets.values().filter(|issued| !issued.used && of(&issued.ticket)).count()
        };
        if unused(&|_| true) >= TICKETS
            || unused(&|other| other.user == ticket.user) >= TICKETS_PER_USER
            || unused(&|other| other.build == ticket.build) >= TICKETS_PER_BUILD
        {
            return Err(too_many("stream_token_limit", "too many stream tokens are outstanding"));
        }
        if tickets.len() >= KEPT {
            forget_oldest_used(&mut tickets);
        }
        tickets.insert(token_hash, Issued { ticket, used: false });
        Ok(())
    }

    /// The ticket of a token, if it is good.
    pub fn redeem(&self, token_hash: &str, presented: Presented) -> Option<Ticket> {
        let now = self.clock.now();
        let mut tickets = self.tickets();
        let issued = tickets.get_mut(token_hash).filter(|issued| issued.ticket.expires_at > now)?;
        let good = match presented {
            Presented::First => !issued.used,
            Presented::ToResume => true,
        };
        issued.used = true;
        good.then(|| issued.ticket.clone())
    }

    /// A seat for one more stream; it is free again when dropped.
    ///
    /// Errors: 429 `stream_limit`.
    pub fn admit(&self, user: UserId, build: BuildId) -> Result<Seat> {
        let mut open = self.open.lock();
        let of_user = open.iter().filter(|(other, _)| *other == user).count();
        let of_build = open.iter().filter(|(_, other)| *other == build).count();
        if open.len() >= STREAMS || of_user >= STREAMS_PER_USER || of_build >= STREAMS_PER_BUILD {
            return Err(too_many("stream_limit", "too many log streams are open"));
        }
        open.push((user, build));
        Ok(Seat { open: self.open.clone(), user, build })
    }

    fn tickets(&self) -> MutexGuard<'_, HashMap<String, Issued>> {
        self.tickets.lock()
    }
}

fn forget_oldest_used(tickets: &mut HashMap<String, Issued>) {
    let used = tickets.iter().filter(|(_, issued)| issued.used);
    let oldest = used.min_by_key(|(_, issued)| issued.ticket.expires_at).map(|(hash, _)| hash.clone());
    if let Some(hash) = oldest {
        tickets.remove(&hash);
    }
}

fn too_many(code: &'static str, message: &str) -> Error {
    Error::rate_limited(code, message, A_LITTLE).hint("Close some pages that show a log, or wait a little.")
}

/// An open stream.
#[derive(Debug)]
pub struct Seat {
    open: Arc<Mutex<Vec<(UserId, BuildId)>>>,
    user: UserId,
    build: BuildId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        if let Some(position) = open.iter().position(|seat| *seat == (self.user, self.build)) {
            open.swap_remove(position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(user: UserId, build: BuildId, clock: &Clock) -> Ticket {
        let expires_at = clock.now() + TICKET_SECONDS;
        let credential = Credential::Session { id: "s".to_owned(), expires_at: i64::MAX };
        Ticket { user, build, credential, expires_at }
    }

    #[test]
    fn a_ticket_opens_once_and_then_only_to_resume_while_it_lives() {
        let clock = Clock::system();
        let viewers = Viewers::new(clock.clone());
        viewers.issue("t".to_owned(), ticket(UserId::new(), BuildId::new(), &clock)).unwrap();
        assert!(viewers.redeem("t", Presented::First).is_some());
        assert!(viewers.redeem("t", Presented::First).is_none());
        assert!(viewers.redeem("t", Presented::ToResume).is_some());
        clock.advance(std::time::Duration::from_secs(300));
        assert!(viewers.redeem("t", Presented::ToResume).is_none());
    }

    #[test]
    fn a_newer_ticket_replaces_the_older_and_one_person_cannot_take_all() {
        let clock = Clock::system();
        let viewers = Viewers::new(clock.clone());
        let user = UserId::new();
        let build = BuildId::new();
        viewers.issue("a".to_owned(), ticket(user, build, &clock)).unwrap();
        viewers.issue("b".to_owned(), ticket(user, build, &clock)).unwrap();
        assert!(viewers.redeem("a", Presented::First).is_none());
        for n in 1..TICKETS_PER_USER {
            viewers.issue(n.to_string(), ticket(user, BuildId::new(), &clock)).unwrap();
        }
        let refused = viewers.issue("x".to_owned(), ticket(user, BuildId::new(), &clock)).unwrap_err();
        assert_eq!(refused.code, "stream_token_limit");
    }

    #[test]
    fn seats_are_free_again_when_streams_end() {
        let viewers = Viewers::new(Clock::system());
        let (user, build) = (UserId::new(), BuildId::new());
        let seats: Vec<_> = (0..STREAMS_PER_BUILD).map(|_| viewers.admit(user, build).unwrap()).collect();
        assert_eq!(viewers.admit(user, build).unwrap_err().code, "stream_limit");
        drop(seats);
        assert!(viewers.admit(user, build).is_ok());
    }
}
