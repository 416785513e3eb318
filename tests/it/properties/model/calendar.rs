//! Calendar windows, from the calendar alone: the local day by the zone, the window by counting days.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

/// A window: its first local day; none: it began when time did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window(pub Option<NaiveDate>);

/// The window of this span that contains the instant; none: the span is one gesture.
pub fn window(span: &str, at: DateTime<Utc>, zone: Tz, week_starts_on: u32) -> Option<Window> {
    let mut day = at.with_timezone(&zone).date_naive();
    let back_to = |mut day: NaiveDate, is_first: &dyn Fn(NaiveDate) -> bool| {
        while !is_first(day) {
            day = day.pred_opt().unwrap();
        }
        day
    };
    day = match span {
        "GESTURE" => return None,
        "EVER" => return Some(Window(None)),
        "DAY" => day,
        "WEEK" => back_to(day, &|day| {
            day.weekday().number_from_monday() == week_starts_on
        }),
        "MONTH" => back_to(day, &|day| day.day() == 1),
        "QUARTER" => back_to(day, &|day| {
            day.day() == 1 && [1, 4, 7, 10].contains(&day.month())
        }),
        "YEAR" => back_to(day, &|day| day.day() == 1 && day.month() == 1),
        other => panic!("{other} is no span"),
    };
    Some(Window(Some(day)))
}

/// The first local day after a window.
pub fn end(span: &str, start: NaiveDate) -> NaiveDate {
    match span {
        "DAY" => start + Days::new(1),
        "WEEK" => start + Days::new(7),
        "MONTH" => start + Months::new(1),
        "QUARTER" => start + Months::new(3),
        _ => start + Months::new(12),
    }
}

/// When a local day begins: the first second whose local date is that day or later. (Some days have no midnight, and
/// some have two.)
pub fn begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let noon = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
    let (mut before, mut after) = (noon - TimeDelta::hours(48), noon + TimeDelta::hours(24));
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if middle.with_timezone(&zone).date_naive() >= day {
            after = middle;
        } else {
            before = middle;
        }
    }
    after
}
