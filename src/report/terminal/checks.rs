//! What ran, how much it saw, and what did not run.

use super::page::{Ink, Page};
use crate::model::{CheckFacts, Run, Side, Status};
use crate::report::layout::{columns, pad};

/// The check that is about texts and not about builds.
const CONTRACTS: &str = "contracts";

pub(super) fn write(page: &mut Page, run: &Run) {
    if run.checks.is_empty() {
        return;
    }
    page.gap();
    let named = run.checks.iter().filter(|check| check.status != Status::Skipped);
    let width = named.clone().map(|check| columns(&check.name)).max().unwrap_or(0) + 2;
    for check in named {
        let (ink, text) = match check.status {
            Status::Ran => (Ink::Plain, facts(check)),
            Status::Unavailable => (Ink::Warn, because("not in this release", check)),
            Status::Failed => (Ink::Bad, because("failed", check)),
            Status::Skipped => continue,
        };
        page.paragraph(&[(Ink::Bold, &pad(&check.name, width))], ink, &text);
    }
    skipped(page, run);
}

fn facts(check: &CheckFacts) -> String {
    if check.name == CONTRACTS {
        // No build takes part in it.
        return format!("{} surface{} compared", check.observations, plural(check.observations));
    }
    let mut facts = vec![format!("{} exchange{} compared", check.observations, plural(check.observations))];
    facts.extend(check.faithful.map(|share| format!("{} faithful to the recording", percent(share))));
    facts.extend(check.compared.map(|share| format!("{} of their values compared", percent(share))));
    if check.assets > 0 {
        facts.push(format!("{} sub-resource{} left to `assets`", check.assets, plural(check.assets)));
    }
    let healthy = |side| check.controls.get(side) == "healthy";
    match (healthy(Side::Old), healthy(Side::New)) {
        (true, true) => facts.push("each build is healthy with its own clients".to_owned()),
        _ => facts.extend(check.controls.iter().map(|(side, state)| format!("{side} with its own clients: {state}"))),
    }
    facts.join(" · ")
}

/// One line for each reason, since most checks are left out for the same.
fn skipped(page: &mut Page, run: &Run) {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for check in run.checks.iter().filter(|check| check.status == Status::Skipped) {
        let reason = check.reason.as_deref().unwrap_or("left out");
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(&check.name),
            None => reasons.push((reason, vec![&check.name])),
        }
    }
    for (reason, names) in reasons {
        page.paragraph(&[(Ink::Dim, "not run  ")], Ink::Dim, &format!("{}: {reason}", names.join(", ")));
    }
}

fn because(what: &str, check: &CheckFacts) -> String {
    check.reason.as_ref().map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}"))
}

/// A share as whole percent, never rounded up to all of it.
fn percent(share: f64) -> String {
    let whole = (share * 100.0).floor();
    format!("{whole:.0}%")
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn nearly_all_is_not_all() {
        assert_eq!(percent(0.9999), "99%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.0), "0%");
    }
}
