//! Headers and cookies of a reply, as places that differ.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::noise::Noise;
use super::rules;
use super::secret::{Redacted, is_secret, redacted, without_secrets};
use super::shape::Shape;
use super::spot::{Spot, What};
use super::trial::{Found, Trial};
use crate::model::Fold;
use crate::model::secret::has_placeholder;
use crate::model::{Answer, At, Metadata};
use serde_json::Value;

/// Headers that say nothing of the reply: equal by definition, or told by a rule of their own.
const PASSED_OVER: [&str; 26] = [
    "date",
    "server",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "content-type",
    "age",
    "via",
    "trailer",
    "upgrade",
    "alt-svc",
    "etag",
    "set-cookie",
    "x-request-id",
    "x-correlation-id",
    "x-runtime",
    "x-response-time",
    "server-timing",
    "traceparent",
    "grpc-status",
    "grpc-message",
    "grpc-status-details-bin",
    "grpc-encoding",
    "grpc-accept-encoding",
];

/// Whether clients read this header to find their way: where it goes, so do they.
pub(super) fn is_read(name: &str) -> bool {
    matches!(name, "location" | "link" | "x-total-count" | "www-authenticate" | "set-cookie")
        || name.starts_with("access-control-")
}

/// Shows each header of the control to the rules. Notes those on whose value the control's witnesses don't agree.
pub(super) fn compare(
    trial: &Trial<'_>,
    control: &Answer,
    mixed: &Answer,
    failing: bool,
    noisy: &mut BTreeSet<String>,
) -> Vec<Found> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    let (ours, theirs) = (said(control), said(mixed));
    for (name, _) in ours.iter() {
        let same = ours.all(name).eq(theirs.all(name));
        if same && !trial.thorough {
            continue;
        }
        let name = name.to_ascii_lowercase();
        if (PASSED_OVER.contains(&name.as_str()) && name != "etag") || !seen.insert(name.clone()) {
            continue;
        }
        let value = joined(&ours, &name, trial.control.fold);
        let other = theirs.has(&name).then(|| joined(&theirs, &name, trial.mixed.fold));
        let others: Vec<Option<String>> = trial
            .control_witnesses
            .iter()
            .chain(&trial.recorded)
            .filter_map(|view| Some((view.observation.answer()?, view.fold)))
            .map(|(answer, fold)| (said(answer), fold))
            .map(|(all, fold)| all.has(&name).then(|| joined(&all, &name, fold)))
            .collect();
        let agrees = |other: &str| other == value || redacted(other, &value) == Some(Redacted::Agrees);
        let agree = others.iter().all(|other| other.as_deref().is_some_and(agrees));
        // What redaction took something out of has no shape.
        let known = others.iter().flatten().filter(|other| !has_placeholder(other));
        // An entity tag is compared by presence only.
        let learned = match all_shaped(std::iter::once(&value).chain(known)) {
            _ if name == "etag" => Noise::Unsettled,
            _ if agree => Noise::Stable,
            shape => shape.map_or(Noise::Unsettled, Noise::Shaped),
        };
        let at = At::Header(name.clone());
        if !agree {
            noisy.insert(at.to_string());
        }
        // A header that the control itself sends now and then is no promise.
        if same || (others.iter().any(Option::is_none) && other.is_none()) {
            continue;
        }
        let theirs = trial.mixed_witnesses.iter().filter(|view| view.status() == trial.mixed.status());
        let theirs: Vec<String> = theirs
            .filter_map(|view| Some((view.observation.answer()?, view.fold)))
            .map(|(answer, fold)| (said(answer), fold))
            .filter(|(all, _)| all.has(&name))
            .map(|(all, fold)| joined(&all, &name, fold))
            .collect();
        let what = What::Header {
            name: &name,
            control: &value,
            mixed: other.as_deref(),
            noise: learned,
            shape: all_shaped(other.iter().chain(&theirs)),
        };
        found.extend(show(trial, at, failing, what));
    }
    cookies(trial, control, mixed, failing, &mut found);
    found
}

/// What a reply says beside its body. Of a remote procedure the trailers are part of it, in which servers put what they know
/// only at the end.
fn said(answer: &Answer) -> Cow<'_, Metadata> {
    if answer.rpc.is_none() || answer.trailers.is_empty() {
        return Cow::Borrowed(&answer.metadata);
    }
    Cow::Owned(answer.metadata.iter().chain(answer.trailers.iter()).collect())
}

