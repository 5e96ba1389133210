//! Where a change is made, in the words in which findings name places. The main type is [`Place`].

use std::fmt;

use serde_json::{Value, json};

use super::shape;

/// A step into a body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The field of that name.
    Field(String),
    /// Every field whose name a program made.
    Generated,
    /// Every row.
    Each,
}

/// A place in a reply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The status code.
    Status,
    /// A header, lower case.
    Header(String),
    /// A cookie that the reply sets, and an attribute of it where that is meant.
    Cookie(String, Option<String>),
    /// A part of a JSON body.
    Body(Vec<Step>),
    /// A field of a page's form.
    Form(String),
    /// A page's links that fit this target.
    Link(String),
}

impl Place {
    /// Into the plan.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Status => json!({ "status": true }),
            Self::Header(name) => json!({ "header": name }),
            Self::Cookie(name, attribute) => json!({ "cookie": name, "attribute": attribute }),
            Self::Form(name) => json!({ "form": name }),
            Self::Link(target) => json!({ "link": target }),
            Self::Body(steps) => {
                let steps: Vec<Value> = steps
                    .iter()
                    .map(|step| match step {
                        Step::Field(name) => Value::from(name.as_str()),
                        Step::Generated => Value::Bool(true),
                        Step::Each => Value::Null,
                    })
                    .collect();
                json!({ "body": steps })
            }
        }
    }

    /// Out of the plan.
    pub fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        if let Some(steps) = value["body"].as_array() {
            let steps = steps.iter().map(|step| match step {
                Value::String(name) => Step::Field(name.clone()),
                Value::Bool(_) => Step::Generated,
                _ => Step::Each,
            });
            return Some(Self::Body(steps.collect()));
        }
        text("header")
            .map(Self::Header)
            .or_else(|| text("form").map(Self::Form))
            .or_else(|| text("link").map(Self::Link))
            .or_else(|| text("cookie").map(|name| Self::Cookie(name, text("attribute"))))
            .or_else(|| value["status"].is_boolean().then_some(Self::Status))
    }

    /// How many steps it lies below the reply: what is deep is changed as often as what is not.
    pub fn depth(&self) -> usize {
        match self {
            Self::Status => 0,
            Self::Header(_) | Self::Cookie(..) => 1,
            Self::Body(steps) => 2 + steps.len(),
            Self::Form(_) | Self::Link(_) => 3,
        }
    }

    /// Whether a change here touches what stands at `used`, a place as recordings name those that later calls use.
    pub fn touches(&self, used: &str) -> bool {
        let used = used.split(" | ").next().unwrap_or_default();
        match self {
            Self::Status => false,
            Self::Header(name) if name == "content-type" => used.starts_with('$') || used.starts_with("link "),
            Self::Header(name) => used == format!("header {name}"),
            Self::Cookie(name, _) => used == format!("cookie {name}"),
            Self::Form(name) => used == format!("$.forms.{name}"),
            Self::Link(target) => used == format!("link {target}"),
            Self::Body(steps) if steps.is_empty() => used.starts_with('$') || used.starts_with("link "),
            Self::Body(_) => {
                let (own, used) = (self.to_string(), general(used));
                used.starts_with(&own) && matches!(used.as_bytes().get(own.len()), None | Some(b'.' | b'['))
            }
        }
    }
}

/// A path of one reply as findings name it: every index `[]`, every name that a program made `{}`.
fn general(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..at]);
        let inner = rest[at + 1..].split(']').next().unwrap_or_default();
        if inner.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str("[]");
        } else if serde_json::from_str::<String>(inner).is_ok_and(|name| shape::is_generated(&name)) {
            out.push_str("[\"{}\"]");
        } else {
            out.push_str(&rest[at..at + inner.len() + 2]);
        }
        rest = rest.get(at + inner.len() + 2..).unwrap_or_default();
    }
    out.push_str(rest);
    let parts: Vec<String> = out
        .split('.')
        .map(|part| if shape::is_generated(part) { "[\"{}\"]".to_owned() } else { part.to_owned() })
        .collect();
    parts.join(".").replace(".[\"{}\"]", "[\"{}\"]")
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => out.write_str("status"),
            Self::Header(name) => write!(out, "header {name}"),
            Self::Cookie(name, None) => write!(out, "header set-cookie {name}"),
            Self::Cookie(name, Some(attribute)) => write!(out, "header set-cookie {name} {attribute}"),
            Self::Form(name) => write!(out, "$.forms.{name}"),
            Self::Link(target) => write!(out, "link {target}"),
            Self::Body(steps) => {
                out.write_str("$")?;
                for step in steps {
                    match step {
                        Step::Field(name) if is_plain(name) => write!(out, ".{name}")?,
                        Step::Field(name) => write!(out, "[{}]", Value::from(name.as_str()))?,
                        Step::Generated => out.write_str("[\"{}\"]")?,
                        Step::Each => out.write_str("[]")?,
                    }
                }
                Ok(())
            }
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(steps: &[Step]) -> Place {
        Place::Body(steps.to_vec())
    }

    #[test]
    fn places_have_the_names_that_findings_give_them_and_survive_the_plan() {
        let field = |name: &str| Step::Field(name.to_owned());
        for (place, name) in [
            (Place::Status, "status"),
            (Place::Header("etag".to_owned()), "header etag"),
            (Place::Cookie("sid".to_owned(), None), "header set-cookie sid"),
            (Place::Cookie("sid".to_owned(), Some("path".to_owned())), "header set-cookie sid path"),
            (Place::Form("csrf".to_owned()), "$.forms.csrf"),
            (Place::Link("/a/{}".to_owned()), "link /a/{}"),
            (body(&[field("a"), Step::Each, field("b c")]), "$.a[][\"b c\"]"),
            (body(&[Step::Generated]), "$[\"{}\"]"),
            (body(&[]), "$"),
        ] {
            assert_eq!(place.to_string(), name);
            assert_eq!(Place::from_json(&place.to_json()), Some(place));
        }
    }

    #[test]
    fn a_change_above_a_used_value_touches_it() {
        let field = |name: &str| Step::Field(name.to_owned());
        for (place, used, expected) in [
            (body(&[field("items"), Step::Each]), "$.items[3].id", true),
            (body(&[field("items"), Step::Each, field("id")]), "$.items[3].id | path 1", true),
            (body(&[field("items"), Step::Each, field("i")]), "$.items[3].id", false),
            (body(&[Step::Generated, field("id")]), "$[\"17\"].id", true),
            (body(&[]), "link /a/{}", true),
            (Place::Header("link".to_owned()), "header link | between \"<\" \">\"", true),
            (Place::Header("content-type".to_owned()), "$.id", true),
            (Place::Status, "$.id", false),
        ] {
            assert_eq!(place.touches(used), expected, "{place} {used}");
        }
    }
}
