//! `http/header-removed`: a header or cookie that the control sends is gone.

use crate::compare::headers::is_read;
use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/header-removed",
    severity: Severity::Breaking,
    summary: "A header or cookie that the control sends is gone",
    explanation: "Location, Link, X-Total-Count, the CORS headers, WWW-Authenticate and cookies with their attributes are part of what clients read: gone, they break old clients, and are a risk for new ones that meet the old server. Validators and caching headers (ETag, Last-Modified, Cache-Control, Vary) are a risk, unless a later request of the recording sent them back. Others are only told.",
    remedy: "Go on sending the header until no old client reads it; where it moved into the body, send both for one release.",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Header { name, mixed: None, .. } = spot.what else { return None };
    let severity = match name {
        name if is_read(name) => spot.forward(Severity::Risk),
        "etag" | "last-modified" | "cache-control" | "vary" => {
            if spot.used {
                Severity::Breaking
            } else {
                Severity::Risk
            }
        }
        _ => Severity::Info,
    };
    let severity = if spot.used && severity == Severity::Risk { Severity::Breaking } else { severity };
    Hit::new(severity, format!("{} no longer sends it", spot.server()))
}
