//! Judges one exchange: is the control to be trusted, does the mixed cell answer at all, and where do the two differ?

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::details;
use super::fidelity;
use super::headers;
use super::rules;
use super::spot::{Spot, What};
use super::streams::{self, Sides};
use super::trial::{Found, Judgement, Standing, Trial};
use super::walk::Walk;
use crate::model::{Answer, At, Code, Fault, Fold, Form, Observation};

/// Replies with fewer leaves than this are never said to be all noise.
const FEWEST_LEAVES: u64 = 4;
/// A reply of which less than one in so many leaves could be compared shows nothing.
const LEAST_COMPARED: u64 = 10;

/// Judges one exchange in one direction.
pub fn judge(trial: &Trial<'_>) -> Judgement {
    let control = match trial.control.observation {
        Observation::Answer(answer) => Ok(answer),
        Observation::Fault(fault) => Err(fault),
        Observation::Blocked { .. } => return standing(Standing::Blocked),
        Observation::NotSent(why) => return standing(Standing::NotSent(why.clone())),
    };
    if let Some(how) = untrusted(trial, control) {
        return standing(how);
    }
    let mixed = match trial.mixed.observation {
        Observation::Answer(answer) => Ok(answer),
        Observation::Fault(fault) => Err(fault),
        Observation::Blocked { .. } => return standing(Standing::Blocked),
        Observation::NotSent(why) => return standing(Standing::NotSent(why.clone())),
    };
    if control.is_ok_and(|answer| is_asset(trial, answer)) {
        return standing(Standing::Asset);
    }
    let mut judgement = standing(Standing::Compared { recorded: trial.recorded.is_some() });
    let seen = replies(trial, control, mixed);
    let at = if control.is_ok() && mixed.is_ok() { At::Status } else { At::Reply };
    if let Some(found) = show(trial, at, false, seen, || (outcome(control), outcome(mixed))) {
        judgement.found.push(found);
        return judgement;
    }
    if let (Ok(control), Ok(mixed)) = (control, mixed) {
        if is_endless(trial, control, mixed) {
            let fault: Result<&Answer, &Fault> = Err(&Fault::Timeout { in_body: true });
            let what = replies(trial, Ok(control), fault);
            let evidence = || (outcome(Ok(control)), Value::from("a stream without an end"));
            judgement.found.extend(show(trial, At::Reply, false, what, evidence));
            return judgement;
        }
        if let Some(why) = unreadable(trial, control, mixed) {
            let evidence = || (Value::from(control.content.media.as_str()), Value::from(why));
            judgement.found.extend(show(trial, At::Reply, false, What::Unreadable(why), evidence));
            return judgement;
        }
        answers(trial, control, mixed, &mut judgement);
    }
    if trial.recorded.is_none() && control.map_or(true, Answer::is_failure) && judgement.found.is_empty() {
        // Nobody knows whether it should fail: a wrong seed fails in both cells.
        judgement.standing =
            Standing::Stale("the control fails, and no reply was recorded that says it should".to_owned());
    }
    judgement
}

/// Both replies as the rules are shown them.
fn replies<'t>(
    trial: &Trial<'_>,
    control: Result<&'t Answer, &'t Fault>,
    mixed: Result<&'t Answer, &'t Fault>,
) -> What<'t> {
    if trial.is_rpc() {
        let code = |answer: &Answer| answer.rpc.as_ref().map_or(Code::OK, |rpc| rpc.code);
        return What::Calls { control: control.map(code), mixed: mixed.map(code) };
    }
    What::Replies { control: control.map(|a| a.status), mixed: mixed.map(|a| a.status) }
}

/// Why the mixed cell's body can't be read, where the control's always can.
fn unreadable<'t>(trial: &Trial<'_>, control: &Answer, mixed: &'t Answer) -> Option<&'t str> {
    let why = mixed.content.trouble.as_deref()?;
    let readable = |answer: &Answer| answer.content.trouble.is_none();
    let always = trial.control_witnesses.iter().filter_map(|view| view.observation.answer()).all(readable);
    (!control.is_failure() && readable(control) && always).then_some(why)
}

