//! `largesse probe …`: asks what the answer to a gesture would be, again and again, so that there is something to measure when
//! nobody asks. Each time anew: the name, the connection, the credential. What it changes is nothing.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use super::client::{Client, ClientOptions};
use super::failure::{Exit, Failure};
use super::gesture::{Terms, previewed};
use super::output::{say, words};
use super::standing::{CredentialSource, told_to_stop};
use super::times;
use crate::identity::Role;
use crate::pb::Gesture;

/// `largesse probe …`.
#[derive(Debug, Clone, Args)]
pub struct ProbeVerb {
    /// How often, from one question to the next
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = times::duration)]
    every: Duration,

    /// Ask once, and say by the exit code whether there was an answer
    #[arg(long)]
    once: bool,

    /// A file with the token to show, read again each time, for a token that is renewed there
    #[arg(long, env = "LARGESSE_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,

    #[command(flatten)]
    terms: Terms,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

impl ProbeVerb {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let gesture = self.terms.gesture()?;
        let credential = CredentialSource {
            options: self.client.clone(),
            data_folder: data_folder.to_owned(),
            token_file: self.token_file.clone(),
        };
        if self.once {
            asked(&credential, &gesture).await?;
            return Ok(Exit::Done);
        }
        let interrupted = told_to_stop()?;
        tokio::pin!(interrupted);
        loop {
            let next = Instant::now() + self.every;
            tokio::select! {
                answer = asked(&credential, &gesture) => match answer {
                    Ok(()) => {}
                    // What is typed wrong stays wrong; everything else may be better next time.
                    Err(wrong @ Failure::Usage(_)) => return Err(wrong),
                    Err(failure) => say(&format!("no answer: {failure}")),
                },
                () = &mut interrupted => return Ok(Exit::Done),
            }
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                () = &mut interrupted => return Ok(Exit::Done),
            }
        }
    }
}

/// Asks once, and prints what would be decided, and how long it took to hear it.
async fn asked(credential: &CredentialSource, gesture: &Gesture) -> Result<(), Failure> {
    let since = Instant::now();
    let (options, folder) = (credential.options()?, &credential.data_folder);
    let client = Client::connect(&options, folder, Role::Requester).await?;
    let answer = previewed(&client, gesture.clone(), false).await?;
    let took_ms = since.elapsed().as_millis();
    client.printer.answer(&answer, |_| {
        let outcome = answer.decision.as_ref().map(|decision| decision.outcome);
        let (word, _) = words::outcome(outcome.unwrap_or_default());
        format!("{word} in {took_ms} ms")
    })?;
    Ok(())
}
