//! The words of a document that have a fixed set of values.

use serde::{Deserialize, Serialize};

/// A word of the document with a fixed set of values: read, shown and listed in messages.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$each])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order in which messages list them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is written in documents and kept in the database.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// Whose use a limit counts.
    Subject {
        /// The decider's.
        Agent = "AGENT",
        /// The decider's for one customer.
        AgentAndCustomer = "AGENT_AND_CUSTOMER",
        /// One customer's.
        Customer = "CUSTOMER",
        /// One case's.
        Case = "CASE",
        /// A budget's; never written as a limit, each budget states its own amount.
        Budget = "BUDGET",
        /// The whole tenant's.
        Tenant = "TENANT",
    }
}

words! {
    /// When counting begins again.
    Window {
        /// Each gesture on its own.
        Gesture = "GESTURE",
        /// At the tenant's midnight.
        Day = "DAY",
        /// On the day on which the tenant's weeks begin.
        Week = "WEEK",
        /// On the first of the month.
        Month = "MONTH",
        /// On the first of January, April, July and October.
        Quarter = "QUARTER",
        /// On the first of January.
        Year = "YEAR",
        /// Never.
        Ever = "EVER",
    }
}

words! {
    /// What an agent is.
    AgentType {
        /// A person.
        Human = "HUMAN",
        /// A program that acts for people.
        Software = "SOFTWARE",
        /// The duty pool, whose members answer in its authority.
        Pool = "POOL",
    }
}

words! {
    /// What it means that nobody answered.
    SilenceRule {
        /// The question ends.
        Expire = "EXPIRE",
        /// The duty pool gives it, within its own maxima.
        Grant = "GRANT",
    }
}

/// The limit that counts how often an agent breaks the glass. The name is reserved: a maximum for it is the right to, and no
/// authority over any gesture.
pub const BREAK_GLASS: &str = "break_glass";

/// The fields of a recipient that a catalog item may require.
pub const RECIPIENT_FIELDS: [&str; 8] = [
    "full_name",
    "address_lines",
    "locality",
    "region",
    "postal_code",
    "country",
    "email",
    "phone",
];

/// The days of the week in ISO order: the first is number 1.
pub const WEEKDAYS: [&str; 7] = [
    "MONDAY",
    "TUESDAY",
    "WEDNESDAY",
    "THURSDAY",
    "FRIDAY",
    "SATURDAY",
    "SUNDAY",
];
