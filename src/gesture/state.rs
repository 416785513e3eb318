//! The states of a gesture and the events that lead from one to the next: pure, and the second copy. The kernel enforces
//! them; `verify` holds the trail against them.

/// Where a gesture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The question is open; nothing is held.
    PendingApproval,
    /// A yes; what it may cost is held.
    Approved,
    /// A no.
    Declined,
    /// Sent back to the agent who asked; nothing is held.
    Returned,
    /// Ordered, or on its way; what it may cost is held.
    Dispatched,
    /// It has happened; what it cost was captured.
    Delivered,
    /// It could not be done; the hold has been given back, but for what the vendor charges.
    Failed,
    /// Withdrawn; the hold has been given back, but for what cancelling cost.
    Cancelled,
    /// Nobody answered, or revised, in time.
    Expired,
    /// No gesture: a request that never arrived, whose id is given up.
    Tombstone,
}

/// What happens to a gesture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody said yes: the rules, an approver, or the pool on silence.
    Approved,
    /// The rules said: not alone.
    PendingApproval,
    /// Somebody said no: the rules, an approver, or the service because nobody could say yes.
    Declined,
    /// An approver sent it back.
    Returned,
    /// It was withdrawn.
    Cancelled,
    /// Time was up.
    Expired,
    /// Its id was given up.
    Tombstone,
    /// One more person was asked.
    Asked,
    /// Somebody who was asked handed the question on.
    Reassigned,
    /// The first of two answers.
    FirstYes,
    /// Other terms were put to it, and answered.
    Revised,
    /// The breaking of the glass was reviewed.
    Reviewed,
    /// The fulfiller ordered it.
    Dispatched,
    /// It happened.
    Delivered,
    /// It cost less in the end than was reported first.
    CostCorrected,
    /// It was tried in vain.
    TryFailed,
    /// It failed for good.
    Failed,
    /// What another gesture cost too much was accepted, as a gesture of its own.
    CostAccepted,
    /// What it cost too much was accepted.
    RestAccepted,
    /// Something has become of what was promised.
    Promise,
    /// What went wrong with it was looked at.
    FollowUpClosed,
    /// What the customer said or did was recorded.
    OutcomeRecorded,
}

impl State {
    /// The state of that name in the database.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "PENDING_APPROVAL" => Some(Self::PendingApproval),
            "APPROVED" => Some(Self::Approved),
            "DECLINED" => Some(Self::Declined),
            "RETURNED" => Some(Self::Returned),
            "DISPATCHED" => Some(Self::Dispatched),
            "DELIVERED" => Some(Self::Delivered),
            "FAILED" => Some(Self::Failed),
            "CANCELLED" => Some(Self::Cancelled),
            "EXPIRED" => Some(Self::Expired),
            "TOMBSTONE" => Some(Self::Tombstone),
            _ => None,
        }
    }

    /// Whether an event may have led here from another state; `None` is before the first event.
    pub fn may_follow(self, before: Option<Self>, event: Event) -> bool {
        let Some(before) = before else {
            return event.first_state() == Some(self);
        };
        let is_open = matches!(before, Self::PendingApproval | Self::Returned);
        match event {
            Event::PendingApproval | Event::Tombstone => false,
            Event::Approved => before == Self::PendingApproval && self == Self::Approved,
            Event::Declined => before == Self::PendingApproval && self == Self::Declined,
            Event::Returned => before == Self::PendingApproval && self == Self::Returned,
            Event::Expired => is_open && self == Self::Expired,
            Event::Cancelled => (is_open || before.holds()) && self == Self::Cancelled,
            Event::Dispatched => before == Self::Approved && self == Self::Dispatched,
            Event::Delivered => before.holds() && self == Self::Delivered,
            Event::Failed => before.holds() && self == Self::Failed,
            Event::TryFailed => before == Self::Approved && self == before,
            Event::CostCorrected => before == Self::Delivered && self == before,
            Event::CostAccepted => false,
            Event::RestAccepted => {
                matches!(before, Self::Delivered | Self::Failed) && self == before
            }
            Event::Promise | Event::FollowUpClosed | Event::OutcomeRecorded => {
                self == before && before.was_given()
            }
            Event::Revised => {
                is_open
                    && matches!(
                        self,
                        Self::PendingApproval | Self::Approved | Self::Declined
                    )
            }
            Event::FirstYes | Event::Reassigned => {
                before == Self::PendingApproval && self == before
            }
            // Of a review, too, which does not mind what became of the gesture.
            Event::Asked => {
                self == before && (before == Self::PendingApproval || before.was_given())
            }
            Event::Reviewed => self == before && before.was_given(),
        }
    }

    /// Whether authority is held in this state.
    pub fn holds(self) -> bool {
        match self {
            Self::Approved | Self::Dispatched => true,
            Self::PendingApproval
            | Self::Declined
            | Self::Returned
            | Self::Delivered
            | Self::Failed
            | Self::Cancelled
            | Self::Expired
            | Self::Tombstone => false,
        }
    }

    /// Whether it may have been approved once.
    fn was_given(self) -> bool {
        self.holds() || matches!(self, Self::Delivered | Self::Failed | Self::Cancelled)
    }
}

