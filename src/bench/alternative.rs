//! What is measured: the service, and what people would otherwise write, each behind the same listener.

use serde::Serialize;

use super::workload::Workload;

/// A server that answers `RequestGesture`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Alternative {
    /// The service with its ordinary settings
    Lanes,
    /// The same, with traces and metrics pushed to a collector that takes everything, and a line of JSON for each call
    Told,
    /// The same, with nothing counted, measured or told
    Silent,
    /// The service with lanes of one: one call of the kernel per request, on 32 connections
    Function,
    /// One transaction per request with SELECT … FOR UPDATE, as most teams would write it, on 32 connections
    Transaction,
    /// No gate and no database: what came in goes out
    Echo,
}

/// How a server process is started.
pub struct Start {
    /// The words after the program's name.
    pub words: &'static [&'static str],
    /// Settings besides addresses, data folder and database.
    pub settings: &'static [(&'static str, &'static str)],
}

impl Alternative {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lanes => "lanes",
            Self::Told => "told",
            Self::Silent => "silent",
            Self::Function => "function",
            Self::Transaction => "transaction",
            Self::Echo => "echo",
        }
    }

    /// The one place where they differ. Two thirds of the lanes' connections are one tenant's, half of these for requests: 96 are 32 for
    /// the one tenant that most workloads have; half of a process's connections write.
    #[must_use]
    pub fn start(self) -> Start {
        match self {
            Self::Lanes => Start {
                words: &["serve"],
                settings: &[],
            },
            Self::Told => Start {
                words: &["serve"],
                settings: &[("LARGESSE_LOG_FORMAT", "json")],
            },
            Self::Silent => Start {
                words: &["serve"],
                settings: &[("OTEL_SDK_DISABLED", "true"), ("LARGESSE_LOG", "off")],
            },
            Self::Function => Start {
                words: &["serve"],
                settings: &[
                    ("LARGESSE_LANE_BATCH", "1"),
                    ("LARGESSE_LANE_CONNECTIONS", "96"),
                    ("LARGESSE_DATABASE_CONNECTIONS", "128"),
                ],
            },
            Self::Transaction => Start {
                words: &["bench", "serve", "--as", "transaction"],
                settings: &[],
            },
            Self::Echo => Start {
                words: &["bench", "serve", "--as", "echo"],
                settings: &[],
            },
        }
    }

    /// Whether it writes a trail that is numbered and sealed.
    #[must_use]
    pub fn has_trail(self) -> bool {
        matches!(
            self,
            Self::Lanes | Self::Told | Self::Silent | Self::Function
        )
    }

    /// Whether it can answer a workload: the transaction knows nobody else who could say yes, and an echo says yes to
    /// everything.
    #[must_use]
    pub fn answers(self, workload: Workload) -> bool {
        match self {
            Self::Lanes | Self::Told | Self::Silent | Self::Function => true,
            Self::Transaction => workload != Workload::Mixed,
            Self::Echo => !matches!(workload, Workload::Mixed | Workload::Dry),
        }
    }

    /// Whether it writes anything.
    #[must_use]
    pub fn has_database(self) -> bool {
        self != Self::Echo
    }
}
