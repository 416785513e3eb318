//! Every name that a signal of ours has: instruments with unit, meaning, labels and most series; spans; attributes.
//!
//! Names follow the OpenTelemetry conventions 1.44 where those have one; what is ours begins with `largesse.`. In the text of
//! Prometheus dots become underscores, `s` becomes `_seconds`, and counters end in `_total`.

/// What kind of instrument it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Only grows.
    Counter,
    /// Grows and shrinks.
    UpDownCounter,
    /// How it stands now.
    Gauge,
    /// How values are spread.
    Histogram,
}

impl Shape {
    /// A word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::UpDownCounter => "updowncounter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// One instrument, as it is promised.
#[derive(Debug, Clone, Copy)]
pub struct Instrument {
    /// Its name.
    pub name: &'static str,
    /// Its shape.
    pub shape: Shape,
    /// Its unit (UCUM).
    pub unit: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// Its labels.
    pub labels: &'static [&'static str],
    /// The most series of one process.
    pub series_max: u32,
}

macro_rules! instruments {
    ($($id:ident = $shape:ident $name:literal $unit:literal $labels:expr, $max:literal, $meaning:literal;)*) => {
        $(#[doc = $meaning]
        pub const $id: Instrument = Instrument {
            name: $name, shape: Shape::$shape, unit: $unit, meaning: $meaning, labels: &$labels, series_max: $max,
        };)*
        /// All of them.
        pub const INSTRUMENTS: &[Instrument] = &[$($id),*];
    };
}

/// All instruments, for programs.
pub fn as_json() -> serde_json::Value {
    let of = |it: &Instrument| {
        serde_json::json!({
            "name": it.name, "type": it.shape.name(), "unit": it.unit, "meaning": it.meaning,
            "labels": it.labels, "series_max": it.series_max,
        })
    };
    INSTRUMENTS.iter().map(of).collect()
}

