//! Where the earlier steps of a gesture came about: what is done later is linked to them, since hours or people lie between,
//! and a trace that waited for those would never be whole.

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Context, KeyValue};

use super::store;
use crate::ids::{GestureId, TenantId};
use crate::postgres::Database;
use crate::telemetry::{names, traces};

/// Links the span that runs here to the request for the gesture and to the last step of it that came about elsewhere. Where
/// nobody is told, or it cannot be read, there are no links.
pub async fn link_back(database: &Database, tenant: TenantId, id: GestureId) {
    let context = Context::current();
    let span = context.span();
    if !span.is_recording() {
        return;
    }
    let own = span.span_context().trace_id().to_string();
    let Ok((requested, last)) = store::steps(database, tenant, id, &own).await else {
        return;
    };
    let follows = last.filter(|last| requested.as_ref() != Some(last));
    for (kind, step) in [("requested_by", requested), ("follows", follows)] {
        if let Some(of) = step.as_deref().and_then(traces::context_of) {
            span.add_link(of, vec![KeyValue::new(names::LINK_KIND, kind)]);
        }
    }
}
