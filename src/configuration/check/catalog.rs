//! The section `catalog`: what can be given, priced per currency.

use std::collections::HashMap;

use super::super::bounds::CATALOG_MAX;
use super::super::document::CatalogItem;
use super::super::words::RECIPIENT_FIELDS;
use super::spot::{Fields, Spot};
use crate::money::Money;

const KEYS: &[&str] = &[
    "kind",
    "offered",
    "currency",
    "min",
    "max",
    "recipient",
    "channel",
    "lead_time",
    "tolerance_percent",
    "dual_control_above",
    "late_cancel_percent",
];

pub(super) fn read(fields: &Fields<'_>) -> Vec<CatalogItem> {
    let Some(section) = fields.required("catalog", "the list of what can be given") else {
        return Vec::new();
    };
    let items = section.each("what can be given", CATALOG_MAX, item);
    let mut first = HashMap::new();
    for (spot, item) in &items {
        if let Some(earlier) = first.insert((&item.kind, item.currency), spot) {
            let (earlier, kind, currency) = (earlier.line_in_words(), &item.kind, item.currency);
            spot.field("kind").tell(format!(
                "{kind:?} is priced in {currency} a second time, after {earlier}: \
                 one price range per kind and currency"
            ));
        }
    }
    super::without_spots(items)
}

fn item(spot: &Spot<'_>) -> Option<CatalogItem> {
    let fields = spot.fields("a mapping with kind, currency, min, max and so on", KEYS)?;
    let kind = fields
        .required("kind", "the name of what is given")
        .and_then(|spot| spot.name("a name"));
    let offered = fields
        .optional("offered")
        .map_or(Some(true), |spot| spot.truth());
    let currency = fields
        .required("currency", "such as EUR")
        .and_then(|spot| spot.currency());
    let min = fields.required("min", "the least price, in quotes");
    let max = fields.required("max", "the highest price, in quotes");
    let recipient = fields
        .required(
            "recipient",
            "the fields that a request must fill in; [] for none",
        )
        .map(|spot| recipient(&spot));
    let channel = fields
        .required("channel", "the name of who makes it real")
        .and_then(|spot| spot.name("a name"));
    let lead_time_s = fields
        .required("lead_time", "how long it usually takes, such as 24h")
        .and_then(|spot| spot.lead_time_s());
    let tolerance_bp = fields
        .optional("tolerance_percent")
        .map_or(Some(0), |spot| spot.percent_bp());
    let dual = fields.optional("dual_control_above");
    let late_cancel_bp = fields
        .optional("late_cancel_percent")
        .map(|spot| spot.percent_bp());

    // Prices can only be read in a currency; without one, its own mistake has been told.
    let (min, max, currency) = (min?, max?, currency?);
    let (min_minor, max_minor) = (
        min.amount(currency, Money::MINOR_MAX),
        max.amount(currency, Money::MINOR_MAX),
    );
    let dual_minor = dual.and_then(|dual| dual.amount(currency, Money::MINOR_MAX));
    if min_minor? > max_minor? {
        let (least, most) = (
            currency.decimal_text(min_minor?),
            currency.decimal_text(max_minor?),
        );
        min.tell(format!(
            "the least price {least} {currency} is above the highest, {most} {currency}"
        ));
    }
    Some(CatalogItem {
        kind: kind?,
        offered: offered?,
        currency,
        min_minor: min_minor?,
        max_minor: max_minor?,
        recipient: recipient?,
        channel: channel?,
        lead_time_s: lead_time_s?,
        tolerance_bp: tolerance_bp?,
        dual_minor,
        late_cancel_bp: late_cancel_bp.flatten(),
    })
}

fn recipient(spot: &Spot<'_>) -> Vec<String> {
    let possible = RECIPIENT_FIELDS.map(|field| (field, field));
    let required = spot.each("recipient fields", RECIPIENT_FIELDS.len(), |item| {
        item.word(&possible).map(str::to_owned)
    });
    super::check_unique(&required, "", "field", String::as_str);
    super::without_spots(required)
}
