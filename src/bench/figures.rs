//! Figures: latencies as a histogram, and the median of several runs with their spread. Pure.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Microseconds from 1 to 10 minutes, to three digits.
const LONGEST_US: u64 = 600_000_000;
const DIGITS: u8 = 3;

/// How long answers took.
#[derive(Debug, Clone)]
pub struct Latencies(Option<Histogram<u64>>);

impl Latencies {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        // These bounds are sound; a histogram that could not be made would count nothing, and show it.
        Self(Histogram::new_with_bounds(1, LONGEST_US, DIGITS).ok())
    }

    /// Counts one; what is longer than ten minutes counts as ten minutes.
    pub fn record(&mut self, latency: Duration) {
        if let Some(histogram) = &mut self.0 {
            let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
            histogram.saturating_record(micros.max(1));
        }
    }

    /// Counts those of another.
    pub fn add(&mut self, other: &Self) {
        if let (Some(mine), Some(theirs)) = (&mut self.0, &other.0) {
            // Same bounds: it cannot be refused.
            let _ = mine.add(theirs);
        }
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }

    /// The latency within which this share was answered, 1.0 for the longest.
    #[must_use]
    pub fn at(&self, quantile: f64) -> Duration {
        let micros = self
            .0
            .as_ref()
            .map_or(0, |it| it.value_at_quantile(quantile));
        Duration::from_micros(micros)
    }

    /// The figures that are shown.
    #[must_use]
    pub fn summary(&self) -> Percentiles {
        let ms = |quantile| self.at(quantile).as_secs_f64() * 1000.0;
        Percentiles {
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            p999_ms: ms(0.999),
            max_ms: ms(1.0),
        }
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

/// Latencies in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half were answered within it.
    pub p50_ms: f64,
    /// Of a hundred, 99.
    pub p99_ms: f64,
    /// Of a thousand, 999.
    pub p999_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// A figure over several runs: the middle one, and the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Median {
    /// The middle; of an even number, halfway between the two in the middle.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Median {
    /// Of these; none of none.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let upper = values[values.len() / 2];
        let lower = values[(values.len() - 1) / 2];
        Some(Self {
            median: f64::midpoint(lower, upper),
            min,
            max,
        })
    }

    /// How far the ends lie from the middle at most, in percent of it.
    #[must_use]
    pub fn spread_percent(&self) -> f64 {
        if self.median == 0.0 {
            return 0.0;
        }
        (self.max - self.median).max(self.median - self.min) / self.median * 100.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_and_knows_its_ends() {
        let odd = Median::of([3.0, 1.0, 2.0]).unwrap();
        assert_eq!((odd.median, odd.min, odd.max), (2.0, 1.0, 3.0));
        assert!((odd.spread_percent() - 50.0).abs() < 1e-9);
        assert_eq!(Median::of([4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        assert_eq!(Median::of([7.0]).unwrap().spread_percent(), 0.0);
        assert_eq!(Median::of([]), None);
    }

    #[test]
    fn percentiles_are_those_of_all_together() {
        let (mut fast, mut slow) = (Latencies::new(), Latencies::new());
        for _ in 0..990 {
            fast.record(Duration::from_millis(2));
        }
        for _ in 0..10 {
            slow.record(Duration::from_millis(500));
        }
        fast.add(&slow);
        let all = fast.summary();
        assert_eq!(fast.count(), 1000);
        assert!(
            (all.p50_ms - 2.0).abs() < 0.01 && (all.p99_ms - 2.0).abs() < 0.01,
            "{all:?}"
        );
        assert!(
            (all.p999_ms - 500.0).abs() < 1.0 && (all.max_ms - 500.0).abs() < 1.0,
            "{all:?}"
        );
    }
}
