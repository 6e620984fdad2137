//! Held claims in the order they came. News of the queue wakes one of them; whoever wakes looks, and wakes the
//! next, until one finds that there is nothing left for anybody. Who finds nothing for their like spares the look to
//! all that are alike. So one new build costs few looks at the queue and not one for each runner. It knows nothing of
//! builds or runners.

use std::collections::VecDeque;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::oneshot;

/// Who waits for work. Those of one kind `K` may have the same work.
#[derive(Debug)]
pub struct Line<K> {
    state: Mutex<State<K>>,
}

#[derive(Debug)]
struct State<K> {
    /// Counts the news.
    version: u64,
    waiting: VecDeque<Waiter<K>>,
}

#[derive(Debug)]
struct Waiter<K> {
    /// The news it has looked at.
    seen: u64,
    /// What it was when it looked; `None` if it may be something else by now.
    kind: Option<K>,
    wake: oneshot::Sender<()>,
}

impl<K> Default for Line<K> {
    fn default() -> Self {
        Self { state: Mutex::new(State { version: 0, waiting: VecDeque::new() }) }
    }
}

impl<K: PartialEq> Line<K> {
    /// There may be work that was not there before.
    pub fn news(&self) {
        let mut state = self.state();
        state.version += 1;
        state.wake_next();
    }

    /// Somebody who waits may be of another kind than before, and so may have other work.
    pub fn kinds_changed(&self) {
        let mut state = self.state();
        state.version += 1;
        state.waiting.iter_mut().for_each(|waiter| waiter.kind = None);
        state.wake_next();
    }

    /// Somebody's turn to look at the queue. When it is over, the next one gets theirs.
    pub fn turn(&self) -> Turn<'_, K> {
        Turn { line: self, seen: self.state().version, is_last: false }
    }

    /// Waits for a turn; at once if there was news since `seen`. Cancel-safe: a turn that nobody takes goes on to the
    /// next one.
    pub async fn wait(&self, seen: u64, kind: Option<K>) {
        let woken = {
            let mut state = self.state();
            if state.version != seen {
                return;
            }
            let (wake, woken) = oneshot::channel();
            state.waiting.push_back(Waiter { seen, kind, wake });
            woken
        };
        let mut place = Place { line: self, woken };
        let _left_alone = (&mut place.woken).await;
    }

    /// How many wait.
    pub fn length(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.state.lock()
    }
}

impl<K: PartialEq> State<K> {
    /// Wakes the first that has not seen the news.
    fn wake_next(&mut self) {
        let version = self.version;
        while let Some(place) = self.waiting.iter().position(|waiter| waiter.seen < version) {
            let Some(first) = self.waiting.remove(place) else { return };
            if first.wake.send(()).is_ok() {
                return;
            }
        }
    }
}

/// A look at the queue under way.
#[derive(Debug)]
pub struct Turn<'a, K: PartialEq> {
    line: &'a Line<K>,
    seen: u64,
    is_last: bool,
}

impl<K: PartialEq> Turn<'_, K> {
    /// Nothing is left for anybody: the others need not look. Answers which news were looked at.
    pub fn is_last(mut self) -> u64 {
        self.is_last = true;
        self.seen
    }

    /// Nothing is left for anybody of this kind: they need not look. Answers which news were looked at.
    pub fn nothing_for(self, kind: &K) -> u64 {
        let mut state = self.line.state();
        for waiter in state.waiting.iter_mut().filter(|waiter| waiter.kind.as_ref() == Some(kind)) {
            waiter.seen = waiter.seen.max(self.seen);
        }
        drop(state);
        self.seen
    }

    /// There may be something for others. Answers which news were looked at.
    pub fn pass(self) -> u64 {
        self.seen
    }
}

impl<K: PartialEq> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        if !self.is_last {
            self.line.state().wake_next();
        }
    }
}

/// A place in the line. Given up after it was called, it calls the next one.
struct Place<'a, K: PartialEq> {
    line: &'a Line<K>,
    woken: oneshot::Receiver<()>,
}

impl<K: PartialEq> Drop for Place<'_, K> {
    fn drop(&mut self) {
        if self.woken.try_recv().is_ok() {
            self.line.state().wake_next();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn is_woken(wait: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
        wait.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn news_wake_one_and_each_turn_wakes_the_next() {
        let line = Line::<&str>::default();
        let (mut a, mut b) = (pin!(line.wait(0, None)), pin!(line.wait(0, None)));
        assert!(!is_woken(a.as_mut()) && !is_woken(b.as_mut()));
        assert_eq!(line.length(), 2);
        line.news();
        assert!(is_woken(a.as_mut()) && !is_woken(b.as_mut()));
        line.turn().is_last();
        assert!(!is_woken(b.as_mut()), "nothing was left");
        line.turn().pass();
        assert!(is_woken(b.as_mut()));
    }

    #[test]
    fn who_has_seen_the_news_is_not_called_again() {
        let line = Line::<&str>::default();
        line.news();
        let mut a = pin!(line.wait(0, None));
        assert!(is_woken(a.as_mut()), "there was news already");
        let seen = line.turn().pass();
        let mut a = pin!(line.wait(seen, None));
        assert!(!is_woken(a.as_mut()));
        drop(line.turn());
        assert!(!is_woken(a.as_mut()));
    }

    #[test]
    fn who_finds_nothing_spares_the_look_to_its_like_until_kinds_change() {
        let line = Line::<&str>::default();
        let mut waits = ["mac", "linux", "mac", "linux"].map(|kind| Box::pin(line.wait(0, Some(kind))));
        let mut woken = || waits.each_mut().map(|wait| is_woken(wait.as_mut()));
        assert_eq!(woken(), [false; 4]);
        line.news();
        line.turn().nothing_for(&"linux");
        drop(line.turn());
        let [mac, linux, other_mac, other_linux] = &mut waits;
        assert!(is_woken(mac.as_mut()) && is_woken(other_mac.as_mut()));
        assert!(!is_woken(linux.as_mut()) && !is_woken(other_linux.as_mut()));
        line.kinds_changed();
        line.turn().nothing_for(&"linux");
        assert!(is_woken(linux.as_mut()) && is_woken(other_linux.as_mut()), "they may be something else");
    }

    #[test]
    fn a_turn_that_nobody_takes_goes_to_the_next() {
        let line = Line::<&str>::default();
        let mut first = Box::pin(line.wait(0, None));
        let mut gone = Box::pin(line.wait(0, None));
        let mut last = pin!(line.wait(0, None));
        assert!(!is_woken(first.as_mut()) && !is_woken(gone.as_mut()) && !is_woken(last.as_mut()));
        drop(gone);
        line.news();
        drop(first);
        assert!(is_woken(last.as_mut()));
    }
}
