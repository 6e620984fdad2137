//! Held claims in the order they came. News of the queue wakes one of them; whoever wakes looks, and wakes the
//! next, until one finds that there is nothing left for anybody. So one new build costs one runner's look at the
//! queue and not that of all. It knows nothing of builds or runners.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Who waits for work.
#[derive(Debug, Default)]
pub struct Line {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Counts the news.
    version: u64,
    waiting: VecDeque<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    /// The news it has looked at.
    seen: u64,
    wake: oneshot::Sender<()>,
}

impl Line {
    /// There may be work that was not there before.
    pub fn news(&self) {
        let mut state = self.state();
        state.version += 1;
        state.wake_next();
    }

    /// Somebody's turn to look at the queue. When it is over, the next one gets theirs.
    pub fn turn(&self) -> Turn<'_> {
        Turn { line: self, seen: self.state().version, is_last: false }
    }

    /// Waits for a turn; at once if there was news since `seen`. Cancel-safe: a turn that nobody takes goes on to the
    /// next one.
    pub async fn wait(&self, seen: u64) {
        let woken = {
            let mut state = self.state();
            if state.version != seen {
                return;
            }
            let (wake, woken) = oneshot::channel();
            state.waiting.push_back(Waiter { seen, wake });
            woken
        };
        let mut place = Place { line: self, woken };
        let _left_alone = (&mut place.woken).await;
    }

    /// How many wait.
    pub fn length(&self) -> usize {
        self.state().waiting.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Wakes the first that has not seen the news. Who looked later stands further behind.
    fn wake_next(&mut self) {
        while self.waiting.front().is_some_and(|first| first.seen < self.version) {
            let Some(first) = self.waiting.pop_front() else { return };
            if first.wake.send(()).is_ok() {
                return;
            }
        }
    }
}

/// A look at the queue under way.
#[derive(Debug)]
pub struct Turn<'a> {
    line: &'a Line,
    seen: u64,
    is_last: bool,
}

impl Turn<'_> {
    /// Nothing is left for anybody: the others need not look. Answers which news were looked at.
    pub fn is_last(mut self) -> u64 {
        self.is_last = true;
        self.seen
    }

    /// There may be something for others. Answers which news were looked at.
    pub fn pass(self) -> u64 {
        self.seen
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_last {
            self.line.state().wake_next();
        }
    }
}

/// A place in the line. Given up after it was called, it calls the next one.
struct Place<'a> {
    line: &'a Line,
    woken: oneshot::Receiver<()>,
}

impl Drop for Place<'_> {
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
        let line = Line::default();
        let (mut a, mut b) = (pin!(line.wait(0)), pin!(line.wait(0)));
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
        let line = Line::default();
        line.news();
        let mut a = pin!(line.wait(0));
        assert!(is_woken(a.as_mut()), "there was news already");
        let seen = line.turn().pass();
        let mut a = pin!(line.wait(seen));
        assert!(!is_woken(a.as_mut()));
        drop(line.turn());
        assert!(!is_woken(a.as_mut()));
    }

    #[test]
    fn a_turn_that_nobody_takes_goes_to_the_next() {
        let line = Line::default();
        let mut first = Box::pin(line.wait(0));
        let mut gone = Box::pin(line.wait(0));
        let mut last = pin!(line.wait(0));
        assert!(!is_woken(first.as_mut()) && !is_woken(gone.as_mut()) && !is_woken(last.as_mut()));
        drop(gone);
        line.news();
        drop(first);
        assert!(is_woken(last.as_mut()));
    }
}
