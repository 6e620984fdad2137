//! The one source of time. Wall time is for showing and for token expiry; the monotonic reading is
//! for leases and time-outs, because wall clocks jump. Nothing else in the daemon asks for the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Goes on while the machine sleeps, as `Instant` does not; nobody can set it.
#[cfg(target_os = "linux")]
const SINCE_BOOT: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const SINCE_BOOT: ClockId = ClockId::Monotonic;

/// Reads the time; cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock {
    origin: Instant,
    /// How long ago the machine was started at the origin.
    origin_boot: Duration,
    /// Wall time at the origin, in Unix milliseconds.
    origin_ms: i64,
    /// Time added by hand, in milliseconds; zero in production.
    shift_ms: Arc<AtomicU64>,
    /// Time asleep added by hand, in milliseconds; zero in production.
    slept_ms: Arc<AtomicU64>,
    /// By how much the wall clock alone was set, in milliseconds; zero in production.
    wall_shift_ms: Arc<AtomicI64>,
}

/// A monotonic moment: how long ago the clock was started.
pub type Moment = Duration;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self {
            origin: Instant::now(),
            origin_boot: since_boot(),
            origin_ms: unix_ms(Duration::ZERO),
            shift_ms: Arc::default(),
            slept_ms: Arc::default(),
            wall_shift_ms: Arc::default(),
        }
    }

    /// Moves this clock, and every clone of it, forward. The way to test expiry without waiting.
    pub fn advance(&self, by: Duration) {
        self.shift_ms.fetch_add(whole_ms(by), Ordering::SeqCst);
    }

    /// Lets this clock, and every clone of it, sleep as machines do: time goes by, but not for monotonic readings.
    pub fn sleep(&self, by: Duration) {
        self.slept_ms.fetch_add(whole_ms(by), Ordering::SeqCst);
    }

    /// Sets the wall clock, and that of every clone, back or forth, as people and time servers do. Nothing else moves.
    pub fn set_wall(&self, by_ms: i64) {
        self.wall_shift_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// Wall time in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        unix_ms(self.shift() + self.slept()).saturating_add(self.wall_shift_ms.load(Ordering::SeqCst))
    }

    /// The wall time for ending what has waited, and for removing what was kept, for long enough: had somebody set
    /// the clock forward since the start, it would be as if nobody had. Time that the machine slept counts. In Unix
    /// milliseconds.
    pub fn patient_ms(&self) -> i64 {
        let since = since_boot().saturating_sub(self.origin_boot) + self.shift() + self.slept();
        let since = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        self.now_ms().min(self.origin_ms.saturating_add(since))
    }

    /// Wall time in Unix seconds.
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// The monotonic reading.
    pub fn moment(&self) -> Moment {
        self.origin.elapsed() + self.shift()
    }

    fn shift(&self) -> Duration {
        Duration::from_millis(self.shift_ms.load(Ordering::SeqCst))
    }

    fn slept(&self) -> Duration {
        Duration::from_millis(self.slept_ms.load(Ordering::SeqCst))
    }
}

fn since_boot() -> Duration {
    let read = clock_gettime(SINCE_BOOT);
    let part = |part: i64| u64::try_from(part).unwrap_or(0);
    Duration::from_secs(part(read.tv_sec)) + Duration::from_nanos(part(read.tv_nsec))
}

fn whole_ms(by: Duration) -> u64 {
    u64::try_from(by.as_millis()).unwrap_or(u64::MAX)
}

fn unix_ms(shift: Duration) -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from((since_epoch + shift).as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together() {
        let clock = Clock::system();
        let copy = clock.clone();
        let before = copy.now();
        clock.advance(Duration::from_secs(3600));
        assert!(copy.now() >= before + 3600);
        assert!(copy.moment() >= Duration::from_secs(3600));
    }

    #[test]
    fn a_wall_clock_that_is_set_back_moves_no_moment() {
        let clock = Clock::system();
        let (wall, moment) = (clock.now(), clock.moment());
        clock.clone().set_wall(-3_600_000);
        assert!(clock.now() <= wall - 3599 && clock.moment() >= moment);
    }

    #[test]
    fn patience_counts_the_time_that_the_machine_slept_and_moments_do_not() {
        let clock = Clock::system();
        let (patient, wall, moment) = (clock.patient_ms(), clock.now_ms(), clock.moment());
        clock.clone().sleep(Duration::from_secs(3600));
        assert!(clock.patient_ms() >= patient + 3_600_000 && clock.now_ms() >= wall + 3_600_000);
        assert!(clock.moment() < moment + Duration::from_secs(60));
    }

    #[test]
    fn patience_does_not_end_because_the_clock_is_set_forward() {
        let clock = Clock::system();
        let before = clock.patient_ms();
        clock.set_wall(3_600_000);
        assert!(clock.patient_ms() < before + 60_000);
        clock.advance(Duration::from_secs(3600));
        assert!(clock.patient_ms() >= before + 3_600_000);
        clock.set_wall(-7_200_000);
        assert!(clock.patient_ms() < before + 60_000, "nor sooner because it is set back");
    }
}