/// Cookies one by one, by name and attributes; their values are compared by presence only.
fn cookies(trial: &Trial<'_>, control: &Answer, mixed: &Answer, failing: bool, found: &mut Vec<Found>) {
    for cookie in control.metadata.all("set-cookie") {
        let (name, attributes) = split_cookie(cookie);
        let always = trial
            .control_witnesses
            .iter()
            .filter_map(|view| view.observation.answer())
            .all(|answer| answer.metadata.all("set-cookie").any(|other| split_cookie(other).0 == name));
        if !always {
            continue;
        }
        let other = mixed.metadata.all("set-cookie").map(split_cookie).find(|(other, _)| *other == name);
        let Some((_, others)) = other else {
            let at = At::Header(format!("set-cookie {name}"));
            found.extend(show(trial, at, failing, cookie_part(name, None)));
            continue;
        };
        let mut lives = false;
        for attribute in attributes {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            // When it ends is another moment each time. That it outlives the browser is not, and is said once.
            if is_lifetime(attribute) {
                if lives || others.iter().any(|other| is_lifetime(other)) {
                    continue;
                }
                lives = true;
            }
            let theirs = others
                .iter()
                .map(|other| other.split_once('=').unwrap_or((other, "")))
                .find(|(other, _)| other.eq_ignore_ascii_case(key));
            let at = At::Header(format!("set-cookie {name} {}", key.to_ascii_lowercase()));
            match theirs {
                Some((_, theirs)) if theirs.eq_ignore_ascii_case(value) => {}
                theirs => {
                    let what = cookie_part(value, theirs.map(|(_, value)| value));
                    found.extend(show(trial, at, failing, what));
                }
            }
        }
    }
}

/// Whether an attribute says how long a cookie lives: there are two for it.
fn is_lifetime(attribute: &str) -> bool {
    let key = attribute.split('=').next().unwrap_or_default();
    key.eq_ignore_ascii_case("expires") || key.eq_ignore_ascii_case("max-age")
}

/// A cookie's name and its attributes.
fn split_cookie(cookie: &str) -> (&str, Vec<&str>) {
    let mut parts = cookie.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().split('=').next().unwrap_or_default();
    (name, parts.filter(|part| !part.is_empty()).collect())
}

fn joined(metadata: &Metadata, name: &str, fold: &Fold) -> String {
    metadata.all(name).map(|value| fold.apply(value.trim())).collect::<Vec<_>>().join(", ")
}

/// The shape that all of these values have.
fn all_shaped<'v>(values: impl Iterator<Item = &'v String>) -> Option<Shape> {
    values.map(|value| Shape::of_text(value)).reduce(Shape::join)
}

/// A cookie's name or an attribute's value, which says the same each time.
fn cookie_part<'v>(control: &'v str, mixed: Option<&'v str>) -> What<'v> {
    What::Header { name: "set-cookie", control, mixed, noise: Noise::Stable, shape: None }
}

fn show(trial: &Trial<'_>, at: At, failing: bool, what: What<'_>) -> Option<Found> {
    let What::Header { name, control, mixed, noise, .. } = what else { return None };
    if trial.is_ignored(&at) {
        return None;
    }
    // A cookie that a later request sends back is used, whatever header set it.
    let cookie = if name == "set-cookie" { At::Cookie(control.to_owned()) } else { at.clone() };
    let spot = Spot {
        used: trial.is_used(&At::Header(name.to_owned())) || trial.is_used(&at) || trial.is_used(&cookie),
        at,
        direction: trial.direction,
        failing,
        sent: false,
        spoken: trial.spoken(),
        reader: trial.reader,
        what,
    };
    let (rule, hit) = rules::first(&spot)?;
    let masked = |text: &str| {
        if is_secret(name) {
            return Value::from("«secret»");
        }
        let shape = Shape::of_text(text);
        if noise == Noise::Stable && !shape.is_typed() {
            Value::from(without_secrets(text))
        } else {
            Value::from(format!("«{shape}»"))
        }
    };
    Some(Found {
        rule,
        at: spot.at.to_string(),
        severity: hit.severity,
        message: hit.message,
        expected: masked(control),
        got: mixed.map_or(Value::Null, masked),
    })
}
