//! Attacks with the service's own database credentials and plain SQL.
