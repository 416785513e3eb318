//! Times: how a person writes them, and how a person is shown them.
//!
//! What is typed and shown is local time of this machine, always with its zone. What goes over the wire is an instant.
//! Every function takes the present moment, or the zone, as a parameter; only the parsers for flags ask the clock.

use std::time::Duration;

use chrono::{
    DateTime, Days, Local, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Utc, Weekday,
};
use prost_types::Timestamp;

/// How instants are shown: the day first, so that columns sort.
const SHOWN: &str = "%a %Y-%m-%d %H:%M %Z";
/// The longest duration that a flag accepts.
const DURATION_DAYS_MAX: u64 = 366;

/// Reads `--at`, `--from` and the like: RFC 3339, or HH:MM of today.
///
/// # Errors
/// What would be right.
pub fn at(text: &str) -> Result<Timestamp, String> {
    instant(text, &Local::now()).map(timestamp)
}

/// Reads `--promise-by`: RFC 3339, a date or a weekday; of a day its last second is meant.
///
/// # Errors
/// What would be right.
pub fn promise(text: &str) -> Result<Timestamp, String> {
    deadline(text, &Local::now()).map(timestamp)
}

/// Reads where a stretch of time begins: as [`at`], or a day, whose first instant is meant.
///
/// # Errors
/// What would be right.
pub fn beginning(text: &str) -> Result<Timestamp, String> {
    start(text, &Local::now()).map(timestamp)
}

/// Reads where a stretch of time ends: as [`at`], or a day, whose last second is meant.
///
/// # Errors
/// What would be right.
pub fn end(text: &str) -> Result<Timestamp, String> {
    let now = Local::now();
    instant(text, &now)
        .or_else(|_| deadline(text, &now))
        .map(timestamp)
}

/// Reads a duration: a number and `s`, `m`, `h` or `d`.
///
/// # Errors
/// What would be right.
pub fn duration(text: &str) -> Result<Duration, String> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds_each = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => 0,
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds_each))
        .filter(|seconds| (1..=DURATION_DAYS_MAX * 24 * 60 * 60).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| {
            format!("write a number and s, m, h or d, at most {DURATION_DAYS_MAX}d, as in 12h")
        })
}

/// Shows an instant in a zone; nothing where it is unset.
pub fn shown(instant: Option<&Timestamp>, zone: Option<chrono_tz::Tz>) -> String {
    let Some(instant) = instant.and_then(utc) else {
        return String::new();
    };
    match zone {
        Some(zone) => instant.with_timezone(&zone).format(SHOWN).to_string(),
        None => instant.with_timezone(&Local).format(SHOWN).to_string(),
    }
}

/// How long it is from one instant to another, in two units at most: "2d 4h", "3h 20m", "12m". What has passed is "2h ago", in
/// one. Nothing where it is unset.
pub fn left(until: Option<&Timestamp>, now: DateTime<Utc>) -> String {
    let Some(until) = until.and_then(utc) else {
        return String::new();
    };
    let left = (until - now).num_seconds();
    if left < 0 {
        return format!("{} ago", stretch(-left, 1));
    }
    stretch(left, 2)
}

/// A duration, rounded down, in so many units; "0m" where it is not even a minute.
pub fn stretch(seconds: i64, units_max: usize) -> String {
    let minutes = seconds / 60;
    let units = [
        (minutes / (24 * 60), 'd'),
        (minutes / 60 % 24, 'h'),
        (minutes % 60, 'm'),
    ];
    let told: Vec<String> = units
        .iter()
        .skip_while(|(count, _)| *count == 0)
        .take(units_max)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if told.is_empty() {
        "0m".to_owned()
    } else {
        told.join(" ")
    }
}

fn instant<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let time = NaiveTime::parse_from_str(text, "%H:%M")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M:%S"))
        .map_err(|_| {
            "write an instant, as in 2026-11-20T14:03:00+01:00, or a time of today, as in 14:03"
                .to_owned()
        })?;
    let local = now.date_naive().and_time(time);
    earliest(&now.timezone(), local)
        .ok_or_else(|| format!("the clocks change today: there is no {text}"))
}

fn deadline<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let end = day(text, now.date_naive()).and_then(|day| end_of(day, &now.timezone()));
    end.ok_or_else(|| {
        "write a day, as in friday, tomorrow or 2026-11-20 (its end is meant), or an instant, as in \
         2026-11-20T14:00:00+01:00"
            .to_owned()
    })
}

fn start<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Result<DateTime<Utc>, String> {
    instant(text, now).or_else(|wrong| {
        day(text, now.date_naive())
            .and_then(|day| earliest_from(&now.timezone(), day.and_time(NaiveTime::MIN)))
            .ok_or_else(|| format!("{wrong}, or a day, as in friday, tomorrow or 2026-11-20"))
    })
}

/// A day by its date, its weekday or its distance from today.
fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    match text.to_ascii_lowercase().as_str() {
        "today" => Some(today),
        "tomorrow" => today.succ_opt(),
        word => word
            .parse::<Weekday>()
            .ok()
            .and_then(|weekday| next(today, weekday))
            .or_else(|| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok()),
    }
}

/// The next such day. Today is not the next one: who means today says so.
fn next(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    (1..=7)
        .filter_map(|days| today.checked_add_days(Days::new(days)))
        .find(|day| chrono::Datelike::weekday(day) == weekday)
}

