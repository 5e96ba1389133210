//! Calls of the methods of a protobuf contract.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;
use prost_reflect::{DynamicMessage, Kind, MethodDescriptor, ReflectMessage as _, Value};

use super::case::{Case, Made, Said, Step, Taken};
use super::grpc::{Method, methods};
use super::learned::things;
use crate::contract::protobuf::Schema;
use crate::generate::protobuf::{Lost, Messages, round_trip, text, written};
use crate::model::{Body, Call, Exchange, Metadata, Place};
use crate::wire::grpc;

/// Methods that need others themselves, one before the other.
const DEEPEST: usize = 3;
/// Messages in one stream, at most.
const LONGEST: u32 = 3;

/// The calls that a service's clients may make.
#[derive(Debug)]
pub struct Remote {
    methods: Vec<Known>,
    unmade: Vec<(String, String)>,
    /// Things that recorded calls name, each by what it is: a `model`.
    things: BTreeMap<String, String>,
}

/// A method, and what may be sent to it.
#[derive(Debug)]
struct Known {
    surface: String,
    descriptor: MethodDescriptor,
    messages: Messages,
    takes: Vec<Takes>,
}

/// A value that another method's reply gives.
#[derive(Debug)]
struct Takes {
    at: Place,
    method: usize,
    given: Place,
}

impl Remote {
    /// As a contract says.
    pub fn of(schema: &Schema) -> Self {
        let all = methods(&schema.pool, schema.files());
        let (mut known, mut unmade) = (Vec::new(), Vec::new());
        // Links name methods by their numbers, which change where one is left out.
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for (number, method) in all.iter().enumerate() {
            let descriptor = method.descriptor.clone();
            let surface = format!("{}/{}", descriptor.parent_service().full_name(), descriptor.name());
            match Messages::of(&descriptor.input()) {
                Ok(messages) => {
                    let takes = takes(method, &all, &numbers);
                    numbers.insert(number, known.len());
                    known.push(Known { surface, descriptor, messages, takes });
                }
                Err(why) => unmade.push((surface, why.to_string())),
            }
        }
        Self { methods: known, unmade, things: BTreeMap::new() }
    }

    pub(super) fn learn(&mut self, exchange: &Exchange) {
        for (thing, value) in things(exchange) {
            self.things.entry(thing).or_insert(value);
        }
    }

    /// Names things that the service knows, where a message names none: `model_name`, or `name` where it is about models.
    fn name(&self, message: &mut DynamicMessage) {
        let descriptor = message.descriptor();
        let about = descriptor.name().to_ascii_lowercase();
        for field in descriptor.fields().filter(|field| field.kind() == Kind::String && !field.is_list()) {
            let ends = ["", "_name", "_id"];
            let is_its = |thing: &str| {
                let is_bare = matches!(field.name(), "name" | "id") && about.contains(thing);
                is_bare || ends.iter().any(|end| field.name() == format!("{thing}{end}"))
            };
            let known = self.things.iter().find(|(thing, _)| is_its(thing));
            if let (Some((_, value)), false) = (known, message.has_field(&field)) {
                message.set_field(&field, Value::String(value.clone()));
            }
        }
    }

    pub(super) fn surfaces(&self) -> Vec<&str> {
        let made = self.methods.iter().map(|method| method.surface.as_str());
        made.chain(self.unmade.iter().map(|(surface, _)| surface.as_str())).collect()
    }

    pub(super) fn unmade(&self) -> &[(String, String)] {
        &self.unmade
    }

    fn method(&self, surface: &str) -> Option<(usize, &Known)> {
        self.methods.iter().enumerate().find(|(_, method)| method.surface == surface)
    }

    pub(super) fn cases(&self, surface: &str, other: Option<&Self>, random: &mut TestRng, most: usize) -> Vec<Case> {
        let Some((number, method)) = self.method(surface) else { return Vec::new() };
        let other = other.and_then(|other| other.method(surface)).map(|(_, method)| method);
        let mut sayings: Vec<Vec<DynamicMessage>> = vec![vec![method.messages.smallest()]];
        let one = |message: DynamicMessage| vec![message];
        if let Some(other) = other {
            sayings.extend(method.messages.beyond(&other.descriptor.input(), most / 2).into_iter().map(one));
        }
        if method.descriptor.is_client_streaming() {
            sayings.push(Vec::new());
        }
        let room = most - most / 4;
        sayings.extend(method.messages.edges(room.saturating_sub(sayings.len())).into_iter().map(one));
        while sayings.len() < most {
            let count = if method.descriptor.is_client_streaming() { random.next_u32() % (LONGEST + 1) } else { 1 };
            sayings.push((0..count).map(|_| method.messages.draw(random)).collect());
        }
        let mut cases: Vec<Case> = Vec::new();
        for mut messages in sayings {
            for message in &mut messages {
                self.name(message);
            }
            let case = self.case(number, made(&messages));
            if cases.len() < most && !cases.contains(&case) {
                cases.push(case);
            }
        }
        if !method.takes.is_empty() || !self.things.is_empty() {
            // And one with an id that nobody has given.
            cases.truncate(most.saturating_sub(1));
            cases.push(Case::of(surface, made(&[method.messages.smallest()])));
        }
        cases
    }

