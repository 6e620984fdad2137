//! How many connections there may be. When all seats are taken, whoever has been idle longest makes room: a
//! connection on which nobody waits for us, because it asks for nothing or its request is still on the way.
//! One that is being served is never cut. Other machines leave some seats to this one, and none of them gets
//! more than its share. Nothing here knows of requests or people.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper::body::{Body, Frame, SizeHint};
use parking_lot::{Mutex, MutexGuard};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::Notify;

use crate::auth::peer::{is_loopback, network};

/// Seats that only this machine may take: its people, its runner, its proxy.
const RESERVED: usize = 32;
/// Open files that are not connections: database, logs, pipes of children.
const OTHER_FILES: u64 = 256;
/// A connection and the file that it sends or receives.
const FILES_EACH: u64 = 2;

/// Raises the limit on open files as far as `wanted` connections need; answers how many there is room for.
pub fn room_for(wanted: usize) -> usize {
    let needed = wanted as u64 * FILES_EACH + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.map_or(needed, |hard| hard.min(needed));
    if limit.current.is_some_and(|soft| soft < most) {
        // What can't be raised is counted with below.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum });
    }
    let files = getrlimit(Resource::Nofile).current.unwrap_or(needed);
    let room = files.saturating_sub(OTHER_FILES) / FILES_EACH;
    wanted.min(usize::try_from(room).unwrap_or(wanted)).max(2 * RESERVED)
}

/// Every seat, taken or not.
#[derive(Debug)]
pub struct Seats {
    most: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    taken: HashMap<u64, Taken>,
    /// Who is idle, the longest first: its turn, and its number.
    idle: BTreeMap<u64, u64>,
    /// How many seats each other machine has.
    sources: HashMap<IpAddr, usize>,
    far: usize,
    counter: u64,
}

#[derive(Debug)]
struct Taken {
    /// `None` for this machine.
    source: Option<IpAddr>,
    /// Grows with everything that is accomplished.
    turn: u64,
    gone: Arc<Notify>,
}

/// Whose seat may be taken away.
#[derive(Debug, Clone, Copy)]
enum Whose {
    Anybody,
    OtherMachines,
    One(IpAddr),
}

impl Whose {
    fn includes(self, source: Option<IpAddr>) -> bool {
        match self {
            Whose::Anybody => true,
            Whose::OtherMachines => source.is_some(),
            Whose::One(one) => source == Some(one),
        }
    }
}

impl Seats {
    pub fn new(most: usize) -> Self {
        Self { most, table: Mutex::default() }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock()
    }

    /// A seat, somebody else's if need be; `None` if everybody is being served.
    pub fn take(self: &Arc<Self>, ip: IpAddr) -> Option<Arc<Seat>> {
        let source = (!is_loopback(ip)).then(|| network(ip));
        let mut table = self.table();
        if let Some(from) = table.crowded(source, self.most) {
            table.evict(from)?;
        }
        let (number, gone) = table.seat(source);
        Some(Arc::new(Seat { number, gone, seats: self.clone() }))
    }
}

impl Table {
    fn count(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// Who has to make room before `source` gets a seat; `None` if nobody.
    fn crowded(&self, source: Option<IpAddr>, most: usize) -> Option<Whose> {
        let full = self.taken.len() >= most;
        let Some(source) = source else {
            return full.then_some(Whose::Anybody);
        };
        if self.sources.get(&source).copied().unwrap_or(0) >= most / 4 {
            return Some(Whose::One(source));
        }
        (full || self.far >= most - RESERVED).then_some(Whose::OtherMachines)
    }

    fn evict(&mut self, from: Whose) -> Option<()> {
        let mut idle = self.idle.values().copied();
        let number = idle.find(|number| {
            let taken = self.taken.get(number);
            taken.is_some_and(|taken| from.includes(taken.source))
        })?;
        self.taken.get(&number)?.gone.notify_one();
        self.leave(number);
        Some(())
    }

    fn seat(&mut self, source: Option<IpAddr>) -> (u64, Arc<Notify>) {
        let (turn, gone) = (self.count(), Arc::new(Notify::new()));
        // The first turn is nobody else's, so it is a number too.
        self.taken.insert(turn, Taken { source, turn, gone: gone.clone() });
        self.idle.insert(turn, turn);
        if let Some(source) = source {
            self.far += 1;
            *self.sources.entry(source).or_default() += 1;
        }
        (turn, gone)
    }

    fn leave(&mut self, number: u64) {
        let Some(taken) = self.taken.remove(&number) else {
            return;
        };
        self.idle.remove(&taken.turn);
        let Some(source) = taken.source else {
            return;
        };
        self.far -= 1;
        if let Some(count) = self.sources.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                self.sources.remove(&source);
            }
        }
    }
}

