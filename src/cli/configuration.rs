//! `largesse plan`, `apply` and `config …`: the tenant's configuration.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::{Looks, counted, say, words};
use super::{amounts, files};
use crate::identity::Role;
use crate::pb::{
    ApplyConfigurationRequest, Configuration, GetConfigurationRequest, PlanConfigurationRequest,
    PlanConfigurationResponse,
};

/// Options of `plan`.
#[derive(Debug, Clone, Args)]
pub struct PlanOptions {
    /// The YAML document; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

/// Options of `apply`.
#[derive(Debug, Clone, Args)]
pub struct ApplyOptions {
    /// The YAML document; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only if this version is in force (0: only if the tenant does not exist) [default: the one that a plan sees first]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    expected_version: Option<i32>,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

/// `largesse config …`.
#[derive(Debug, Clone, Args)]
pub struct ConfigVerbs {
    #[command(subcommand)]
    verb: ConfigVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum ConfigVerb {
    /// Show the document of a version
    Show {
        /// Which version; unset: the one in force
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
        version: Option<i32>,
    },
}

impl PlanOptions {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let document = files::text(&self.file)?;
        let client = Client::connect(&self.client, data_folder, Role::Admin).await?;
        let plan = plan(&client, document).await?;
        client
            .printer
            .answer(&plan, |looks| show_plan(looks, &plan))?;
        Ok(Exit::Done)
    }
}

impl ApplyOptions {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let document = files::text(&self.file)?;
        let client = Client::connect(&self.client, data_folder, Role::Admin).await?;
        let expected_version = match self.expected_version {
            Some(version) => version,
            None => {
                let plan = plan(&client, document.clone()).await?;
                say(show_plan(&Looks::default(), &plan).trim_end());
                plan.compared_version
            }
        };
        let request = ApplyConfigurationRequest {
            document,
            expected_version,
        };
        let effect = Effect::writes(format!(
            "largesse config show; it has arrived if the version is {}",
            expected_version.saturating_add(1)
        ));
        let answer = client.authority().apply_configuration(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        client.printer.answer(&answer, |_| {
            format!("Version {} is in force.\n", answer.version)
        })?;
        Ok(Exit::Done)
    }
}

impl ConfigVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let ConfigVerb::Show { version } = self.verb;
        let client = Client::connect(&self.client, data_folder, Role::Admin).await?;
        let answer = client
            .authority()
            .get_configuration(GetConfigurationRequest { version })
            .await;
        let answer = answer
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        let configuration = answer.configuration.clone().unwrap_or_default();
        client
            .printer
            .answer(&answer, |looks| show_document(looks, &configuration))?;
        Ok(Exit::Done)
    }
}

async fn plan(client: &Client, document: String) -> Result<PlanConfigurationResponse, Failure> {
    let answer = client
        .authority()
        .plan_configuration(PlanConfigurationRequest { document })
        .await;
    Ok(answer
        .map_err(|status| Effect::Reads.failed(&status))?
        .into_inner())
}

fn show_plan(looks: &Looks, plan: &PlanConfigurationResponse) -> String {
    let mut text = match plan.compared_version {
        0 => "The tenant does not exist yet; applying this creates it.\n".to_owned(),
        version => format!("Compared with version {version}, which is in force:\n"),
    };
    for change in &plan.changes {
        let (sign, paint) = words::change(change.r#type);
        text += &format!("  {} {}\n", looks.painted(sign, paint), change.text);
    }
    let total = usize::try_from(plan.change_count).unwrap_or_default();
    text += &match total.checked_sub(plan.changes.len()) {
        Some(hidden) if hidden > 0 => {
            format!("  … and {hidden} more\n{}.\n", counted(total, "change"))
        }
        Some(_) | None if plan.changes.is_empty() => "No changes.\n".to_owned(),
        Some(_) | None => format!("{}.\n", counted(plan.changes.len(), "change")),
    };
    if !plan.suspended_agent_ids.is_empty() {
        let agents = &plan.suspended_agent_ids;
        text += &format!(
            "\n{} would be suspended, because the document lists agents and not these:\n  {}\n",
            counted(agents.len(), "agent"),
            agents.join("\n  ")
        );
    }
    if !plan.abandoned_limits.is_empty() {
        let rows = plan.abandoned_limits.iter().map(|limit| {
            vec![
                limit.limit.clone(),
                words::subject(limit.subject),
                words::window(limit.window),
                limit.counter_count.to_string(),
                amounts::shown(limit.used.as_ref()),
            ]
        });
        text += "\nWhat was used of these would no longer count, because they lose their name, subject, window or \
                 currency:\n";
        text += &looks.table(
            &["limit", "counts", "per", " counters in use", " used"],
            rows,
        );
    }
    text
}

/// The document itself, so that it can be kept in a file; who applied it stands above it as a comment.
fn show_document(looks: &Looks, configuration: &Configuration) -> String {
    format!(
        "# version {}, applied by {} on {}\n{}",
        configuration.version,
        configuration.applied_by,
        looks.time(configuration.apply_time.as_ref()),
        configuration.document
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::{
        AbandonedLimit, ConfigurationChange, ConfigurationChangeType, LimitSubject, LimitWindow,
        Money,
    };

    #[test]
    fn a_plan_names_what_changes_and_what_is_lost() {
        let text = "levels.frontline.maxima.agent-month.amount: 300.00 EUR -> 250.00 EUR";
        let plan = PlanConfigurationResponse {
            compared_version: 3,
            changes: vec![ConfigurationChange {
                r#type: ConfigurationChangeType::Changed.into(),
                text: text.into(),
                ..Default::default()
            }],
            change_count: 2,
            abandoned_limits: vec![AbandonedLimit {
                limit: "customer-year".into(),
                subject: LimitSubject::Customer.into(),
                window: LimitWindow::Year.into(),
                currency: "EUR".into(),
                counter_count: 12,
                used: Some(Money {
                    minor_units: 4500,
                    currency: "EUR".into(),
                }),
            }],
            suspended_agent_ids: vec!["fl-102".into()],
        };
        let shown = show_plan(&Looks::default(), &plan);
        for part in [
            "Compared with version 3",
            "  ~ levels.frontline",
            "… and 1 more\n2 changes.",
            "1 agent would be suspended",
            "  fl-102\n",
            "45.00 EUR",
        ] {
            assert!(shown.contains(part), "{part}\n{shown}");
        }
    }

    #[test]
    fn a_plan_without_changes_says_so() {
        let plan = PlanConfigurationResponse {
            compared_version: 3,
            ..Default::default()
        };
        assert!(show_plan(&Looks::default(), &plan).ends_with("No changes.\n"));
    }
}