    fn case(&self, number: usize, said: Said) -> Case {
        let mut steps = Vec::new();
        self.push(number, said, &mut steps, &mut BTreeMap::new(), 0);
        Case { steps }
    }

    /// Adds a step, after those that give it what it needs; gives its number.
    fn push(
        &self,
        number: usize,
        said: Said,
        steps: &mut Vec<Step>,
        known: &mut BTreeMap<usize, usize>,
        depth: usize,
    ) -> usize {
        let Some(method) = self.methods.get(number) else { return steps.len() };
        let mut takes = Vec::new();
        let is_empty = matches!(&said, Said::Messages(messages) if messages.is_empty());
        for link in method.takes.iter().filter(|_| depth < DEEPEST && !is_empty) {
            let Some(giver) = self.methods.get(link.method) else { continue };
            let from = if let Some(from) = known.get(&link.method) {
                *from
            } else {
                let mut plain = giver.messages.smallest();
                self.name(&mut plain);
                self.push(link.method, made(&[plain]), steps, known, depth + 1)
            };
            takes.push(Taken { at: link.at.clone(), from, given: link.given.clone() });
        }
        steps.push(Step { surface: method.surface.clone(), said, takes });
        known.insert(number, steps.len() - 1);
        steps.len() - 1
    }

    pub(super) fn simpler(&self, case: &Case) -> Vec<Case> {
        let Some((last, before)) = case.steps.split_last() else { return Vec::new() };
        let (Some((_, method)), Said::Messages(messages)) = (self.method(&last.surface), &last.said) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if !last.takes.is_empty() {
            found.push(Case::of(&last.surface, last.said.clone()));
        }
        let with = |said: Said| {
            let mut steps = before.to_vec();
            steps.push(Step { said, ..last.clone() });
            Case { steps }
        };
        if messages.len() > 1 {
            for number in 0..messages.len() {
                let mut fewer = messages.clone();
                fewer.remove(number);
                found.push(with(Said::Messages(fewer)));
            }
        }
        for (number, message) in messages.iter().enumerate() {
            let Some(decoded) = decoded(&method.descriptor, &message.bytes) else { continue };
            for simpler in method.messages.simpler(&decoded) {
                let mut changed = messages.clone();
                if let Some(place) = changed.get_mut(number) {
                    *place = one(&simpler);
                }
                found.push(with(Said::Messages(changed)));
            }
        }
        found
    }

    pub(super) fn call(&self, step: &Step) -> Option<Call> {
        let (_, method) = self.method(&step.surface)?;
        let Said::Messages(messages) = &step.said else { return None };
        let bytes: Vec<Bytes> = messages.iter().map(|message| message.bytes.clone()).collect();
        let metadata: Metadata = [("te", "trailers"), ("content-type", "application/grpc+proto")].into_iter().collect();
        Some(Call {
            method: "POST".to_owned(),
            target: format!("/{}", method.surface),
            metadata,
            body: Body::of(grpc::written(&bytes)),
        })
    }

    pub(super) fn allows(&self, case: &Case) -> bool {
        case.steps.iter().all(|step| {
            let Some((_, method)) = self.method(&step.surface) else { return false };
            let Said::Messages(messages) = &step.said else { return false };
            messages.iter().all(|message| decoded(&method.descriptor, &message.bytes).is_some())
                && (messages.len() == 1 || method.descriptor.is_client_streaming())
        })
    }

    pub(super) fn lost(&self, other: &Self, case: &Case) -> Vec<(String, Lost)> {
        let Some((step, own, theirs)) = case.steps.last().and_then(|step| {
            Some((step, &self.method(&step.surface)?.1.descriptor, &other.method(&step.surface)?.1.descriptor))
        }) else {
            return Vec::new();
        };
        let Said::Messages(messages) = &step.said else { return Vec::new() };
        let mut found = Vec::new();
        for message in messages {
            let Some(decoded) = decoded(own, &message.bytes) else { continue };
            // Who can't even be read is told by who answers.
            let lost = round_trip(&decoded, &theirs.input()).unwrap_or_default();
            found.extend(lost.into_iter().map(|lost| (message.text.clone(), lost)));
        }
        found
    }

    pub(super) fn digest(&self, surface: &str) -> Option<String> {
        let (_, method) = self.method(surface)?;
        let input = method.descriptor.input();
        let proto = format!("{:?}", input.descriptor_proto());
        Some(blake3::hash(proto.as_bytes()).to_hex().to_string())
    }
}