instruments! {
    CALL_DURATION = Histogram "rpc.server.call.duration" "s"
        [RPC_SYSTEM, RPC_METHOD, RPC_STATUS, ERROR_TYPE], 1088, "How long calls took, to the end of their streams";
    CALLS_INFLIGHT = UpDownCounter "largesse.rpc.inflight" "{call}" [RPC_METHOD], 64, "Calls that run";
    CALLS_STARTED = Counter "largesse.rpc.started" "{call}" [RPC_METHOD], 64, "Calls that began";
    LANE_DEPTH = Gauge "largesse.lane.depth" "{request}" [], 1, "Requests, answers and the like that wait in the admission lanes";
    LANE_WAIT = Histogram "largesse.lane.wait" "s" [], 1, "How long requests, answers and steps of questions waited in their lane before their statement";
    BATCH_SIZE = Histogram "largesse.batch.size" "{request}" [], 1, "How many requests, cancellations, reports or steps were decided in one statement";
    DB_DURATION = Histogram "db.client.operation.duration" "s" [DB_SYSTEM, DB_SUMMARY, ERROR_TYPE], 800,
        "How long statements that write, and transactions that read, held a connection";
    POOL_COUNT = Gauge "db.client.connection.count" "{connection}" [POOL, POOL_STATE], 4, "Connections that are open";
    POOL_MAX = Gauge "db.client.connection.max" "{connection}" [POOL], 2, "The most connections of a pool";
    POOL_PENDING = UpDownCounter "db.client.connection.pending_requests" "{request}" [POOL], 2, "Who waits for a connection";
    POOL_TIMEOUTS = Counter "db.client.connection.timeouts" "{timeout}" [POOL], 2, "Who waited for a connection in vain";
    POOL_WAIT = Histogram "db.client.connection.wait_time" "s" [POOL], 2, "How long it took to get a connection, dialling included";
    POOL_USE = Histogram "db.client.connection.use_time" "s" [POOL], 2, "How long connections were lent out";
    DECISIONS = Counter "largesse.authority.decisions" "{decision}" [OUTCOME, GESTURE_KIND], 44,
        "Decisions on new requests; replays are not counted";
    TRANSITIONS = Counter "largesse.gesture.transitions" "{transition}" [STATE_TO, TRIGGER], 36,
        "Changes of a gesture's state, by this process";
    IDEMPOTENCY = Counter "largesse.idempotency.requests" "{request}" [RESULT], 3,
        "Requests for gestures that were decided, had been decided before, or came under the id of another one; what was decided when a connection was lost counts as decided before";
    RETRIES = Counter "largesse.tx.retries" "{retry}" [], 1, "Statements that were run again because Postgres asked for it";
    HAND_OFF = Histogram "largesse.fulfilment.handoff" "s" [CHANNEL, HAND_OFF_OUTCOME], 33,
        "How long after their yes gestures were handed on: reported as ordered, as done, or as failed for good";
    APPROVAL_WAIT = Histogram "largesse.approval.wait" "s" [DECISION, APPROVAL_LEVEL], 36,
        "How long questions were open, until somebody answered or they ended by themselves; not told of what was withdrawn";
    GESTURES_OPEN = Gauge "largesse.gesture.open" "{gesture}" [STATE], 4,
        "Gestures that wait for people or for a channel, no more than 5000 of either; told as largesse.approval.open is";
    GESTURES_AGE = Gauge "largesse.gesture.oldest_age" "s" [STATE], 4, "Since when the one has stood still that has longest, of those that are counted";
    TIMER_LAG = Histogram "largesse.timer.lag" "s" [TIMER_KIND], 3, "How late timers were seen to, after they were due";
    APPROVALS_OPEN = Gauge "largesse.approval.open" "{approval}" [], 1, "Questions that nobody has answered; like all queues of the database told by each replica that looked: take the maximum";
    APPROVALS_AGE = Gauge "largesse.approval.oldest_age" "s" [], 1, "Since when the oldest of them is open";
    TIMERS_OVERDUE = Gauge "largesse.timer.overdue" "{timer}" [TIMER_KIND], 3, "Timers that are due and that nobody has seen to";
    TIMERS_AGE = Gauge "largesse.timer.oldest_overdue" "s" [TIMER_KIND], 3, "Since when the oldest of them is due";
    TASKS_WAITING = Gauge "largesse.tasks.waiting" "{task}" [CHANNEL], 11, "Fulfilment tasks that are ready and that nobody has leased";
    TASKS_AGE = Gauge "largesse.tasks.oldest_age" "s" [CHANNEL], 11, "Since when the oldest of them is ready";
    CONSUMER_LAG = Gauge "largesse.consumer.lag" "{batch}" [], 1, "Batches of events that the consumer who is furthest behind has not taken";
    PROMISES_AT_RISK = Gauge "largesse.promise.at_risk" "{promise}" [], 1, "Promises in question that nobody has answered";
    READY = Gauge "largesse.process.ready" "{process}" [], 1, "1: calls should be sent here; 0: Postgres does not answer, or it is stopping";
    RUNTIME_TASKS = Gauge "largesse.runtime.live_tasks" "{task}" [], 1, "Tasks of the runtime that have not ended";
    RUNTIME_QUEUE = Gauge "largesse.runtime.global_queue_depth" "{task}" [], 1, "Tasks that wait for a thread";
    RUNTIME_BUSY = Counter "largesse.runtime.busy" "s" [], 1, "How long the threads of the runtime were busy, all together";
    RUNTIME_THREADS = Gauge "largesse.runtime.threads" "{thread}" [], 1, "Threads of the runtime";
    SPANS = Counter "largesse.telemetry.spans" "{span}" [SPAN_FATE], 3,
        "Spans that ended and were to be told, that a collector took, that it did not; the rest was lost or is on its way";
    EXPORT_FAILURES = Counter "largesse.telemetry.export_failures" "{export}" [SIGNAL], 2, "Exports that a collector did not take";
    EXPORT_AGE = Gauge "largesse.telemetry.last_export_age" "s" [SIGNAL], 2,
        "Since when a collector has taken nothing; told where one is named";
    LOOK_AGE = Gauge "largesse.invariant.last_look_age" "s" [], 1,
        "Since when this process has looked at no tenant for what breaks them; not told before the first look";
    VIOLATIONS = Gauge "largesse.invariant.violations" "{violation}" [CHECK], 4,
        "What breaks invariants 1 to 4 at the last look at each tenant (one tenant every 15 s); must be 0";
}

