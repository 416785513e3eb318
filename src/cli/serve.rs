//! `largesse serve` and `migrate`: verbs that do not talk gRPC. What they do is elsewhere; here is what
//! they are told.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;

use super::failure::Failure;
use crate::server;
use crate::settings::{ServeOptions, ServeSettings, SettingsProblem};

/// Options of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeVerb {
    /// A file with settings, TOML; its keys are these flags (not those under Process), which go before it, as does the environment
    #[arg(long, env = "LARGESSE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: ServeOptions,
}

/// Options of `migrate`.
#[derive(Debug, Clone, Args)]
pub struct MigrateVerb {
    /// Postgres, as a role that may become largesse_owner
    #[arg(
        long,
        env = "LARGESSE_OWNER_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    owner_database_url: SecretString,
}

impl ServeVerb {
    pub(super) fn run(self, data_folder: &Path) -> Result<(), Failure> {
        let settings = self
            .settle(data_folder)
            .map_err(|wrong| Failure::Usage(chain(wrong.into())))?;
        Ok(runtime()?.block_on(server::serve(settings))?)
    }

    fn settle(self, data_folder: &Path) -> Result<ServeSettings, SettingsProblem> {
        let options = match self.config {
            Some(file) => self.options.or(ServeOptions::read(&file)?),
            None => self.options,
        };
        options.settle(data_folder.to_owned())
    }
}

impl MigrateVerb {
    pub(super) fn run(self) -> Result<(), Failure> {
        Ok(runtime()?.block_on(server::migrate(self.owner_database_url))?)
    }
}

pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads to run on")
}

fn chain(problem: anyhow::Error) -> String {
    format!("{problem:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        serve: ServeVerb,
    }

    #[test]
    fn a_flag_goes_before_the_file_that_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(
            file.path(),
            "listen = \"127.0.0.1:2\"\nadmin-listen = \"127.0.0.1:3\"",
        )
        .unwrap();
        let path = file.path().to_str().unwrap();
        let line = Line::parse_from(["serve", "--config", path, "--listen", "127.0.0.1:1"]);
        let settings = line.serve.settle(Path::new("folder")).unwrap();
        assert_eq!(
            (settings.listen.port(), settings.admin_listen.port()),
            (1, 3)
        );
        assert_eq!(settings.data_folder, Path::new("folder"));
    }

    #[test]
    fn a_wrong_setting_is_wrong_usage() {
        let verb = |words: &[&str]| Line::parse_from(["serve"].iter().chain(words)).serve;
        let refused = verb(&["--config", "/nowhere/largesse.toml"]).run(Path::new("."));
        assert!(matches!(refused, Err(Failure::Usage(message)) if message.contains("/nowhere")));
    }
}
