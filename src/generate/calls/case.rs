//! One session that was made up: the call that it is about, and before it those that give it what it needs.

use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::Place;

/// One session. The last step is the one that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The steps in their order.
    pub steps: Vec<Step>,
}

/// One call of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The operation or method: `POST /orders/{}`, `shop.v1.Shop/Put`.
    pub surface: String,
    /// What it says.
    pub said: Said,
    /// Which of its values earlier replies give.
    pub takes: Vec<Taken>,
}

/// What a call says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// To an operation of HTTP.
    Request {
        /// A value for each of its parameters, in the contract's order; none: left out.
        parameters: Vec<Option<Value>>,
        /// What its body says; none: it has no body.
        body: Option<Value>,
    },
    /// To a remote procedure: its messages.
    Messages(Vec<Made>),
}

/// A message of a remote procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// As it goes over the wire.
    #[serde(with = "base64_text")]
    pub bytes: Bytes,
    /// The same for people: protobuf's text format.
    pub text: String,
}

/// A value that an earlier reply gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where it goes in the call.
    pub at: Place,
    /// The number of the step whose reply gives it, from 0.
    pub from: usize,
    /// Where it stands in that reply.
    pub given: Place,
}

impl Case {
    /// A case of one call that needs nothing.
    pub fn of(surface: &str, said: Said) -> Self {
        Self { steps: vec![Step { surface: surface.to_owned(), said, takes: Vec::new() }] }
    }

    /// The surface that it is about.
    pub fn surface(&self) -> &str {
        self.steps.last().map_or("", |step| &step.surface)
    }

    /// A number that stands for it: equal cases have equal ones, on every machine.
    pub fn number(&self) -> u64 {
        let mut hasher = blake3::Hasher::new();
        for step in &self.steps {
            hasher.update(step.to_json().to_string().as_bytes());
        }
        let hash = hasher.finalize();
        let (first, _) = hash.as_bytes().split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        u32::from_le_bytes(*first).into()
    }

    /// As it stands in a file.
    pub fn to_json(&self) -> Value {
        self.steps.iter().map(Step::to_json).collect()
    }

    /// From a file; none where this is no case.
    pub fn from_json(value: Value) -> Option<Self> {
        let lines: Vec<StepLine> = serde_json::from_value(value).ok()?;
        let steps = lines.into_iter().map(StepLine::step).collect::<Option<Vec<_>>>()?;
        (!steps.is_empty()).then_some(Self { steps })
    }
}

impl Step {
    fn to_json(&self) -> Value {
        let written =
            |taken: &Taken| TakenLine { at: taken.at.to_string(), from: taken.from, given: taken.given.to_string() };
        let (parameters, body, messages) = match &self.said {
            Said::Request { parameters, body } => (Some(parameters.clone()), body.clone().map(Some), None),
            Said::Messages(messages) => (None, None, Some(messages.clone())),
        };
        let takes = self.takes.iter().map(written).collect();
        let line = StepLine { surface: self.surface.clone(), parameters, body, messages, takes };
        serde_json::to_value(line).unwrap_or_default()
    }
}

/// A step as it stands in a file.
#[expect(clippy::option_option, reason = "a body that is null, and none, are not the same")]
#[derive(Serialize, Deserialize)]
struct StepLine {
    surface: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parameters: Option<Vec<Option<Value>>>,
    /// There and null is a body that says null; not there is none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    body: Option<Option<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<Made>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    takes: Vec<TakenLine>,
}

#[derive(Serialize, Deserialize)]
struct TakenLine {
    at: String,
    from: usize,
    given: String,
}

impl StepLine {
    fn step(self) -> Option<Step> {
        let Self { surface, parameters, body, messages, takes } = self;
        let said = if let Some(messages) = messages {
            Said::Messages(messages)
        } else {
            Said::Request { parameters: parameters.unwrap_or_default(), body: body.map(Option::unwrap_or_default) }
        };
        let taken = |line: TakenLine| {
            Some(Taken { at: line.at.parse().ok()?, from: line.from, given: line.given.parse().ok()? })
        };
        Some(Step { surface, said, takes: takes.into_iter().map(taken).collect::<Option<_>>()? })
    }
}

#[expect(clippy::option_option, reason = "a body that is null, and none, are not the same")]
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Value>>, D::Error> {
    Value::deserialize(deserializer).map(|value| Some(Some(value)))
}

mod base64_text {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use base64::Engine as _;

    use super::{BASE64, Bytes};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Bytes::from).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Bytes, Case, Made, Said, Step, Taken};

    #[test]
    fn a_case_is_read_from_its_file_as_it_was_written() {
        let request = Said::Request { parameters: vec![Some(json!(7)), None], body: Some(json!(null)) };
        let takes = vec![Taken { at: "path 1".parse().unwrap(), from: 0, given: "$.id".parse().unwrap() }];
        let mut case = Case::of("POST /a", Said::Request { parameters: Vec::new(), body: None });
        case.steps.push(Step { surface: "PUT /a/{}".to_owned(), said: request, takes });
        let made = Made { bytes: Bytes::from_static(b"\x08\x01"), text: "id: 1".to_owned() };
        case.steps.push(Step { surface: "s.S/Get".to_owned(), said: Said::Messages(vec![made]), takes: Vec::new() });
        assert_eq!(Case::from_json(case.to_json()), Some(case.clone()), "{}", case.to_json());
        assert_eq!(Case::from_json(case.to_json()).map(|it| it.number()), Some(case.number()));
        for wrong in [
            json!([]),
            json!({}),
            json!([{"takes": []}]),
            json!([{"surface": "", "takes": [{"at": "?", "from": 0, "given": "$"}]}]),
        ] {
            assert_eq!(Case::from_json(wrong.clone()), None, "{wrong}");
        }
    }
}
