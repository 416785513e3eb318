//! Largesse: discretionary customer gestures, inside an authority that Postgres guarantees.
//!
//! # A bird's eye view
//!
//! An agent asks for a gesture over gRPC. The request meets the rules in one SQL function, which charges every counter
//! that it names or none, and writes gesture, event and task in the same commit. Rust carries: transport, identity,
//! configuration, words. Postgres decides: matching, windows, conversion, charging, transitions, the trail.
//!
//! ```text
//! cli, server ─► rpc ─┬─► gesture ─► approval ─► admission, vault ─┐
//!                     │      └──────────┴─────► authority          ├─► money, calendar, ids
//!                     ├─► fulfilment ──────────► admission, vault  │
//!                     ├─► configuration                            │
//!                     ├─► trail (events)                           │
//!                     └─► identity                                 │
//! trail (verify) ──────────────────────────────────────────────────┘      every store.rs ─► postgres
//! ```
//!
//! | folder | in one sentence |
//! |---|---|
//! | [`cli`] | the verbs of the binary; clients like any other, but for `serve`, `migrate`, `token`, `verify`, `archive` |
//! | [`server`] | the composition root: listeners, TLS, health, the admin port, stopping |
//! | [`rpc`] | transport: messages in, one use case called, messages out; problems become statuses once |
//! | [`identity`] | who is calling: tokens, keys, roles |
//! | [`gesture`] | the acts themselves: asking, revising, listing, cancelling |
//! | [`fulfilment`] | making them real: leases of tasks, and a look at what was promised |
//! | [`approval`] | who is asked where an agent's own authority does not suffice; their answers; lent authority |
//! | [`admission`] | where a request becomes a decision: the calls of the kernel, and the words of its answer |
//! | [`authority`] | the roster, the catalog, what may still be given; suspending and pausing |
//! | [`configuration`] | the tenant's YAML document: read, checked, compared, applied |
//! | [`trail`] | the events: followed by whoever may read them; their hashes and seals, and the going through them |
//! | [`vault`] | what is said of people, sealed per customer |
//! | [`money`], [`calendar`], [`ids`], [`paging`] | values; when so much working time has passed; where a page of a list ends |
//! | [`postgres`] | the one door to the database; the schema; the private cluster |
//! | [`timers`] | the clock that takes questions and promises further when they are due |
//! | [`signals`] | how long the queues are and whether the promises hold, as gauges |
//! | [`settings`], [`telemetry`], [`problem`] | how the process is set up, what it tells, what could not be answered |
//! | [`mod@bench`] | the benchmark: a load generator, and what people would otherwise write |
//! | `migrations/` | the schema and the kernel, in SQL; read `migrations/README.md` first |
//!
//! # What always holds
//!
//! - No rule about money lives only in Rust. With the service's own credentials and plain SQL nobody passes a limit.
//! - No statement that writes lives in the future of an RPC ([`postgres::Database::write`]).
//! - A route only proposes: Postgres holds every answer against all the rules, whoever was asked ([`approval`]).
//! - A "no" is an answer ([`admission::Decision`]), not an error ([`problem::Problem`]).
//! - What people wrote is never in a log, an error or a `Debug` ([`vault::Private`]).
//! - `tonic` and the generated types stay in `rpc`, `server` and `cli`; `sqlx` in `*/store.rs` and `postgres`
//!   (`tests/it/house` reads the source for it).
//!
//! # The lilies, from wire to commit
//!
//! 1. `rpc::gate` finds the rule of `RequestGesture`, verifies the token, finds the tenant and the agent on its roster.
//! 2. `rpc::form` reads the message: every field that is malformed is named at once.
//! 3. [`gesture::Gestures::request`] puts it into its tenant's lane ([`admission`]), where it meets the others that came while
//!    the last batch was being decided. The personal parts are sealed, each under its customer's key ([`vault`]).
//! 4. The lane calls `admit` in Postgres, on a task of its own: match → claim the ids → write and charge → number and seal the
//!    batch. The commit is durable before anybody is answered.
//! 5. The answer says all that a yes is told with; whatever else it is, the gesture is read back as it is now. Then it is
//!    written as a message ([`rpc`]).
//!
//! # The flowers stand on the table
//!
//! 1. `rpc::fulfilment` leases the task to the florist's program ([`fulfilment::Fulfilments::lease`]), under a token.
//! 2. Its reports go through the lane like requests ([`admission::Admission::report`]): `report` in Postgres holds them against the
//!    last lease, captures what it cost in the windows that held it, and gives the rest back.
//! 3. What it cost above the hold, and a promise that was broken, is for somebody above the agent to look at
//!    ([`gesture::Gestures::follow_ups`]).
//! 4. [`timers`] looks at what was promised when it is due (`watch_promise`).
//!
//! # The basket that is a question
//!
//! 1. `admit` answers NEEDS_APPROVAL; gesture, question and timer are written in the same commit.
//! 2. [`approval::Approvals::route`] reads who might be asked, at one instant; [`approval::routing`] says who is next and
//!    [`approval::deadline`] until when; `ask` takes the step, against the step that was seen, in the tenant's lane, with the steps
//!    of other questions.
//! 3. Nobody answers: [`timers::Timers`] finds the timer due and routes again. The next is added; in the end `lapse` lets
//!    it expire, or lets the duty pool give it.
//! 4. The lead says yes, in their turn in the tenant's lane: `decide` holds the answer against the asked, the etag, the terms and
//!    every rule, and admits the gesture in the lead's authority, in one transaction. Whoever clicks second learns who was first.

//! # Whoever must not miss a gesture
//!
//! 1. A batch's last step is its number, taken under a lock: (batch, ordinal) is gapless and in commit order, as no time, identity
//!    or row's place is.
//! 2. `WatchEvents` begins after a cursor ([`trail::events`]), and reads page by page, each in a transaction that is over before
//!    anybody is told. A reader who breaks off goes on from the cursor of the last event that it handled.
//! 3. `AckEvents` keeps that place under a name, and `LeaseConsumer` sees to it that one program at a time is at it.

pub mod admission;
pub mod approval;
pub mod authority;
pub mod bench;
pub mod calendar;
pub mod cli;
pub mod configuration;
pub mod fulfilment;
pub mod gesture;
pub mod identity;
pub mod ids;
pub mod money;
pub mod paging;
pub mod pb;
pub mod postgres;
pub mod problem;
pub mod rpc;
pub mod server;
pub mod settings;
pub mod signals;
pub mod telemetry;
pub mod timers;
pub mod trail;
pub mod vault;
