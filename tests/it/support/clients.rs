//! A gRPC client for one credential.

use std::net::SocketAddr;

use largesse::pb;
use largesse::pb::approval_service_client::ApprovalServiceClient;
use largesse::pb::audit_service_client::AuditServiceClient;
use largesse::pb::authority_service_client::AuthorityServiceClient;
use largesse::pb::event_service_client::EventServiceClient;
use largesse::pb::fulfilment_service_client::FulfilmentServiceClient;
use largesse::pb::gesture_service_client::GestureServiceClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;

/// Adds the credential to every call.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// Every service with one credential.
#[derive(Clone)]
pub struct Client {
    /// GestureService.
    pub gestures: GestureServiceClient<InterceptedService<Channel, Bearer>>,
    /// ApprovalService.
    pub approvals: ApprovalServiceClient<InterceptedService<Channel, Bearer>>,
    /// FulfilmentService.
    pub fulfilment: FulfilmentServiceClient<InterceptedService<Channel, Bearer>>,
    /// AuthorityService.
    pub authority: AuthorityServiceClient<InterceptedService<Channel, Bearer>>,
    /// EventService.
    pub events: EventServiceClient<InterceptedService<Channel, Bearer>>,
    /// AuditService.
    pub audit: AuditServiceClient<InterceptedService<Channel, Bearer>>,
}

impl Client {
    /// Connects with a token; an empty one sends none.
    pub async fn connect(address: SocketAddr, token: &str) -> Self {
        let channel = Endpoint::from_shared(format!("http://{address}"))
            .unwrap()
            .connect()
            .await
            .unwrap();
        let bearer =
            Bearer((!token.is_empty()).then(|| format!("Bearer {token}").parse().unwrap()));
        Self {
            gestures: GestureServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            approvals: ApprovalServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            fulfilment: FulfilmentServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            authority: AuthorityServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            events: EventServiceClient::with_interceptor(channel.clone(), bearer.clone()),
            audit: AuditServiceClient::with_interceptor(channel, bearer),
        }
    }

    /// Requests a gesture under a new id.
    pub async fn request(&mut self, gesture: pb::Gesture) -> Result<pb::Gesture, Status> {
        Ok(self
            .request_as(Uuid::now_v7(), gesture)
            .await?
            .gesture
            .unwrap())
    }

    /// Requests a gesture under this id.
    pub async fn request_as(
        &mut self,
        id: Uuid,
        gesture: pb::Gesture,
    ) -> Result<pb::RequestGestureResponse, Status> {
        let request = pb::RequestGestureRequest {
            request_id: id.to_string(),
            gesture: Some(gesture),
            agent_id: String::new(),
            break_glass: false,
        };
        Ok(self.gestures.request_gesture(request).await?.into_inner())
    }

    /// Every step of a gesture.
    pub async fn trail(&mut self, gesture_id: &str) -> Result<Vec<pb::TrailStep>, Status> {
        let request = pb::GetTrailRequest {
            gesture_id: gesture_id.into(),
        };
        Ok(self.audit.get_trail(request).await?.into_inner().steps)
    }

    /// What would be decided.
    pub async fn preview(&mut self, gesture: pb::Gesture) -> Result<pb::Decision, Status> {
        let request = pb::PreviewGestureRequest {
            gesture: Some(gesture),
            agent_id: String::new(),
            break_glass: false,
        };
        Ok(self
            .gestures
            .preview_gesture(request)
            .await?
            .into_inner()
            .decision
            .unwrap())
    }

    /// One gesture.
    pub async fn get(&mut self, id: &str) -> Result<pb::Gesture, Status> {
        let request = pb::GetGestureRequest {
            gesture_id: id.into(),
        };
        Ok(self
            .gestures
            .get_gesture(request)
            .await?
            .into_inner()
            .gesture
            .unwrap())
    }

    /// Cancels a gesture as it was seen.
    pub async fn cancel(
        &mut self,
        gesture: &pb::Gesture,
    ) -> Result<pb::CancelGestureResponse, Status> {
        let request = pb::CancelGestureRequest {
            gesture_id: gesture.id.clone(),
            etag: gesture.etag.clone(),
            agent_id: String::new(),
        };
        Ok(self.gestures.cancel_gesture(request).await?.into_inner())
    }

    /// What became of a request.
    pub async fn resolve(&mut self, id: Uuid) -> Result<pb::ResolveRequestResponse, Status> {
        let request = pb::ResolveRequestRequest {
            request_id: id.to_string(),
            agent_id: String::new(),
        };
        Ok(self.gestures.resolve_request(request).await?.into_inner())
    }

    /// Applies a document.
    pub async fn apply(&mut self, document: &str, expected_version: i32) -> Result<i32, Status> {
        let request = pb::ApplyConfigurationRequest {
            document: document.into(),
            expected_version,
        };
        Ok(self
            .authority
            .apply_configuration(request)
            .await?
            .into_inner()
            .version)
    }
}

/// What a test asks of a refusal.
pub trait Reasoned {
    /// The codes of its reasons, in order.
    fn codes(&self) -> Vec<&str>;
    /// The limits that its reasons name, in order.
    fn limits(&self) -> Vec<&str>;
}

impl Reasoned for pb::Decision {
    fn codes(&self) -> Vec<&str> {
        self.reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect()
    }

    fn limits(&self) -> Vec<&str> {
        self.reasons
            .iter()
            .filter(|reason| !reason.limit.is_empty())
            .map(|reason| reason.limit.as_str())
            .collect()
    }
}
