//! What of a recording is not sent, since nobody gives the secrets that redaction took out of it.

use crate::manifest::{Manifest, RecordingSpec};
use crate::traffic::Recording;

/// As many secrets are named.
const MOST_NAMED: usize = 5;

/// Which sessions are not sent, for want of what, and how to give it; none where all are.
pub(in crate::checks) fn withheld(manifest: &Manifest, spec: &RecordingSpec, recording: &Recording) -> Option<String> {
    let wanted = recording.wanted();
    let sessions = match recording.withheld() {
        0 => return None,
        1 => "1 session is not sent".to_owned(),
        n => format!("{n} sessions are not sent"),
    };
    let mut lacking: Vec<String> = wanted.iter().take(MOST_NAMED).map(|key| lacking(manifest, key)).collect();
    if wanted.len() > MOST_NAMED {
        lacking.push(format!("and {} more", wanted.len() - MOST_NAMED));
    }
    Some(format!("{}: {sessions}, for want of secrets: {}", spec.name, lacking.join("; ")))
}

/// `password#1`, and how to give it.
fn lacking(manifest: &Manifest, key: &str) -> String {
    let first = key.strip_suffix("#1");
    let named = manifest.secrets.get(key).or_else(|| manifest.secrets.get(first?));
    match (named, first) {
        (Some(secret), _) => format!("{key} (set {}, which `[secrets]` names for it)", secret.env),
        (None, Some(name)) => format!("{key} (`{name} = {{ env = \"VARIABLE\" }}` in `[secrets]` gives it)"),
        (None, None) => format!("{key} (`\"{key}\" = {{ env = \"VARIABLE\" }}` in `[secrets]` gives it)"),
    }
}
