//! Counters recomputed from holds, by addition and nothing else.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::gesture::state::State;

/// Which counter: limit, subject, first day of the window.
pub(super) type Key = (i32, String, NaiveDate);

/// What a counter says, or what the holds say that it should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Use {
    pub held: i128,
    pub captured: i128,
    pub count: i64,
}

/// One entry of a gesture's hold.
pub(super) struct Charge {
    pub limit: i32,
    pub subject: String,
    pub window: NaiveDate,
    pub amount: i64,
    /// At which it was converted; none: it was not.
    pub rate: Option<Decimal>,
}

impl Charge {
    /// What a captured cost is in the counter's currency: rounded up, and at most what was held.
    fn captured(&self, cost: i64) -> Option<i128> {
        let cost = Decimal::from(cost);
        let converted = match self.rate {
            None => cost,
            Some(rate) => cost.checked_mul(rate)?.ceil(),
        };
        Some(converted.to_i128()?.min(i128::from(self.amount)))
    }
}

/// The sums so far.
#[derive(Default)]
pub(super) struct Sums {
    by_counter: BTreeMap<Key, Use>,
}

impl Sums {
    /// Adds what one gesture holds, or captured of what it held. Only what holds or was delivered counts as a piece. None: a rate
    /// leads beyond all bounds.
    pub(super) fn add(
        &mut self,
        state: State,
        captured: i64,
        charges: impl IntoIterator<Item = Charge>,
    ) -> Option<()> {
        for charge in charges {
            let captured = charge.captured(captured)?;
            let sum = self
                .by_counter
                .entry((charge.limit, charge.subject, charge.window))
                .or_default();
            if state.holds() {
                sum.held += i128::from(charge.amount);
            } else {
                sum.captured += captured;
            }
            sum.count += i64::from(state.holds() || state == State::Delivered);
        }
        Some(())
    }

    /// What the holds say of a counter; takes it out of the sums.
    pub(super) fn take(&mut self, key: &Key) -> Use {
        self.by_counter.remove(key).unwrap_or_default()
    }

    /// A counter that holds name and that does not exist, although something is held.
    pub(super) fn left_over(&self) -> Option<(&Key, &Use)> {
        self.by_counter
            .iter()
            .find(|(_, sum)| **sum != Use::default())
    }
}
