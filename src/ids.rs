//! The registry of typed ids, in alphabetical order. A bare `Uuid` or `String` does not cross a function that has two.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// Ids that callers choose: 1 to 128 visible ASCII characters.
pub const CHOSEN_ID_CHARACTERS_MAX: usize = 128;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

macro_rules! chosen_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Takes a text that is an id by form.
            pub fn new(text: impl Into<String>) -> Option<Self> {
                let text = text.into();
                is_chosen_id(&text).then_some(Self(text))
            }

            /// The id as it was chosen.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

chosen_id! {
    /// A principal that can ask for gestures: a person, a program acting for one, or the duty pool.
    AgentId
}

chosen_id! {
    /// A customer, as the calling systems know them.
    CustomerId
}

uuid_id! {
    /// Lent authority; the client's own id, so that a retry is the same delegation.
    DelegationId
}

uuid_id! {
    /// A gesture; the client's request id *is* the gesture's id.
    GestureId
}

uuid_id! {
    /// A brand or business unit; every row carries one.
    TenantId
}

/// Whether a text may be an id that callers choose: `^[!-~]{1,128}$`.
pub fn is_chosen_id(text: &str) -> bool {
    (1..=CHOSEN_ID_CHARACTERS_MAX).contains(&text.len())
        && text.bytes().all(|byte| (b'!'..=b'~').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_visible_ascii() {
        assert!(is_chosen_id("fl-101"));
        for wrong in ["", "two words", "grün", "tab\t", &"x".repeat(129)] {
            assert!(!is_chosen_id(wrong), "{wrong:?}");
        }
    }
}
