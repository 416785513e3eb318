//! How much a document may hold. Everything has a bound, far above what a real tenant needs and far
//! below what would make reading, matching or showing it slow.

/// Bytes of a document as text.
pub const DOCUMENT_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Characters of an id or a name; the alphabet is `!` to `~`.
pub const NAME_LENGTH_MAX: usize = 128;
/// Dated rates.
pub const RATES_MAX: usize = 10_000;
/// Days after which a rate may at the latest be too old.
pub const RATE_AGE_DAYS_MAX: i64 = 366;
/// Segments, occasions and policies, each.
pub const WORDS_MAX: usize = 1_000;
/// Catalog items (a kind in two currencies is two).
pub const CATALOG_MAX: usize = 1_000;
/// Budgets.
pub const BUDGETS_MAX: usize = 5_000;
/// Budgets from a leaf to its root: a gesture charges each of them. Postgres holds to the same number.
pub const BUDGET_DEPTH_MAX: usize = 10;
/// Limits: every gesture is matched against all of them.
pub const LIMITS_MAX: usize = 200;
/// Levels.
pub const LEVELS_MAX: usize = 200;
/// Maxima of one level, or overrides of one agent.
pub const MAXIMA_MAX: usize = 1_000;
/// Agents.
pub const AGENTS_MAX: usize = 10_000;
/// Customer ids that are an agent's own.
pub const OWN_CUSTOMERS_MAX: usize = 100;
/// Gestures that a limit may count.
pub const COUNT_MAX: i64 = 1_000_000_000;
/// The longest usual lead time: a year.
pub const LEAD_TIME_S_MAX: i64 = 366 * 24 * 60 * 60;
/// The largest tolerance, in hundredths of a percent.
pub const TOLERANCE_BP_MAX: i64 = 10_000;
/// The shortest time for which somebody is asked, or a glass reviewed: a minute.
pub const WAIT_S_MIN: i64 = 60;
/// The longest time for which one person is asked before the next is added: 30 days.
pub const ANSWER_S_MAX: i64 = 30 * 24 * 60 * 60;
/// The longest time for which a question is open, and until which a broken glass is reviewed: 90 days.
pub const OPEN_S_MAX: i64 = 90 * 24 * 60 * 60;
/// The longest time that a question may be open in weeks of working hours: with holidays on top that is less than
/// [`FURTHEST_DAYS`](crate::calendar::FURTHEST_DAYS).
pub const OPEN_WEEKS_MAX: i64 = 52;
/// People who answer for the duty pool. Postgres holds to the same number.
pub const POOL_MEMBERS_MAX: usize = 100;
/// Rules of routing: a question is held against all of them.
pub const ROUTING_RULES_MAX: usize = 200;
/// Holidays. Postgres holds to the same number.
pub const HOLIDAYS_MAX: usize = 1_000;
/// Spans of working hours on one day.
pub const SPANS_MAX: usize = 24;
