//! What is written to the log, while the process runs: said otherwise for a while, then as it was.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tracing_subscriber::reload::Handle;
use tracing_subscriber::{EnvFilter, Registry};

/// The longest that another filter may last.
pub const LASTING_MAX: Duration = Duration::from_secs(3600);

/// The longest part of a filter, in bytes.
const PART_BYTES_MAX: usize = 200;

/// What the log obeys.
struct Level {
    reload: Box<dyn Fn(EnvFilter) -> bool + Send + Sync>,
    /// As it was started.
    usual: String,
    /// As it is, and how often it was changed.
    present: Mutex<(String, u64)>,
}

static LEVEL: OnceLock<Level> = OnceLock::new();

/// Remembers how the log is told of another filter.
pub(super) fn keep(handle: Handle<EnvFilter, Registry>, usual: String) {
    LEVEL.get_or_init(|| Level {
        reload: Box::new(move |filter| handle.reload(filter).is_ok()),
        present: Mutex::new((usual.clone(), 0)),
        usual,
    });
}

/// The present filter; none: no log was started.
pub fn present() -> Option<String> {
    let present = &LEVEL.get()?.present;
    Some(lock(present).0.clone())
}

/// Obeys another filter for so long. Whoever says it again begins anew.
///
/// # Errors
/// What is wrong with the filter.
pub fn change(filter: &str, lasting: Duration) -> Result<(), String> {
    let level = LEVEL.get().ok_or("no log was started")?;
    if let Some(word) = unknown(filter) {
        return Err(format!(
            "{word:?} is no level; as in debug, or info,largesse::postgres=trace"
        ));
    }
    EnvFilter::try_new(filter).map_err(|wrong| wrong.to_string())?;
    // Before: the other filter may hide it.
    tracing::info!(
        filter,
        lasting_s = lasting.as_secs(),
        "the log obeys another filter for a while"
    );
    let change = obey(level, filter)?;
    tokio::spawn(async move {
        tokio::time::sleep(lasting.min(LASTING_MAX)).await;
        let is_still_mine = lock(&level.present).1 == change;
        if is_still_mine && obey(level, &level.usual).is_ok() {
            tracing::info!(filter = level.usual, "the log is as it was");
        }
    });
    Ok(())
}

/// The first part of a filter that is neither a level nor about a target: a mistyped level would be taken for a target, and the
/// log would be silent.
fn unknown(filter: &str) -> Option<&str> {
    let is_known = |part: &&str| {
        part.len() <= PART_BYTES_MAX
            && (part.contains('=') || part.parse::<tracing::level_filters::LevelFilter>().is_ok())
    };
    let mut parts = filter.split(',').map(str::trim);
    parts.find(|part| part.is_empty() || !is_known(part))
}

/// The number of the change.
fn obey(level: &Level, filter: &str) -> Result<u64, String> {
    let parsed = EnvFilter::try_new(filter).map_err(|wrong| wrong.to_string())?;
    let mut present = lock(&level.present);
    if !(level.reload)(parsed) {
        return Err("the log has ended".to_owned());
    }
    *present = (filter.to_owned(), present.1 + 1);
    Ok(present.1)
}

fn lock(present: &Mutex<(String, u64)>) -> std::sync::MutexGuard<'_, (String, u64)> {
    present.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_noticed() {
        for known in [
            "debug",
            "info,largesse=trace",
            "OFF",
            "largesse::work=off, warn",
        ] {
            assert_eq!(unknown(known), None, "{known}");
        }
        for (mistyped, part) in [("", ""), ("dbug", "dbug"), ("info,largese", "largese")] {
            assert_eq!(unknown(mistyped), Some(part));
        }
        assert!(unknown(&"a=".repeat(500)).is_some());
    }
}
