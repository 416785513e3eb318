//! What users live through, through gRPC alone. A file per story.

mod approvals;
mod authority_matrices;
mod bad_credentials;
mod bad_documents;
mod bad_input;
mod bad_messages;
mod configuration;
mod counters_live_on;
mod currencies;
mod filters;
mod first_start;
mod following;
mod given_postgres;
mod listing;
mod lost_answers;
mod pauses;
mod publishing;
mod remaining;
mod remaining_then;
mod replays;
mod roster;
mod second_thoughts;
mod shop;
mod strangers;
mod white_lilies;
mod who_sees_what;
