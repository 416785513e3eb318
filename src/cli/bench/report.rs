//! What a bench shows: tables for people, and everything in JSON.

use anyhow::Result;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::bench::figures::Median;
use crate::bench::floors::Floor;
use crate::bench::home::Home;
use crate::bench::machine::Machine;
use crate::bench::reads::Readings;
use crate::bench::run::Seen;
use crate::bench::series::{Matrix, Series, ratios};
use crate::cli::output::Looks;

/// Everything that was seen.
#[derive(Debug, Serialize)]
pub struct Report {
    machine: Machine,
    largesse: &'static str,
    is_optimised: bool,
    postgres: String,
    postgres_settings: std::collections::BTreeMap<String, String>,
    started_at: DateTime<Utc>,
    /// When the last run was over.
    pub ended_at: DateTime<Utc>,
    /// What was told.
    pub matrix: Matrix,
    measured_s: f64,
    warm_up_s: f64,
    series: Vec<Series>,
    ratios: Vec<(String, f64)>,
    /// What Postgres needs by itself.
    pub floors: Vec<Floor>,
    /// What tonic needs by itself.
    pub echo: Vec<Series>,
    /// Whether throughput over time is shown.
    #[serde(skip)]
    pub shows_slices: bool,
}

impl Report {
    /// Of these runs, without floors.
    ///
    /// # Errors
    /// Postgres does not say what it is.
    pub async fn new(
        home: &Home,
        matrix: Matrix,
        series: Vec<Series>,
        started_at: DateTime<Utc>,
    ) -> Result<Self> {
        Ok(Self {
            machine: Machine::here(),
            largesse: env!("CARGO_PKG_VERSION"),
            is_optimised: !cfg!(debug_assertions),
            postgres: home.databases.version().await?,
            postgres_settings: home.databases.settings().await?,
            started_at,
            ended_at: Utc::now(),
            measured_s: matrix.window.measured.as_secs_f64(),
            warm_up_s: matrix.window.warm_up.as_secs_f64(),
            ratios: ratios(&series),
            matrix,
            series,
            floors: Vec::new(),
            echo: Vec::new(),
            shows_slices: false,
        })
    }

    /// What does not hold.
    pub fn faults(&self) -> Vec<String> {
        self.series
            .iter()
            .chain(&self.echo)
            .flat_map(Series::faults)
            .collect()
    }

    /// As tables.
    pub fn in_words(&self) -> String {
        let looks = Looks::of_stdout();
        let mut parts = vec![
            self.place(),
            throughput(looks, self.series.iter().chain(&self.echo)),
        ];
        if self.shows_slices {
            parts.push(slices(looks, &self.series));
            parts.push(sizes(looks, &self.series));
        }
        if !self.ratios.is_empty() {
            let row = |(what, ratio): &(String, f64)| vec![what.clone(), format!("{ratio:.2} x")];
            parts.push(looks.table(
                &["ratio, in this bench", "times"],
                self.ratios.iter().map(row),
            ));
        }
        if !self.floors.is_empty() {
            parts.push(floors(looks, &self.floors));
        }
        parts.join("\n")
    }

    fn place(&self) -> String {
        let machine = &self.machine;
        let slow = if self.is_optimised {
            ""
        } else {
            "\nNOT OPTIMISED: built for debugging; these figures say nothing"
        };
        format!(
            "largesse {} on Postgres {}; {} cores, {}, Linux {}; load generator, servers and Postgres share them\n\
             {} runs of {} s after {} s, medians; {:?}, {} connections; seed {}{slow}",
            self.largesse,
            self.postgres,
            machine.cores,
            machine.model,
            machine.kernel,
            self.matrix.runs,
            self.measured_s,
            self.warm_up_s,
            self.matrix.pace,
            self.matrix.connections,
            self.matrix.seed
        )
    }
}

fn throughput<'s>(looks: Looks, series: impl Iterator<Item = &'s Series>) -> String {
    let titles = [
        "workload",
        "counters",
        "by",
        "servers",
        "answers/s",
        "spread",
        "p50 ms",
        "p99",
        "p99.9",
        "max",
        "server µs",
        "Postgres µs",
        "generator µs",
        "rest MB",
        "peak MB",
        "turned away",
        "failed",
    ];
    looks.table(&titles, series.map(row))
}

