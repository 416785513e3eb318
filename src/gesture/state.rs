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
    /// Withdrawn, or ended before it was done; the hold has been given back.
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
}

impl State {
    /// The state of that name in the database.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "PENDING_APPROVAL" => Some(Self::PendingApproval),
            "APPROVED" => Some(Self::Approved),
            "DECLINED" => Some(Self::Declined),
            "RETURNED" => Some(Self::Returned),
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
            Event::Cancelled => (is_open || before == Self::Approved) && self == Self::Cancelled,
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
            Self::Approved => true,
            Self::PendingApproval
            | Self::Declined
            | Self::Returned
            | Self::Cancelled
            | Self::Expired
            | Self::Tombstone => false,
        }
    }

    /// Whether a glass may have been broken for it.
    fn was_given(self) -> bool {
        matches!(self, Self::Approved | Self::Cancelled)
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
            _ => None,
        }
    }

    /// Whether it changed the gesture itself, and its etag with it: who is asked is no part of what is decided on.
    pub fn moves_the_etag(self) -> bool {
        !matches!(self, Self::Asked | Self::Reassigned)
    }

    /// The state that a gesture has if this is its first event.
    fn first_state(self) -> Option<State> {
        match self {
            Self::Approved => Some(State::Approved),
            Self::PendingApproval => Some(State::PendingApproval),
            Self::Declined => Some(State::Declined),
            Self::Tombstone => Some(State::Tombstone),
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
