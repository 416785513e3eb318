//! Values of authority and configuration as messages, and back. Nothing is decided here.

use prost_types::Duration;

use super::super::convert;
use super::super::form::Form;
use crate::authority::{Agent, CatalogItem, ItemAuthority, LimitUse};
use crate::configuration::{AgentEntry, AgentType, Change, ChangeKind, OverrideEntry};
use crate::pb;
use crate::problem::Wrong;

/// An agent as a caller puts it; what is malformed is noted in the form.
pub(super) fn entry(form: &mut Form, number: usize, agent: pb::Agent) -> Option<AgentEntry> {
    let field = |name: &str| format!("agents[{number}].{name}");
    if agent.suspended {
        form.wrong(
            field("suspended"),
            Wrong::OutputOnly,
            "is set by SuspendAgent alone; leave it unset",
        );
    }
    let agent_type = match agent.r#type() {
        pb::AgentType::Human => AgentType::Human,
        pb::AgentType::Software => AgentType::Software,
        pb::AgentType::Pool => AgentType::Pool,
        pb::AgentType::Unspecified => {
            form.wrong(
                field("type"),
                Wrong::Required,
                "must be HUMAN, SOFTWARE or POOL",
            );
            return None;
        }
    };
    let overrides = agent
        .overrides
        .into_iter()
        .enumerate()
        .map(|(place, given)| OverrideEntry {
            amount: given.amount.and_then(|amount| {
                form.money(&field(&format!("overrides[{place}].amount")), Some(&amount))
            }),
            limit: given.limit,
            count: given.count.map(i64::from),
            kinds: given.kinds,
        })
        .collect();
    Some(AgentEntry {
        id: agent.id,
        agent_type,
        person: Some(agent.person).filter(|person| !person.is_empty()),
        level: agent.level,
        manager: Some(agent.manager).filter(|manager| !manager.is_empty()),
        budget: agent.budget,
        own_customers: agent.own_customer_ids,
        overrides,
    })
}

/// An agent of the roster.
pub(super) fn agent_message(agent: Agent) -> pb::Agent {
    let agent_type =
        pb::AgentType::from_str_name(&format!("AGENT_TYPE_{}", agent.kind)).unwrap_or_default();
    pb::Agent {
        id: agent.id,
        r#type: agent_type.into(),
        person: agent.person,
        level: agent.level,
        manager: agent.manager.unwrap_or_default(),
        budget: agent.budget,
        own_customer_ids: agent.own_customers,
        overrides: agent
            .overrides
            .into_iter()
            .map(|given| pb::AgentOverride {
                amount: given.amount_minor.map(|minor| {
                    convert::money(minor, given.currency.as_deref().unwrap_or_default())
                }),
                limit: given.limit,
                count: given.count,
                kinds: given.kinds.unwrap_or_default(),
            })
            .collect(),
        suspended: agent.is_suspended,
    }
}

/// An entry of the catalog.
pub(super) fn catalog_message(item: CatalogItem) -> pb::CatalogItem {
    let scope = |name: &String| {
        pb::PauseScope::from_str_name(&format!("PAUSE_SCOPE_{name}"))
            .unwrap_or_default()
            .into()
    };
    pb::CatalogItem {
        price_range: Some(price_range(item.min_minor, item.max_minor, &item.currency)),
        kind: item.kind,
        currency: item.currency,
        offered: item.is_offered,
        required_recipient_fields: item.recipient_fields,
        channel: item.channel,
        lead_time: Some(Duration {
            seconds: i64::from(item.lead_time_s),
            nanos: 0,
        }),
        tolerance_basis_points: item.tolerance_bp,
        paused_by: item.paused_by.iter().map(scope).collect(),
        late_cancel_basis_points: item.late_cancel_bp,
    }
}

/// What may still be given of an entry of the catalog.
pub(super) fn item_message(item: ItemAuthority) -> pb::ItemAuthority {
    let currency = item.currency;
    pb::ItemAuthority {
        kind: item.kind,
        offered: item.is_offered,
        paused: item.is_paused,
        price_range: Some(price_range(item.min_minor, item.max_minor, &currency)),
        largest_now: item
            .largest_now
            .map(|minor| convert::money(minor, &currency)),
        problems: item.problems,
        limits: item
            .limits
            .into_iter()
            .map(|limit| limit_message(limit, &currency))
            .collect(),
        currency,
    }
}

fn limit_message(limit: LimitUse, item_currency: &str) -> pb::LimitUse {
    let amount = |minor: i64| convert::money(minor, &limit.currency);
    pb::LimitUse {
        subject: convert::subject(&limit.subject),
        window: convert::window(&limit.span),
        used: Some(amount(limit.used)),
        used_count: limit.used_count.filter(|_| limit.ceiling_count.is_some()),
        ceiling: limit.ceiling.map(amount),
        ceiling_count: limit.ceiling_count,
        remaining: limit.left.map(amount),
        window_start: limit.window_start.map(convert::instant),
        window_reset_time: limit.resets.map(convert::instant),
        largest_now: limit
            .largest_now
            .map(|minor| convert::money(minor, item_currency)),
        limit: limit.limit,
    }
}

fn price_range(min: i64, max: i64, currency: &str) -> pb::PriceRange {
    pb::PriceRange {
        min: Some(convert::money(min, currency)),
        max: Some(convert::money(max, currency)),
    }
}

/// One difference between two configurations.
pub(super) fn change_message(change: Change) -> pb::ConfigurationChange {
    let kind = match change.kind {
        ChangeKind::Added => pb::ConfigurationChangeType::Added,
        ChangeKind::Removed => pb::ConfigurationChangeType::Removed,
        ChangeKind::Changed => pb::ConfigurationChangeType::Changed,
    };
    pb::ConfigurationChange {
        text: change.to_string(),
        r#type: kind.into(),
        path: change.path,
        before: change.before.unwrap_or_default(),
        after: change.after.unwrap_or_default(),
    }
}
