//! When the n-th request of an open loop should be sent, and what its latency is. Pure.
//!
//! A caller in the world does not wait for the answer of another one. So the schedule is fixed before the run, and a
//! latency counts from the instant at which the request *should* have been sent: where the service stalls, everybody
//! who came meanwhile has waited, and a load generator that was held up as well does not leave them out.

use std::time::Duration;

/// Instants at a constant rate, as time since the start of the load.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    per_second: u32,
}

impl Schedule {
    /// So many a second; at least one.
    #[must_use]
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second: per_second.max(1),
        }
    }

    /// When the n-th (from 0) should be sent.
    #[must_use]
    pub fn due(&self, n: u64) -> Duration {
        let nanos = u128::from(n) * 1_000_000_000 / u128::from(self.per_second);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many should have been sent by then.
    #[must_use]
    pub fn due_by(&self, elapsed: Duration) -> u64 {
        let whole = elapsed.as_nanos() * u128::from(self.per_second) / 1_000_000_000;
        u64::try_from(whole).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// The part of a run that counts: after the warm-up, before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// What is thrown away.
    pub warm_up: Duration,
    /// What counts.
    pub measured: Duration,
}

impl Window {
    /// Whether an answer at this time since the start counts.
    #[must_use]
    pub fn has(&self, answered: Duration) -> bool {
        answered >= self.warm_up && answered < self.end()
    }

    /// When nothing more is sent.
    #[must_use]
    pub fn end(&self) -> Duration {
        self.warm_up + self.measured
    }

    /// Which of so many equal slices of the measured part an answer falls into.
    #[must_use]
    pub fn slice(&self, answered: Duration, slices: usize) -> Option<usize> {
        if !self.has(answered) || slices == 0 {
            return None;
        }
        let place =
            (answered - self.warm_up).as_nanos() * slices as u128 / self.measured.as_nanos();
        usize::try_from(place).ok().filter(|place| *place < slices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::Latencies;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn requests_are_due_at_a_constant_rate_without_drift() {
        let schedule = Schedule::new(3);
        assert_eq!(schedule.due(0), Duration::ZERO);
        assert_eq!(schedule.due(3_000_000), Duration::from_secs(1_000_000));
        assert_eq!(schedule.due_by(Duration::ZERO), 1);
        assert_eq!(schedule.due_by(Duration::from_secs(1)), 4);
        for n in 0..100 {
            assert!(schedule.due_by(schedule.due(n) + MS) > n);
        }
    }

    #[test]
    fn only_what_is_answered_between_warm_up_and_end_counts() {
        let window = Window {
            warm_up: 100 * MS,
            measured: 1000 * MS,
        };
        assert!(!window.has(99 * MS) && window.has(100 * MS) && !window.has(1100 * MS));
        assert_eq!(window.slice(99 * MS, 10), None);
        assert_eq!(window.slice(100 * MS, 10), Some(0));
        assert_eq!(window.slice(1099 * MS, 10), Some(9));
    }

    /// A service that answers in 1 ms and once stands still for a second; whoever asks is one caller after the other.
    #[test]
    fn a_stall_is_seen_by_everybody_who_came_meanwhile() {
        let schedule = Schedule::new(100);
        let (mut sent_at, mut naive, mut corrected) =
            (Duration::ZERO, Latencies::new(), Latencies::new());
        for n in 0..1000 {
            sent_at = sent_at.max(schedule.due(n));
            let answered = sent_at + if n == 500 { 1000 * MS } else { MS };
            naive.record(answered - sent_at);
            corrected.record(answered - schedule.due(n));
            sent_at = answered;
        }
        assert!(
            naive.at(0.95) < 2 * MS,
            "counted from sending, one of a thousand was slow"
        );
        assert!(
            corrected.at(0.95) > 400 * MS,
            "counted from when it was due, a tenth waited"
        );
        assert_eq!(naive.at(1.0).as_millis(), corrected.at(1.0).as_millis());
    }
}
