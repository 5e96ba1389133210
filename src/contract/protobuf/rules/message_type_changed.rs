//! `protobuf/message-type-changed`: a field holds a message of another shape.

use std::collections::BTreeSet;

use prost_reflect::Value;

use crate::contract::protobuf::field::{Field, Shape};
use crate::contract::protobuf::hit::{Hit, Shown};
use crate::contract::protobuf::meaning::Fate;
use crate::contract::protobuf::meeting::{Line, Meeting};
use crate::contract::protobuf::{rules, sample};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "protobuf/message-type-changed",
    severity: Severity::Breaking,
    summary: "A field holds a message of another shape",
    explanation: "Names of messages are not on the wire: a message of another name that has the same fields is read all the same. Where the fields differ, what holds for each of them holds for the field that carries them. Messages that keep their name are compared on their own.",
    remedy: "Give the new message the old one's fields, or carry it in a new field.",
};

/// How deep messages of differing names are compared within each other.
const DEEPEST: usize = 40;

/// Looks at one message.
pub fn check(meeting: &Meeting<'_>) -> Vec<Hit> {
    meeting.lines.iter().filter_map(|line| check_line(meeting, line)).collect()
}

fn check_line(meeting: &Meeting<'_>, line: &Line) -> Option<Hit> {
    let readers: Vec<&Field> = line.pairings(meeting.wires()).into_iter().map(|(field, _)| field).collect();
    let reader = *readers.first()?;
    let (ours, theirs) = (line.writer.message()?, reader.message()?);
    if ours.full_name() == theirs.full_name() {
        return None;
    }
    let sentence =
        format!("`{}` holds `{}` and is read as `{}`", line.writer.name, ours.full_name(), theirs.full_name());
    let pair = (ours.full_name().to_owned(), theirs.full_name().to_owned());
    let context = meeting.context;
    if !context.visited.borrow_mut().insert(pair) {
        return None;
    }
    if context.depth.get() >= DEEPEST {
        meeting.undecided(&line.writer.at(), "messages of other names nest too deep to compare");
        return None;
    }
    context.depth.set(context.depth.get() + 1);
    let inner = Meeting::new(context, ours, theirs);
    let hits = rules::messages(&inner);
    context.depth.set(context.depth.get() - 1);
    let told: BTreeSet<&str> = hits.iter().map(|(_, hit)| hit.at.as_str()).collect();
    let count = told.len();
    let (_, worst) = hits
        .into_iter()
        .filter(|(_, hit)| hit.severity > Severity::Info)
        .reduce(|worst, next| if next.1.severity > worst.1.severity { next } else { worst })?;
    let shown = match worst.shown.map(|shown| lift(meeting, &line.writer, shown)) {
        Some(None) => {
            meeting.undecided(&line.writer.at(), "no message with it could be written");
            return None;
        }
        shown => shown.flatten(),
    };
    let more = if count > 1 { format!(" ({count} such places)") } else { String::new() };
    Some(Hit {
        severity: worst.severity,
        at: line.writer.at(),
        message: format!("{sentence}: {}{more}", worst.message),
        shown,
        positions: meeting.positions(Some(&line.writer), Some(reader)),
    })
}

/// Shows within the whole message what was shown of the one that a field holds.
fn lift(meeting: &Meeting<'_>, field: &Field, shown: Shown) -> Option<Shown> {
    let inner = Value::Message(shown.sent.written);
    let value = match field.shape {
        Shape::One => inner,
        Shape::Many => Value::List(vec![inner]),
        Shape::Map => {
            let key = sample::edges(&field.entry()?.0).into_iter().next()?.into_map_key()?;
            Value::Map([(key, inner)].into())
        }
    };
    let sent = meeting.send(shown.sent.wire, &sample::with(&meeting.writer, field, value)?)?;
    let fate = if sent.read.is_err() { Fate::Refused } else { shown.fate.min(Fate::Changed) };
    Some(Shown { sent, fate })
}
