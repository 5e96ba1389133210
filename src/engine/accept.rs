//! Acceptances: breaks that were decided on, until they expire.

use crate::compare::{Reader, Spoken, Spot, What, rules};
use crate::manifest::Accept;
use crate::model::{Accepted, At, Direction, Evidence, Finding, Question, fingerprint};

/// Marks the findings that are accepted.
pub(super) fn apply(findings: &mut [Finding], accepts: &[Accept], today: &str) {
    for accept in accepts.iter().filter(|accept| !has_expired(accept, today)) {
        for finding in findings.iter_mut().filter(|finding| fits(accept, finding)) {
            finding.accepted = Some(Accepted { reason: accept.reason.clone(), expires: accept.expires.clone() });
        }
    }
}

/// A finding for each acceptance that has expired, or that nothing used although `looked` says that its break would have
/// been seen.
///
/// Such a finding counts against the questions of its acceptance's directions: nobody knows any more what was decided on
/// there. So where the gate fails on risks, it stands in the answers and the verdict, and not in the exit code alone.
pub(super) fn about(
    accepts: &[Accept],
    findings: &[Finding],
    today: &str,
    looked: impl Fn(&Accept) -> bool,
) -> Vec<Finding> {
    let about = |accept: &Accept| {
        let expired = has_expired(accept, today);
        let unused = || !findings.iter().any(|finding| fits(accept, finding)) && looked(accept);
        if expired || unused() { finding(accept, expired) } else { None }
    };
    accepts.iter().filter_map(about).collect()
}

/// Its last day is over: dates as `YYYY-MM-DD` are in order as texts.
fn has_expired(accept: &Accept, today: &str) -> bool {
    accept.expires.as_str() < today
}

fn fits(accept: &Accept, finding: &Finding) -> bool {
    accept.rule == finding.rule
        && accept.subject == finding.subject
        && accept.at == finding.at
        && accept.direction.is_none_or(|direction| direction == finding.direction)
}

/// The finding that an acceptance itself is.
fn finding(accept: &Accept, expired: bool) -> Option<Finding> {
    let direction = accept.direction.unwrap_or(Direction::OLD_TO_NEW);
    let spot = Spot {
        at: accept.at.parse().unwrap_or(At::Reply),
        direction,
        failing: false,
        used: false,
        sent: false,
        spoken: Spoken::Http,
        reader: Reader::default(),
        what: What::Acceptance {
            expired: expired.then_some(accept.expires.as_str()),
            rule: &accept.rule,
            line: accept.line,
        },
    };
    let (rule, hit) = rules::first(&spot)?;
    let directions = accept.directions();
    let breaks = |question: Question| directions.iter().any(|direction| direction.breaks().contains(&question));
    Some(Finding {
        id: fingerprint(rule.id, &accept.subject, direction, &format!("{} {}", accept.rule, accept.at)),
        rule: rule.id.to_owned(),
        check: rule.id.split('/').next().unwrap_or_default().to_owned(),
        severity: hit.severity,
        subject: accept.subject.clone(),
        direction,
        at: accept.at.clone(),
        count: 1,
        breaks: Question::ALL.into_iter().filter(|question| breaks(*question)).collect(),
        message: hit.message,
        evidence: Evidence::default(),
        replay: None,
        reproduce: String::new(),
        accepted: None,
        story: Vec::new(),
        checkpoints: Vec::new(),
    })
}
