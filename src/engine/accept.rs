//! Acceptances: breaks that were decided on, until they expire.

use crate::compare::{Reader, Spot, What, rules};
use crate::manifest::Accept;
use crate::model::{Accepted, At, Direction, Evidence, Finding, fingerprint};

/// Marks the findings that are accepted, and adds one for each acceptance that has expired or that nothing used.
/// `ran` says whether the check that gives a rule's findings ran to its end.
pub(super) fn apply(findings: &mut Vec<Finding>, accepts: &[Accept], today: &str, ran: impl Fn(&str) -> bool) {
    let mut more = Vec::new();
    for accept in accepts {
        let expired = accept.expires.as_str() < today;
        let mut used = false;
        for finding in findings.iter_mut().filter(|finding| fits(accept, finding)) {
            used = true;
            if !expired {
                finding.accepted = Some(Accepted { reason: accept.reason.clone(), expires: accept.expires.clone() });
            }
        }
        if expired || (!used && ran(&accept.rule)) {
            more.extend(finding(accept, expired));
        }
    }
    findings.append(&mut more);
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
    let reader = Reader::default();
    let spot = Spot {
        at: accept.at.parse().unwrap_or(At::Reply),
        direction,
        failing: false,
        used: false,
        sent: false,
        reader: &reader,
        what: What::Acceptance {
            expired: expired.then_some(accept.expires.as_str()),
            rule: &accept.rule,
            line: accept.line,
        },
    };
    let (rule, hit) = rules::first(&spot)?;
    Some(Finding {
        id: fingerprint(rule.id, &accept.subject, direction, &format!("{} {}", accept.rule, accept.at)),
        rule: rule.id.to_owned(),
        check: rule.id.split('/').next().unwrap_or_default().to_owned(),
        severity: hit.severity,
        subject: accept.subject.clone(),
        direction,
        at: accept.at.clone(),
        count: 1,
        breaks: Vec::new(),
        message: hit.message,
        evidence: Evidence::default(),
        replay: None,
        reproduce: String::new(),
        accepted: None,
    })
}
