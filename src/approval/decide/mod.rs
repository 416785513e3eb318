//! Answers: of those who were asked, in their own authority or in one that is lent to them.
//!
//! `decide` in Postgres holds every answer against the asked, the etag and the terms that were seen, and all the rules. What
//! does not fit is an answer too ([`CameTo::Refused`]): nothing has changed then, and the question stays open for somebody who
//! can. Whoever comes second in a race learns where the gesture stands and who brought it there.

mod store;

use chrono::{DateTime, Utc};

use super::store::ruling_of_gesture;
use super::told::Open;
use super::{Approvals, Verdict};
use crate::admission::{Mark, Reason};
use crate::identity::{Caller, Credential};
use crate::ids::{AgentId, GestureId, TenantId};
use crate::money::Money;
use crate::problem::{Problem, Wrong};
use crate::telemetry::metrics::metrics;
use crate::vault::{Private, SEALS_MAX, SealedPlace};
use store::{Call, Given, Place};

/// What somebody answers to, as they saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Which gesture.
    pub id: GestureId,
    /// Its etag then.
    pub etag: i32,
    /// In whose authority; none: their own where they were asked, else what is lent to them, else the pool's.
    pub authority: Option<AgentId>,
}

/// What somebody says.
#[derive(Debug, Clone)]
pub enum Saying {
    /// Yes.
    Approve {
        /// The digest of the terms that were seen.
        terms: Vec<u8>,
        /// Another amount than was asked; none: the same.
        amount: Option<Money>,
        /// Another promise; none: the same.
        promise_by: Option<DateTime<Utc>>,
    },
    /// No, and why.
    Decline(Private),
    /// Back, with what to change.
    Return(Private),
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answering {
    /// To what.
    pub seen: Seen,
    /// And what.
    pub saying: Saying,
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq)]
pub enum CameTo {
    /// Admitted and spent.
    Approved,
    /// The first of two; holds nothing.
    FirstYes,
    /// The yes does not fit; nothing has changed.
    Refused {
        /// Everything that stands in the way.
        reasons: Vec<Reason>,
        /// The configuration that it was held against.
        configuration_version: i32,
    },
    /// It is declined.
    Declined,
    /// It is returned.
    Returned,
}

impl CameTo {
    /// In a word, where it ended the question.
    fn decision(&self) -> Option<&'static str> {
        match self {
            Self::Approved => Some("approved"),
            Self::Declined => Some("declined"),
            Self::Returned => Some("returned"),
            Self::FirstYes | Self::Refused { .. } => None,
        }
    }
}

/// A question that an answer ended, and in whose authority.
struct Ended {
    open: Open,
    authority: Option<String>,
}

/// The answer to an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// What it came to.
    pub came_to: CameTo,
    /// The same answer was given before.
    pub replayed: bool,
}

impl Approvals {
    /// ApproveGesture, DeclineGesture, ReturnGesture: one answer.
    ///
    /// # Errors
    /// [`Problem::GestureNotFound`], [`Problem::NotAsked`], [`Problem::OwnRequest`], [`Problem::ApproverSuspended`],
    /// [`Problem::NotLent`], [`Problem::StaleView`], [`Problem::StateForbids`], [`Problem::SecondPersonNeeded`];
    /// [`Problem::Invalid`] for an amount in another currency.
    pub async fn answer(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        answering: Answering,
    ) -> Result<Answered, Problem> {
        let actor = self.authorities.acting(caller, agent).await?;
        let (answered, ended) = self.answer_as(caller, &actor, answering).await?;
        if let Some(Ended { open, authority }) = ended
            && let Some(decision) = answered.came_to.decision()
        {
            open.ended_here(decision, &actor, authority.as_deref());
        }
        Ok(answered)
    }

    /// DecideGestures: several answers, in their order, each as if it were given alone.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`], [`Problem::AgentUnknown`]; what keeps one answer from being given stands in its place.
    pub async fn decide(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        answers: Vec<Answering>,
    ) -> Result<Vec<Result<Answered, Problem>>, Problem> {
        let actor = self.authorities.acting(caller, agent).await?;
        let mut answered = Vec::with_capacity(answers.len());
        for answering in answers {
            let one = self.answer_as(caller, &actor, answering).await;
            answered.push(one.map(|(answered, _)| answered));
        }
        Ok(answered)
    }

    /// ReassignApproval: hands a question on. True: it had been handed on to them before.
    ///
    /// # Errors
    /// As [`Approvals::answer`], and [`Problem::AgentNotFound`], [`Problem::CannotApprove`], [`Problem::AlreadyAsked`].
    pub async fn reassign(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        seen: Seen,
        to: AgentId,
    ) -> Result<bool, Problem> {
        let (tenant, actor) = (
            caller.tenant()?,
            self.authorities.acting(caller, agent).await?,
        );
        let mut reading = self.database.read(tenant).await?;
        let ruling = ruling_of_gesture(&mut reading, tenant, seen.id).await?;
        drop(reading);
        let ruling = ruling.ok_or(Problem::GestureNotFound(seen.id))?;
        let answer_by = ruling.rule.answer_by(ruling.now);
        let call = self.call(tenant, &actor, &seen, &caller.credential);
        let given = store::reassign(&self.lanes, call, &to, answer_by).await?;
        match given.outcome.as_str() {
            "REASSIGNED" => Ok(given.replayed),
            "TO_UNKNOWN" => Err(Problem::AgentNotFound(to)),
            "ALREADY_ASKED" => Err(Problem::AlreadyAsked(to)),
            "UNABLE" => Err(Problem::CannotApprove {
                agent: to,
                reasons: given.reasons.into_iter().map(|one| one.code).collect(),
            }),
            _ => Err(refusal(given, actor, seen, "PENDING_APPROVAL")),
        }
    }

