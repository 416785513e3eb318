//! `largesse away …`: saying who is not there to be asked.

use std::path::Path;

use clap::{Args, Subcommand};
use prost_types::Timestamp;

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::Looks;
use super::times;
use crate::identity::Role;
use crate::pb::{Absence, SetAwayRequest};

/// `largesse away …`.
#[derive(Debug, Clone, Args)]
pub struct AwayVerbs {
    #[command(subcommand)]
    verb: AwayVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum AwayVerb {
    /// Be away: you are passed over, unless somebody has your authority meanwhile (delegation add)
    Set {
        /// Until when: a weekday, tomorrow, 2026-11-20 (the end of the day, local time), HH:MM of today, or an RFC 3339 instant
        #[arg(long, value_name = "WHEN", value_parser = times::end)]
        until: Timestamp,
        /// From when on: as --until, but for the beginning of the day; unset: now
        #[arg(long, value_name = "WHEN", value_parser = times::beginning)]
        from: Option<Timestamp>,
        /// Who, where it is not the one who acts (needs --role admin)
        #[arg(long, value_name = "AGENT")]
        of: Option<String>,
    },
    /// Be back, or not go after all
    Clear {
        /// Who, where it is not the one who acts (needs --role admin)
        #[arg(long, value_name = "AGENT")]
        of: Option<String>,
    },
}

impl AwayVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Approver).await?;
        let (of, start_time, end_time) = match self.verb {
            AwayVerb::Set { until, from, of } => (of, from, Some(until)),
            AwayVerb::Clear { of } => (of, None, None),
        };
        let effect = Effect::writes("largesse delegation list; repeating the command does no harm");
        let request = SetAwayRequest {
            agent_id: of.unwrap_or_else(|| client.agent_id.clone()),
            start_time,
            end_time,
        };
        let answer = client.approvals().set_away(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        client
            .printer
            .answer(&answer, |looks| sentence(looks, answer.absence.as_ref()))?;
        Ok(Exit::Done)
    }
}

fn sentence(looks: &Looks, absence: Option<&Absence>) -> String {
    match absence {
        None => "Not away: questions are asked as usual.\n".to_owned(),
        Some(absence) => format!(
            "{} is away from {} until {}.\n",
            absence.agent_id,
            looks.time(absence.start_time.as_ref()),
            looks.time(absence.end_time.as_ref())
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_away_is_told_until_when() {
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        let absence = Absence {
            agent_id: "ld-201".into(),
            start_time: at(1_795_180_000),
            end_time: at(1_795_215_599),
        };
        let looks = Looks {
            zone: Some(chrono_tz::Europe::Berlin),
            ..Looks::default()
        };
        assert_eq!(
            sentence(&looks, Some(&absence)),
            "ld-201 is away from Fri 2026-11-20 14:06 CET until Fri 2026-11-20 23:59 CET.\n"
        );
        assert!(sentence(&looks, None).starts_with("Not away"));
    }
}
