//! Reaching the service: where it is, and as whom.
//!
//! A client verb is a gRPC client like any other. Its credential is the token that it was given, or one that it signs for
//! a few minutes with the key in the data folder: whoever can read that key may act for anybody, which is what a
//! developer's machine and an emergency need, and what the mode of the file restricts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

use super::failure::Failure;
use super::output::Printer;
use super::times;
use super::token::{Grant, sign};
use crate::identity::Role;
use crate::pb::approval_service_client::ApprovalServiceClient;
use crate::pb::audit_service_client::AuditServiceClient;
use crate::pb::authority_service_client::AuthorityServiceClient;
use crate::pb::event_service_client::EventServiceClient;
use crate::pb::fulfilment_service_client::FulfilmentServiceClient;
use crate::pb::gesture_service_client::GestureServiceClient;

/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A silent service is asked after this time, and given up when it does not answer in as long again.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
/// How long a token is good that a verb signs for itself: for one verb, with clocks that differ.
const TOKEN_LIFETIME: Duration = Duration::from_secs(5 * 60);
/// The subject of such a token where no agent needs to be named.
const LOCAL_SUBJECT: &str = "local";
/// The largest answer that is read: a page of 200 gestures with all their texts fits several times.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Options of every verb that talks to the service.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct ClientOptions {
    /// Where the service listens
    #[arg(
        long,
        env = "LARGESSE_SERVER",
        value_name = "URL",
        global = true,
        default_value = "http://127.0.0.1:50051"
    )]
    pub server: String,

    /// The token to show; unset: one is signed with the key in the data folder
    #[arg(
        long,
        env = "LARGESSE_TOKEN",
        value_name = "TOKEN",
        global = true,
        hide_env_values = true
    )]
    pub token: Option<SecretString>,

    /// The tenant, where no token is given
    #[arg(
        long,
        env = "LARGESSE_TENANT",
        value_name = "NAME",
        global = true,
        default_value = "demo"
    )]
    pub tenant: String,

    /// The agent who acts; with a token that covers several agents: which of them
    #[arg(long, env = "LARGESSE_AGENT", value_name = "ID", global = true)]
    pub agent: Option<String>,

    /// The roles to act in, where no token is given and the verb's own will not do
    #[arg(long = "role", value_name = "ROLE", global = true)]
    pub roles: Vec<Role>,

    /// The authority that the service's certificate is checked against, PEM, for https
    #[arg(long, env = "LARGESSE_CA", value_name = "FILE", global = true)]
    pub ca: Option<PathBuf>,

    /// The certificate to show to a service that demands one, PEM; needs --client-key
    #[arg(long, env = "LARGESSE_CLIENT_CERT", value_name = "FILE", global = true)]
    pub client_cert: Option<PathBuf>,

    /// The private key of --client-cert, PEM
    #[arg(long, env = "LARGESSE_CLIENT_KEY", value_name = "FILE", global = true)]
    pub client_key: Option<PathBuf>,

    /// How long a call may take
    #[arg(long, value_name = "TIME", global = true, default_value = "30s", value_parser = times::duration)]
    pub timeout: Duration,

    /// Print JSON, with the field names of the protos
    #[arg(long, global = true)]
    pub json: bool,
}

/// A connection to the service, with a credential.
pub struct Client {
    channel: Channel,
    credential: Credential,
    /// The agent to name in requests: only beside a token that was given.
    pub agent_id: String,
    /// Prints the answers.
    pub printer: Printer,
}

/// What each call carries: the token, and how long it may take; none: as long as it goes on.
#[derive(Clone)]
pub struct Credential {
    authorization: MetadataValue<Ascii>,
    timeout: Option<Duration>,
}

impl Client {
    /// Connects, in this role unless the options name others.
    ///
    /// # Errors
    /// No credential, or no connection: nothing was sent.
    pub async fn connect(
        options: &ClientOptions,
        data_folder: &Path,
        role: Role,
    ) -> Result<Self, Failure> {
        let (credential, agent_id) = Credential::of(options, data_folder, role)?;
        let endpoint = options.endpoint()?;
        let channel = endpoint.connect().await.map_err(|problem| {
            anyhow!(innermost(&problem)).context(format!(
                "{} cannot be reached, and nothing was sent\n\
                 Is the service running? `largesse serve` starts it, --server (LARGESSE_SERVER) says where it is.\n\
                 The cause",
                options.server
            ))
        })?;
        Ok(Self {
            channel,
            credential,
            agent_id,
            printer: Printer::new(options.json),
        })
    }

