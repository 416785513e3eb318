//! The rest of both services for a [`Client`]: lists, authority, configuration, the roster, pauses.

use largesse::pb;
use largesse::pb::pause_giving_request::Scope;
use tonic::Status;

use super::Client;

impl Client {
    /// A page of gestures.
    pub async fn list(
        &mut self,
        request: pb::ListGesturesRequest,
    ) -> Result<pb::ListGesturesResponse, Status> {
        Ok(self.gestures.list_gestures(request).await?.into_inner())
    }

    /// Several gestures by their ids.
    pub async fn batch_get(
        &mut self,
        ids: &[String],
    ) -> Result<pb::BatchGetGesturesResponse, Status> {
        let request = pb::BatchGetGesturesRequest {
            gesture_ids: ids.to_vec(),
        };
        Ok(self
            .gestures
            .batch_get_gestures(request)
            .await?
            .into_inner())
    }

    /// What may still be given.
    pub async fn authority(
        &mut self,
        request: pb::GetAuthorityRequest,
    ) -> Result<pb::GetAuthorityResponse, Status> {
        Ok(self.authority.get_authority(request).await?.into_inner())
    }

    /// What a document would change.
    pub async fn plan(&mut self, document: &str) -> Result<pb::PlanConfigurationResponse, Status> {
        let request = pb::PlanConfigurationRequest {
            document: document.into(),
        };
        Ok(self
            .authority
            .plan_configuration(request)
            .await?
            .into_inner())
    }

    /// A version of the configuration; none named: the one in force.
    pub async fn configuration(
        &mut self,
        version: Option<i32>,
    ) -> Result<pb::Configuration, Status> {
        let request = pb::GetConfigurationRequest { version };
        let answer = self.authority.get_configuration(request).await?;
        Ok(answer.into_inner().configuration.unwrap())
    }

    /// The whole roster.
    pub async fn roster(&mut self) -> Result<Vec<pb::Agent>, Status> {
        let request = pb::ListAgentsRequest {
            page_size: 200,
            ..Default::default()
        };
        let answer = self.authority.list_agents(request).await?;
        Ok(answer.into_inner().agents)
    }

    /// Puts agents on the roster; the version that this made.
    pub async fn put_agents(
        &mut self,
        agents: Vec<pb::Agent>,
        expected_version: Option<i32>,
    ) -> Result<i32, Status> {
        let request = pb::PutAgentsRequest {
            agents,
            expected_version,
        };
        Ok(self
            .authority
            .put_agents(request)
            .await?
            .into_inner()
            .version)
    }

    /// Suspends an agent, or reinstates one.
    pub async fn suspend(
        &mut self,
        agent: &str,
        suspended: bool,
    ) -> Result<pb::SuspendAgentResponse, Status> {
        let request = pb::SuspendAgentRequest {
            agent_id: agent.into(),
            suspended: Some(suspended),
        };
        Ok(self.authority.suspend_agent(request).await?.into_inner())
    }

    /// Pauses giving, or lets it go on; whether that changed anything.
    pub async fn pause(&mut self, scope: Scope, paused: bool) -> Result<bool, Status> {
        let request = pb::PauseGivingRequest {
            scope: Some(scope),
            paused: Some(paused),
        };
        Ok(self
            .authority
            .pause_giving(request)
            .await?
            .into_inner()
            .changed)
    }
}
