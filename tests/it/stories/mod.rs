//! What users live through, through gRPC alone. A file per story.

mod bad_credentials;
mod bad_input;
mod bad_messages;
mod strangers;
mod white_lilies;
