//! Working time: which time counts while somebody is waited for, and when so much of it has passed.
//!
//! | value | is |
//! |---|---|
//! | [`Clock`] | which time counts: all of it, or working time |
//! | [`Span`], [`WorkingHours`] | when people work on a day, in a week; local times |
//! | [`WorkingTime`] | working hours and holidays, in the JSON of a configuration |
//! | [`Calendar`] | the same in a time zone: it knows when an amount of time has passed |
//!
//! Working time is a property of an instant, not of a day: an instant counts if the clock on the wall shows, at that
//! instant, a day that is no holiday and a time inside of that day's hours. So an hour that is skipped in spring counts
//! nothing, one that is repeated in autumn counts twice if people work in it, and a day with two midnights needs no rule
//! of its own.
//!
//! **Invariants.** Somebody works at some time of the week: a [`WorkingHours`] that never opens is not read. No deadline
//! is further away than [`FURTHEST_DAYS`]. **Absent on purpose**: I/O and the clock; the instant is a parameter.

mod hours;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use hours::{HoursMistake, Span, WorkingHours};

/// No deadline is further away than this, whatever the holidays say: a calendar that closes for a year must not be the
/// reason that a customer waits for one.
pub const FURTHEST_DAYS: i64 = 400;

/// Which time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Clock {
    /// All of it.
    #[serde(rename = "ALWAYS")]
    Always,
    /// That in which people work.
    #[serde(rename = "WORKING_HOURS")]
    WorkingHours,
}

impl Clock {
    /// Every value, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[Self::Always, Self::WorkingHours];

    /// The word as it is written in documents and kept in the database.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Always => "ALWAYS",
            Self::WorkingHours => "WORKING_HOURS",
        }
    }

    /// The clock that a word means.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|clock| clock.word() == word)
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// When people work: the section `calendar` of a configuration, as the database keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkingTime {
    /// The hours of each day of the week, in local time.
    pub working_hours: WorkingHours,
    /// Local days on which nobody works.
    pub holidays: Vec<NaiveDate>,
}

/// A tenant's calendar: working time in a time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    zone: Tz,
    hours: Option<WorkingHours>,
    holidays: BTreeSet<NaiveDate>,
}

/// For so long a zone keeps its offset, or changes it once.
const STEP: TimeDelta = TimeDelta::hours(6);

impl Calendar {
    /// A calendar in a time zone. Without working time every hour is one.
    ///
    /// ```
    /// use chrono_tz::Europe::Berlin;
    /// use largesse::calendar::{Calendar, Clock, WorkingTime};
    ///
    /// let working_time: WorkingTime = serde_json::from_str(
    ///     r#"{"working_hours": [[["09:00","17:00"]],[],[],[],[["09:00","17:00"]],[],[]], "holidays": ["2026-11-23"]}"#,
    /// )?;
    /// let calendar = Calendar::new(Some(working_time), Berlin);
    /// // Friday, 16:00; an hour is left, the Monday after it is a holiday, and so the other hour is a week later.
    /// let from = "2026-11-20T15:00:00Z".parse()?;
    /// let two_hours = chrono::TimeDelta::hours(2);
    /// assert_eq!(calendar.after(from, two_hours, Clock::WorkingHours).to_rfc3339(), "2026-11-27T09:00:00+00:00");
    /// assert_eq!(calendar.after(from, two_hours, Clock::Always).to_rfc3339(), "2026-11-20T17:00:00+00:00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(working_time: Option<WorkingTime>, zone: Tz) -> Self {
        let (hours, holidays) = match working_time {
            Some(time) => (Some(time.working_hours), time.holidays),
            None => (None, Vec::new()),
        };
        Self {
            zone,
            hours,
            holidays: holidays.into_iter().collect(),
        }
    }

    /// The instant at which, from another one, so much time has passed that counts; the earliest such instant, so that
    /// the last working minute of a day ends in that day and not on the next morning. Nothing and less than nothing
    /// have passed at once.
    ///
    /// Never further away than [`FURTHEST_DAYS`]: where less has counted until then, that is the answer. Somebody is then
    /// asked sooner than was meant, which is the side on which a deadline may err.
    #[must_use]
    pub fn after(&self, from: DateTime<Utc>, duration: TimeDelta, clock: Clock) -> DateTime<Utc> {
        let furthest = later(from, TimeDelta::days(FURTHEST_DAYS));
        if duration <= TimeDelta::zero() {
            return from;
        }
        match (&self.hours, clock) {
            (Some(hours), Clock::WorkingHours) => self.worked(hours, from, duration, furthest),
            (_, Clock::Always) | (None, Clock::WorkingHours) => later(from, duration).min(furthest),
        }
    }

    /// Goes through pieces of time in which neither the local day nor the zone's offset changes.
    fn worked(
        &self,
        hours: &WorkingHours,
        from: DateTime<Utc>,
        duration: TimeDelta,
        furthest: DateTime<Utc>,
    ) -> DateTime<Utc> {
        // A leap second has no place in a local day that ends after 24 hours: it is taken for the end of the one before.
        let mut at = from
            .with_nanosecond(from.nanosecond().min(999_999_999))
            .unwrap_or(from);
        let mut left = duration;
        while at < furthest {
            let (offset_s, until) = self.steady(at, later(at, STEP).min(furthest));
            let local = at.naive_utc() + TimeDelta::seconds(offset_s);
            let clock = local.time() - NaiveTime::MIN;
            let piece = (until - at).min(TimeDelta::days(1) - clock);
            let open: &[Span] = if self.holidays.contains(&local.date()) {
                &[]
            } else {
                hours.on(local.weekday())
            };
            for span in open {
                let begins = span.opens().max(clock);
                let counts = span.closes().min(clock + piece) - begins;
                if counts < TimeDelta::zero() {
                    continue;
                }
                if left <= counts {
                    return at + (begins - clock) + left;
                }
                left -= counts;
            }
            at += piece;
        }
        furthest
    }

    /// The offset at an instant, and until when it stays: at most so long.
    fn steady(&self, at: DateTime<Utc>, until: DateTime<Utc>) -> (i64, DateTime<Utc>) {
        let offset_s = self.offset_s(at);
        if self.offset_s(until) == offset_s {
            return (offset_s, until);
        }
        // Offsets change at whole seconds: the change is the first of them that has another one.
        let (mut same, mut other) = (at, until);
        while other.timestamp() - same.timestamp() > 1 {
            let middle_s = same.timestamp().midpoint(other.timestamp());
            let middle = DateTime::from_timestamp(middle_s, 0).unwrap_or(other);
            if self.offset_s(middle) == offset_s {
                same = middle;
            } else {
                other = middle;
            }
        }
        (
            offset_s,
            DateTime::from_timestamp(other.timestamp(), 0).unwrap_or(other),
        )
    }

    fn offset_s(&self, at: DateTime<Utc>) -> i64 {
        let offset = self.zone.offset_from_utc_datetime(&at.naive_utc());
        i64::from(offset.fix().local_minus_utc())
    }
}

fn later(at: DateTime<Utc>, duration: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(duration)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
