//! How the threads are that everything here runs on.

use std::sync::Once;

use tokio::runtime::Handle;

use super::metrics::metrics;
use super::names;

static ONCE: Once = Once::new();

/// Tells of this runtime, which is the process's only one, whenever somebody asks.
pub fn observe_runtime(runtime: &Handle) {
    ONCE.call_once(|| {
        let of = runtime.metrics();
        metrics().observe(names::RUNTIME_TASKS, move |tell| {
            tell(count(of.num_alive_tasks()), &[]);
        });
        let of = runtime.metrics();
        metrics().observe(names::RUNTIME_QUEUE, move |tell| {
            tell(count(of.global_queue_depth()), &[]);
        });
        let of = runtime.metrics();
        metrics().observe(names::RUNTIME_THREADS, move |tell| {
            tell(count(of.num_workers()), &[]);
        });
        let of = runtime.metrics();
        metrics().observe_total(names::RUNTIME_BUSY, move || {
            let busy = (0..of.num_workers()).map(|worker| of.worker_total_busy_duration(worker));
            busy.sum::<std::time::Duration>().as_secs_f64()
        });
    });
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