/// Whether the mixed cell's stream goes on where the control's always ends: a client that waits for the end waits for ever.
fn is_endless(trial: &Trial<'_>, control: &Answer, mixed: &Answer) -> bool {
    let mut witnesses = trial.control_witnesses.iter().filter_map(|view| view.observation.answer());
    mixed.content.open && !control.content.open && witnesses.all(|answer| !answer.content.open)
}

fn standing(standing: Standing) -> Judgement {
    Judgement { standing, found: Vec::new(), noisy: BTreeSet::new(), leaves: 0, compared: 0 }
}

/// Why the control can't stand for what is expected.
fn untrusted(trial: &Trial<'_>, control: Result<&Answer, &Fault>) -> Option<Standing> {
    for witness in &trial.control_witnesses {
        let other = match witness.observation {
            Observation::Answer(answer) => answer.outcome(),
            Observation::Fault(fault) => fault.to_string(),
            // The twin was not asked; it says nothing.
            Observation::Blocked { .. } | Observation::NotSent(_) => continue,
        };
        let own = control.map_or_else(ToString::to_string, Answer::outcome);
        if own != other {
            return Some(Standing::ControlTrouble(format!("the control answers {own}, its twin {other}")));
        }
    }
    if let (Some(recorded), Ok(control)) = (trial.recorded, control) {
        let was = recorded.observation.answer()?;
        return fidelity::departure(was, recorded.fold, control, trial.control.fold).map(Standing::Stale);
    }
    // A control that fails where its recording has a reply has left it; where the recording failed too, `improved` may speak.
    match (trial.recorded, control) {
        (Some(_), Err(fault)) => Some(Standing::ControlTrouble(format!("the control gives no reply: {fault}"))),
        _ => None,
    }
}

/// Whether this exchange fetches a part of a page.
fn is_asset(trial: &Trial<'_>, control: &Answer) -> bool {
    if trial.method != "GET" {
        return false;
    }
    if let Some(dest) = trial.fetch_dest {
        return !matches!(dest, "document" | "empty" | "iframe" | "frame" | "nested-document" | "");
    }
    let media = control.content.media.as_str();
    control.status < 400
        && (["font/", "image/", "audio/", "video/"].iter().any(|kind| media.starts_with(kind))
            || matches!(
                media,
                "text/css"
                    | "text/javascript"
                    | "application/javascript"
                    | "application/x-javascript"
                    | "application/ecmascript"
                    | "application/wasm"
                    | "application/font-woff"
                    | "application/manifest+json"
            ))
}

/// Two whole replies: headers, then bodies.
fn answers(trial: &Trial<'_>, control: &Answer, mixed: &Answer, judgement: &mut Judgement) {
    let failing = control.is_failure() && mixed.is_failure();
    let bodies = control.content.form != Form::Empty && mixed.content.form != Form::Empty;
    if bodies {
        // How a codec is named that goes without saying is no matter.
        let media = |answer: &Answer| match &answer.rpc {
            Some(_) => answer.content.media.clone(),
            None => answer.metadata.get("content-type").unwrap_or_default().to_owned(),
        };
        let (ours, theirs) = (media(control), media(mixed));
        let what = What::Media { control: &ours, mixed: &theirs };
        let at = At::Header("content-type".to_owned());
        let evidence = || (Value::from(ours.as_str()), Value::from(theirs.as_str()));
        judgement.found.extend(show(trial, at, failing, what, evidence));
    }
    judgement.found.extend(endings(trial, control, mixed));
    let headers = headers::compare(trial, control, mixed, failing, &mut judgement.noisy);
    judgement.found.extend(headers);
    let (ours, theirs) = (&control.content, &mixed.content);
    match (ours.form, theirs.form) {
        (left, Form::Empty) if left != Form::Empty => {
            judgement.leaves += ours.leaves();
            let always = trial.control_witnesses.iter().filter_map(|view| view.observation.answer());
            if always.map(|answer| answer.content.form).all(|form| form != Form::Empty) {
                judgement.compared += ours.leaves();
                let kind = || (Value::from(format!("«{}»", ours.media)), Value::Null);
                judgement.found.extend(show(trial, At::Body(crate::model::Path::root()), failing, What::NoBody, kind));
            }
        }
        (Form::Html, Form::Html) => page(trial, control, mixed, failing, judgement),
        (left, right) if left == right && left.is_structured() => tree(trial, failing, judgement),
        (left, right) if left.is_structured() && right != left => {
            // Another kind of payload altogether. Where the media type says so too, that has been told.
            let told = judgement
                .found
                .iter()
                .any(|found| found.at == "header content-type" && found.severity > crate::model::Severity::Info);
            judgement.leaves += ours.leaves();
            judgement.compared += ours.leaves();
            if !told {
                let what = What::Value {
                    control: Some(ours.document()),
                    mixed: Some(theirs.document()),
                    noise: super::noise::Noise::Stable,
                    mixed_noise: super::noise::Noise::Stable,
                    nullable: false,
                };
                let name = |form: Form| Value::from(format!("«{form:?}»").to_lowercase());
                let found = show(trial, At::Body(crate::model::Path::root()), failing, what, || {
                    (name(left), name(theirs.form))
                });
                judgement.found.extend(found);
            }
        }
        (Form::Empty, _) => {}
        _ => opaque(trial, control, mixed, failing, judgement),
    }
    if judgement.leaves >= FEWEST_LEAVES
        && judgement.compared * LEAST_COMPARED < judgement.leaves
        && judgement.found.is_empty()
    {
        judgement.standing = Standing::MostlyNoise;
    }
}

