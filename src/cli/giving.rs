//! `largesse giving …`: stopping what is given, and letting it go on.

use std::path::Path;

use clap::{Args, Subcommand};

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use crate::identity::Role;
use crate::pb::PauseGivingRequest;
use crate::pb::pause_giving_request::Scope;

/// `largesse giving …`.
#[derive(Debug, Clone, Args)]
pub struct GivingVerbs {
    #[command(subcommand)]
    verb: GivingVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum GivingVerb {
    /// Stop giving: from now on every request that this covers is DECLINED
    Pause(ScopeOptions),
    /// Lift such a pause; others stay
    Resume(ScopeOptions),
}

#[derive(Debug, Clone, Args)]
#[group(id = "scope", required = true, multiple = false)]
struct ScopeOptions {
    /// Everything that the tenant gives
    #[arg(long)]
    tenant_wide: bool,

    /// One kind of the catalog
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Everything that goes through one channel
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
}

impl GivingVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let (options, paused) = match self.verb {
            GivingVerb::Pause(options) => (options, true),
            GivingVerb::Resume(options) => (options, false),
        };
        let what = options.in_words();
        let client = Client::connect(&self.client, data_folder, Role::Admin).await?;
        let effect = Effect::writes("largesse catalog list; repeating the command does no harm");
        let request = PauseGivingRequest {
            scope: Some(options.scope()),
            paused: Some(paused),
        };
        let answer = client.authority().pause_giving(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        client.printer.answer(&answer, |_| {
            let now = if paused { "is paused" } else { "is not paused" };
            let change = if answer.changed {
                "from now on"
            } else {
                "already; nothing was written"
            };
            format!("{what} {now} {change}.\n")
        })?;
        Ok(Exit::Done)
    }
}

impl ScopeOptions {
    fn scope(self) -> Scope {
        match (self.kind, self.channel) {
            (Some(kind), _) => Scope::Kind(kind),
            (None, Some(channel)) => Scope::Channel(channel),
            // The group sees to it that this was said.
            (None, None) => Scope::Tenant(()),
        }
    }

    fn in_words(&self) -> String {
        match (&self.kind, &self.channel) {
            (Some(kind), _) => format!("The kind {kind}"),
            (None, Some(channel)) => format!("The channel {channel}"),
            (None, None) => "All giving".to_owned(),
        }
    }
}
