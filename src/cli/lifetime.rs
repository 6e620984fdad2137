//! How long something that a command mints is good for: seconds, or minutes with an m.

/// Reads a lifetime from 1 s to `most` seconds.
pub fn seconds(text: &str, most: i64) -> Result<i64, String> {
    let (number, unit) = match (text.strip_suffix('m'), text.strip_suffix('s')) {
        (Some(minutes), _) => (minutes, 60),
        (None, Some(seconds)) => (seconds, 1),
        (None, None) => (text, 1),
    };
    let value = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
    value
        .filter(|value| (1..=most).contains(value))
        .ok_or_else(|| format!("must be 1 s to {} m, for instance {}m", most / 60, most / 60))
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn a_lifetime_is_seconds_or_minutes_within_its_limit() {
        assert_eq!((seconds("90", 300), seconds("90s", 300), seconds("5m", 300)), (Ok(90), Ok(90), Ok(300)));
        for text in ["0", "6m", "301", "-1", "", "m", "1h", "99999999999999999999m"] {
            assert!(seconds(text, 300).is_err(), "{text}");
        }
    }
}