/// What both say of the failure of a remote procedure.
fn endings(trial: &Trial<'_>, control: &Answer, mixed: &Answer) -> Option<Found> {
    let (ours, theirs) = (control.rpc.as_deref()?, mixed.rpc.as_deref()?);
    let lost = details::lost(ours, theirs).filter(|_| !ours.code.is_ok())?;
    // What the control itself does not always say is no promise.
    let mut always = trial.control_witnesses.iter().filter_map(|view| view.observation.answer()?.rpc.as_deref());
    if !always.all(|witness| details::lost(ours, witness).is_none()) {
        return None;
    }
    let evidence = || (Value::from(lost.as_str()), Value::Null);
    show(trial, At::Status, true, What::Details(&lost), evidence)
}

/// Two trees of the same form.
fn tree(trial: &Trial<'_>, failing: bool, judgement: &mut Judgement) {
    let bytes =
        |view: &super::trial::View<'_>| view.observation.answer().and_then(|answer| answer.content.bytes.clone());
    let (ours, theirs) = (bytes(&trial.control), bytes(&trial.mixed));
    if ours == theirs && !trial.thorough && trial.ignored.is_empty() {
        let leaves = trial.control.observation.answer().map_or(0, |answer| answer.content.leaves());
        judgement.leaves += leaves;
        judgement.compared += leaves;
        return;
    }
    let ours = trial
        .control_witnesses
        .iter()
        .filter(|view| view.observation.answer().is_some())
        .map(|view| view.body(true))
        .chain(trial.recorded.iter().filter(|view| view.body(false).document.is_some()).map(|view| view.body(false)))
        .collect();
    let theirs = trial
        .mixed_witnesses
        .iter()
        .filter(|view| view.status() == trial.mixed.status())
        .map(|view| view.body(true))
        .collect();
    let sides = Sides { control: trial.control.body(true), mixed: trial.mixed.body(true), ours, theirs };
    let open = |view: &super::trial::View<'_>| view.observation.answer().is_some_and(|answer| answer.content.open);
    let cut = (open(&trial.control) || open(&trial.mixed)).then(|| streams::cut(&sides)).flatten();
    let sides = cut.as_ref().map(|documents| sides.with(documents)).unwrap_or(sides);
    let mut walk = Walk::new(trial, failing);
    walk.value(sides.control, sides.mixed, &sides.ours, &sides.theirs);
    judgement.leaves += walk.leaves;
    judgement.compared += walk.compared;
    judgement.noisy.append(&mut walk.noisy);
    judgement.found.append(&mut walk.found);
}

/// A page: only what a later request took from it is a field.
fn page(trial: &Trial<'_>, control: &Answer, mixed: &Answer, failing: bool, judgement: &mut Judgement) {
    for place in trial.used {
        if !matches!(place.at, At::Body(_) | At::Link(_)) {
            continue;
        }
        judgement.leaves += 1;
        judgement.compared += 1;
        let Some(ours) = super::pages::find(control.content.document(), &place.at) else { continue };
        if super::pages::find(mixed.content.document(), &place.at).is_some() {
            continue;
        }
        let what = What::Value {
            control: Some(ours),
            mixed: None,
            noise: super::noise::Noise::Stable,
            mixed_noise: super::noise::Noise::Stable,
            nullable: false,
        };
        let shape = super::noise::shape_of(ours, trial.control.fold);
        let found = show(trial, place.at.clone(), failing, what, || (Value::from(format!("«{shape}»")), Value::Null));
        judgement.found.extend(found);
    }
    opaque(trial, control, mixed, failing, judgement);
}

