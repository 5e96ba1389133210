//! The order and the grouping in which people read findings, and the counts that reports sum them up with.

use std::cmp::Reverse;

use crate::model::{Direction, Finding, Run, Severity};

/// Findings of one subject in one direction.
pub(super) struct Group<'a> {
    /// The surface.
    pub subject: &'a str,
    /// Who starts, who takes it up.
    pub direction: Direction,
    /// The worst first, then by rule and place.
    pub findings: Vec<&'a Finding>,
}

impl Group<'_> {
    /// How bad the worst of them is.
    pub fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }
}

/// All findings, grouped by subject and direction: the group with the worst finding first, then by subject.
pub(super) fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings {
        let same = |group: &&mut Group<'_>| group.subject == finding.subject && group.direction == finding.direction;
        if let Some(group) = groups.iter_mut().find(same) {
            group.findings.push(finding);
        } else {
            let (subject, direction) = (finding.subject.as_str(), finding.direction);
            groups.push(Group { subject, direction, findings: vec![finding] });
        }
    }
    for group in &mut groups {
        group.findings.sort_by_key(|f| (Reverse(f.severity), f.rule.as_str(), f.accepted.is_some(), f.at.as_str()));
    }
    groups.sort_by_key(|group| (Reverse(group.severity()), group.subject, group.direction));
    groups
}

/// `2 breaking, 4 risks, 3 info`; accepted ones apart. `nothing found` where there are none.
pub(super) fn tally(run: &Run) -> String {
    let count = |severity| run.findings.iter().filter(|f| f.severity == severity && f.accepted.is_none()).count();
    let mut parts: Vec<String> = [Severity::Breaking, Severity::Risk, Severity::Info]
        .into_iter()
        .map(|severity| (count(severity), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| match severity {
            Severity::Risk if count > 1 => format!("{count} risks"),
            _ => format!("{count} {severity}"),
        })
        .collect();
    let accepted = run.findings.iter().filter(|finding| finding.accepted.is_some()).count();
    if accepted > 0 {
        parts.push(format!("{accepted} accepted"));
    }
    if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") }
}

/// The line of the request that shows a finding, where the evidence holds one: `POST /orders?full=1`.
pub(super) fn request_line(finding: &Finding) -> Option<String> {
    let part = |name: &str| finding.evidence.request.get(name).and_then(|value| value.as_str());
    Some(format!("{} {}", part("method")?, part("target")?))
}
