//! Who is decided next: pure.
//!
//! Each tenant has a lane, first come, first served. A batch is taken from the tenant whose turn it is, and the turn goes on;
//! so a tenant with ten thousand waiting delays another by one batch. What may be decided together is of one kind (admissions,
//! cancellations, reports, steps of questions; all else is decided alone), and a connection is kept for requests, so that they are
//! decided where everything else hangs. What an agent asked earlier is never overtaken by what the same agent
//! asked later, whether it waits or is being decided.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::Instant;

use super::bounds::{Kind, LaneBounds};
use super::told::Place;
use crate::ids::{AgentId, GestureId, TenantId};

/// Whose a request is: of the one who waits for it until a lane takes it. Whoever claims it first has it, so that nobody is told
/// that nothing was done while it is being done.
#[derive(Debug, Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// True: it was nobody's yet.
    pub fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }

    fn is_taken(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// One that waits.
#[derive(Debug)]
pub(super) struct Entry<W> {
    pub kind: Kind,
    /// In whose order; none: in nobody's.
    pub agent: Option<AgentId>,
    pub id: GestureId,
    pub since: Instant,
    /// Taken by a lane, or given up by the one who waited.
    pub claim: Claim,
    /// Where it is told what becomes of it.
    pub place: Option<Arc<Place>>,
    pub work: W,
}

/// What is decided in one statement: of one tenant and kind, ids different from each other, in the order of arrival.
#[derive(Debug)]
pub(super) struct Taken<W> {
    pub tenant: TenantId,
    pub kind: Kind,
    pub entries: Vec<Entry<W>>,
}

#[derive(Debug)]
struct Lane<W> {
    waiting: VecDeque<Entry<W>>,
    /// Agents of whom something is being decided, and what kinds of batches run.
    busy: HashSet<AgentId>,
    running: Vec<Kind>,
    is_in_turn: bool,
}

impl<W> Default for Lane<W> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            busy: HashSet::new(),
            running: Vec::new(),
            is_in_turn: false,
        }
    }
}

/// The lanes of all tenants.
#[derive(Debug)]
pub(super) struct Queue<W> {
    bounds: LaneBounds,
    lanes: HashMap<TenantId, Lane<W>>,
    turn: VecDeque<TenantId>,
}

impl<W> Queue<W> {
    pub fn new(bounds: LaneBounds) -> Self {
        Self {
            bounds,
            lanes: HashMap::new(),
            turn: VecDeque::new(),
        }
    }

    /// How many wait, of all tenants.
    pub fn depth(&self) -> usize {
        let waits = |entry: &&Entry<W>| !entry.claim.is_taken();
        let lanes = self.lanes.values();
        lanes
            .map(|lane| lane.waiting.iter().filter(waits).count())
            .sum()
    }

    /// Takes its place at the end of its tenant's lane, unless the lane is full.
    pub fn push(&mut self, tenant: TenantId, entry: Entry<W>) -> Result<(), W> {
        let lane = self.lanes.entry(tenant).or_default();
        if lane.waiting.len() >= self.bounds.depth_max {
            lane.waiting.retain(|entry| !entry.claim.is_taken());
        }
        // What follows from requests that were decided is not turned away for those that come: there are no more of it than callers.
        if lane.waiting.len() >= self.bounds.depth_max && entry.kind != Kind::Step {
            return Err(entry.work);
        }
        // Where it has no room nobody has who had none before: whoever looked would look through all that wait for nothing.
        let may_begin = lane.has_room(entry.kind, self.bounds);
        lane.waiting.push_back(entry);
        if may_begin {
            self.take_turn(tenant);
        }
        Ok(())
    }

