//! The benchmark on a real Postgres, tiny: every workload by everybody who can answer it, and what it notices. How fast
//! anything was is not looked at.

use std::time::Duration;

use largesse::bench::alternative::Alternative;
use largesse::bench::check::{Findings, check};
use largesse::bench::floors;
use largesse::bench::home::Home;
use largesse::bench::load::Pace;
use largesse::bench::reads;
use largesse::bench::run::{Seen, measure};
use largesse::bench::schedule::Window;
use largesse::bench::series::{Matrix, ratios};
use largesse::bench::tally::{Tally, Told};
use largesse::bench::template::Templates;
use largesse::bench::workload::{People, Workload};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const PEOPLE: People = People {
    tenants: 2,
    budgets: 6,
    agents: 40,
    customers: 400,
};

async fn home() -> Home {
    Home::open(None, env!("CARGO_BIN_EXE_largesse").into())
        .await
        .unwrap()
}

fn matrix(workloads: &[Workload], alternatives: &[Alternative]) -> Matrix {
    Matrix {
        workloads: workloads.to_vec(),
        alternatives: alternatives.to_vec(),
        servers: vec![1],
        limits: vec![5],
        runs: 1,
        // An unoptimised server needs a tenth of a second to open a connection; more callers than these would wait for theirs.
        pace: Pace::InFlight(2),
        connections: 2,
        seed: 1,
        window: Window {
            warm_up: Duration::from_millis(200),
            measured: Duration::from_millis(1500),
        },
        people: PEOPLE,
        slices: 2,
    }
}

fn told(seen: &Seen, told: Told) -> u64 {
    seen.told.get(&told).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_workload_is_answered_by_everybody_who_can_and_everything_holds() {
    use Workload::{Dry, Hot, Mixed, Spread, Tenants};
    let (home, mut templates) = (home().await, Templates::default());
    let folder = home.folder().to_owned();
    let ours = matrix(&[Spread, Hot, Tenants, Mixed, Dry], &[Alternative::Lanes]);
    let mut series = ours.run(&home, &mut templates, |_| ()).await.unwrap();
    let others = [
        Alternative::Told,
        Alternative::Silent,
        Alternative::Function,
        Alternative::Transaction,
        Alternative::Echo,
    ];
    let beside = matrix(&[Spread, Dry], &others);
    series.extend(beside.run(&home, &mut templates, |_| ()).await.unwrap());
    assert_eq!(series.len(), 5 + 5 + 4, "an echo never runs dry");
    for one in &series {
        assert_eq!(one.faults(), Vec::<String>::new());
        let seen = &one.runs[0];
        assert!(told(seen, Told::Approved) > 0, "{}: {seen:?}", one.title());
        assert!(seen.is_sound() && seen.server_us > 0.0, "{seen:?}");
        let can_be = |what, is_possible| {
            let is_told = told(seen, what) > 0;
            assert!(is_possible || !is_told, "{}: {seen:?}", one.title());
            // on a busy machine a run is a handful of calls
            let is_surely = seen.told.values().sum::<u64>() < 100 || is_told;
            assert!(!is_possible || is_surely, "{}: {seen:?}", one.title());
        };
        can_be(Told::Declined, matches!(one.workload, Dry | Mixed));
        can_be(Told::Given, one.workload == Mixed);
        if one.alternative.has_trail() {
            assert!(seen.findings.events > 0 && seen.findings.counters > 0);
        }
    }
    assert_eq!(ratios(&series).len(), 5 + 4);

    let mut open = self::matrix(&[Spread], &[Alternative::Lanes]);
    (open.pace, open.servers) = (Pace::PerSecond(5), vec![2]);
    let series = open.run(&home, &mut templates, |_| ()).await.unwrap();
    assert_eq!(series[0].faults(), Vec::<String>::new());

    let shape = Spread.shape(PEOPLE, 5);
    let template = templates.of(&home, &shape).await.unwrap();
    let floors = floors::measure(&home, &template, Duration::from_millis(100))
        .await
        .unwrap();
    assert!(floors.len() == 4 && floors.iter().all(|floor| floor.per_second > 0.0));
    let found = reads::measure(&home, &template, &shape, 2_000, true, |_| ())
        .await
        .unwrap();
    assert_eq!(found.readings.len(), 10);
    let names: Vec<&str> = found
        .plans
        .iter()
        .map(|plan| plan.statement.as_str())
        .collect();
    assert!(names.contains(&"approval::inbox"), "{names:?}");

    home.close().await.unwrap();
    assert!(!folder.exists(), "nothing is left behind");
}

/// What the look finds after this was done to the database.
async fn after(home: &Home, database: &str, tally: &Tally, tampering: &str) -> Findings {
    let mut owner = PgConnection::connect(&home.databases.owner_url(database))
        .await
        .unwrap();
    owner
        .execute(AssertSqlSafe(tampering.to_owned()))
        .await
        .unwrap();
    owner.close().await.unwrap();
    check(home, database, Alternative::Lanes, tally)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_does_not_hold_is_found() {
    let (home, mut templates) = (home().await, Templates::default());
    let plan = matrix(&[Workload::Spread], &[Alternative::Lanes]).plans()[0];
    let template = templates.of(&home, &plan.load.shape).await.unwrap();
    let database = home.database("tampered");
    home.databases.copy(&template, &database).await.unwrap();
    let (tally, _) = measure(&home, &database, &plan).await.unwrap();
    let look = |tampering: &'static str| after(&home, &database, &tally, tampering);

    assert_eq!(look("select 1").await.differences, Vec::<String>::new());
    let one = "where (tenant_id, limit_id, subject, window_on) = (select tenant_id, limit_id, subject, window_on \
               from largesse.counters order by limit_id, subject limit 1)";
    let add = |minor: i32| {
        format!("update largesse.counters set held_minor = held_minor + {minor} {one}")
    };
    let found = after(&home, &database, &tally, &add(1)).await.differences;
    assert_eq!(found.len(), 2, "in Rust and in SQL: {found:?}");
    assert!(
        found[1].contains("1 counters are not the sum of their holds"),
        "{found:?}"
    );
    after(&home, &database, &tally, &add(-1)).await;

    let mut forgotten = tally.clone();
    *forgotten.told.entry(Told::Approved).or_default() += 1;
    let found = after(&home, &database, &forgotten, "select 1")
        .await
        .differences;
    assert!(
        found.len() == 1 && found[0].contains("callers were told"),
        "{found:?}"
    );

    let found = look("update largesse.events set amount_minor = 1 where gesture_id is not null")
        .await
        .differences;
    assert!(
        found.iter().any(|difference| difference.contains("hash")),
        "{found:?}"
    );
    home.close().await.unwrap();
}
