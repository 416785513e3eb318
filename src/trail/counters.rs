//! Counters recomputed from holds, by addition and nothing else.

use std::collections::BTreeMap;

use chrono::NaiveDate;

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
}

/// The sums so far.
#[derive(Default)]
pub(super) struct Sums {
    by_counter: BTreeMap<Key, Use>,
}

impl Sums {
    /// Adds what one gesture holds. What has ended gave everything back.
    pub(super) fn add(&mut self, state: State, charges: impl IntoIterator<Item = Charge>) {
        for charge in charges {
            let sum = self
                .by_counter
                .entry((charge.limit, charge.subject, charge.window))
                .or_default();
            if state.holds() {
                sum.held += i128::from(charge.amount);
                sum.count += 1;
            }
        }
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
