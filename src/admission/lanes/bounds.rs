//! How much there may be in the lanes, and what may be decided together.

use std::time::Duration;

/// What bounds the lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneBounds {
    /// Most requests decided in one statement, 1 to 512.
    pub batch_max: usize,
    /// Most batches decided at once, 1 to 500: each holds a connection.
    pub connections_max: usize,
    /// Most requests of one tenant that wait; steps of questions come on top.
    pub depth_max: usize,
    /// How long one waits before it is refused.
    pub wait_max: Duration,
}

impl Default for LaneBounds {
    fn default() -> Self {
        Self {
            batch_max: 256,
            connections_max: 6,
            depth_max: 4096,
            wait_max: Duration::from_secs(3),
        }
    }
}

impl LaneBounds {
    /// Most batches of one tenant decided at once, two thirds: one tenant never holds every connection where there are two.
    pub(super) fn connections_of_one(&self) -> usize {
        (self.connections_max * 2 / 3).max(1)
    }
}

/// What can be decided in one statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Admission,
    Cancellation,
    Report,
    Step,
    /// Whatever else is decided: one in a statement.
    Alone,
}

impl Kind {
    /// Most of them in one statement.
    pub fn batch_max(self, bounds: LaneBounds) -> usize {
        match self {
            Self::Alone => 1,
            Self::Admission | Self::Cancellation | Self::Report | Self::Step => bounds.batch_max,
        }
    }

    /// Most statements of this kind that a tenant runs at once, of so many connections.
    pub fn at_once(self, connections: usize) -> usize {
        match self {
            Self::Step => 1,
            Self::Admission | Self::Cancellation | Self::Report | Self::Alone => {
                (connections / 2).max(1)
            }
        }
    }
}
