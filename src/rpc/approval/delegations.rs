//! Lending authority, and being away.

use tonic::Request;

use super::{ApprovalRpc, KINDS_MAX};
use crate::approval::{Absence, Delegation, Lending};
use crate::ids::AgentId;
use crate::pb;
use crate::problem::{Problem, Wrong};
use crate::rpc::form::Form;
use crate::rpc::{caller, convert};

impl ApprovalRpc {
    pub(super) async fn delegate(
        &self,
        request: Request<pb::CreateDelegationRequest>,
    ) -> Result<pb::CreateDelegationResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let id = form.delegation_id("delegation_id", &message.delegation_id);
        let delegate = form
            .id("delegate_id", &message.delegate_id)
            .and_then(AgentId::new);
        let starts_at = form.instant("start_time", message.start_time);
        let ends_at = form.instant("end_time", message.end_time);
        if message.end_time.is_none() {
            form.wrong("end_time", Wrong::Required, "is needed: until when");
        }
        let kinds = form.kinds(&message.kinds, KINDS_MAX);
        let asked = message.lent_max.as_ref();
        let lent_max = asked.and_then(|_| form.money("lent_max", asked));
        let ((id, delegate), ends_at) = form.whole(id.zip(delegate).zip(ends_at))?;
        let lending = Lending {
            id,
            delegate,
            starts_at,
            ends_at,
            kinds,
            lent_max,
        };
        let (delegation, replayed) = self.approvals.delegate(&caller, agent, lending).await?;
        Ok(pb::CreateDelegationResponse {
            delegation: Some(delegation_message(delegation)),
            replayed,
        })
    }

    pub(super) async fn delegations(
        &self,
        request: Request<pb::ListDelegationsRequest>,
    ) -> Result<pb::ListDelegationsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let page_size = form.page_size(message.page_size);
        form.finish()?;
        let token = Some(message.page_token).filter(|token| !token.is_empty());
        let page = self
            .approvals
            .delegations(
                &caller,
                agent,
                message.include_ended,
                page_size,
                token.as_deref(),
            )
            .await?;
        Ok(pb::ListDelegationsResponse {
            delegations: page
                .delegations
                .into_iter()
                .map(delegation_message)
                .collect(),
            absences: page.absences.into_iter().map(absence_message).collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    pub(super) async fn revoke(
        &self,
        request: Request<pb::RevokeDelegationRequest>,
    ) -> Result<pb::RevokeDelegationResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.delegation_id("delegation_id", &message.delegation_id);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let delegation = self
            .approvals
            .revoke(&caller, agent, form.whole(id)?)
            .await?;
        Ok(pb::RevokeDelegationResponse {
            delegation: Some(delegation_message(delegation)),
        })
    }

    pub(super) async fn set_away(
        &self,
        request: Request<pb::SetAwayRequest>,
    ) -> Result<pb::SetAwayResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let starts_at = form.instant("start_time", message.start_time);
        let ends_at = form.instant("end_time", message.end_time);
        if message.start_time.is_some() && message.end_time.is_none() {
            form.wrong(
                "start_time",
                Wrong::OutOfRange,
                "is left unset by whoever is back; who goes away names an end_time as well",
            );
        }
        form.finish()?;
        let absence = self
            .approvals
            .set_away(&caller, agent, starts_at, ends_at)
            .await?;
        Ok(pb::SetAwayResponse {
            absence: absence.map(absence_message),
        })
    }
}

fn delegation_message(delegation: Delegation) -> pb::Delegation {
    let (revoked_at, revoked_by) = delegation.revoked.unzip();
    pb::Delegation {
        id: delegation.id.to_string(),
        delegator_id: delegation.delegator.to_string(),
        delegate_id: delegation.delegate.to_string(),
        start_time: Some(convert::instant(delegation.starts_at)),
        end_time: Some(convert::instant(delegation.ends_at)),
        kinds: delegation.kinds,
        lent_max: delegation
            .lent_max
            .map(|(minor, currency)| convert::money(minor, &currency)),
        create_time: Some(convert::instant(delegation.created_at)),
        created_by: delegation.created_by,
        revoke_time: revoked_at.map(convert::instant),
        revoked_by: revoked_by.unwrap_or_default(),
        is_active: delegation.is_active,
    }
}

fn absence_message(absence: Absence) -> pb::Absence {
    pb::Absence {
        agent_id: absence.agent.to_string(),
        start_time: Some(convert::instant(absence.starts_at)),
        end_time: Some(convert::instant(absence.ends_at)),
    }
}
