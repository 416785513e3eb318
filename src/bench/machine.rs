//! The machine, as `/proc` tells it: what it is, and how much processor time and memory processes have used.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

/// What the figures were seen on.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Processors that this process may use.
    pub cores: usize,
    /// The processor's name; empty where it is not told.
    pub model: String,
    /// The kernel.
    pub kernel: String,
    /// Memory, in bytes.
    pub memory_bytes: u64,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn here() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let model = read("/proc/cpuinfo")
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map(|(_, name)| name.trim().to_owned());
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            model: model.unwrap_or_default(),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            memory_bytes: kib(&read("/proc/meminfo"), "MemTotal:") * 1024,
        }
    }
}

/// Processor time of processes, user and system; what has ended is counted with whoever collected it.
#[must_use]
pub fn cpu_of(processes: &[u32]) -> Duration {
    let per_second = ticks_per_second();
    let ticks: u64 = processes
        .iter()
        .filter_map(|id| Stat::of(*id))
        .map(|stat| stat.ticks)
        .sum();
    Duration::from_secs_f64(ticks as f64 / per_second)
}

/// The processor time of a process, of its living children, and of those that it has collected.
#[must_use]
pub fn cpu_of_family(parent: u32) -> Duration {
    let Some(own) = Stat::of(parent) else {
        return Duration::ZERO;
    };
    let children: u64 = processes()
        .filter_map(Stat::of)
        .filter(|stat| stat.parent == parent)
        .map(|stat| stat.ticks)
        .sum();
    Duration::from_secs_f64((own.ticks + own.collected + children) as f64 / ticks_per_second())
}

/// The parent of a process, where it runs a program of this name.
#[must_use]
pub fn parent_of(process: u32, program: &str) -> Option<u32> {
    Stat::of(process)
        .filter(|stat| stat.program == program)
        .map(|stat| stat.parent)
}

/// Memory of a process in bytes: now, and at most so far.
#[must_use]
pub fn memory_of(process: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    (kib(&status, "VmRSS:") * 1024, kib(&status, "VmHWM:") * 1024)
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir(Path::new("/proc"))
        .into_iter()
        .flatten()
        .flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// A line of a file whose lines are a name and a number of KiB.
fn kib(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}

fn ticks_per_second() -> f64 {
    use nix::unistd::{SysconfVar, sysconf};
    sysconf(SysconfVar::CLK_TCK)
        .ok()
        .flatten()
        .map_or(100.0, |ticks| ticks as f64)
}

/// A line of `/proc/<id>/stat`.
struct Stat {
    program: String,
    parent: u32,
    ticks: u64,
    collected: u64,
}

impl Stat {
    fn of(process: u32) -> Option<Self> {
        Self::read(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// The program's name stands in parentheses and may hold anything, parentheses too.
    fn read(text: &str) -> Option<Self> {
        let (before, after) = text.rsplit_once(')')?;
        let program = before.split_once('(')?.1.to_owned();
        let fields: Vec<&str> = after.split_whitespace().collect();
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            program,
            parent: u32::try_from(number(1)?).ok()?,
            ticks: number(11)? + number(12)?,
            collected: number(13)? + number(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_read_whatever_the_program_is_called() {
        let stat = Stat::read("7 (a) b (c) S 3 7 7 0 -1 4194560 1 2 3 4 11 22 33 44 20 0").unwrap();
        assert_eq!((stat.program.as_str(), stat.parent), ("a) b (c", 3));
        assert_eq!((stat.ticks, stat.collected), (33, 77));
    }

    #[test]
    fn this_process_has_used_something() {
        let (now, most) = memory_of(std::process::id());
        assert!(now > 0 && most >= now);
        assert!(Machine::here().cores > 0 && Machine::here().memory_bytes > 0);
    }
}