/// Always `grpc`.
pub const RPC_SYSTEM: &str = "rpc.system.name";
/// `package.Service/Method`, or [`OTHER`].
pub const RPC_METHOD: &str = "rpc.method";
/// The gRPC code, as `ABORTED`.
pub const RPC_STATUS: &str = "rpc.response.status_code";
/// The gRPC code or the SQLSTATE class of an error; never a message.
pub const ERROR_TYPE: &str = "error.type";
/// Always `postgresql`.
pub const DB_SYSTEM: &str = "db.system.name";
/// The name of the statement, or the source that reads.
pub const DB_SUMMARY: &str = "db.query.summary";
/// How long the connection was waited for, in seconds; on spans.
pub const POOL_WAIT_S: &str = "largesse.pool.wait_s";
/// `reads` or `writes`.
pub const POOL: &str = "db.client.connection.pool.name";
/// `idle` or `used`.
pub const POOL_STATE: &str = "db.client.connection.state";
/// `approved`, `needs_approval`, `declined`, `invalid`.
pub const OUTCOME: &str = "largesse.authority.outcome";
/// The first ten kinds that were given, else [`OTHER`].
pub const GESTURE_KIND: &str = "largesse.gesture.kind";
/// The gesture's id; never a label.
pub const GESTURE_ID: &str = "largesse.gesture.id";
/// Whether the answer repeats an earlier one.
pub const REPLAYED: &str = "largesse.idempotency.replayed";
/// `approval` or `promise`.
pub const TIMER_KIND: &str = "largesse.timer.kind";
/// How late a timer was claimed, in seconds.
pub const TIMER_LAG_S: &str = "largesse.timer.lag_s";
/// The first ten channels that were seen, else [`OTHER`].
pub const CHANNEL: &str = "largesse.channel";
/// What became of what was handed on: `dispatched`, `delivered` or `failed`.
pub const HAND_OFF_OUTCOME: &str = "largesse.fulfilment.outcome";
/// How a question ended: `approved`, `declined` or `returned` by somebody; `granted` or `expired` by silence; `unanswerable`.
pub const DECISION: &str = "largesse.decision";
/// How often people had been asked by then; from 5 on `5`.
pub const APPROVAL_LEVEL: &str = "largesse.approval.level";
/// How long the question had been open when it was answered, in seconds.
pub const APPROVAL_WAITED_S: &str = "largesse.approval.waited_s";
/// Whether somebody answered in another one's authority.
pub const IS_DELEGATE: &str = "largesse.approver.is_delegate";
/// The state of a gesture, in small letters.
pub const STATE: &str = "largesse.gesture.state";
/// The state of a gesture from then on, in small letters.
pub const STATE_TO: &str = "largesse.gesture.state.to";
/// Whose doing it was: `agent`, `approver`, `timer`, `partner`.
pub const TRIGGER: &str = "largesse.trigger";
/// `new`, `replay` or `mismatch`.
pub const RESULT: &str = "largesse.idempotency.result";
/// `ended`, `exported` or `failed`.
pub const SPAN_FATE: &str = "largesse.telemetry.fate";
/// `traces` or `metrics`.
pub const SIGNAL: &str = "largesse.telemetry.signal";
/// Which invariant, `1` to `4`.
pub const CHECK: &str = "largesse.invariant.check";
/// How long a request waited in its lane, in seconds.
pub const LANE_WAIT_S: &str = "largesse.lane.wait_s";
/// How many were decided together.
pub const BATCH: &str = "largesse.batch.size";
/// What a link says: `batch` or `request` between a request and its batch; `requested_by` and `follows` from a later step to
/// the request and to the last step.
pub const LINK_KIND: &str = "largesse.link.kind";
/// The type of an event that is brought, as `APPROVED`.
pub const EVENT_TYPE: &str = "largesse.event.type";
/// Which try it is, from 1 on.
pub const ATTEMPT: &str = "largesse.publish.attempt";
/// What came of a try: `accepted`, `rejected`, `retryable` or `timeout`.
pub const PUBLISH_OUTCOME: &str = "largesse.publish.outcome";
/// What is not among the values that are known beforehand.
pub const OTHER: &str = "_OTHER";

/// A request in its lane, from its arrival to its answer.
pub const SPAN_ADMISSION: &str = "largesse.admission";
/// A batch of them.
pub const SPAN_BATCH: &str = "largesse.admission.batch";
/// A timer that is seen to, the root of its trace.
pub const SPAN_TIMER: &str = "largesse.timer.fire";
/// An event that is brought to a sink, each time that it is tried; the root of its trace.
pub const SPAN_PUBLISH: &str = "largesse.publish";
/// The event of a unit of work that has ended.
pub const WORK_COMPLETED: &str = "largesse.work.completed";
/// The header that names the trace of an answer.
pub const TRACE_HEADER: &str = "x-largesse-trace-id";

/// The states that gestures have from some change on.
pub const STATES: [&str; 9] = [
    "pending_approval",
    "approved",
    "declined",
    "returned",
    "cancelled",
    "expired",
    "dispatched",
    "delivered",
    "failed",
];

/// A state as a label.
pub(crate) fn state(word: &str) -> &'static str {
    let mut states = STATES.into_iter();
    let found = states.find(|name| name.eq_ignore_ascii_case(word));
    found.unwrap_or(OTHER)
}

/// How often people were asked, as a label.
pub(crate) fn level(step: i32) -> i64 {
    i64::from(step.clamp(0, LEVEL_MAX))
}

/// The most levels of a question that are told apart.
const LEVEL_MAX: i32 = 5;
/// The conventions that the names are of.
pub const SCHEMA: &str = "https://opentelemetry.io/schemas/1.44.0";
/// Edges of durations, in seconds, as the conventions say for calls.
pub const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// Edges of short durations, in seconds.
pub const SHORT_SECONDS: [f64; 10] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// Edges of lateness, in seconds.
pub const LATE_SECONDS: [f64; 9] = [0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0];
/// Edges of hand-offs, in seconds: five minutes are the objective.
pub const HAND_OFF_SECONDS: [f64; 10] = [
    1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 28_800.0, 86_400.0,
];
/// Edges of what people take their time for, in seconds: a minute to three days.
pub const PATIENT_SECONDS: [f64; 8] = [
    60.0, 300.0, 900.0, 3600.0, 14_400.0, 28_800.0, 86_400.0, 259_200.0,
];
/// Edges of sizes.
pub const SIZES: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
