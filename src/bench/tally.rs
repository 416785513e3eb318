//! What came of the calls: latencies of those that count, outcomes of all, failures by what was said. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::figures::Latencies;
use super::schedule::Window;

/// What a caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A request: given.
    Approved,
    /// A request: a question.
    Asked,
    /// A request: no.
    Declined,
    /// A request that was known already.
    Replayed,
    /// A cancellation.
    Cancelled,
    /// A lead's yes.
    Given,
}

/// Counts of calls.
#[derive(Debug, Clone)]
pub struct Tally {
    window: Window,
    /// Of the answers that count.
    pub latencies: Latencies,
    /// The answers that count, by slice of the measured time.
    pub slices: Vec<u64>,
    /// All answers, in and out of the measured time.
    pub told: BTreeMap<Told, u64>,
    /// Calls that were told to come back, because too much waits: no answers, and no failures.
    pub turned_away: u64,
    /// Everything that was not answered as it must be, by code and reason.
    pub failures: BTreeMap<String, u64>,
}

impl Tally {
    /// None yet.
    #[must_use]
    pub fn new(window: Window, slices: usize) -> Self {
        Self {
            window,
            latencies: Latencies::new(),
            slices: vec![0; slices],
            told: BTreeMap::new(),
            turned_away: 0,
            failures: BTreeMap::new(),
        }
    }

    /// An answer, at this time since the start of the load.
    pub fn answered(&mut self, told: Told, answered: Duration, latency: Duration) {
        *self.told.entry(told).or_default() += 1;
        if self.window.has(answered) {
            self.latencies.record(latency);
        }
        if let Some(slice) = self.window.slice(answered, self.slices.len()) {
            self.slices[slice] += 1;
        }
    }

    /// A call that was told to come back.
    pub fn turned_away(&mut self) {
        self.turned_away += 1;
    }

    /// A call without the answer that it must have.
    pub fn failed(&mut self, why: String) {
        *self.failures.entry(why).or_default() += 1;
    }

    /// Counts those of another of the same run.
    pub fn add(&mut self, other: &Self) {
        self.latencies.add(&other.latencies);
        for (mine, theirs) in self.slices.iter_mut().zip(&other.slices) {
            *mine += theirs;
        }
        for (told, count) in &other.told {
            *self.told.entry(*told).or_default() += count;
        }
        self.turned_away += other.turned_away;
        for (why, count) in &other.failures {
            *self.failures.entry(why.clone()).or_default() += count;
        }
    }

    /// Answers per second of the measured time.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        self.latencies.count() as f64 / self.window.measured.as_secs_f64()
    }

    /// How often this was told.
    #[must_use]
    pub fn count(&self, told: Told) -> u64 {
        self.told.get(&told).copied().unwrap_or_default()
    }

    /// How many calls were not answered as they must be.
    #[must_use]
    pub fn failed_count(&self) -> u64 {
        self.failures.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warm_up_is_told_and_not_measured() {
        let s = Duration::from_secs;
        let window = Window {
            warm_up: s(1),
            measured: s(2),
        };
        let mut tally = Tally::new(window, 2);
        for answered in [0, 1, 2, 3] {
            tally.answered(Told::Approved, s(answered), Duration::from_millis(1));
        }
        let mut other = Tally::new(window, 2);
        other.answered(Told::Declined, s(2), Duration::from_millis(1));
        other.failed("UNAVAILABLE".into());
        other.turned_away();
        tally.add(&other);
        assert_eq!(
            (tally.count(Told::Approved), tally.count(Told::Declined)),
            (4, 1)
        );
        assert_eq!(tally.latencies.count(), 3);
        assert_eq!(tally.slices, [1, 2]);
        assert!((tally.per_second() - 1.5).abs() < 1e-9);
        assert_eq!((tally.failed_count(), tally.turned_away), (1, 1));
    }
}
