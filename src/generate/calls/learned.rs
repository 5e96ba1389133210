//! What calls that were really made say to operations: ids and names that the service knows, and bodies that it takes.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::links::singular;
use crate::contract::openapi::{Location, Request};
use crate::generate::json_schema::Messages;
use crate::model::secret::{Naming, has_placeholder, looks, naming};
use crate::model::{At, Call, Exchange};

/// As many bodies of one operation are kept.
const MOST: usize = 3;

/// What was learned of one operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Learned {
    /// For each parameter, in the contract's order.
    pub(super) parameters: Vec<Option<Value>>,
    /// The first few bodies that differ.
    pub(super) bodies: Vec<Value>,
}

/// How well a call fits an operation: the number of segments that are written out. None: it is no call of it.
pub(super) fn fit(request: &Request, call: &Call) -> Option<usize> {
    if request.method != call.method {
        return None;
    }
    let (own, theirs): (Vec<&str>, Vec<&str>) = (request.path.split('/').collect(), call.path().split('/').collect());
    let is_same = |(own, theirs): (&&str, &&str)| own.contains('{') || own == theirs;
    let fits = own.len() == theirs.len() && own.iter().zip(&theirs).all(is_same);
    fits.then(|| own.iter().filter(|segment| !segment.contains('{')).count())
}

/// Things that a call names: of `/v2/models/summodel/infer` a `model`, and its name. What a reply gave is another thing each time.
pub(super) fn things(exchange: &Exchange) -> Vec<(String, String)> {
    let segments: Vec<&str> = exchange.call.path().split('/').skip(1).collect();
    let is_bound = |number: usize| exchange.bindings.iter().any(|binding| binding.at.at == At::Segment(number));
    let pairs = segments.windows(2).enumerate().filter(|(number, _)| !is_bound(number + 1));
    let thing = |pair: &[&str]| {
        let [collection, value] = pair else { return None };
        let thing = singular(collection);
        let value = percent_decode_str(value).decode_utf8().ok()?.into_owned();
        let is_one = thing != collection.to_ascii_lowercase() && !value.is_empty() && !has_placeholder(&value);
        let is_one = is_one && !is_credential(&thing, &value);
        is_one.then_some((thing, value))
    };
    pairs.filter_map(|(_, pair)| thing(pair)).collect()
}

impl Learned {
    /// Takes what a call says that an operation allows. What earlier replies gave is another thing each time, and is not kept.
    pub(super) fn take(
        &mut self,
        request: &Request,
        parameters: &[Messages],
        body: Option<&Messages>,
        exchange: &Exchange,
    ) {
        self.parameters.resize(parameters.len(), None);
        let places = request.parameters.iter().zip(parameters).zip(&mut self.parameters);
        for ((field, messages), slot) in places.filter(|(_, slot)| slot.is_none()) {
            let found = match field.location {
                Location::Path => segment(request, &field.name, exchange),
                Location::Query => query(&field.name, exchange),
                // Credentials stand there, and what is none is rarely anybody's own.
                Location::Header | Location::Cookie => None,
            };
            let is_free = |text: &String| !has_placeholder(text) && !is_credential(&field.name, text);
            *slot = found.filter(is_free).and_then(|text| value(&text, messages));
        }
        let is_free = exchange.bindings.iter().all(|binding| !matches!(binding.at.at, At::Body(_)));
        let text = exchange.call.body.bytes().filter(|bytes| is_free && !bytes.is_empty());
        if let (Some(messages), Some(text)) = (body, text)
            && self.bodies.len() < MOST
            && let Ok(value) = serde_json::from_slice::<Value>(&text)
            && !has_placeholder(&value.to_string())
            && !holds_credentials(&value)
            && messages.allows(&value)
            && !self.bodies.contains(&value)
        {
            self.bodies.push(value);
        }
    }
}

/// Whether a value is a credential, by its name or by its look: what is made up is written down, and nobody takes it out there.
fn is_credential(name: &str, text: &str) -> bool {
    !matches!(naming(name), Naming::Silent | Naming::Never) || looks(text.as_bytes()).next().is_some()
}

fn holds_credentials(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| is_credential(name, "") || holds_credentials(value))
        }
        Value::Array(items) => items.iter().any(holds_credentials),
        Value::String(text) => is_credential("", text),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn segment(request: &Request, name: &str, exchange: &Exchange) -> Option<String> {
    let wanted = format!("{{{name}}}");
    let number = request.path.split('/').skip(1).position(|segment| segment == wanted)?;
    let is_bound = exchange.bindings.iter().any(|binding| binding.at.at == At::Segment(number));
    let text = exchange.call.path().split('/').skip(1).nth(number).filter(|_| !is_bound)?;
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

fn query(name: &str, exchange: &Exchange) -> Option<String> {
    let is_bound =
        exchange.bindings.iter().any(|binding| matches!(&binding.at.at, At::Query(known, _) if known == name));
    let mut pairs = exchange.call.query()?.split('&').filter_map(|pair| pair.split_once('='));
    let (_, text) = pairs.find(|(key, _)| *key == name && !is_bound)?;
    Some(percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned())
}

/// A text as the value that a parameter allows.
fn value(text: &str, messages: &Messages) -> Option<Value> {
    let parsed = serde_json::from_str::<Value>(text).ok().filter(|value| value.is_number() || value.is_boolean());
    parsed.into_iter().chain([Value::from(text)]).find(|value| messages.allows(value))
}
