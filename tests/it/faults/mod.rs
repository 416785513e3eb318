//! What goes wrong around the service.
