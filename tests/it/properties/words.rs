//! The kernel's reasons in the model's words.

use serde_json::Value;

/// One reason, with all its numbers; `model` words its own in the same way.
pub fn of_reason(reason: &Value) -> String {
    let word = |part: &str| match &reason[part] {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match reason["code"].as_str().unwrap() {
        "LIMIT_EXCEEDED" => {
            let [
                name,
                subject,
                span,
                currency,
                asked,
                used,
                ceiling,
                left,
                pieces,
                ceiling_count,
                hard,
                from,
                to,
                largest,
            ] = [
                "limit",
                "subject",
                "span",
                "currency",
                "asked",
                "used",
                "ceiling",
                "left",
                "used_count",
                "ceiling_count",
                "is_hard",
                "window_start",
                "resets",
                "largest_now",
            ]
            .map(word);
            format!(
                "LIMIT_EXCEEDED {name} {subject} {span} {currency}: asked {asked} used {used} of {ceiling} left {left}, \
                 pieces {pieces} of {ceiling_count}, hard {hard}, from {from} to {to}, largest {largest}"
            )
        }
        code @ ("POLICY_UNKNOWN" | "POLICY_NOT_WAIVABLE") => format!("{code} {}", word("policy")),
        code @ "BUDGET_NOT_ALLOWED" => format!("{code} {}", word("budget")),
        code @ "DUAL_CONTROL" => format!("{code} {} above {}", word("asked"), word("ceiling")),
        code @ "MORE_THAN_LENT" => {
            format!(
                "{code} {} of {} {}",
                word("asked"),
                word("ceiling"),
                word("currency")
            )
        }
        code => code.to_owned(),
    }
}