    /// Shows another credential from now on: one that was just signed is good for a few minutes only.
    ///
    /// # Errors
    /// No credential.
    pub fn renew_credential(
        &mut self,
        options: &ClientOptions,
        data_folder: &Path,
        role: Role,
    ) -> Result<(), Failure> {
        (self.credential, self.agent_id) = Credential::of(options, data_folder, role)?;
        Ok(())
    }

    /// The GestureService.
    pub fn gestures(&self) -> GestureServiceClient<InterceptedService<Channel, Credential>> {
        GestureServiceClient::with_interceptor(self.channel.clone(), self.credential.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The ApprovalService.
    pub fn approvals(&self) -> ApprovalServiceClient<InterceptedService<Channel, Credential>> {
        ApprovalServiceClient::with_interceptor(self.channel.clone(), self.credential.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The FulfilmentService.
    pub fn fulfilment(&self) -> FulfilmentServiceClient<InterceptedService<Channel, Credential>> {
        FulfilmentServiceClient::with_interceptor(self.channel.clone(), self.credential.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The EventService.
    pub fn events(&self) -> EventServiceClient<InterceptedService<Channel, Credential>> {
        EventServiceClient::with_interceptor(self.channel.clone(), self.credential.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The EventService, for streams that go on.
    pub fn event_streams(&self) -> EventServiceClient<InterceptedService<Channel, Credential>> {
        let credential = Credential {
            timeout: None,
            ..self.credential.clone()
        };
        EventServiceClient::with_interceptor(self.channel.clone(), credential)
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The AuditService.
    pub fn audit(&self) -> AuditServiceClient<InterceptedService<Channel, Credential>> {
        AuditServiceClient::with_interceptor(self.channel.clone(), self.credential.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }

    /// The AuthorityService.
    pub fn authority(&self) -> AuthorityServiceClient<InterceptedService<Channel, Credential>> {
        AuthorityServiceClient::with_interceptor(self.channel.clone(), self.credential.clone())
            .max_decoding_message_size(ANSWER_BYTES_MAX)
    }
}

impl Credential {
    /// The credential of the options, and the agent to name in requests beside it.
    fn of(
        options: &ClientOptions,
        data_folder: &Path,
        role: Role,
    ) -> Result<(Self, String), Failure> {
        let (token, agent_id) = options.credential(data_folder, role)?;
        let mut authorization = format!("Bearer {}", token.expose_secret())
            .parse::<MetadataValue<Ascii>>()
            .map_err(|_| Failure::Usage("the token has characters that no token has".into()))?;
        authorization.set_sensitive(true);
        let timeout = Some(options.timeout);
        Ok((
            Self {
                authorization,
                timeout,
            },
            agent_id,
        ))
    }
}

impl Interceptor for Credential {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request
            .metadata_mut()
            .insert("authorization", self.authorization.clone());
        if let Some(timeout) = self.timeout {
            request.set_timeout(timeout);
        }
        Ok(request)
    }
}

impl ClientOptions {
    /// The token, and the agent to name in requests beside it.
    fn credential(
        &self,
        data_folder: &Path,
        role: Role,
    ) -> Result<(SecretString, String), Failure> {
        let agent = self.agent.clone().filter(|agent| !agent.is_empty());
        if let Some(token) = self
            .token
            .as_ref()
            .filter(|token| !token.expose_secret().is_empty())
        {
            return Ok((token.clone(), agent.unwrap_or_default()));
        }
        let roles = if self.roles.is_empty() {
            vec![role]
        } else {
            self.roles.clone()
        };
        let subject = match agent {
            Some(agent) => agent,
            None if roles.iter().any(|role| role.is_for_agents()) => {
                return Err(Failure::Usage(
                    "say who is acting: --agent ID (LARGESSE_AGENT), or give a --token (LARGESSE_TOKEN)"
                        .into(),
                ));
            }
            None => LOCAL_SUBJECT.to_owned(),
        };
        let grant = Grant {
            tenant: self.tenant.clone(),
            subject,
            roles,
            agents: Vec::new(),
            channels: vec!["*".to_owned()],
            via: None,
            lifetime: TOKEN_LIFETIME,
        };
        Ok((sign(data_folder, grant)?.into(), String::new()))
    }

    fn endpoint(&self) -> Result<Endpoint, Failure> {
        let wrong = |what: &str| Failure::Usage(format!("--server {}: {what}", self.server));
        let endpoint = Endpoint::from_shared(self.server.clone())
            .map_err(|_| wrong("write an address, as in http://127.0.0.1:50051"))?
            .connect_timeout(CONNECT_MAX)
            .http2_keep_alive_interval(KEEPALIVE_EVERY)
            .keep_alive_timeout(KEEPALIVE_EVERY)
            .user_agent(concat!("largesse-cli/", env!("CARGO_PKG_VERSION")))
            .map_err(anyhow::Error::from)?;
        match (endpoint.uri().scheme_str(), &self.ca) {
            (Some("https"), Some(ca)) => {
                let tls = self.tls(ca)?;
                Ok(endpoint
                    .tls_config(tls)
                    .context("the certificates cannot be used")?)
            }
            (Some("https"), None) => Err(wrong(
                "say which authority the service's certificate comes from: --ca FILE (LARGESSE_CA)",
            )),
            (Some("http"), None) => Ok(endpoint),
            (Some("http"), Some(_)) => Err(wrong("--ca is for an address that begins with https")),
            (Some(_) | None, _) => Err(wrong("an address begins with http:// or https://")),
        }
    }

    fn tls(&self, ca: &Path) -> Result<ClientTlsConfig, Failure> {
        let authority = read(ca)?;
        // The library takes a file without a certificate for an authority that nobody has.
        if !String::from_utf8_lossy(&authority).contains("BEGIN CERTIFICATE") {
            return Err(Failure::Usage(format!(
                "{} has no certificate in PEM",
                ca.display()
            )));
        }
        let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
        match (&self.client_cert, &self.client_key) {
            (Some(certificate), Some(key)) => {
                Ok(tls.identity(Identity::from_pem(read(certificate)?, read(key)?)))
            }
            (None, None) => Ok(tls),
            (Some(_), None) | (None, Some(_)) => Err(Failure::Usage(
                "--client-cert and --client-key go together".into(),
            )),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// What lies at the bottom of a chain of causes: the transport says "transport error" above it.
fn innermost(problem: &dyn std::error::Error) -> String {
    let mut cause = problem;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    #[command(args_override_self = true)]
    struct Line {
        #[command(flatten)]
        client: ClientOptions,
    }

    /// The options as they are typed; the environment of whoever runs the tests is not part of them.
    fn options(words: &[&str]) -> ClientOptions {
        let line = ["largesse", "--server", "http://h:1"].iter().chain(words);
        let mut options = Line::parse_from(line).client;
        options.agent = options.agent.filter(|_| words.contains(&"--agent"));
        options.token = options.token.filter(|_| words.contains(&"--token"));
        options.ca = options.ca.filter(|_| words.contains(&"--ca"));
        options
    }

    #[test]
    fn https_needs_an_authority_and_http_has_none() {
        let refused = |words: &[&str]| match options(words).endpoint() {
            Err(Failure::Usage(message)) => message,
            Err(other) => panic!("{other}"),
            Ok(_) => String::new(),
        };
        assert_eq!(refused(&[]), "");
        assert!(refused(&["--server", "https://localhost:1"]).contains("--ca FILE"));
        assert!(refused(&["--server", "http://localhost:1", "--ca", "x"]).contains("https"));
        assert!(refused(&["--server", "localhost:1"]).contains("http://"));
        assert!(refused(&["--server", "not an address"]).contains("write an address"));
    }

    #[test]
    fn who_acts_must_be_said_where_an_agent_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        crate::identity::SigningKey::find_or_make(folder.path()).unwrap();
        let credential = |words: &[&str]| {
            let credential = options(words).credential(folder.path(), Role::Requester);
            credential.map(|(_, agent)| agent)
        };
        assert!(matches!(credential(&[]), Err(Failure::Usage(_))));
        assert_eq!(credential(&["--role", "auditor"]).unwrap(), "");
        assert_eq!(
            credential(&["--agent", "fl-101"]).unwrap(),
            "",
            "the token says it"
        );
        let given = credential(&["--token", "t", "--agent", "fl-101"]).unwrap();
        assert_eq!(given, "fl-101", "the token may cover several");
    }
}