fn row(series: &Series) -> Vec<String> {
    let of = |figure: fn(&Seen) -> f64| series.median(figure);
    let shown = |median: Option<Median>, digits: usize| {
        median.map_or_else(
            || "-".into(),
            |median| format!("{:.digits$}", median.median),
        )
    };
    let rate = of(|seen| seen.per_second);
    let failed: u64 = series
        .runs
        .iter()
        .flat_map(|seen| seen.failures.values())
        .sum();
    let turned_away: u64 = series.runs.iter().map(|seen| seen.turned_away).sum();
    let mb = |bytes: u64| bytes as f64 / 1e6;
    vec![
        series.workload.word().into(),
        series.limits.to_string(),
        series.alternative.word().into(),
        series.servers.to_string(),
        shown(rate, 0),
        rate.map_or_else(String::new, |rate| {
            format!("±{:.0} %", rate.spread_percent())
        }),
        shown(of(|seen| seen.latency.p50_ms), 1),
        shown(of(|seen| seen.latency.p99_ms), 1),
        shown(of(|seen| seen.latency.p999_ms), 1),
        shown(of(|seen| seen.latency.max_ms), 1),
        shown(of(|seen| seen.server_us), 0),
        shown(of(|seen| seen.postgres_us.unwrap_or(f64::NAN)), 0),
        shown(of(|seen| seen.generator_us), 0),
        shown(
            Median::of(series.runs.iter().map(|seen| mb(seen.rest_bytes))),
            0,
        ),
        shown(
            Median::of(series.runs.iter().map(|seen| mb(seen.peak_bytes))),
            0,
        ),
        turned_away.to_string(),
        failed.to_string(),
    ]
}

fn slices(looks: Looks, series: &[Series]) -> String {
    let rows = series.iter().filter_map(|one| {
        let last = one.runs.last()?;
        let rates: Vec<String> = last
            .slices
            .iter()
            .map(|rate| format!("{rate:.0}"))
            .collect();
        Some(vec![one.title(), rates.join(" ")])
    });
    looks.table(&["answers/s by slice of the last run", ""], rows)
}

fn sizes(looks: Looks, series: &[Series]) -> String {
    let mut rows = Vec::new();
    for one in series {
        let last = one.runs.last();
        for size in last.iter().flat_map(|seen| &seen.sizes) {
            let mb = |bytes: i64| format!("{:.1}", bytes as f64 / 1e6);
            rows.push(vec![
                one.title(),
                size.table.clone(),
                size.rows.to_string(),
                size.dead_rows.to_string(),
                mb(size.table_bytes),
                mb(size.index_bytes),
                size.autovacuums.to_string(),
            ]);
        }
    }
    looks.table(
        &[
            "after the last run",
            "table",
            "rows",
            "dead rows",
            "table MB",
            "indexes MB",
            "autovacuums",
        ],
        rows,
    )
}

fn floors(looks: Looks, floors: &[Floor]) -> String {
    let row = |floor: &Floor| {
        vec![
            floor.what.into(),
            floor.connections.to_string(),
            format!("{:.0}", floor.per_second),
            floor
                .postgres_us
                .map_or_else(|| "-".into(), |used| format!("{used:.0}")),
        ]
    };
    looks.table(
        &["floor", "connections", "per second", "Postgres µs"],
        floors.iter().map(row),
    )
}

/// What reading took, and plans where they were wanted.
pub fn readings_in_words(readings: &Readings) -> String {
    let row = |one: &crate::bench::reads::Reading| {
        let ms = |ms: f64| format!("{ms:.2}");
        vec![
            one.what.into(),
            one.gestures.to_string(),
            ms(one.latency.p50_ms),
            ms(one.latency.p99_ms),
            ms(one.latency.max_ms),
        ]
    };
    let mut sorted = readings.readings.clone();
    sorted.sort_by_key(|one| one.what);
    let table = Looks::of_stdout().table(
        &["read", "gestures", "p50 ms", "p99 ms", "max ms"],
        sorted.iter().map(row),
    );
    let plans = readings
        .plans
        .iter()
        .map(|plan| format!("{}\n{}", plan.statement, plan.plan));
    std::iter::once(table)
        .chain(plans)
        .collect::<Vec<_>>()
        .join("\n\n")
}