/// Where a method's values come from, as places of its messages and of the others' replies.
fn takes(method: &Method, all: &[Method], numbers: &BTreeMap<usize, usize>) -> Vec<Takes> {
    let place = |streams: bool, path: &super::grpc::Path| {
        let number = if streams { "[0]" } else { "" };
        format!("${number}.{path}")
    };
    let taken = method.takes.iter().filter_map(|link| {
        let (other, path) = (&all.get(link.from.0)?.descriptor, &link.from.1);
        Some(Takes {
            at: place(method.descriptor.is_client_streaming(), &link.at).parse().ok()?,
            method: *numbers.get(&link.from.0)?,
            // Any of several will do.
            given: place(other.is_server_streaming(), path).replace("[0]", "[]").parse().ok()?,
        })
    });
    taken.collect()
}

fn decoded(method: &MethodDescriptor, bytes: &Bytes) -> Option<DynamicMessage> {
    DynamicMessage::decode(method.input(), bytes.clone()).ok()
}

fn made(messages: &[DynamicMessage]) -> Said {
    Said::Messages(messages.iter().map(one).collect())
}

fn one(message: &DynamicMessage) -> Made {
    Made { bytes: written(message).into(), text: text(message) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::test_runner::{RngAlgorithm, TestRng};

    use super::{Case, Remote, Said};
    use crate::contract::protobuf::load;
    use crate::contract::{Source, Tree};
    use crate::model::{Call, Exchange, Reply, Via};

    fn remote(text: &str) -> Remote {
        let text = format!("syntax = \"proto3\";\npackage a;\n{text}");
        let files = BTreeMap::from([("a.proto".to_owned(), text.into_bytes())]);
        Remote::of(&load(&Source { tree: Tree::Held(files), path: String::new() }).unwrap())
    }

    fn cases(own: &Remote, surface: &str, other: Option<&Remote>, most: usize) -> Vec<Case> {
        own.cases(surface, other, &mut TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]), most)
    }

    fn texts(case: &Case) -> Vec<String> {
        case.steps
            .iter()
            .map(|step| match &step.said {
                Said::Messages(all) => all.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("; "),
                Said::Request { .. } => String::new(),
            })
            .collect()
    }

    const SHOP: &str = "message Order { string id = 1; string note = 2; } message Ask { string order_id = 1; }
        service S { rpc Get(Ask) returns (Order); rpc CreateOrder(Order) returns (Order); }";

    #[test]
    fn a_method_is_called_after_the_one_that_makes_what_it_needs() {
        let cases = cases(&remote(SHOP), "a.S/Get", None, 6);
        let surfaces: Vec<&str> = cases[0].steps.iter().map(|step| step.surface.as_str()).collect();
        assert_eq!(surfaces, ["a.S/CreateOrder", "a.S/Get"]);
        let taken = &cases[0].steps[1].takes[0];
        assert_eq!((taken.at.to_string(), taken.given.to_string()), ("$.order_id".to_owned(), "$.id".to_owned()));
        assert_eq!(cases.iter().filter(|case| case.steps.len() == 1).count(), 1, "one has an id of nobody");
    }

    #[test]
    fn what_only_one_side_knows_comes_right_after_the_smallest() {
        let (old, new) = (remote(SHOP), remote(&SHOP.replace("note = 2;", "note = 2; int32 stars = 3;")));
        let cases = cases(&new, "a.S/CreateOrder", Some(&old), 6);
        assert_eq!(texts(&cases[0]), [""]);
        assert!(texts(&cases[1])[0].starts_with("stars:"), "{:?}", texts(&cases[1]));
    }

    #[test]
    fn things_that_recorded_calls_name_are_named() {
        let mut remote = remote(
            "message InferRequest { string model_name = 1; } message ModelReadyRequest { string name = 1; } message Empty {}
             service S { rpc Infer(InferRequest) returns (Empty); rpc Ready(ModelReadyRequest) returns (Empty); }",
        );
        remote.learn(&Exchange {
            index: 0,
            session: 0,
            last: true,
            offset_ms: 0,
            call: Call { target: "/v2/models/sum%20model/infer".to_owned(), ..Call::default() },
            reply: Some(Reply::default()),
            bindings: Vec::new(),
            used: Vec::new(),
            via: Via::default(),
        });
        for (surface, expected) in [("a.S/Infer", "model_name: \"sum model\""), ("a.S/Ready", "name: \"sum model\"")] {
            let cases = cases(&remote, surface, None, 4);
            assert_eq!(texts(&cases[0]), [expected]);
            assert_eq!(texts(cases.last().unwrap()), [""], "one names nobody");
        }
    }
}
