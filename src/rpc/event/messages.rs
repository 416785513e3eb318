//! Events and consumers as messages.

use crate::ids::TenantId;
use crate::pb;
use crate::rpc::convert::{instant, money};
use crate::trail::events::{Consumer, Event, Lease, SetAside};

/// An event.
pub(in crate::rpc) fn event(event: Event, tenant: TenantId, tenant_name: &str) -> pb::Event {
    let amount = event.amount_minor.zip(event.currency.as_deref());
    pb::Event {
        cursor: event.position.cursor(tenant),
        id: event.id(),
        tenant: tenant_name.to_owned(),
        amount: amount.map(|(minor, currency)| money(minor, currency)),
        r#type: event.r#type,
        gesture_id: event
            .gesture_id
            .map(|id| id.to_string())
            .unwrap_or_default(),
        seq: event.seq.unwrap_or_default(),
        state: event.state.unwrap_or_default(),
        actor: event.actor,
        authority: event.authority.unwrap_or_default(),
        time: Some(instant(event.at)),
        configuration_version: event.configuration_version.unwrap_or_default(),
        customer_id: event.customer_id.unwrap_or_default(),
        case_id: event.case_id.unwrap_or_default(),
        kind: event.kind.unwrap_or_default(),
        facts: event.facts.unwrap_or_default(),
        terms_digest: event.terms_digest.map(hex::encode).unwrap_or_default(),
        traceparent: event.trace.unwrap_or_default(),
    }
}

/// A consumer.
pub(super) fn consumer(consumer: Consumer, tenant: TenantId) -> pb::Consumer {
    pb::Consumer {
        name: consumer.name,
        cursor: consumer.position.cursor(tenant),
        ack_time: consumer.acked_at.map(instant),
        batches_behind: consumer.batches_behind,
        events_behind: consumer.events_behind,
        behind_for: consumer.behind_for_s.map(|seconds| prost_types::Duration {
            seconds: seconds.max(0),
            nanos: 0,
        }),
        holder: consumer.holder.unwrap_or_default(),
        lease_end_time: consumer.leased_until.map(instant),
        failure: consumer.failure.unwrap_or_default(),
        failure_time: consumer.failed_at.map(instant),
        set_aside_count: consumer.set_aside,
    }
}

/// A lease.
pub(super) fn lease(lease: Lease, tenant: TenantId) -> pb::LeaseConsumerResponse {
    pb::LeaseConsumerResponse {
        lease: lease
            .held
            .map(|(number, _)| number.to_string())
            .unwrap_or_default(),
        lease_end_time: lease.held.map(|(_, until)| instant(until)),
        cursor: lease.position.cursor(tenant),
        is_retry_due: lease.is_retry_due,
    }
}

/// An event that is set aside.
pub(super) fn set_aside(item: SetAside, tenant: TenantId, tenant_name: &str) -> pb::SetAsideEvent {
    pb::SetAsideEvent {
        event: Some(event(item.event, tenant, tenant_name)),
        why: item.why,
        tries: item.tries,
        set_aside_time: Some(instant(item.at)),
        is_retry_due: item.is_retry_due,
    }
}
