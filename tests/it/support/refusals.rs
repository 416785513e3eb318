//! What an error tells a caller, laid open for a test.

use tonic::Status;
use tonic_types::{FieldViolation, StatusExt};

/// The stable reason of an error.
pub fn reason_of(status: &Status) -> String {
    status
        .get_details_error_info()
        .map(|info| info.reason)
        .unwrap_or_default()
}

/// A fact of an error, by its key.
pub fn fact_of(status: &Status, key: &str) -> String {
    status
        .get_details_error_info()
        .and_then(|info| info.metadata.get(key).cloned())
        .unwrap_or_default()
}

/// Every violated field of an error.
pub fn violations(status: &Status) -> Vec<FieldViolation> {
    status
        .get_details_bad_request()
        .map(|bad| bad.field_violations)
        .unwrap_or_default()
}

/// The fields that an error names.
pub fn violated_fields(status: &Status) -> Vec<String> {
    violations(status)
        .into_iter()
        .map(|violation| violation.field)
        .collect()
}

/// What is wrong with which field, as `field REASON`.
pub fn wrongs(status: &Status) -> Vec<String> {
    violations(status)
        .into_iter()
        .map(|violation| format!("{} {}", violation.field, violation.reason))
        .collect()
}

/// Everything that a caller can read of an error: the sentence and the details as bytes. For looking for what must not be there.
pub fn everything_said(status: &Status) -> String {
    // When and in which trace it was said is no part of what was said.
    let mut metadata = status.metadata().clone();
    metadata.remove("date");
    metadata.remove("x-largesse-trace-id");
    format!(
        "{:?} {metadata:?} {} {}",
        status.code(),
        status.message(),
        String::from_utf8_lossy(status.details())
    )
}
