//! The service as a publisher needs it: for days, through restarts, with a credential that is renewed.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::cli::client::{Client, Credential};
use crate::cli::failure::{Effect, Failure};
use crate::cli::standing::CredentialSource;
use crate::identity::Role;
use crate::pb::event_service_client::EventServiceClient;

/// A credential that we signed is good for five minutes; it is renewed long before.
const CREDENTIAL_FOR: Duration = Duration::from_secs(120);

/// Why publishing does not go on just now.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nothing but somebody can help.
    ForGood(Failure),
    /// It may go on after a while.
    ForNow(String),
    /// Somebody else is at the consumer.
    Leased(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::ForGood(failure)
    }
}

impl From<Status> for Stop {
    fn from(status: Status) -> Self {
        match status.code() {
            Code::Aborted => Self::Leased(status.message().to_owned()),
            Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Cancelled
            | Code::Unknown
            | Code::Internal
            | Code::ResourceExhausted => Self::ForNow(status.message().to_owned()),
            Code::Ok
            | Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::DataLoss
            | Code::Unauthenticated => Self::ForGood(Effect::Reads.failed(&status)),
        }
    }
}

type Events = EventServiceClient<InterceptedService<Channel, Credential>>;

/// A connection, and what its credential is made of.
pub(super) struct Service {
    credential: CredentialSource,
    client: Mutex<(Client, Instant)>,
}

impl Service {
    /// Connects.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub(super) async fn connect(credential: CredentialSource) -> Result<Self, Failure> {
        let (options, folder) = (credential.options()?, &credential.data_folder);
        let client = Client::connect(&options, folder, Role::Follower).await?;
        Ok(Self {
            credential,
            client: Mutex::new((client, Instant::now())),
        })
    }

    /// The EventService, with a credential that is good for a while.
    ///
    /// # Errors
    /// No credential.
    pub(super) fn events(&self) -> Result<Events, Failure> {
        self.with_credential(Client::events)
    }

    /// The same for a stream that goes on.
    ///
    /// # Errors
    /// No credential.
    pub(super) fn event_streams(&self) -> Result<Events, Failure> {
        self.with_credential(Client::event_streams)
    }

    fn with_credential(&self, of: impl FnOnce(&Client) -> Events) -> Result<Events, Failure> {
        // Whoever panicked while holding it left a client that works, or will be renewed.
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, signed_at) = &mut *client;
        if signed_at.elapsed() > CREDENTIAL_FOR {
            let (options, folder) = (self.credential.options()?, &self.credential.data_folder);
            client.renew_credential(&options, folder, Role::Follower)?;
            *signed_at = Instant::now();
        }
        Ok(of(client))
    }
}