/// The last second of a local day, which may have 23 or 25 hours.
fn end_of<Z: TimeZone>(day: NaiveDate, zone: &Z) -> Option<DateTime<Utc>> {
    let midnight = day.succ_opt()?.and_time(NaiveTime::MIN);
    Some(earliest_from(zone, midnight)? - TimeDelta::seconds(1))
}

/// The first instant that a local day has, where midnight itself may be skipped by a change of clocks.
fn earliest_from<Z: TimeZone>(zone: &Z, midnight: NaiveDateTime) -> Option<DateTime<Utc>> {
    (0..=4).find_map(|half_hours| earliest(zone, midnight + TimeDelta::minutes(30 * half_hours)))
}

fn earliest<Z: TimeZone>(zone: &Z, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Some(instant.to_utc()),
        LocalResult::None => None,
    }
}

fn timestamp(instant: DateTime<Utc>) -> Timestamp {
    Timestamp {
        seconds: instant.timestamp(),
        nanos: instant
            .timestamp_subsec_nanos()
            .try_into()
            .unwrap_or_default(),
    }
}

fn utc(instant: &Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(instant.seconds, u32::try_from(instant.nanos).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::America::Santiago;
    use chrono_tz::Europe::Berlin;
    use chrono_tz::Tz;

    /// A Wednesday.
    fn now() -> DateTime<Tz> {
        Berlin.with_ymd_and_hms(2026, 11, 18, 15, 30, 0).unwrap()
    }

    fn due(text: &str) -> String {
        let instant = deadline(text, &now()).unwrap();
        shown(Some(&timestamp(instant)), Some(Berlin))
    }

    #[test]
    fn a_promise_for_a_day_runs_to_its_end() {
        assert_eq!(due("2026-11-20"), "Fri 2026-11-20 23:59 CET");
        assert_eq!(due("Friday"), "Fri 2026-11-20 23:59 CET");
        assert_eq!(due("tue"), "Tue 2026-11-24 23:59 CET");
        assert_eq!(due("wednesday"), "Wed 2026-11-25 23:59 CET", "not today");
        assert_eq!(due("today"), "Wed 2026-11-18 23:59 CET");
        assert_eq!(due("tomorrow"), "Thu 2026-11-19 23:59 CET");
        assert_eq!(due("2026-11-20T14:00:00Z"), "Fri 2026-11-20 15:00 CET");
    }

    #[test]
    fn a_day_ends_at_its_own_midnight_when_clocks_change() {
        let end = |day: &str, zone: Tz| end_of(day.parse().unwrap(), &zone).unwrap();
        assert_eq!(
            end("2026-10-25", Berlin).to_rfc3339(),
            "2026-10-25T22:59:59+00:00"
        );
        // In Chile the clocks go forward at midnight: Saturday is followed by 01:00 of Sunday.
        assert_eq!(
            end("2026-09-05", Santiago).to_rfc3339(),
            "2026-09-06T03:59:59+00:00"
        );
    }

    #[test]
    fn an_instant_may_be_a_time_of_today() {
        let read = |text: &str| instant(text, &now()).map(|instant| instant.to_rfc3339());
        assert_eq!(read("14:03").unwrap(), "2026-11-18T13:03:00+00:00");
        assert_eq!(
            read("2026-11-18T14:03:00+01:00").unwrap(),
            "2026-11-18T13:03:00+00:00"
        );
        assert!(read("yesterday").unwrap_err().contains("14:03"));
        let spring = Berlin.with_ymd_and_hms(2026, 3, 29, 12, 0, 0).unwrap();
        assert!(
            instant("02:30", &spring)
                .unwrap_err()
                .contains("clocks change")
        );
    }

    #[test]
    fn a_stretch_may_begin_with_a_day() {
        let begun = |text: &str| start(text, &now()).map(|instant| instant.to_rfc3339());
        assert_eq!(begun("monday").unwrap(), "2026-11-22T23:00:00+00:00");
        assert_eq!(begun("14:03").unwrap(), "2026-11-18T13:03:00+00:00");
        assert!(begun("someday").unwrap_err().contains("14:03, or a day"));
    }

    #[test]
    fn what_is_left_is_told_in_two_units_at_most() {
        let now = now().to_utc();
        let after = |seconds: i64| left(Some(&timestamp(now + TimeDelta::seconds(seconds))), now);
        assert_eq!(after(59), "0m");
        assert_eq!(after(12 * 60), "12m");
        assert_eq!(after(3 * 3600 + 20 * 60 + 59), "3h 20m");
        assert_eq!(after(3 * 3600), "3h");
        assert_eq!(after(52 * 3600 + 600), "2d 4h");
        assert_eq!(after(48 * 3600 + 600), "2d", "minutes do not matter then");
        assert_eq!(after(-2 * 3600 - 600), "2h ago");
        assert_eq!(left(None, now), "");
    }

    #[test]
    fn what_is_no_day_is_answered_with_one() {
        for text in ["", "someday", "20.11.2026", "2026-02-30", "14:03"] {
            assert!(
                deadline(text, &now()).unwrap_err().contains("friday"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("12h"), Ok(Duration::from_secs(43_200)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        for text in [
            "",
            "12",
            "h",
            "0s",
            "1w",
            "-1h",
            "367d",
            "99999999999999999999d",
            "1½h",
        ] {
            assert!(duration(text).is_err(), "{text:?}");
        }
    }
}
