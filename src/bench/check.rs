//! After a run: does everything hold, and is what the callers were told what is in the database?

use anyhow::Result;
use secrecy::SecretString;
use serde::Serialize;

use super::alternative::Alternative;
use super::home::Home;
use super::store;
use super::tally::{Tally, Told};
use crate::authority::Authorities;
use crate::paging::PageTokens;
use crate::trail::verify;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// Events that were read again, with their hashes and seals.
    pub events: u64,
    /// Counters that were computed again.
    pub counters: u64,
    /// What does not hold; nothing: everything does.
    pub differences: Vec<String>,
}

/// Goes through a database after its load has ended.
///
/// # Errors
/// Those of the database. What does not hold is no error, but a finding.
pub async fn check(
    home: &Home,
    database: &str,
    alternative: Alternative,
    tally: &Tally,
) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut owner = home.databases.owner_of(database).await?;
    if alternative.has_trail() {
        for tenant in store::tenants(&mut owner).await? {
            trail(home, database, &tenant, &mut findings).await?;
        }
    }
    let (wrong, above) = store::wrong_counters(&mut owner).await?;
    if wrong > 0 {
        findings
            .differences
            .push(format!("{wrong} counters are not the sum of their holds"));
    }
    if above > 0 {
        findings
            .differences
            .push(format!("{above} counters are above their ceiling"));
    }
    let written = store::events(&mut owner).await?;
    for (told, word, is_first) in [
        (Told::Approved, "APPROVED", true),
        (Told::Asked, "PENDING_APPROVAL", true),
        (Told::Declined, "DECLINED", true),
        (Told::Cancelled, "CANCELLED", false),
        (Told::Given, "APPROVED", false),
    ] {
        let written = written
            .get(&(word.to_owned(), is_first))
            .copied()
            .unwrap_or_default();
        let told = tally.count(told);
        // A call that failed may have been done all the same.
        if written < told || written > told + tally.failed_count() {
            let place = if is_first { "requests" } else { "later events" };
            findings.differences.push(format!(
                "callers were told of {told} {word}, and {written} {place} are"
            ));
        }
    }
    Ok(findings)
}

async fn trail(home: &Home, database: &str, tenant: &str, findings: &mut Findings) -> Result<()> {
    let url = SecretString::from(home.databases.app_url(database));
    let database = crate::server::open(&url).await?;
    let authorities = Authorities::new(database.clone(), PageTokens::new(b""));
    if let Some(id) = authorities.tenant_named(tenant).await? {
        let report = verify(&database, id).await?;
        findings.events += report.events;
        findings.counters += report.counters;
        let differences = report.difference.map(|found| format!("{tenant}: {found}"));
        findings.differences.extend(differences);
    }
    database.close().await;
    Ok(())
}
