//! Whether the clock goes: whoever asks for the health of `largesse.worker` is told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a clock that goes is silent, at most: longer than two answers of Postgres are waited for that never come.
const SILENT_MAX: Duration = Duration::from_secs(90);

/// When the timers of this process were last looked after.
#[derive(Debug, Clone, Default)]
pub struct Pulse(Arc<Mutex<Option<Instant>>>);

impl Pulse {
    /// They are looked after now.
    pub(super) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether they were lately.
    pub fn is_there(&self) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|at| at.elapsed() < SILENT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_silent_for_too_long_has_stopped() {
        let pulse = Pulse::default();
        assert!(!pulse.is_there(), "it has not begun");
        pulse.beat();
        tokio::time::advance(SILENT_MAX - Duration::from_secs(1)).await;
        assert!(pulse.is_there());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(!pulse.is_there());
        pulse.beat();
        assert!(pulse.is_there());
    }
}
