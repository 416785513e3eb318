//! AuthorityService: reads messages, calls one use case each, writes the answer.

mod messages;

use tonic::{Request, Response, Status};

use self::messages::{agent_message, catalog_message, change_message, entry, item_message};
use super::form::Form;
use super::{caller, convert, to_status};
use crate::authority::{Authorities, PauseScope, RemainingQuestion};
use crate::configuration::{AgentEntry, Configurations};
use crate::ids::AgentId;
use crate::pb;
use crate::pb::authority_service_server::AuthorityService;
use crate::problem::{Problem, Wrong};

/// Most agents of one PutAgents.
const PUT_AGENTS_MAX: usize = 1000;
/// Most changes that a plan spells out; all of them are counted.
const CHANGES_MAX: usize = 1000;

/// The service over the use cases of authority and configuration.
pub struct AuthorityRpc {
    authorities: Authorities,
    configurations: Configurations,
}

impl AuthorityRpc {
    /// The service.
    pub fn new(authorities: Authorities, configurations: Configurations) -> Self {
        Self {
            authorities,
            configurations,
        }
    }

    async fn remaining(
        &self,
        request: Request<pb::GetAuthorityRequest>,
    ) -> Result<pb::GetAuthorityResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let question = RemainingQuestion {
            customer: form.optional_id("customer_id", &message.customer_id),
            case_id: form.optional_id("case_id", &message.case_id),
            segment: form.optional_id("segment", &message.segment),
            occasion: form.optional_id("occasion", &message.occasion),
            budget: form.optional_id("budget", &message.budget),
            at: form.instant("at", message.at),
        };
        form.finish()?;
        let standing = self.authorities.remaining(&caller, agent, question).await?;
        Ok(pb::GetAuthorityResponse {
            agent_id: standing.agent.id,
            level: standing.agent.level,
            configuration_version: standing.configuration_version,
            at: Some(convert::instant(standing.at)),
            items: standing.items.into_iter().map(item_message).collect(),
        })
    }

    async fn agents(
        &self,
        request: Request<pb::ListAgentsRequest>,
    ) -> Result<pb::ListAgentsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let page_size = form.page_size(message.page_size);
        form.finish()?;
        let page = self
            .authorities
            .list_agents(&caller, page_size, token(&message.page_token))
            .await?;
        Ok(pb::ListAgentsResponse {
            agents: page.items.into_iter().map(agent_message).collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    async fn put(
        &self,
        request: Request<pb::PutAgentsRequest>,
    ) -> Result<pb::PutAgentsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        if !(1..=PUT_AGENTS_MAX).contains(&message.agents.len()) {
            let description = format!("must be 1 to {PUT_AGENTS_MAX} agents");
            return Err(Problem::invalid("agents", Wrong::OutOfRange, description));
        }
        let mut form = Form::default();
        let entries: Vec<AgentEntry> = message
            .agents
            .into_iter()
            .enumerate()
            .filter_map(|(number, agent)| entry(&mut form, number, agent))
            .collect();
        form.finish()?;
        let version = self
            .configurations
            .put_agents(&caller, &entries, message.expected_version)
            .await?;
        Ok(pb::PutAgentsResponse { version })
    }

    async fn suspend(
        &self,
        request: Request<pb::SuspendAgentRequest>,
    ) -> Result<pb::SuspendAgentResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form
            .id("agent_id", &message.agent_id)
            .and_then(AgentId::new);
        if message.suspended.is_none() {
            form.wrong(
                "suspended",
                Wrong::Required,
                "is needed: true stops the agent's giving, false lets it go on",
            );
        }
        let (agent, suspended) = form.whole(agent.zip(message.suspended))?;
        let (agent, changed) = self.authorities.suspend(&caller, &agent, suspended).await?;
        Ok(pb::SuspendAgentResponse {
            agent: Some(agent_message(agent)),
            changed,
        })
    }

    async fn catalog(
        &self,
        request: Request<pb::ListCatalogItemsRequest>,
    ) -> Result<pb::ListCatalogItemsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let page_size = form.page_size(message.page_size);
        form.finish()?;
        let page = self
            .authorities
            .list_catalog_items(&caller, page_size, token(&message.page_token))
            .await?;
        Ok(pb::ListCatalogItemsResponse {
            items: page.items.into_iter().map(catalog_message).collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    async fn plan(
        &self,
        request: Request<pb::PlanConfigurationRequest>,
    ) -> Result<pb::PlanConfigurationResponse, Problem> {
        let caller = caller(&request)?;
        let plan = self
            .configurations
            .plan(&caller, &request.into_inner().document)
            .await?;
        Ok(pb::PlanConfigurationResponse {
            compared_version: plan.compared_version,
            change_count: i32::try_from(plan.changes.len()).unwrap_or(i32::MAX),
            changes: plan
                .changes
                .into_iter()
                .take(CHANGES_MAX)
                .map(change_message)
                .collect(),
            abandoned_limits: plan
                .abandoned
                .into_iter()
                .map(|abandoned| pb::AbandonedLimit {
                    subject: convert::subject(abandoned.limit.subject.word()),
                    window: convert::window(abandoned.limit.window.word()),
                    used: Some(convert::money(
                        abandoned.used_minor,
                        abandoned.limit.currency.code(),
                    )),
                    currency: abandoned.limit.currency.to_string(),
                    limit: abandoned.limit.name,
                    counter_count: abandoned.counter_count,
                })
                .collect(),
            suspended_agent_ids: plan.suspended,
        })
    }

    async fn apply(
        &self,
        request: Request<pb::ApplyConfigurationRequest>,
    ) -> Result<pb::ApplyConfigurationResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        if message.expected_version < 0 {
            form.wrong(
                "expected_version",
                Wrong::OutOfRange,
                "is the version that you saw, or 0 for a tenant without one",
            );
        }
        form.finish()?;
        let (tenant, version) = self
            .configurations
            .apply(&caller, &message.document, message.expected_version)
            .await?;
        Ok(pb::ApplyConfigurationResponse {
            version,
            tenant_id: tenant.to_string(),
        })
    }

    async fn get(
        &self,
        request: Request<pb::GetConfigurationRequest>,
    ) -> Result<pb::GetConfigurationResponse, Problem> {
        let caller = caller(&request)?;
        let version = self
            .configurations
            .get(&caller, request.into_inner().version)
            .await?;
        Ok(pb::GetConfigurationResponse {
            configuration: Some(pb::Configuration {
                version: version.number,
                document: version.document,
                applied_by: version.applied_by,
                apply_time: Some(convert::instant(version.applied_at)),
            }),
        })
    }

    async fn pause(
        &self,
        request: Request<pb::PauseGivingRequest>,
    ) -> Result<pb::PauseGivingResponse, Problem> {
        use pb::pause_giving_request::Scope;
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let scope = match message.scope {
            Some(Scope::Tenant(_)) => Some(PauseScope::Tenant),
            Some(Scope::Kind(kind)) => form.id("kind", &kind).map(PauseScope::Kind),
            Some(Scope::Channel(channel)) => form.id("channel", &channel).map(PauseScope::Channel),
            None => {
                form.wrong(
                    "scope",
                    Wrong::Required,
                    "is needed: tenant, kind or channel",
                );
                None
            }
        };
        if message.paused.is_none() {
            form.wrong(
                "paused",
                Wrong::Required,
                "is needed: true pauses, false lets it go on",
            );
        }
        let (scope, paused) = form.whole(scope.zip(message.paused))?;
        let changed = self.authorities.pause(&caller, &scope, paused).await?;
        Ok(pb::PauseGivingResponse { changed })
    }
}

