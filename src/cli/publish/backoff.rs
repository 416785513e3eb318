//! How long to wait before something is tried again.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);
/// The longest wait: how late a sink that is back is noticed.
const LONGEST: Duration = Duration::from_secs(60);

/// Waits that double, up to a minute. Each is up to a quarter shorter than it might be, so that many who wait for the same do
/// not all come at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// How long to wait after one more try; longer where whoever is waited for asks for it.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let jitter = f64::from(uuid::Uuid::now_v7().as_bytes()[15]) / 1024.0;
        let wait = self.next_with(jitter);
        asked.map_or(wait, |asked| asked.max(wait))
    }

    fn next_with(&mut self, jitter: f64) -> Duration {
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(self.tries));
        self.tries = self.tries.saturating_add(1);
        wait.min(LONGEST).mul_f64(1.0 - jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_at_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..9).map(|_| backoff.next_with(0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff.next_with(0.25).as_secs(), 45);
        let asked = Duration::from_secs(600);
        assert_eq!(backoff.next(Some(asked)), asked);
    }
}
