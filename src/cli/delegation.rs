//! `largesse delegation …`: lending authority for a while.

use std::path::Path;

use clap::{Args, Subcommand};
use prost_types::Timestamp;
use uuid::Uuid;

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::{Looks, counted, say};
use super::{amounts, times};
use crate::identity::Role;
use crate::pb::{
    Absence, CreateDelegationRequest, Delegation, ListDelegationsRequest, ListDelegationsResponse,
    Money, RevokeDelegationRequest,
};

/// The largest page that the service gives.
const PAGE_MAX: i32 = 200;

/// `largesse delegation …`.
#[derive(Debug, Clone, Args)]
pub struct DelegationVerbs {
    #[command(subcommand)]
    verb: DelegationVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum DelegationVerb {
    /// Lend authority: what waits for the one waits for the other meanwhile
    Add(AddOptions),
    /// List what is lent and who is away
    List {
        /// Only of this agent, lending or lent to (for --role auditor or admin; unset: everybody's)
        #[arg(long, value_name = "AGENT")]
        of: Option<String>,
        /// What is over, too
        #[arg(long)]
        ended: bool,
    },
    /// End a delegation now
    Revoke {
        /// Its id
        #[arg(value_name = "ID")]
        id: Uuid,
    },
}

#[derive(Debug, Clone, Args)]
struct AddOptions {
    /// Who may answer
    #[arg(long, value_name = "AGENT")]
    to: String,

    /// Until when: a weekday, tomorrow, 2026-11-20 (the end of the day, local time), HH:MM of today, or an RFC 3339 instant
    #[arg(long, value_name = "WHEN", value_parser = times::end)]
    until: Timestamp,

    /// From when on: as --until, but for the beginning of the day; unset: now
    #[arg(long, value_name = "WHEN", value_parser = times::beginning)]
    from: Option<Timestamp>,

    /// Only for this kind; may be given several times
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,

    /// At most this per gesture, as in "45.00 EUR"; unset: what your own maxima allow
    #[arg(long, value_name = "AMOUNT", value_parser = amounts::amount)]
    max: Option<Money>,

    /// Whose authority, where it is not the one who acts (needs --role admin)
    #[arg(long, value_name = "AGENT")]
    of: Option<String>,

    /// The id of this delegation; repeat it to repeat the command [default: a new one, told before anything is sent]
    #[arg(long, value_name = "UUID")]
    id: Option<Uuid>,
}

impl DelegationVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Approver).await?;
        match self.verb {
            DelegationVerb::Add(options) => add(&client, options).await,
            DelegationVerb::List { of, ended } => list(&client, of, ended).await,
            DelegationVerb::Revoke { id } => revoke(&client, id).await,
        }
    }
}

/// The id is told before anything is sent: whoever loses the answer can repeat the call.
async fn add(client: &Client, options: AddOptions) -> Result<Exit, Failure> {
    let id = options.id.unwrap_or_else(|| {
        let id = Uuid::now_v7();
        say(&format!("delegation id: {id}"));
        id
    });
    let effect = Effect::writes(format!(
        "largesse delegation list; the same command with --id {id} does no harm"
    ));
    let request = CreateDelegationRequest {
        delegation_id: id.to_string(),
        delegate_id: options.to,
        start_time: options.from,
        end_time: Some(options.until),
        kinds: options.kinds,
        lent_max: options.max,
        agent_id: options.of.unwrap_or_else(|| client.agent_id.clone()),
    };
    let answer = client.approvals().create_delegation(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        let made = answer.delegation.clone().unwrap_or_default();
        let note = if answer.replayed {
            "It had been made before, by this very call.\n"
        } else {
            ""
        };
        format!("{}{note}", sentence(looks, &made))
    })?;
    Ok(Exit::Done)
}

async fn list(client: &Client, of: Option<String>, ended: bool) -> Result<Exit, Failure> {
    let mut all = ListDelegationsResponse::default();
    let mut request = ListDelegationsRequest {
        agent_id: of.unwrap_or_else(|| client.agent_id.clone()),
        include_ended: ended,
        page_size: PAGE_MAX,
        page_token: String::new(),
    };
    loop {
        let page = client.approvals().list_delegations(request.clone()).await;
        let page = page
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        // The same ones on every page, or on the first one alone.
        if all.absences.is_empty() {
            all.absences = page.absences;
        }
        all.delegations.extend(page.delegations);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    client.printer.answer(&all, |looks| {
        format!(
            "{}{}\n{}\n",
            table(looks, &all.delegations),
            absences(looks, &all.absences),
            counted(all.delegations.len(), "delegation")
        )
    })?;
    Ok(Exit::Done)
}

async fn revoke(client: &Client, id: Uuid) -> Result<Exit, Failure> {
    let effect = Effect::writes("largesse delegation list; repeating the command does no harm");
    let request = RevokeDelegationRequest {
        delegation_id: id.to_string(),
        agent_id: client.agent_id.clone(),
    };
    let answer = client.approvals().revoke_delegation(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        sentence(looks, &answer.delegation.clone().unwrap_or_default())
    })?;
    Ok(Exit::Done)
}