/// The place of one connection, given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    number: u64,
    gone: Arc<Notify>,
    seats: Arc<Seats>,
}

impl Seat {
    /// Waits until somebody else needs it.
    pub async fn taken_away(&self) {
        self.gone.notified().await;
    }

    /// From now on somebody waits for us; `false` if the seat was taken away.
    pub fn works(&self) -> bool {
        let mut table = self.seats.table();
        let turn = table.taken.get(&self.number).map(|taken| taken.turn);
        turn.map(|turn| table.idle.remove(&turn)).is_some()
    }

    /// From now on we wait for the client.
    pub fn waits(&self) {
        let mut table = self.seats.table();
        if let Some(turn) = table.taken.get(&self.number).map(|taken| taken.turn) {
            table.idle.insert(turn, self.number);
        }
    }

    /// Something was accomplished: it is the last one to make room.
    pub fn progresses(&self) {
        let mut table = self.seats.table();
        let latest = table.count();
        let Some(taken) = table.taken.get_mut(&self.number) else {
            return;
        };
        let before = std::mem::replace(&mut taken.turn, latest);
        if table.idle.remove(&before).is_some() {
            table.idle.insert(latest, self.number);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.table().leave(self.number);
    }
}

/// One request, from its head to the end of the answer.
#[derive(Debug)]
pub struct Turn(Arc<Seat>);

impl Turn {
    /// `None` if the seat was taken away: nothing of the request may be done then.
    pub fn begin(seat: &Arc<Seat>) -> Option<Self> {
        seat.works().then(|| Self(seat.clone()))
    }

    /// Lasts as long as the answer's body.
    pub fn until_sent<B>(self, body: B) -> Answer<B> {
        Answer { body, _turn: self }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.progresses();
        self.0.waits();
    }
}

/// The body of an answer that is being sent.
#[derive(Debug)]
pub struct Answer<B> {
    body: B,
    _turn: Turn,
}

impl<B: Body + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "127.0.0.1";

    fn take(seats: &Arc<Seats>, ip: &str) -> Option<Arc<Seat>> {
        seats.take(ip.parse().unwrap())
    }

    fn far(n: usize) -> String {
        format!("192.0.2.{}", n + 1)
    }

    #[test]
    fn the_longest_idle_makes_room_and_who_is_served_stays() {
        let seats = Arc::new(Seats::new(3));
        let [served, first, second] = [(); 3].map(|()| take(&seats, HERE).unwrap());
        assert!(served.works());
        first.progresses();
        let third = take(&seats, HERE).unwrap();
        assert!(!second.works(), "it was idle longest");
        assert!(first.works() && third.works());
        assert!(take(&seats, HERE).is_none(), "everybody is served");
        first.waits();
        let fourth = take(&seats, HERE).unwrap();
        assert!(!first.works() && fourth.works());
        drop(served);
        assert!(take(&seats, HERE).is_some());
    }

    #[test]
    fn one_machine_has_a_share_and_makes_room_for_itself_only() {
        let seats = Arc::new(Seats::new(100));
        let other = take(&seats, "198.51.100.1").unwrap();
        let mut many: Vec<_> = (0..100).map(|_| take(&seats, "203.0.113.1").unwrap()).collect();
        let kept = many.iter().filter(|seat| seat.works()).count();
        assert_eq!(kept, 25);
        assert!(take(&seats, "203.0.113.1").is_none());
        assert!(other.works());
        many.clear();
        assert!(seats.table().sources.len() == 1 && seats.table().idle.is_empty());
    }

    #[test]
    fn other_machines_leave_seats_to_this_one() {
        let seats = Arc::new(Seats::new(100));
        let here: Vec<_> = (0..20).map(|_| take(&seats, HERE).unwrap()).collect();
        let there: Vec<_> = (0..200).map(|n| take(&seats, &far(n)).unwrap()).collect();
        assert_eq!(there.iter().filter(|seat| seat.works()).count(), 100 - RESERVED);
        assert!(take(&seats, &far(200)).is_none());
        assert!(here.iter().all(|seat| seat.works()));
        assert!((0..RESERVED - 20).all(|_| take(&seats, HERE).is_some_and(|seat| seat.works())));
    }
}
