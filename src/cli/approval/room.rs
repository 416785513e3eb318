//! How much room an authority has: what fits now, and what would after a yes.

use crate::cli::amounts;
use crate::cli::output::{Looks, words};
use crate::pb::{ItemAuthority, LimitUse, LimitWindow, Money};

/// What an authority may still give of the gesture's kind, as GetAuthority says.
pub struct Room {
    /// Whose it is.
    pub authority: String,
    /// The kind, in the gesture's currency.
    pub item: ItemAuthority,
}

impl Room {
    /// What each limit lets one give now, and what it would let one give after the yes: amounts that one could type.
    pub fn left(&self, looks: &Looks, amount: &Money) -> String {
        let rows: Vec<Vec<String>> = self
            .item
            .limits
            .iter()
            .filter(|limit| limit.largest_now.is_some() || limit.ceiling_count.is_some())
            .map(|limit| {
                let count = limit
                    .ceiling_count
                    .map(|ceiling| ceiling - limit.used_count.unwrap_or_default());
                vec![
                    limit.limit.clone(),
                    format!(
                        "{}, {}",
                        words::subject(limit.subject),
                        words::window(limit.window)
                    ),
                    room(limit.largest_now.as_ref(), count),
                    room(
                        after(limit, amount).as_ref(),
                        count.map(|count| (count - 1).max(0)),
                    ),
                    looks.time(limit.window_reset_time.as_ref()),
                ]
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        let titles = [
            "limit",
            "counts, per",
            " fits now",
            " after a yes",
            "resets",
        ];
        looks.table(&titles, rows)
    }
}

/// The largest amount that would fit after this one. A limit per gesture adds nothing up.
fn after(limit: &LimitUse, amount: &Money) -> Option<Money> {
    let now = limit.largest_now.clone()?;
    if limit.window() == LimitWindow::Gesture || now.currency != amount.currency {
        return Some(now);
    }
    Some(Money {
        minor_units: now.minor_units.saturating_sub(amount.minor_units).max(0),
        ..now
    })
}

fn room(amount: Option<&Money>, count: Option<i32>) -> String {
    let parts = [
        amounts::shown(amount),
        count.map(|count| format!("{count}×")).unwrap_or_default(),
    ];
    let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::approval::samples::euro;

    fn limit(window: LimitWindow, largest: i64) -> LimitUse {
        LimitUse {
            window: window.into(),
            largest_now: euro(largest),
            ..Default::default()
        }
    }

    #[test]
    fn a_limit_per_gesture_is_not_used_up() {
        let amount = euro(7000).unwrap();
        let gesture = limit(LimitWindow::Gesture, 30_000);
        assert_eq!(after(&gesture, &amount), euro(30_000));
        assert_eq!(
            after(&limit(LimitWindow::Month, 30_000), &amount),
            euro(23_000)
        );
    }

    #[test]
    fn nothing_is_left_below_zero_or_guessed_at() {
        let amount = euro(7000).unwrap();
        assert_eq!(after(&limit(LimitWindow::Day, 6000), &amount), euro(0));
        let bounds_no_amount = LimitUse::default();
        assert_eq!(after(&bounds_no_amount, &amount), None);
        assert_eq!(room(None, Some(3)), "3×");
    }
}