/// Bytes that are not looked into.
fn opaque(trial: &Trial<'_>, control: &Answer, mixed: &Answer, failing: bool, judgement: &mut Judgement) {
    judgement.leaves += 1;
    if control.content.bytes == mixed.content.bytes {
        judgement.compared += 1;
        return;
    }
    let root = || At::Body(crate::model::Path::root());
    if let Some((ours, theirs)) = kinds(trial, control, mixed) {
        judgement.compared += 1;
        let evidence = || (Value::from(format!("«{ours}»")), Value::from(format!("«{theirs}»")));
        let what = What::Media { control: ours, mixed: theirs };
        judgement.found.extend(show(trial, root(), failing, what, evidence));
        return;
    }
    let ours = text(control, trial.control.fold);
    let agree = trial
        .control_witnesses
        .iter()
        .filter_map(|view| Some((view.observation.answer()?, view.fold)))
        .all(|(answer, fold)| text(answer, fold) == ours);
    if !agree {
        judgement.noisy.insert("$".to_owned());
        if control.content.detected.is_some() {
            // Such files hold when and how they were made; that they are of the same kind is what can be said.
            judgement.compared += 1;
        } else if control.content.form != Form::Html {
            // Of a page its links and forms were looked at; of anything else there is no more than its bytes.
            judgement.standing = Standing::MostlyNoise;
        }
        return;
    }
    judgement.compared += 1;
    if text(mixed, trial.mixed.fold) == ours {
        return;
    }
    let size = |answer: &Answer| {
        let media = if answer.content.media.is_empty() { "bytes" } else { &answer.content.media };
        Value::from(format!("«{media}»"))
    };
    let found = show(trial, root(), failing, What::Body, || (size(control), size(mixed)));
    judgement.found.extend(found);
}

/// What a payload says, as a person would call it the same.
fn text<'a>(answer: &'a Answer, fold: &Fold) -> Option<Cow<'a, [u8]>> {
    let bytes = answer.content.bytes.as_ref()?;
    Some(match std::str::from_utf8(bytes).map(|text| fold.apply(text)) {
        Ok(Cow::Owned(folded)) => Cow::Owned(folded.into_bytes()),
        _ => Cow::Borrowed(bytes),
    })
}

/// Two kinds of file under one media type, as their bytes say, where the control always sends its own.
fn kinds(trial: &Trial<'_>, control: &Answer, mixed: &Answer) -> Option<(&'static str, &'static str)> {
    if control.content.media != mixed.content.media || control.content.trouble.is_some() {
        return None;
    }
    let ours = control.content.detected?;
    let always = trial.control_witnesses.iter().filter_map(|view| view.observation.answer());
    let theirs = mixed.content.detected.unwrap_or("something else");
    (ours != theirs && always.map(|answer| answer.content.detected).all(|kind| kind == Some(ours)))
        .then_some((ours, theirs))
}

fn outcome(reply: Result<&Answer, &Fault>) -> Value {
    reply.map_or_else(
        |fault| Value::from(fault.to_string()),
        |answer| answer.rpc.as_ref().map_or(Value::from(answer.status), |rpc| Value::from(rpc.code.to_string())),
    )
}

fn show(
    trial: &Trial<'_>,
    at: At,
    failing: bool,
    what: What<'_>,
    evidence: impl FnOnce() -> (Value, Value),
) -> Option<Found> {
    if trial.is_ignored(&at) {
        return None;
    }
    let spot = Spot {
        used: trial.is_used(&at),
        at,
        direction: trial.direction,
        failing,
        sent: false,
        spoken: trial.spoken(),
        reader: trial.reader,
        what,
    };
    let (rule, hit) = rules::first(&spot)?;
    let (expected, got) = evidence();
    Some(Found { rule, at: spot.at.to_string(), severity: hit.severity, message: hit.message, expected, got })
}
