//! Working hours: spans of a local day, for each day of the week.

use std::fmt;

use chrono::{TimeDelta, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Minutes of a day; as a time of the day, "24:00".
const DAY_MIN: u16 = 24 * 60;

/// Working hours from one time of the day to another, which is no longer part of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from_min: u16,
    until_min: u16,
}

/// The working hours of a week.
///
/// **Invariant:** the spans of a day are in order and apart, and some day has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours([Vec<Span>; 7]);

/// Why there are no such working hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursMistake {
    /// Something else than two times of the day.
    #[error("{0:?} is no span of hours: write two times of the day, such as \"09:00-12:30\"")]
    NoSpan(String),
    /// It would end before it begins, or at once.
    #[error(
        "{0} ends before it has begun: write the earlier time first, and hours over midnight as two spans, \
         until 24:00 and from 00:00 of the next day"
    )]
    Backwards(Span),
    /// It overlaps with the span in front of it, or belongs before it.
    #[error("{span} begins before {before} ends: write the hours of a day in order, and apart")]
    Overlap {
        /// Which.
        span: Span,
        /// The one in front of it.
        before: Span,
    },
    /// Nobody ever works.
    #[error("on no day of the week does anybody work: name the hours of at least one")]
    NeverOpen,
}

impl Span {
    /// Reads two times of the day; "24:00" may end it.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn new(from: &str, until: &str) -> Result<Self, HoursMistake> {
        let no_span = || HoursMistake::NoSpan(format!("{from}-{until}"));
        let from_min = minute(from)
            .filter(|minute| *minute < DAY_MIN)
            .ok_or_else(no_span)?;
        let until_min = minute(until).ok_or_else(no_span)?;
        let span = Self {
            from_min,
            until_min,
        };
        if from_min < until_min {
            Ok(span)
        } else {
            Err(HoursMistake::Backwards(span))
        }
    }

    /// Reads a span as it is written in a document, "09:00-12:30".
    ///
    /// # Errors
    /// As [`Span::new`].
    pub fn parse(text: &str) -> Result<Self, HoursMistake> {
        match text.split_once('-') {
            Some((from, until)) => Self::new(from, until),
            None => Err(HoursMistake::NoSpan(text.to_owned())),
        }
    }

    /// When it begins, counted from the beginning of the local day.
    #[must_use]
    pub fn opens(self) -> TimeDelta {
        TimeDelta::minutes(self.from_min.into())
    }

    /// When it ends, counted from the beginning of the local day.
    #[must_use]
    pub fn closes(self) -> TimeDelta {
        TimeDelta::minutes(self.until_min.into())
    }

    /// Holds a span against the one in front of it.
    ///
    /// # Errors
    /// [`HoursMistake::Overlap`].
    pub fn check_after(self, before: Self) -> Result<(), HoursMistake> {
        if self.from_min < before.until_min {
            return Err(HoursMistake::Overlap { span: self, before });
        }
        Ok(())
    }
}

/// As it is written in a document.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", time(self.from_min), time(self.until_min))
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl WorkingHours {
    /// The hours of each day, Monday first.
    ///
    /// # Errors
    /// The spans of a day overlap, or there is none at all.
    pub fn new(days: [Vec<Span>; 7]) -> Result<Self, HoursMistake> {
        for day in &days {
            for pair in day.windows(2) {
                if let [before, span] = pair {
                    span.check_after(*before)?;
                }
            }
        }
        if days.iter().all(Vec::is_empty) {
            return Err(HoursMistake::NeverOpen);
        }
        Ok(Self(days))
    }

    /// The spans of a day of the week, in order.
    #[must_use]
    pub fn on(&self, day: Weekday) -> &[Span] {
        let place = day.num_days_from_monday() as usize;
        self.0.get(place).map_or(&[], Vec::as_slice)
    }

    /// The spans of each day, Monday first.
    pub fn days(&self) -> impl Iterator<Item = &[Span]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// How much is worked in a week without holidays.
    #[must_use]
    pub fn week_s(&self) -> i64 {
        let spans = self.0.iter().flatten();
        spans
            .map(|span| (span.closes() - span.opens()).num_seconds())
            .sum()
    }
}

/// Seven lists of pairs, Monday first: `[[["09:00","12:30"],["13:30","17:00"]], …]`.
impl Serialize for WorkingHours {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let pairs = |day: &Vec<Span>| -> Vec<[String; 2]> {
            let spans = day.iter();
            spans
                .map(|span| [time(span.from_min), time(span.until_min)])
                .collect()
        };
        self.0.each_ref().map(pairs).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WorkingHours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = <[Vec<[String; 2]>; 7]>::deserialize(deserializer)?;
        let mut days: [Vec<Span>; 7] = Default::default();
        for (day, pairs) in days.iter_mut().zip(written) {
            for [from, until] in pairs {
                day.push(Span::new(&from, &until).map_err(de::Error::custom)?);
            }
        }
        Self::new(days).map_err(de::Error::custom)
    }
}

/// Two digits, a colon, two digits: what sorts as text as it does as time, which Postgres relies on.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| is_two)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY_MIN).then_some(of_day)
}

fn time(minute: u16) -> String {
    format!("{:0>2}:{:0>2}", minute / 60, minute % 60)
}
