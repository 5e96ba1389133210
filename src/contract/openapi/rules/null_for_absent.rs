//! `openapi/null-for-absent`: a reply may have null where clients know a field as one that may be absent. Speaks in both directions:
//! of null that is let in on NEW, for OLD's clients; of null that is shut out, for NEW's.

use serde_json::{Value, json};

use crate::contract::json_schema::Broken;
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "openapi/null-for-absent",
    severity: Severity::Risk,
    summary: "A reply may have null where clients know a field that may be absent",
    explanation: "`anyOf: [X, {type: null}]` is how some tools write down that a field may be left out; others wrote just X for the same code. Where the client's contract lets the field be absent, its reader has a way to do without a value, and most readers take null for absence: a risk, and no break. A field that the client requires, and null that is let in expressly (by `nullable` or a list of types), is told as what breaks.",
    remedy: "Leave the field out instead of writing null, or let clients take null first.",
};

/// Looks at what clients refuse in a reply: whether it is only this.
pub(in crate::contract::openapi) fn check(broken: &Broken, writer: &Value, reader: &Value) -> bool {
    is_optional(reader, &broken.reader)
        && lets_null_in(writer, &broken.writer)
        && holds_null(&broken.written, &broken.at)
}

/// Whether the property that a keyword of the reader's speaks of may be absent there.
fn is_optional(reader: &Value, pointer: &str) -> bool {
    let Some((object, rest)) = pointer.rsplit_once("/properties/") else { return false };
    // The keyword must be the property's own: `…/properties/name/type`.
    let Some((name, keyword)) = rest.split_once('/') else { return false };
    let name = name.replace("~1", "/").replace("~0", "~");
    let is_required = reader
        .pointer(object)
        .and_then(|object| object.get("required")?.as_array())
        .is_some_and(|required| required.contains(&json!(name)));
    !keyword.contains('/') && !is_required
}

/// Whether the writer's schema there is `anyOf` with null for one branch.
fn lets_null_in(writer: &Value, pointer: &str) -> bool {
    let mut pointer = pointer;
    loop {
        let branches = writer.pointer(pointer).and_then(|schema| schema.get("anyOf")?.as_array());
        if branches.is_some_and(|branches| branches.contains(&json!({"type": "null"}))) {
            return true;
        }
        // Not beyond the property itself.
        match pointer.rsplit_once('/') {
            Some((shorter, _)) if !shorter.ends_with("/properties") && !shorter.is_empty() => pointer = shorter,
            _ => return false,
        }
    }
}

fn holds_null(written: &Value, at: &str) -> bool {
    let Some(path) = at.strip_prefix('$') else { return false };
    let mut values = vec![written];
    for step in path.split('.').flat_map(|part| part.split_inclusive("[]")) {
        let (name, is_list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
        values = values
            .into_iter()
            .filter_map(|value| if name.is_empty() { Some(value) } else { value.get(name) })
            .collect();
        if is_list {
            values = values.into_iter().filter_map(Value::as_array).flatten().collect();
        }
    }
    values.into_iter().any(Value::is_null)
}
