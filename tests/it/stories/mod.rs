//! What users live through, through gRPC alone. A file per story.

mod white_lilies;