impl Event {
    /// The event of that name in the database.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "APPROVED" => Some(Self::Approved),
            "PENDING_APPROVAL" => Some(Self::PendingApproval),
            "DECLINED" => Some(Self::Declined),
            "RETURNED" => Some(Self::Returned),
            "CANCELLED" => Some(Self::Cancelled),
            "EXPIRED" => Some(Self::Expired),
            "TOMBSTONE" => Some(Self::Tombstone),
            "ASKED" => Some(Self::Asked),
            "REASSIGNED" => Some(Self::Reassigned),
            "FIRST_YES" => Some(Self::FirstYes),
            "REVISED" => Some(Self::Revised),
            "REVIEWED" => Some(Self::Reviewed),
            "DISPATCHED" => Some(Self::Dispatched),
            "DELIVERED" => Some(Self::Delivered),
            "COST_CORRECTED" => Some(Self::CostCorrected),
            "TRY_FAILED" => Some(Self::TryFailed),
            "FAILED" => Some(Self::Failed),
            "COST_ACCEPTED" => Some(Self::CostAccepted),
            "REST_ACCEPTED" => Some(Self::RestAccepted),
            "PROMISE_AT_RISK" | "PROMISE_LATE" | "PROMISE_KEPT" | "PROMISE_BROKEN" => {
                Some(Self::Promise)
            }
            "FOLLOW_UP_CLOSED" => Some(Self::FollowUpClosed),
            "OUTCOME_RECORDED" => Some(Self::OutcomeRecorded),
            _ => None,
        }
    }

    /// Whether it changed the gesture itself, and its etag with it: who is asked, what was only tried, what has become of a promise
    /// and what was said afterwards are no part of what is decided on.
    pub fn moves_the_etag(self) -> bool {
        !matches!(
            self,
            Self::Asked
                | Self::Reassigned
                | Self::TryFailed
                | Self::RestAccepted
                | Self::Promise
                | Self::FollowUpClosed
                | Self::OutcomeRecorded
        )
    }

    /// The state that a gesture has if this is its first event.
    fn first_state(self) -> Option<State> {
        match self {
            Self::Approved => Some(State::Approved),
            Self::PendingApproval => Some(State::PendingApproval),
            Self::Declined => Some(State::Declined),
            Self::Tombstone => Some(State::Tombstone),
            Self::CostAccepted => Some(State::Delivered),
            Self::Dispatched
            | Self::Delivered
            | Self::CostCorrected
            | Self::TryFailed
            | Self::Failed
            | Self::RestAccepted
            | Self::Promise
            | Self::FollowUpClosed
            | Self::OutcomeRecorded => None,
            Self::Returned
            | Self::Cancelled
            | Self::Expired
            | Self::Asked
            | Self::Reassigned
            | Self::FirstYes
            | Self::Revised
            | Self::Reviewed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 7] = [
        State::PendingApproval,
        State::Approved,
        State::Declined,
        State::Returned,
        State::Cancelled,
        State::Expired,
        State::Tombstone,
    ];
    const EVENTS: [&str; 12] = [
        "APPROVED",
        "PENDING_APPROVAL",
        "DECLINED",
        "RETURNED",
        "CANCELLED",
        "EXPIRED",
        "TOMBSTONE",
        "ASKED",
        "REASSIGNED",
        "FIRST_YES",
        "REVISED",
        "REVIEWED",
    ];

    /// Every state that some event leads to from another one.
    fn successors(before: State) -> Vec<State> {
        let leads_to = |next: &State| {
            EVENTS.iter().any(|event| {
                *next != before && next.may_follow(Some(before), Event::named(event).unwrap())
            })
        };
        STATES.into_iter().filter(leads_to).collect()
    }

    #[test]
    fn the_edges_are_those_of_the_drawing() {
        use State::{Approved, Cancelled, Declined, Expired, PendingApproval, Returned};
        assert_eq!(
            successors(PendingApproval),
            [Approved, Declined, Returned, Cancelled, Expired]
        );
        assert_eq!(
            successors(Returned),
            [PendingApproval, Approved, Declined, Cancelled, Expired]
        );
        assert_eq!(successors(Approved), [Cancelled]);
        for ended in [Declined, Cancelled, Expired, State::Tombstone] {
            assert_eq!(successors(ended), [], "{ended:?}");
        }
    }

    #[test]
    fn a_first_event_names_its_state() {
        for event in EVENTS {
            let (named, event) = (State::named(event), Event::named(event).unwrap());
            let first: Vec<State> = STATES
                .into_iter()
                .filter(|state| state.may_follow(None, event))
                .collect();
            let may_be_first = matches!(
                event,
                Event::Approved | Event::PendingApproval | Event::Declined | Event::Tombstone
            );
            assert_eq!(
                first,
                named
                    .filter(|_| may_be_first)
                    .into_iter()
                    .collect::<Vec<_>>(),
                "{event:?}"
            );
        }
    }

    #[test]
    fn what_changes_no_state_happens_only_where_it_can() {
        let stays = |event: Event| -> Vec<State> {
            STATES
                .into_iter()
                .filter(|state| state.may_follow(Some(*state), event))
                .collect()
        };
        assert_eq!(stays(Event::FirstYes), [State::PendingApproval]);
        assert_eq!(stays(Event::Reassigned), [State::PendingApproval]);
        assert_eq!(stays(Event::Revised), [State::PendingApproval]);
        assert_eq!(stays(Event::Reviewed), [State::Approved, State::Cancelled]);
        assert_eq!(
            stays(Event::Asked),
            [State::PendingApproval, State::Approved, State::Cancelled]
        );
        assert!(!Event::Asked.moves_the_etag() && !Event::Reassigned.moves_the_etag());
        assert!(Event::FirstYes.moves_the_etag() && Event::Revised.moves_the_etag());
    }
}
