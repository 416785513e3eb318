//! A naive Largesse: one thing after the other, in memory, written from the rules and not from the SQL.

pub mod calendar;
mod decide;
pub mod document;
mod limits_met;
pub mod money;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::support::kernel::{Asked, Cancelled, Settled};
use calendar::Window;
use document::{Agent, Document};

/// What is counted by one counter: the limit by its identity, whose, and when.
pub type Key = (String, String, String, String, String, Window);

/// An answer, with its reasons in canonical words and in no order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub outcome: String,
    pub reasons: BTreeSet<String>,
    pub replayed: bool,
}

impl Told {
    fn briefly(outcome: &str) -> Self {
        Self {
            outcome: outcome.into(),
            reasons: BTreeSet::new(),
            replayed: false,
        }
    }
}

/// A request that was decided.
struct Decided {
    asked: Asked,
    state: &'static str,
    seq: i32,
    told: Told,
    charged: Vec<(Key, i64)>,
    cancelled_by: Option<String>,
}

/// One member of the roster, past and present.
pub struct Member {
    pub agent: Agent,
    pub is_listed: bool,
    pub is_suspended: bool,
}

impl Member {
    /// May give, and answer.
    pub fn is_active(&self) -> bool {
        self.is_listed && !self.is_suspended
    }
}

/// The whole tenant.
pub struct Model {
    pub document: Document,
    pub version: i32,
    zone: Tz,
    pub members: BTreeMap<String, Member>,
    pauses: BTreeSet<(String, String)>,
    /// Used, and how many pieces.
    pub counters: HashMap<Key, (i64, i32)>,
    decided: HashMap<Uuid, Decided>,
    tombstones: HashMap<Uuid, String>,
}

impl Model {
    pub fn of(document: &Document) -> Self {
        let mut model = Self {
            document: document.clone(),
            version: 0,
            zone: Tz::UTC,
            members: BTreeMap::new(),
            pauses: BTreeSet::new(),
            counters: HashMap::new(),
            decided: HashMap::new(),
            tombstones: HashMap::new(),
        };
        model.apply(document);
        model
    }

    /// A new document is in force. Counters stay.
    pub fn apply(&mut self, document: &Document) {
        self.document = document.clone();
        self.zone = document.time_zone.parse().unwrap();
        self.version += 1;
        let Some(agents) = &document.agents else {
            return;
        };
        for member in self.members.values_mut() {
            member.is_listed = false;
        }
        for agent in agents {
            let is_suspended = self
                .members
                .get(&agent.id)
                .is_some_and(|member| member.is_suspended);
            let member = Member {
                agent: agent.clone(),
                is_listed: true,
                is_suspended,
            };
            self.members.insert(agent.id.clone(), member);
        }
    }

    /// True: that changed something. None: it may not be.
    pub fn suspend(&mut self, agent: &str, is_suspended: bool) -> Option<bool> {
        let member = self.members.get_mut(agent)?;
        if !is_suspended && !member.is_listed {
            return None;
        }
        let changed = member.is_suspended != is_suspended;
        member.is_suspended = is_suspended;
        Some(changed)
    }

    pub fn pause(&mut self, scope: &str, name: &str, is_paused: bool) -> bool {
        let pause = (scope.to_owned(), name.to_owned());
        if is_paused {
            self.pauses.insert(pause)
        } else {
            self.pauses.remove(&pause)
        }
    }

    /// Decides one request now.
    pub fn admit(&mut self, now: DateTime<Utc>, asked: &Asked) -> Told {
        if self.tombstones.contains_key(&asked.id) {
            return Told::briefly("TOMBSTONED");
        }
        if let Some(known) = self.decided.get(&asked.id) {
            if known.asked != *asked {
                return Told::briefly("REUSED");
            }
            return Told {
                replayed: true,
                ..known.told.clone()
            };
        }
        let (told, charged) = self.decide(now, asked);
        if told.outcome == "INVALID" {
            return told;
        }
        for (key, amount) in &charged {
            let counter = self.counters.entry(key.clone()).or_default();
            counter.0 += amount;
            counter.1 += 1;
        }
        let decided = Decided {
            asked: asked.clone(),
            state: match told.outcome.as_str() {
                "APPROVED" => "APPROVED",
                "NEEDS_APPROVAL" => "PENDING_APPROVAL",
                _ => "DECLINED",
            },
            seq: 1,
            told: told.clone(),
            charged,
            cancelled_by: None,
        };
        self.decided.insert(asked.id, decided);
        told
    }

    /// Cancels one gesture.
    pub fn cancel(&mut self, cancelled: &Cancelled) -> Settled {
        let may = self.speaks_for(cancelled);
        let Some(decided) = self.decided.get_mut(&cancelled.id) else {
            return Some(("UNKNOWN".into(), None, None));
        };
        let refusal =
            if decided.cancelled_by.as_ref() == Some(&cancelled.actor) && cancelled.etag == 1 {
                "REPLAY"
            } else if !may {
                "FORBIDDEN"
            } else if decided.seq != cancelled.etag {
                "STALE"
            } else if !["APPROVED", "PENDING_APPROVAL"].contains(&decided.state) {
                "NOT_ALLOWED"
            } else {
                for (key, amount) in &decided.charged {
                    let counter = self.counters.get_mut(key).unwrap();
                    counter.0 -= amount;
                    counter.1 -= 1;
                }
                decided.state = "CANCELLED";
                decided.seq = 2;
                decided.cancelled_by = Some(cancelled.actor.clone());
                return None;
            };
        Some((
            refusal.into(),
            Some(decided.state.into()),
            Some(decided.seq),
        ))
    }

    /// The actor is active, and is who asked or stands above.
    fn speaks_for(&self, cancelled: &Cancelled) -> bool {
        let Some(decided) = self.decided.get(&cancelled.id) else {
            return false;
        };
        let mut line = Some(decided.asked.agent.clone());
        let mut above = Vec::new();
        while let Some(agent) = line {
            line = self
                .members
                .get(&agent)
                .and_then(|member| member.agent.manager.clone());
            above.push(agent);
            if above.len() > 64 {
                break;
            }
        }
        self.members
            .get(&cancelled.actor)
            .is_some_and(Member::is_active)
            && above.contains(&cancelled.actor)
    }

    /// What became of a request; its id is given up where it never came.
    pub fn resolve(&mut self, id: Uuid, actor: &str) -> &'static str {
        let (whose, answer) = match self.decided.get(&id) {
            Some(decided) => (decided.asked.agent.clone(), "DONE"),
            None => {
                let whose = self
                    .tombstones
                    .entry(id)
                    .or_insert_with(|| actor.to_owned());
                (whose.clone(), "NEVER_HAPPENED")
            }
        };
        if whose == actor { answer } else { "OTHERS" }
    }

    /// Counters that say anything.
    pub fn used(&self) -> BTreeMap<Key, (i64, i32)> {
        self.counters
            .iter()
            .filter(|(_, (used, pieces))| *used != 0 || *pieces != 0)
            .map(|(key, counter)| (key.clone(), *counter))
            .collect()
    }
}
