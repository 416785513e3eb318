//! The section `calendar`: when people work.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::super::bounds::{HOLIDAYS_MAX, SPANS_MAX};
use super::super::words::WEEKDAYS;
use super::super::yaml::Value;
use super::spot::{Fields, Spot};
use crate::calendar::{Span, WorkingHours, WorkingTime};

/// Reads the section; `Some(None)` where there is none.
pub(super) fn read(fields: &Fields<'_>) -> Option<Option<WorkingTime>> {
    let Some(section) = fields.optional("calendar") else {
        return Some(None);
    };
    let fields = section.fields(
        "a mapping with working_hours and holidays",
        &["working_hours", "holidays"],
    )?;
    let working_hours = fields
        .required(
            "working_hours",
            "when people work, such as {MONDAY: [\"09:00-17:00\"]}",
        )
        .and_then(|spot| working_hours(&spot));
    let holidays = fields
        .optional("holidays")
        .map_or_else(Vec::new, |spot| holidays(&spot));
    Some(Some(WorkingTime {
        working_hours: working_hours?,
        holidays,
    }))
}

fn working_hours(spot: &Spot<'_>) -> Option<WorkingHours> {
    let fields = spot.fields(
        "a mapping of days to lists of hours, such as {MONDAY: [\"09:00-17:00\"]}",
        &WEEKDAYS,
    )?;
    let mut is_closed = true;
    let days = WEEKDAYS.map(|day| {
        let Some(spot) = fields.optional(day) else {
            return Vec::new();
        };
        is_closed &= matches!(spot.value(), Value::List(items) if items.is_empty());
        spans(&spot)
    });
    match WorkingHours::new(days) {
        Ok(hours) => Some(hours),
        Err(mistake) => {
            // Anything else has been told at its own place.
            if is_closed {
                spot.tell(mistake.to_string());
            }
            None
        }
    }
}

fn spans(spot: &Spot<'_>) -> Vec<Span> {
    let spans = spot.each("hours, such as \"09:00-17:00\"", SPANS_MAX, |item| {
        let text = item.text("hours, such as \"09:00-17:00\"")?;
        Span::parse(text)
            .map_err(|mistake| item.tell(mistake.to_string()))
            .ok()
    });
    for ((_, before), (spot, span)) in spans.iter().zip(spans.iter().skip(1)) {
        if let Err(mistake) = span.check_after(*before) {
            spot.tell(mistake.to_string());
        }
    }
    super::without_spots(spans)
}

fn holidays(spot: &Spot<'_>) -> Vec<NaiveDate> {
    let days = spot.each("days, such as 2026-12-25", HOLIDAYS_MAX, Spot::date);
    let mut first = HashMap::new();
    for (spot, day) in &days {
        if let Some(earlier) = first.insert(day, spot) {
            let earlier = earlier.line_in_words();
            spot.tell(format!(
                "the holiday {day} stands here a second time, after {earlier}: once is enough"
            ));
        }
    }
    super::without_spots(days)
}
