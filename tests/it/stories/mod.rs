//! What users live through, through gRPC alone. A file per story.

mod authority_matrices;
mod bad_credentials;
mod bad_input;
mod bad_messages;
mod currencies;
mod filters;
mod listing;
mod remaining;
mod strangers;
mod white_lilies;
mod who_sees_what;
