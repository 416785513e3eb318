//! The section `budgets`: pooled money, as a forest.

use std::collections::HashMap;

use super::super::bounds::{BUDGET_DEPTH_MAX, BUDGETS_MAX};
use super::super::document::Budget;
use super::super::words::{BREAK_GLASS, Window};
use super::chain;
use super::names::{Known, check_unique};
use super::spot::{Fields, Spot};
use crate::money::MINOR_UNITS_MAX;

const KEYS: &[&str] = &["name", "parent", "currency", "window", "amount"];

pub(super) fn read<'a>(fields: &Fields<'a>, known: &Known) -> Vec<(Spot<'a>, Budget)> {
    let Some(section) = fields.required("budgets", "the list of pooled money") else {
        return Vec::new();
    };
    let budgets = section.each("budgets", BUDGETS_MAX, |spot| budget(spot, known));
    check_unique(&budgets, "name", "budget", |budget: &Budget| &budget.name);
    check_forest(&budgets);
    budgets
}

fn budget(spot: &Spot<'_>, known: &Known) -> Option<Budget> {
    let fields = spot.fields("a mapping with name, currency, window and amount", KEYS)?;
    let name = fields
        .required("name", "the budget's name")
        .and_then(|spot| spot.name("a name"));
    if name.as_deref() == Some(BREAK_GLASS) {
        spot.field("name").tell(format!(
            "{BREAK_GLASS:?} is the name of the limit that counts broken glass: take another one"
        ));
    }
    let parent = fields
        .optional("parent")
        .and_then(|spot| known.budgets.one(&spot));
    let currency = fields
        .required("currency", "such as EUR")
        .and_then(|spot| spot.currency());
    // A budget for each gesture on its own would pool nothing.
    let pooling: Vec<_> = Window::ALL
        .iter()
        .filter(|window| **window != Window::Gesture)
        .map(|window| (window.word(), *window))
        .collect();
    let window = fields
        .required("window", "how long the amount lasts, such as MONTH")
        .and_then(|spot| spot.word(&pooling));
    let amount = fields.required("amount", "how much there is per window, in quotes");
    let currency = currency?;
    let amount_minor = amount?.amount(currency, MINOR_UNITS_MAX);
    Some(Budget {
        name: name?,
        parent,
        currency,
        window: window?,
        amount_minor: amount_minor?,
    })
}

fn check_forest(budgets: &[(Spot<'_>, Budget)]) {
    let above: HashMap<&str, &str> = budgets
        .iter()
        .filter_map(|(_, budget)| Some((budget.name.as_str(), budget.parent.as_deref()?)))
        .collect();
    let named = budgets
        .iter()
        .map(|(spot, budget)| (spot, budget.name.as_str()));
    if chain::tell_circles(named, &above, "parent", "the budgets") > 0 {
        return;
    }
    for (spot, budget) in budgets {
        if chain::depth(&budget.name, &above) > BUDGET_DEPTH_MAX {
            spot.field("parent").tell(format!(
                "stands more than {BUDGET_DEPTH_MAX} budgets deep: a gesture charges each of them"
            ));
        }
    }
}