    /// The next batch; none: nothing waits that may be decided now. `is_wanted` says whether anybody still waits for an answer.
    pub fn take(&mut self, is_wanted: impl Fn(&W) -> bool) -> Option<Taken<W>> {
        while let Some(tenant) = self.turn.pop_front() {
            let Some(lane) = self.lanes.get_mut(&tenant) else {
                continue;
            };
            lane.is_in_turn = false;
            lane.waiting
                .retain(|entry| is_wanted(&entry.work) && !entry.claim.is_taken());
            let (kind, entries) = lane.pick(self.bounds);
            if entries.is_empty() {
                self.forget_if_idle(tenant);
                continue;
            }
            lane.running.push(kind);
            lane.busy
                .extend(entries.iter().filter_map(|entry| entry.agent.clone()));
            self.take_turn(tenant);
            return Some(Taken {
                tenant,
                kind,
                entries,
            });
        }
        None
    }

    /// Whether some lane has its turn.
    pub fn is_in_turn(&self) -> bool {
        !self.turn.is_empty()
    }

    /// A batch has been answered.
    pub fn done(&mut self, tenant: TenantId, kind: Kind, agents: &[AgentId]) {
        if let Some(lane) = self.lanes.get_mut(&tenant) {
            if let Some(place) = lane.running.iter().position(|running| *running == kind) {
                lane.running.swap_remove(place);
            }
            for agent in agents {
                lane.busy.remove(agent);
            }
        }
        self.take_turn(tenant);
        self.forget_if_idle(tenant);
    }

    /// Puts a lane into the turn, once, if something of it may be decided.
    fn take_turn(&mut self, tenant: TenantId) {
        let most = self.bounds.connections_of_one();
        if let Some(lane) = self.lanes.get_mut(&tenant)
            && !lane.is_in_turn
            && !lane.waiting.is_empty()
            && lane.running.len() < most
        {
            lane.is_in_turn = true;
            self.turn.push_back(tenant);
        }
    }

    fn forget_if_idle(&mut self, tenant: TenantId) {
        let is_idle = |lane: &Lane<W>| lane.waiting.is_empty() && lane.running.is_empty();
        if self.lanes.get(&tenant).is_some_and(is_idle) {
            self.lanes.remove(&tenant);
        }
    }
}

impl<W> Lane<W> {
    /// Whether one more statement of this kind may run. One connection is kept for requests, whatever else hangs, where there
    /// are two.
    fn has_room(&self, kind: Kind, bounds: LaneBounds) -> bool {
        let connections = bounds.connections_of_one();
        let runs = |kind: Kind| self.running.iter().filter(|of| **of == kind).count();
        let others = self.running.len() - runs(Kind::Admission);
        runs(kind) < kind.at_once(connections)
            && (kind == Kind::Admission || others < (connections - 1).max(1))
    }

