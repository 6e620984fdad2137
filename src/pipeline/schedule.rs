//! When a pipeline starts by itself: cron expressions and time zones. It knows no clock.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// Longest expression, in characters.
const MAX_CHARS: usize = 128;
/// The year 4960, in Unix seconds. The search for a time ends with the year 5000, so that one from here on looks at forty
/// years: in so many every day of the calendar has met every day of the week, and what does not come in them never does.
const LATE: i64 = 94_355_280_000;

/// The times that an expression names in a time zone.
#[derive(Debug)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
}

impl Timetable {
    /// Reads five fields and the name of a time zone; UTC without one.
    ///
    /// Errors with what is wrong.
    pub fn parse(cron: &str, zone: Option<&str>) -> Result<Self, String> {
        let zone = zone.map_or(Ok(Tz::UTC), self::zone)?;
        let timetable = Self { cron: self::cron(cron)?, zone };
        let comes = DateTime::<Utc>::from_timestamp(LATE, 0)
            .is_some_and(|late| timetable.cron.find_next_occurrence(&late, false).is_ok());
        if comes { Ok(timetable) } else { Err("never comes".to_owned()) }
    }

    /// The first time after another one.
    pub fn next_after(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.cron.find_next_occurrence(&time.with_timezone(&self.zone), false);
        next.ok().map(|next| next.with_timezone(&Utc))
    }
}

/// Reads five fields: minute, hour, day of the month, month, day of the week.
fn cron(text: &str) -> Result<Cron, String> {
    if text.chars().count() > MAX_CHARS {
        return Err(format!("at most {MAX_CHARS} characters"));
    }
    if text.split_whitespace().count() != 5 {
        return Err("must have five fields: minute, hour, day, month and day of the week".to_owned());
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    parser.parse(text).map_err(|wrong| format!("is no cron expression: {wrong}"))
}

/// Reads the name of a time zone, such as `Europe/Rome`.
pub fn zone(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| format!("'{name}' is no time zone; write one such as Europe/Rome, or UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, zone: &str, after: &str) -> String {
        let timetable = Timetable::parse(cron, Some(zone)).unwrap();
        timetable.next_after(after.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn the_time_is_that_of_the_zone_in_summer_and_in_winter() {
        assert_eq!(next("30 3 * * *", "Europe/Rome", "2026-01-10T12:00:00Z"), "2026-01-11 02:30:00 UTC");
        assert_eq!(next("30 3 * * *", "Europe/Rome", "2026-07-10T12:00:00Z"), "2026-07-11 01:30:00 UTC");
        assert_eq!(next("0 6 * * MON", "UTC", "2026-11-30T06:00:00Z"), "2026-12-07 06:00:00 UTC");
    }

    #[test]
    fn a_time_may_be_years_ahead() {
        assert_eq!(next("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z"), "2104-02-29 00:00:00 UTC");
        assert_eq!(next("0 0 * 2 MON#5", "UTC", "2026-01-01T00:00:00Z"), "2044-02-29 00:00:00 UTC");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for cron in ["", "* * * *", "* * * * * *", "@daily", "61 * * * *", "a b c d e", "0 0 30 2 *"] {
            assert!(Timetable::parse(cron, None).is_err(), "{cron}");
        }
        let wrong = Timetable::parse("* * * * *", Some("Mars/Base")).unwrap_err();
        assert!(wrong.contains("Mars/Base"), "{wrong}");
    }
}
