//! The states of a gesture and the edges between them: pure, and the second copy. The kernel enforces them; `verify` holds
//! the trail against them.

/// Where a gesture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The question is open; nothing is held.
    PendingApproval,
    /// A yes; what it may cost is held.
    Approved,
    /// A no.
    Declined,
    /// Withdrawn, or ended before it was done; the hold has been given back.
    Cancelled,
    /// No gesture: a request that never arrived, whose id is given up.
    Tombstone,
}

impl State {
    /// The state of that name in the database.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "PENDING_APPROVAL" => Some(Self::PendingApproval),
            "APPROVED" => Some(Self::Approved),
            "DECLINED" => Some(Self::Declined),
            "CANCELLED" => Some(Self::Cancelled),
            "TOMBSTONE" => Some(Self::Tombstone),
            _ => None,
        }
    }

    /// Whether a gesture may go from one state to the next; `None` is before its first event.
    pub fn may_follow(self, before: Option<Self>) -> bool {
        match before {
            None => self != Self::Cancelled,
            Some(Self::PendingApproval | Self::Approved) => self == Self::Cancelled,
            Some(Self::Declined | Self::Cancelled | Self::Tombstone) => false,
        }
    }

    /// Whether authority is held in this state.
    pub fn holds(self) -> bool {
        match self {
            Self::Approved => true,
            Self::PendingApproval | Self::Declined | Self::Cancelled | Self::Tombstone => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::State::{Approved, Cancelled, Declined, PendingApproval, Tombstone};

    #[test]
    fn what_has_ended_has_no_successor() {
        let all = [PendingApproval, Approved, Declined, Cancelled, Tombstone];
        for ended in [Declined, Cancelled, Tombstone] {
            assert!(
                all.iter().all(|next| !next.may_follow(Some(ended))),
                "{ended:?}"
            );
        }
        assert!(
            Cancelled.may_follow(Some(Approved)) && Cancelled.may_follow(Some(PendingApproval))
        );
        assert!(
            !Approved.may_follow(Some(PendingApproval)),
            "approvals do not exist yet"
        );
        assert!(!Cancelled.may_follow(None));
    }
}