    /// Takes what may be decided together now; the others keep their places.
    fn pick(&mut self, bounds: LaneBounds) -> (Kind, Vec<Entry<W>>) {
        let mut kind = Kind::Admission;
        let mut held_back: HashSet<AgentId> = HashSet::new();
        let mut ids: HashSet<GestureId> = HashSet::new();
        let mut entries = Vec::new();
        let mut others = VecDeque::new();
        while let Some(entry) = self.waiting.pop_front() {
            if entries.len() == kind.batch_max(bounds) {
                others.push_back(entry);
                break;
            }
            let is_before =
                |agent: &AgentId| self.busy.contains(agent) || held_back.contains(agent);
            let is_kept =
                entry.agent.as_ref().is_some_and(is_before) || !self.has_room(entry.kind, bounds);
            let is_next = !is_kept;
            if is_next && entries.is_empty() {
                kind = entry.kind;
            }
            if is_next && entry.kind == kind && !ids.contains(&entry.id) {
                if entry.claim.take() {
                    ids.insert(entry.id);
                    entries.push(entry);
                }
            } else {
                held_back.extend(entry.agent.clone());
                others.push_back(entry);
            }
        }
        others.append(&mut self.waiting);
        self.waiting = others;
        (kind, entries)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use uuid::Uuid;

    const BOUNDS: LaneBounds = LaneBounds {
        batch_max: 3,
        connections_max: 6,
        depth_max: 5,
        wait_max: Duration::from_secs(3),
    };

    fn tenant(number: u128) -> TenantId {
        TenantId(Uuid::from_u128(number))
    }

    fn entry(agent: &str, id: u128, kind: Kind) -> Entry<u128> {
        Entry {
            kind,
            agent: AgentId::new(agent),
            id: GestureId(Uuid::from_u128(id)),
            since: Instant::now(),
            claim: Claim::default(),
            place: None,
            work: id,
        }
    }

    fn asks(queue: &mut Queue<u128>, of: u128, agent: &str, id: u128) {
        queue
            .push(tenant(of), entry(agent, id, Kind::Admission))
            .unwrap();
    }

    fn step(queue: &mut Queue<u128>, id: u128) {
        let step = Entry {
            agent: None,
            ..entry("-", id, Kind::Step)
        };
        queue.push(tenant(1), step).unwrap();
    }

    /// The works of the next batch; none: there is none.
    fn taken(queue: &mut Queue<u128>) -> Option<(TenantId, Vec<u128>)> {
        let taken = queue.take(|_| true)?;
        Some((
            taken.tenant,
            taken.entries.iter().map(|entry| entry.work).collect(),
        ))
    }

    fn agents(names: &[&str]) -> Vec<AgentId> {
        names
            .iter()
            .map(|name| AgentId::new(*name).unwrap())
            .collect()
    }

    #[test]
    fn tenants_come_in_turn_however_many_of_one_wait() {
        let mut queue = Queue::new(BOUNDS);
        for id in 1..=5 {
            asks(&mut queue, 1, &format!("a{id}"), id);
        }
        asks(&mut queue, 2, "b", 9);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1, 2, 3])));
        assert_eq!(taken(&mut queue), Some((tenant(2), vec![9])));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![4, 5])));
        assert_eq!(taken(&mut queue), None);
    }

    #[test]
    fn one_tenant_never_holds_every_connection_and_no_kind_all_of_those() {
        let mut queue = Queue::new(LaneBounds {
            batch_max: 1,
            depth_max: 20,
            ..BOUNDS
        });
        for id in 1..=4 {
            asks(&mut queue, 1, &format!("a{id}"), id);
        }
        for id in 5..=8 {
            step(&mut queue, id);
        }
        for id in 9..=12 {
            let alone = entry(&format!("b{id}"), id, Kind::Alone);
            queue.push(tenant(1), alone).unwrap();
        }
        let mut of_one = Vec::new();
        while let Some((_, of)) = taken(&mut queue) {
            of_one.extend(of);
        }
        assert_eq!(of_one, [1, 2, 5, 9], "four of six: two, one and one");
        queue.done(tenant(1), Kind::Admission, &agents(&["a1"]));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![3])));
        queue.done(tenant(1), Kind::Admission, &agents(&["a2"]));
        queue.done(tenant(1), Kind::Admission, &agents(&["a3"]));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![4])));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![10])));
        assert_eq!(taken(&mut queue), None, "two alone, and one step");
    }

    #[test]
    fn one_connection_is_kept_for_requests() {
        let mut queue = Queue::new(BOUNDS);
        let kinds = [
            ("ann", Kind::Alone),
            ("ben", Kind::Cancellation),
            ("cem", Kind::Alone),
            ("dan", Kind::Report),
        ];
        for (id, (agent, kind)) in (1..).zip(kinds) {
            queue.push(tenant(1), entry(agent, id, kind)).unwrap();
        }
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1])));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![2])));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![3])));
        assert_eq!(taken(&mut queue), None, "three of four");
        asks(&mut queue, 1, "eva", 5);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![5])));
        queue.done(tenant(1), Kind::Cancellation, &agents(&["ben"]));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![4])));
    }

    #[test]
    fn nobody_overtakes_themselves() {
        let mut queue = Queue::new(BOUNDS);
        asks(&mut queue, 1, "ann", 1);
        queue
            .push(tenant(1), entry("ann", 2, Kind::Cancellation))
            .unwrap();
        asks(&mut queue, 1, "ann", 3);
        asks(&mut queue, 1, "ben", 4);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1, 4])));
        assert_eq!(taken(&mut queue), None, "ann is being decided");
        queue.done(tenant(1), Kind::Admission, &agents(&["ann", "ben"]));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![2])));
        queue.done(tenant(1), Kind::Admission, &agents(&["ann"]));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![3])));
    }

    #[test]
    fn what_has_no_batch_takes_its_turn_alone() {
        let mut queue = Queue::new(BOUNDS);
        for (agent, id) in [("ann", 1), ("ben", 2), ("dan", 3)] {
            let alone = entry(agent, id, Kind::Alone);
            queue.push(tenant(1), alone).unwrap();
        }
        asks(&mut queue, 1, "cem", 4);
        asks(&mut queue, 2, "eva", 5);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1])));
        assert_eq!(taken(&mut queue), Some((tenant(2), vec![5])));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![2])));
        assert_eq!(
            taken(&mut queue),
            Some((tenant(1), vec![4])),
            "two alone at a time, and no batch waits for those"
        );
        queue.done(tenant(1), Kind::Admission, &agents(&["cem"]));
        assert_eq!(taken(&mut queue), None, "two still run");
        queue.done(tenant(1), Kind::Alone, &agents(&["ann"]));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![3])));
    }

    #[test]
    fn steps_are_taken_together_in_nobodys_order_one_batch_at_a_time() {
        let mut queue = Queue::new(BOUNDS);
        step(&mut queue, 1);
        step(&mut queue, 2);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1, 2])));
        step(&mut queue, 3);
        asks(&mut queue, 1, "ann", 4);
        assert_eq!(
            taken(&mut queue),
            Some((tenant(1), vec![4])),
            "no request waits for those"
        );
        queue.done(tenant(1), Kind::Admission, &agents(&["ann"]));
        assert_eq!(taken(&mut queue), None, "they still run");
        queue.done(tenant(1), Kind::Step, &[]);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![3])));
    }

    #[test]
    fn an_id_is_in_a_batch_once() {
        let mut queue = Queue::new(BOUNDS);
        asks(&mut queue, 1, "ann", 1);
        asks(&mut queue, 1, "ben", 1);
        asks(&mut queue, 1, "cem", 2);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1, 2])));
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![1])));
    }

    #[test]
    fn a_full_lane_takes_no_more_and_leaves_others_alone() {
        let mut queue = Queue::new(BOUNDS);
        for id in 1..=5 {
            asks(&mut queue, 1, "ann", id);
        }
        assert_eq!(
            queue.push(tenant(1), entry("ann", 6, Kind::Admission)),
            Err(6)
        );
        step(&mut queue, 7);
        asks(&mut queue, 2, "ben", 8);
    }

    #[test]
    fn who_has_given_up_or_gone_is_not_decided_and_keeps_no_place() {
        let mut queue = Queue::new(BOUNDS);
        let waiting: Vec<Claim> = (1..=5)
            .map(|id| {
                let entry = entry("ann", id, Kind::Admission);
                let claim = entry.claim.clone();
                queue.push(tenant(1), entry).unwrap();
                claim
            })
            .collect();
        assert!(waiting[..4].iter().all(Claim::take));
        asks(&mut queue, 1, "ben", 6);
        assert_eq!(taken(&mut queue), Some((tenant(1), vec![5, 6])));
        assert!(!waiting[4].take(), "it is being decided");
        queue.done(tenant(1), Kind::Admission, &agents(&["ann", "ben"]));
        asks(&mut queue, 1, "ann", 7);
        assert!(queue.take(|_| false).is_none());
        assert!(queue.lanes.is_empty(), "nothing is kept of who is idle");
    }
}