/// A delegation in a sentence.
fn sentence(looks: &Looks, it: &Delegation) -> String {
    let names = format!("the authority of {}", it.delegator_id);
    if it.revoke_time.is_some() {
        return format!(
            "{} has {names} no more: revoked by {}, {}.\n",
            it.delegate_id,
            it.revoked_by,
            looks.time(it.revoke_time.as_ref())
        );
    }
    let what = match (bounds(it).as_str(), &it.kinds) {
        ("", _) => String::new(),
        (bounds, _) => format!(", for {bounds}"),
    };
    format!(
        "{} has {names}{what}, from {} until {}.\nid  {}\n",
        it.delegate_id,
        looks.time(it.start_time.as_ref()),
        looks.time(it.end_time.as_ref()),
        it.id
    )
}

/// The kinds and the amount for which it is lent; nothing where it is all of it.
fn bounds(it: &Delegation) -> String {
    let amount = match &it.lent_max {
        None => String::new(),
        Some(_) => format!("up to {} each", amounts::shown(it.lent_max.as_ref())),
    };
    let said: Vec<String> = [it.kinds.join(", "), amount]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    said.join(", ")
}

fn table(looks: &Looks, delegations: &[Delegation]) -> String {
    let rows = delegations.iter().map(|it| {
        vec![
            it.delegator_id.clone(),
            it.delegate_id.clone(),
            status(looks, it).to_owned(),
            looks.time(it.start_time.as_ref()),
            looks.time(it.end_time.as_ref()),
            bounds(it),
            it.id.clone(),
        ]
    });
    let titles = [
        "authority of",
        "lent to",
        "now",
        "from",
        "until",
        "only for",
        "id",
    ];
    looks.table(&titles, rows)
}

fn status(looks: &Looks, it: &Delegation) -> &'static str {
    if it.is_active {
        "in force"
    } else if it.revoke_time.is_some() {
        "revoked"
    } else if looks.left(it.end_time.as_ref()).ends_with("ago") {
        "over"
    } else {
        "to come"
    }
}

/// Who is away; nothing where nobody is.
fn absences(looks: &Looks, absences: &[Absence]) -> String {
    if absences.is_empty() {
        return String::new();
    }
    let rows = absences.iter().map(|it| {
        vec![
            it.agent_id.clone(),
            looks.time(it.start_time.as_ref()),
            looks.time(it.end_time.as_ref()),
        ]
    });
    format!("\n{}", looks.table(&["away", "from", "until"], rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::without_rules;

    fn at(seconds: i64) -> Option<Timestamp> {
        Some(Timestamp {
            seconds: 1_795_180_000 + seconds,
            nanos: 0,
        })
    }

    fn looks() -> Looks {
        Looks {
            zone: Some(chrono_tz::Europe::Berlin),
            now: chrono::DateTime::from_timestamp(1_795_180_000, 0),
            ..Looks::default()
        }
    }

    fn lent() -> Delegation {
        Delegation {
            id: "0199a3c0-0000-7000-8000-00000000000d".into(),
            delegator_id: "mg-301".into(),
            delegate_id: "ld-201".into(),
            start_time: at(0),
            end_time: at(9 * 86_400),
            kinds: vec!["flowers".into(), "gift-basket".into()],
            lent_max: Some(Money {
                minor_units: 15_000,
                currency: "EUR".into(),
            }),
            is_active: true,
            ..Default::default()
        }
    }

    #[test]
    fn a_delegation_is_a_sentence() {
        assert_eq!(
            sentence(&looks(), &lent()),
            "ld-201 has the authority of mg-301, for flowers, gift-basket, up to 150.00 EUR each, from Fri 2026-11-20 14:06 CET \
             until Sun 2026-11-29 14:06 CET.\nid  0199a3c0-0000-7000-8000-00000000000d\n"
        );
        let revoked = Delegation {
            revoke_time: at(60),
            revoked_by: "mg-301".into(),
            is_active: false,
            ..lent()
        };
        assert_eq!(
            sentence(&looks(), &revoked),
            "ld-201 has the authority of mg-301 no more: revoked by mg-301, Fri 2026-11-20 14:07 CET.\n"
        );
    }

    #[test]
    fn a_list_says_what_is_in_force_and_who_is_away() {
        let to_come = Delegation {
            start_time: at(86_400),
            kinds: Vec::new(),
            lent_max: None,
            is_active: false,
            ..lent()
        };
        let over = Delegation {
            end_time: at(-60),
            ..to_come.clone()
        };
        let text = table(&looks(), &[lent(), to_come, over]);
        let words: Vec<bool> = ["in force", "to come", "over"]
            .iter()
            .zip(text.lines().skip(2))
            .map(|(word, line)| line.contains(word))
            .collect();
        assert_eq!(words, [true; 3], "{text}");
        let away = Absence {
            agent_id: "mg-301".into(),
            start_time: at(0),
            end_time: at(86_400),
        };
        let expected = "
away    from                      until
─
mg-301  Fri 2026-11-20 14:06 CET  Sat 2026-11-21 14:06 CET";
        assert_eq!(without_rules(&absences(&looks(), &[away])), expected);
    }
}
