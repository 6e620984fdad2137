//! A step that prints when it prints: each line is the time in microseconds. Who reads the line
//! knows how long it took.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// First argument that makes this program print; then how often and the pause in milliseconds.
pub const COMMAND: &str = "print-times";

/// Microseconds since 1970.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// How long ago `line` was printed; `None` if it isn't one of ours.
pub fn age(line: &str) -> Option<Duration> {
    let printed = line.trim().parse().ok()?;
    Some(Duration::from_micros(now().saturating_sub(printed)))
}

pub fn print(count: &str, pause: &str) -> anyhow::Result<()> {
    let (count, pause): (u32, u64) = (count.parse()?, pause.parse()?);
    let mut output = std::io::stdout().lock();
    for _ in 0..count {
        std::thread::sleep(Duration::from_millis(pause));
        writeln!(output, "{}", now())?;
        output.flush()?;
    }
    Ok(())
}