    /// ReviewGesture: says whether the glass was broken rightly. True: the same was said before.
    ///
    /// # Errors
    /// As [`Approvals::answer`].
    pub async fn review(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        seen: Seen,
        verdict: Verdict,
        note: Private,
    ) -> Result<bool, Problem> {
        let (tenant, actor) = (
            caller.tenant()?,
            self.authorities.acting(caller, agent).await?,
        );
        let place = self.place(tenant, seen.id).await?;
        let mut seq = place.seq + 1;
        for _ in 0..SEALS_MAX {
            let sealed = self.sealed(tenant, &seen, &place, seq, &note).await?;
            let call = self.call(tenant, &actor, &seen, &caller.credential);
            let given = store::review(&self.lanes, call, verdict, sealed, seq).await?;
            match given.outcome.as_str() {
                "REVIEWED" => return Ok(given.replayed),
                "MOVED" => seq = given.etag.unwrap_or(seq + 1),
                // What was given once is not taken back by a verdict.
                _ => return Err(refusal(given, actor, seen, "APPROVED, CANCELLED")),
            }
        }
        Err(Problem::Overloaded)
    }

    async fn answer_as(
        &self,
        caller: &Caller,
        actor: &AgentId,
        answering: Answering,
    ) -> Result<(Answered, Option<Ended>), Problem> {
        let (tenant, Answering { seen, saying }) = (caller.tenant()?, answering);
        let place = self.place(tenant, seen.id).await?;
        if let Saying::Approve {
            amount: Some(amount),
            ..
        } = &saying
            && amount.currency().code() != place.currency
        {
            return Err(Problem::invalid(
                "amount.currency",
                Wrong::CurrencyDiffers,
                format!("the gesture is in {}", place.currency),
            ));
        }
        let mut seq = place.seq + 1;
        for _ in 0..SEALS_MAX {
            let sealed = match &saying {
                Saying::Approve { .. } => None,
                Saying::Decline(note) | Saying::Return(note) => {
                    self.sealed(tenant, &seen, &place, seq, note).await?
                }
            };
            let call = self.call(tenant, actor, &seen, &caller.credential);
            let given = store::decide(&self.lanes, call, &saying, sealed, seq).await?;
            if given.outcome == "MOVED" {
                seq = given.etag.unwrap_or(seq + 1);
                continue;
            }
            let authority = given.authority.clone();
            let answered = came_to(given, actor, seen, &place)?;
            let Some(decision) = answered.came_to.decision().filter(|_| !answered.replayed) else {
                return Ok((answered, None));
            };
            metrics().transition(decision, "approver");
            let ended = place.open.map(|open| Ended { open, authority });
            if let Some(Ended { open, .. }) = &ended {
                open.ended(decision);
            }
            return Ok((answered, ended));
        }
        Err(Problem::Overloaded)
    }

    async fn place(&self, tenant: TenantId, id: GestureId) -> Result<Place, Problem> {
        let mut reading = self.database.read(tenant).await?;
        let place = store::place(&mut reading, tenant, id).await?;
        place.ok_or(Problem::GestureNotFound(id))
    }

    /// A note, sealed for the event of this number; none where nothing is said.
    async fn sealed(
        &self,
        tenant: TenantId,
        seen: &Seen,
        place: &Place,
        seq: i32,
        note: &Private,
    ) -> Result<Option<Vec<u8>>, Problem> {
        if note.is_empty() {
            return Ok(None);
        }
        let event = SealedPlace {
            tenant,
            gesture: seen.id,
            seq,
        };
        let sealed = self.vault.seal_note(tenant, &place.customer, event, note);
        sealed.await.map(Some)
    }

    fn call(
        &self,
        tenant: TenantId,
        actor: &AgentId,
        seen: &Seen,
        credential: &Credential,
    ) -> Call {
        Call {
            tenant,
            actor: actor.clone(),
            seen: seen.clone(),
            credential: credential.clone(),
        }
    }
}

fn came_to(given: Given, actor: &AgentId, seen: Seen, place: &Place) -> Result<Answered, Problem> {
    let came_to = match given.outcome.as_str() {
        "APPROVED" => CameTo::Approved,
        "FIRST_YES" => CameTo::FirstYes,
        "DECLINED" => CameTo::Declined,
        "RETURNED" => CameTo::Returned,
        "REFUSED" => CameTo::Refused {
            reasons: given.reasons,
            configuration_version: place.configuration_version,
        },
        _ => return Err(refusal(given, actor.clone(), seen, "PENDING_APPROVAL")),
    };
    Ok(Answered {
        came_to,
        replayed: given.replayed,
    })
}

/// Why an actor may not answer. `needed`: the states in which it would be possible.
fn refusal(given: Given, actor: AgentId, seen: Seen, needed: &'static str) -> Problem {
    let id = seen.id;
    let mark = Mark {
        id,
        etag: given.etag,
        state: given.state,
        by: given.by_agent,
    };
    match given.outcome.as_str() {
        "UNKNOWN" => Problem::GestureNotFound(id),
        "NOT_ASKED" => Problem::NotAsked(id),
        "OWN_REQUEST" => Problem::OwnRequest(id),
        "INACTIVE" => Problem::ApproverSuspended(actor),
        "NOT_LENT" => Problem::NotLent {
            id,
            authority: seen
                .authority
                .or_else(|| given.authority.and_then(AgentId::new))
                .unwrap_or(actor),
        },
        "SAME_PERSON" => Problem::SecondPersonNeeded(id),
        "STALE" => mark.stale(),
        "NOT_ALLOWED" => mark.forbids(needed),
        other => Problem::defect(&format!("an answer was answered {other}")),
    }
}
