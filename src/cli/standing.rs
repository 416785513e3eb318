//! What a verb needs that goes on for days: a credential that is renewed, and an end.

use std::future::Future;
use std::path::PathBuf;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use super::client::ClientOptions;
use super::failure::Failure;

/// What a credential is made of, again and again.
#[derive(Debug, Clone)]
pub(super) struct CredentialSource {
    pub options: ClientOptions,
    pub data_folder: PathBuf,
    /// Where a token is kept that somebody renews.
    pub token_file: Option<PathBuf>,
}

impl CredentialSource {
    /// The options with the token that is good now.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn options(&self) -> Result<ClientOptions, Failure> {
        let mut options = self.options.clone();
        if let Some(file) = &self.token_file {
            let token = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            options.token = Some(token.trim().to_owned().into());
        }
        Ok(options)
    }
}

/// Comes back when somebody wants us to stop.
///
/// # Errors
/// Signals cannot be waited for.
pub(super) fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let watch = |kind| signal(kind).context("signals cannot be waited for");
    let (mut interrupt, mut terminate) = (
        watch(SignalKind::interrupt())?,
        watch(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
