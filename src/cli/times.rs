//! Times as people read them in a terminal: how long ago, how long. JSON output has the numbers.

/// A length of time by its two largest units.
pub fn length(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {:02}s", seconds % 60),
        (0, _, _) => format!("{hours}h {:02}m", minutes % 60),
        _ => format!("{days}d {:02}h", hours % 24),
    }
}

/// How long ago it was, by the largest unit.
pub fn ago(at: Option<i64>, now: i64) -> String {
    let Some(at) = at else { return String::new() };
    let seconds = (now - at).max(0);
    match seconds {
        0..60 => format!("{seconds}s ago"),
        60..3600 => format!("{}m ago", seconds / 60),
        3600..86400 => format!("{}h ago", seconds / 3600),
        _ => format!("{}d ago", seconds / 86400),
    }
}

/// A number of bytes by the unit that fits.
pub fn size(bytes: Option<i64>) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let Some(bytes) = bytes.and_then(|bytes| u64::try_from(bytes).ok()) else { return String::new() };
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_short() {
        assert_eq!(
            [length(-1), length(59), length(61), length(7260), length(90_000)],
            ["0s", "59s", "1m 01s", "2h 01m", "1d 01h"]
        );
        assert_eq!(
            [ago(Some(0), 59), ago(Some(0), 7200), ago(Some(0), 90_000), ago(None, 0)],
            ["59s ago", "2h ago", "1d ago", ""]
        );
        assert_eq!(
            [size(Some(12)), size(Some(1536)), size(Some(5 << 30)), size(None)],
            ["12 B", "1.5 KiB", "5.0 GiB", ""]
        );
    }
}