fn token(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

#[tonic::async_trait]
impl AuthorityService for AuthorityRpc {
    async fn get_authority(
        &self,
        request: Request<pb::GetAuthorityRequest>,
    ) -> Result<Response<pb::GetAuthorityResponse>, Status> {
        self.remaining(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn list_agents(
        &self,
        request: Request<pb::ListAgentsRequest>,
    ) -> Result<Response<pb::ListAgentsResponse>, Status> {
        self.agents(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn put_agents(
        &self,
        request: Request<pb::PutAgentsRequest>,
    ) -> Result<Response<pb::PutAgentsResponse>, Status> {
        self.put(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn suspend_agent(
        &self,
        request: Request<pb::SuspendAgentRequest>,
    ) -> Result<Response<pb::SuspendAgentResponse>, Status> {
        self.suspend(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn list_catalog_items(
        &self,
        request: Request<pb::ListCatalogItemsRequest>,
    ) -> Result<Response<pb::ListCatalogItemsResponse>, Status> {
        self.catalog(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn plan_configuration(
        &self,
        request: Request<pb::PlanConfigurationRequest>,
    ) -> Result<Response<pb::PlanConfigurationResponse>, Status> {
        self.plan(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn apply_configuration(
        &self,
        request: Request<pb::ApplyConfigurationRequest>,
    ) -> Result<Response<pb::ApplyConfigurationResponse>, Status> {
        self.apply(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn get_configuration(
        &self,
        request: Request<pb::GetConfigurationRequest>,
    ) -> Result<Response<pb::GetConfigurationResponse>, Status> {
        self.get(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn pause_giving(
        &self,
        request: Request<pb::PauseGivingRequest>,
    ) -> Result<Response<pb::PauseGivingResponse>, Status> {
        self.pause(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }
}
