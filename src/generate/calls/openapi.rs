//! Calls of the operations of an OpenAPI contract.

use std::collections::BTreeMap;

use proptest::prelude::Rng as _;
use proptest::test_runner::TestRng;
use serde_json::Value;

use super::case::{Case, Said, Step, Taken};
use super::learned::{Learned, fit as fits};
use super::links::{Producer, producers};
use super::written;
use crate::contract::json_schema::Dialect;
use crate::contract::openapi::{Field, Location, Request, Requests};
use crate::generate::json_schema::Messages;
use crate::model::{At, Body, Call, Exchange, Metadata, Place, Step as PathStep};

/// Producers that need producers themselves, one before the other.
const DEEPEST: usize = 3;

/// The host that calls name; whoever sends them puts the instance's own in its place.
const HOST: &str = "service.test";

/// The calls that an API's clients may make.
#[derive(Debug)]
pub struct OpenApi {
    operations: Vec<Operation>,
    unmade: Vec<(String, String)>,
}

/// An operation, and what may be said to it.
#[derive(Debug)]
struct Operation {
    request: Request,
    /// For each parameter what it may be.
    parameters: Vec<Messages>,
    body: Option<Messages>,
    producers: Vec<Producer>,
    learned: Learned,
}

impl OpenApi {
    /// As a contract says.
    pub fn of(requests: Requests) -> Self {
        let mut unmade = requests.unread;
        let links: BTreeMap<String, Vec<Producer>> = (0..requests.all.len())
            .filter_map(|number| Some((requests.all.get(number)?.surface.clone(), producers(&requests.all, number))))
            .collect();
        let mut made: Vec<Option<Operation>> = Vec::new();
        for request in requests.all {
            let surface = request.surface.clone();
            match Operation::of(request, links.get(&surface).cloned().unwrap_or_default()) {
                Ok(operation) => made.push(Some(operation)),
                Err(why) => {
                    unmade.push((surface, why));
                    made.push(None);
                }
            }
        }
        // Producers are known by their numbers, which change where one is left out.
        let mut numbers = BTreeMap::new();
        for (number, _) in made.iter().enumerate().filter(|(_, operation)| operation.is_some()) {
            numbers.insert(number, numbers.len());
        }
        let mut operations: Vec<Operation> = made.into_iter().flatten().collect();
        for operation in &mut operations {
            operation.producers.retain_mut(|producer| match numbers.get(&producer.operation) {
                Some(number) => {
                    producer.operation = *number;
                    true
                }
                None => false,
            });
        }
        Self { operations, unmade }
    }

    pub(super) fn learn(&mut self, exchange: &Exchange) {
        let fit = |operation: &&mut Operation| fits(&operation.request, &exchange.call);
        let known = self.operations.iter_mut().filter(|operation| fit(operation).is_some());
        if let Some(operation) = known.max_by_key(fit) {
            operation.learned.take(&operation.request, &operation.parameters, operation.body.as_ref(), exchange);
        }
    }

    pub(super) fn surfaces(&self) -> Vec<&str> {
        let made = self.operations.iter().map(|operation| operation.request.surface.as_str());
        made.chain(self.unmade.iter().map(|(surface, _)| surface.as_str())).collect()
    }

    pub(super) fn unmade(&self) -> &[(String, String)] {
        &self.unmade
    }

    fn operation(&self, surface: &str) -> Option<(usize, &Operation)> {
        self.operations.iter().enumerate().find(|(_, operation)| operation.request.surface == surface)
    }

    pub(super) fn cases(&self, surface: &str, other: Option<&Self>, random: &mut TestRng, most: usize) -> Vec<Case> {
        let Some((number, operation)) = self.operation(surface) else { return Vec::new() };
        let other = other.and_then(|other| other.operation(surface)).map(|(_, operation)| operation);
        let mut sayings = operation.sayings(other, random, most);
        let mut cases: Vec<Case> = Vec::new();
        // What was made is also read again as it was made: with all that its maker may say.
        if operation.request.method == "GET"
            && let Some(maker) = self.maker(operation)
        {
            let made = &self.operations[maker];
            for said in made.sayings(None, random, most / 3).into_iter().skip(1) {
                let mut case = self.case(number, operation.smallest());
                if let Some(step) =
                    case.steps.iter_mut().rev().skip(1).find(|step| step.surface == made.request.surface)
                {
                    step.said = said;
                    cases.push(case);
                }
            }
            sayings.truncate(most.saturating_sub(cases.len()));
        }
        let told = sayings.into_iter().map(|said| self.case(number, said));
        let mut all: Vec<Case> = told.chain(cases).collect();
        if !operation.producers.is_empty() {
            // And one with an id that nobody has given.
            all.truncate(most.saturating_sub(1));
            all.push(Case::of(surface, operation.smallest()));
        }
        all.retain(|case| case.steps.iter().all(|step| self.call(step).is_some()));
        all
    }

    /// The operation that makes what another one reads, where that takes a body.
    fn maker(&self, operation: &Operation) -> Option<usize> {
        let producer = operation.producers.first()?;
        let maker = self.operations.get(producer.operation)?;
        (maker.body.is_some() && maker.request.method != "GET").then_some(producer.operation)
    }

    /// A case that says that to an operation, with all that it needs before it.
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
        let Some(operation) = self.operations.get(number) else { return steps.len() };
        let mut takes = Vec::new();
        for producer in operation.producers.iter().filter(|_| depth < DEEPEST) {
            if !operation.has(&said, &producer.at) {
                continue;
            }
            let Some(maker) = self.operations.get(producer.operation) else { continue };
            let from = match known.get(&producer.operation) {
                Some(from) => *from,
                None => self.push(producer.operation, maker.plain(), steps, known, depth + 1),
            };
            takes.push(Taken { at: producer.at.clone(), from, given: producer.given.clone() });
        }
        steps.push(Step { surface: operation.request.surface.clone(), said, takes });
        known.insert(number, steps.len() - 1);
        steps.len() - 1
    }

    pub(super) fn simpler(&self, case: &Case) -> Vec<Case> {
        let Some((last, before)) = case.steps.split_last() else { return Vec::new() };
        let Some((_, operation)) = self.operation(&last.surface) else { return Vec::new() };
        let mut found = Vec::new();
        if !last.takes.is_empty() {
            found.push(Case::of(&last.surface, last.said.clone()));
        }
        let with = |steps: &[Step], said: Said, step: &Step| {
            let mut steps = steps.to_vec();
            steps.push(Step { said, ..step.clone() });
            steps
        };
        // What was made before may be what shows it: it is made simpler as well.
        for (number, step) in before.iter().enumerate() {
            let Some((_, maker)) = self.operation(&step.surface) else { continue };
            for said in maker.simpler(&step.said, &step.takes) {
                let mut steps = with(&before[..number], said, step);
                steps.extend_from_slice(&case.steps[number + 1..]);
                found.push(Case { steps });
            }
        }
        let said = operation.simpler(&last.said, &last.takes).into_iter();
        found.extend(said.map(|said| Case { steps: with(before, said, last) }));
        found.retain(|case| case.steps.iter().all(|step| self.call(step).is_some()));
        found
    }

    pub(super) fn allows(&self, case: &Case) -> bool {
        case.steps.iter().all(|step| {
            self.operation(&step.surface).is_some_and(|(_, operation)| operation.allows(&step.said))
                && self.call(step).is_some()
        })
    }

    pub(super) fn digest(&self, surface: &str) -> Option<String> {
        let (_, operation) = self.operation(surface)?;
        let mut hasher = blake3::Hasher::new();
        for field in &operation.request.parameters {
            hasher.update(
                format!("{:?} {} {} {}\n", field.location, field.name, field.is_required, field.schema).as_bytes(),
            );
        }
        if let Some(body) = &operation.request.body {
            hasher.update(format!("{} {} {}", body.media, body.is_required, body.schema).as_bytes());
        }
        Some(hasher.finalize().to_hex().to_string())
    }

    pub(super) fn call(&self, step: &Step) -> Option<Call> {
        let (_, operation) = self.operation(&step.surface)?;
        let Said::Request { parameters, body } = &step.said else { return None };
        operation.call(parameters, body.as_ref())
    }
}

impl Operation {
    fn of(request: Request, producers: Vec<Producer>) -> Result<Self, String> {
        let messages = |schema: &Value, place: &str| {
            let dialect = Dialect::named(schema)?.unwrap_or(Dialect::Draft202012);
            Messages::of(schema, dialect).map_err(|why| format!("{place}: {why}"))
        };
        let mut parameters = Vec::new();
        for field in &request.parameters {
            let place = format!("{} {}", field.location.word(), field.name);
            parameters.push(messages(&field.schema, &place)?);
        }
        let body = request.body.as_ref().map(|body| messages(&body.schema, "request")).transpose()?;
        Ok(Self { request, parameters, body, producers, learned: Learned::default() })
    }

    /// What it takes at the least; where somebody has said what the service knows, that.
    fn smallest(&self) -> Said {
        let learned = |number: usize| self.learned.parameters.get(number).cloned().flatten();
        let parameters = self.request.parameters.iter().zip(&self.parameters).enumerate();
        let parameters = parameters
            .map(|(number, (field, messages))| {
                field.is_required.then(|| learned(number).or_else(|| fit(field, messages))).flatten()
            })
            .collect();
        let body = self.request.body.as_ref().filter(|body| body.is_required).and(self.body.as_ref());
        Said::Request { parameters, body: body.map(|body| body.smallest().clone()) }
    }

    /// What makes it give what others need: what somebody has said to it, or the smallest.
    fn plain(&self) -> Said {
        let smallest = self.smallest();
        match self.learned.bodies.first() {
            Some(body) => with_body(&smallest, Some(body.clone())),
            None => smallest,
        }
    }

    /// What is said to it, at most so many different things: the smallest, the difference, the edges, chance.
    fn sayings(&self, other: Option<&Self>, random: &mut TestRng, most: usize) -> Vec<Said> {
        let smallest = self.smallest();
        let mut found = vec![smallest.clone()];
        found.extend(self.learned.bodies.iter().map(|body| with_body(&smallest, Some(body.clone()))));
        if let (Some(body), None) = (&self.body, body_of(&smallest)) {
            found.push(with_body(&smallest, Some(body.smallest().clone())));
        }
        let share = most / 4;
        for (number, messages) in self.parameters.iter().enumerate() {
            let others = other.and_then(|other| other.same(&self.request, self.request.parameters.get(number)?));
            match others {
                Some(theirs) => {
                    let values = messages.beyond(theirs, random, share);
                    found.extend(values.into_iter().map(|value| with_parameter(&smallest, number, Some(value))));
                }
                None if other.is_some() => {
                    found.push(with_parameter(&smallest, number, Some(messages.smallest().clone())));
                }
                None => {}
            }
        }
        if let (Some(body), Some(other)) = (&self.body, other) {
            let values = other.body.as_ref().map(|theirs| body.beyond(theirs, random, share));
            found.extend(values.into_iter().flatten().map(|value| with_body(&smallest, Some(value))));
        }
        // What is at the edges of each place in turn, so that no place takes up all the room.
        let mut edges: Vec<std::vec::IntoIter<Said>> = Vec::new();
        if let Some(body) = &self.body {
            let values = body.edges(most).into_iter();
            edges.push(values.map(|value| with_body(&smallest, Some(value))).collect::<Vec<_>>().into_iter());
        }
        for (number, messages) in self.parameters.iter().enumerate() {
            let values = messages.edges(most).into_iter();
            edges.push(
                values.map(|value| with_parameter(&smallest, number, Some(value))).collect::<Vec<_>>().into_iter(),
            );
        }
        let room = most - most / 4;
        while found.len() < room {
            let before = found.len();
            found.extend(edges.iter_mut().filter_map(Iterator::next));
            if found.len() == before {
                break;
            }
        }
        let mut all: Vec<Said> = Vec::new();
        for said in found.into_iter().take(room) {
            if !all.contains(&said) {
                all.push(said);
            }
        }
        // As many tries as there may be cases: of what allows only one thing there is no more.
        for _ in 0..most {
            let said = self.drawn(random);
            if all.len() < most && !all.contains(&said) {
                all.push(said);
            }
        }
        all
    }

    /// Whatever chance gives.
    fn drawn(&self, random: &mut TestRng) -> Said {
        let mut parameters = Vec::new();
        for (field, messages) in self.request.parameters.iter().zip(&self.parameters) {
            let is_there = field.is_required || flip(random);
            let drawn = is_there.then(|| messages.draw(random)).flatten();
            let is_fit = drawn.as_ref().is_some_and(|value| is_written(field, value));
            parameters.push(match drawn {
                Some(value) if is_fit => Some(value),
                _ => field.is_required.then(|| fit(field, messages)).flatten(),
            });
        }
        let is_there = self.request.body.as_ref().is_some_and(|body| body.is_required) || flip(random);
        let body = self.body.as_ref().filter(|_| is_there);
        Said::Request {
            parameters,
            body: body.map(|body| body.draw(random).unwrap_or_else(|| body.smallest().clone())),
        }
    }

    /// The same parameter as one of the other side's operation. Those of a path are known by where they stand.
    fn same(&self, theirs: &Request, field: &Field) -> Option<&Messages> {
        let order = |request: &Request, name: &str| placeholders(&request.path).position(|known| known == name);
        let is_same = |known: &Field| match field.location {
            Location::Path => order(&self.request, &known.name) == order(theirs, &field.name),
            _ => known.name == field.name,
        };
        let mut fields = self.request.parameters.iter().zip(&self.parameters);
        let found = fields.find(|(known, _)| known.location == field.location && is_same(known));
        found.map(|(_, messages)| messages)
    }

    fn allows(&self, said: &Said) -> bool {
        let Said::Request { parameters, body } = said else { return false };
        let fields = self.request.parameters.iter().zip(&self.parameters);
        parameters.len() == self.parameters.len()
            && fields.zip(parameters).all(|((field, messages), value)| match value {
                Some(value) => messages.allows(value),
                None => !field.is_required,
            })
            && match (&self.body, body) {
                (Some(messages), Some(value)) => messages.allows(value),
                (_, None) => self.request.body.as_ref().is_none_or(|body| !body.is_required),
                (None, Some(_)) => false,
            }
    }

    /// What says less: what stands at places that are taken from elsewhere stays.
    fn simpler(&self, said: &Said, takes: &[Taken]) -> Vec<Said> {
        let Said::Request { parameters, body } = said else { return Vec::new() };
        let mut found = Vec::new();
        if *said != self.smallest() {
            found.push(self.smallest());
        }
        if let (Some(_), Some(spec)) = (body, &self.request.body)
            && !spec.is_required
        {
            found.push(with_body(said, None));
        }
        for (number, value) in parameters.iter().enumerate() {
            let (Some(field), Some(messages), Some(value)) =
                (self.request.parameters.get(number), self.parameters.get(number), value)
            else {
                continue;
            };
            if !field.is_required {
                found.push(with_parameter(said, number, None));
            }
            let values = messages.simpler(value).into_iter().filter(|value| is_written(field, value));
            found.extend(values.map(|value| with_parameter(said, number, Some(value))));
        }
        if let (Some(messages), Some(value)) = (&self.body, body) {
            found.extend(messages.simpler(value).into_iter().map(|value| with_body(said, Some(value))));
        }
        found.retain(|said| takes.iter().all(|taken| self.has(said, &taken.at)));
        found
    }

    /// Whether something stands at that place, so that a value can be put there.
    fn has(&self, said: &Said, at: &Place) -> bool {
        let Said::Request { parameters, body } = said else { return false };
        let is_there = |location: Location, name: &str| {
            let mut fields = self.request.parameters.iter().zip(parameters);
            fields.any(|(field, value)| field.location == location && field.name == name && value.is_some())
        };
        match &at.at {
            At::Segment(_) => true,
            At::Query(name, _) => is_there(Location::Query, name),
            At::Header(name) => is_there(Location::Header, name),
            At::Cookie(name) => is_there(Location::Cookie, name),
            At::Body(path) => {
                let [PathStep::Field(name)] = path.0.as_slice() else { return false };
                body.as_ref().and_then(|body| body.get(&**name)).is_some_and(|value| !value.is_null())
            }
            At::Status | At::Reply | At::Link(_) => false,
        }
    }

    fn call(&self, values: &[Option<Value>], body: Option<&Value>) -> Option<Call> {
        let mut target = self.request.path.clone();
        let mut query = Vec::new();
        let mut cookies = Vec::new();
        let mut metadata = vec![("Host".to_owned(), HOST.to_owned()), ("Accept".to_owned(), "*/*".to_owned())];
        for (field, value) in self.request.parameters.iter().zip(values) {
            let Some(value) = value else { continue };
            let Field { name, style, is_exploded, .. } = field;
            match field.location {
                Location::Path => {
                    let text = written::segment(name, value, style, *is_exploded)?;
                    target = target.replace(&format!("{{{name}}}"), &text);
                }
                Location::Query => query.extend(written::query(name, value, style, *is_exploded)?),
                Location::Header => metadata.push((name.clone(), written::header(value, style, *is_exploded)?)),
                Location::Cookie => cookies.push(format!("{name}={}", written::cookie(value, style)?)),
            }
        }
        if target.contains(['{', '}']) {
            return None;
        }
        for (number, (name, text)) in query.iter().enumerate() {
            target.push(if number == 0 { '?' } else { '&' });
            target.extend([name.as_str(), "=", text]);
        }
        if !cookies.is_empty() {
            metadata.push(("Cookie".to_owned(), cookies.join("; ")));
        }
        let mut carried = Body::Empty;
        if let (Some(spec), Some(value)) = (&self.request.body, body) {
            let (media, bytes) = written::body(value, &spec.media)?;
            metadata.push(("Content-Type".to_owned(), media));
            carried = Body::of(bytes);
        }
        let metadata: Metadata = metadata.into_iter().collect();
        Some(Call { method: self.request.method.clone(), target, metadata, body: carried })
    }
}

/// The names of a path's parameters, in their order.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}

fn flip(random: &mut TestRng) -> bool {
    random.next_u32() & 1 == 0
}

/// A value of a parameter that can be written where it goes; none where none was found.
fn fit(field: &Field, messages: &Messages) -> Option<Value> {
    /// Beyond these, none will do.
    const MOST: usize = 40;
    let smallest = messages.smallest().clone();
    if is_written(field, &smallest) {
        return Some(smallest);
    }
    messages.edges(MOST).into_iter().find(|value| is_written(field, value))
}

fn is_written(field: &Field, value: &Value) -> bool {
    let Field { name, style, is_exploded, .. } = field;
    match field.location {
        Location::Path => written::segment(name, value, style, *is_exploded).is_some(),
        Location::Query => written::query(name, value, style, *is_exploded).is_some(),
        Location::Header => written::header(value, style, *is_exploded).is_some(),
        Location::Cookie => written::cookie(value, style).is_some(),
    }
}

fn body_of(said: &Said) -> Option<&Value> {
    if let Said::Request { body, .. } = said { body.as_ref() } else { None }
}

fn with_body(said: &Said, body: Option<Value>) -> Said {
    match said {
        Said::Request { parameters, .. } => Said::Request { parameters: parameters.clone(), body },
        Said::Messages(_) => said.clone(),
    }
}

fn with_parameter(said: &Said, number: usize, value: Option<Value>) -> Said {
    let mut said = said.clone();
    if let Said::Request { parameters, .. } = &mut said
        && let Some(place) = parameters.get_mut(number)
    {
        *place = value;
    }
    said
}

#[cfg(test)]
mod tests {
    use proptest::test_runner::{RngAlgorithm, TestRng};
    use serde_json::{Value, json};

    use super::{Case, OpenApi, Said};
    use crate::contract::openapi::Requests;
    use crate::contract::{Source, Tree};
    use crate::model::{Body, Call, Exchange, Reply, Via};

    fn calls(longest: u32) -> OpenApi {
        let note = json!({
            "type": "object", "required": ["text"],
            "properties": { "text": { "type": "string", "maxLength": longest }, "stars": { "type": "integer", "minimum": 1, "maximum": 5 } },
        });
        let made = json!({ "content": { "application/json": { "schema": { "properties": { "id": {} } } } } });
        let id = json!([{ "name": "noteId", "in": "path", "required": true, "schema": { "type": "string" } }]);
        let paths = json!({
            "/notes": { "post": { "requestBody": { "required": true, "content": { "application/json": { "schema": note } } }, "responses": { "201": made } } },
            "/notes/{noteId}": { "get": { "parameters": id, "responses": {} } },
            "/models/{name}": { "get": { "parameters": [{ "name": "name", "in": "path", "required": true, "schema": { "type": "string" } }], "responses": {} } },
            "/models/all": { "get": { "responses": {} } },
        });
        let bytes = json!({ "openapi": "3.0.3", "paths": paths }).to_string().into_bytes();
        let tree = Tree::Held([("a.json".to_owned(), bytes)].into());
        OpenApi::of(Requests::of(&Source { tree, path: "a.json".to_owned() }).unwrap())
    }

    fn random() -> TestRng {
        TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32])
    }

    fn body(case: &Case) -> Value {
        match case.steps.last().map(|step| &step.said) {
            Some(Said::Request { body: Some(body), .. }) => body.clone(),
            _ => Value::Null,
        }
    }

    #[test]
    fn what_only_one_side_allows_comes_right_after_the_smallest() {
        let (old, new) = (calls(500), calls(200));
        let cases = old.cases("POST /notes", Some(&new), &mut random(), 12);
        assert_eq!(body(&cases[0]), json!({ "text": "" }));
        let length = |case: &Case| body(case)["text"].as_str().map(|text| text.chars().count());
        assert_eq!(length(&cases[1]), Some(201));
        assert_eq!(cases.len(), 12);
        assert!(cases.iter().all(|case| old.allows(case)) && !new.allows(&cases[1]));
        assert_eq!(cases, old.cases("POST /notes", Some(&new), &mut random(), 12), "the same seed, the same cases");
    }

    #[test]
    fn what_is_made_before_it_is_used_is_bound_and_one_case_has_an_id_of_nobody() {
        let cases = calls(9).cases("GET /notes/{}", None, &mut random(), 9);
        let surfaces = |case: &Case| case.steps.iter().map(|step| step.surface.clone()).collect::<Vec<_>>();
        assert_eq!(surfaces(&cases[0]), ["POST /notes", "GET /notes/{}"]);
        assert_eq!(cases[0].steps[1].takes[0].at.to_string(), "path 1");
        assert_eq!(cases.iter().filter(|case| case.steps.len() == 1).count(), 1);
        let made: Vec<&Said> = cases.iter().map(|case| &case.steps[0].said).collect();
        assert!(made.iter().any(|said| *said != made[0]), "what is read was made in more than one way");
    }

    #[test]
    fn whoever_follows_simpler_cases_comes_to_the_smallest() {
        let calls = calls(500);
        let mut case = calls.cases("POST /notes", None, &mut random(), 30).pop().unwrap();
        let mut steps = 0;
        while let Some(simpler) = calls.simpler(&case).into_iter().next() {
            assert!(calls.allows(&simpler));
            case = simpler;
            steps += 1;
        }
        assert_eq!(body(&case), json!({ "text": "" }));
        assert!(steps > 0);
    }

    #[test]
    fn what_recorded_clients_say_is_what_the_service_knows() {
        let exchange = |method: &str, target: &str, body: &str| Exchange {
            index: 0,
            session: 0,
            last: true,
            offset_ms: 0,
            call: Call {
                method: method.to_owned(),
                target: target.to_owned(),
                body: Body::of(body.to_owned()),
                ..Call::default()
            },
            reply: Some(Reply::default()),
            bindings: Vec::new(),
            used: Vec::new(),
            via: Via::default(),
        };
        let mut calls = calls(9);
        calls.learn(&exchange("GET", "/models/all", ""));
        calls.learn(&exchange("GET", "/models/sum%20model", ""));
        calls.learn(&exchange("GET", "/models/other", ""));
        calls.learn(&exchange("POST", "/notes", r#"{"text":"far too long for this"}"#));
        calls.learn(&exchange("POST", "/notes", r#"{"text":"{secret:a#1}"}"#));
        calls.learn(&exchange("POST", "/notes", r#"{"text":"mine","password":"correct horse"}"#));
        calls.learn(&exchange("POST", "/notes", r#"{"text":"hello"}"#));
        let target = |surface: &str| {
            let cases = calls.cases(surface, None, &mut random(), 6);
            calls.call(cases[0].steps.last().unwrap()).unwrap().target
        };
        assert_eq!(target("GET /models/{}"), "/models/sum%20model");
        assert_eq!(target("GET /models/all"), "/models/all");
        let cases = calls.cases("POST /notes", None, &mut random(), 6);
        assert_eq!((body(&cases[0]), body(&cases[1])), (json!({ "text": "" }), json!({ "text": "hello" })));
        let cases = calls.cases("GET /notes/{}", None, &mut random(), 6);
        let Said::Request { body: Some(made), .. } = &cases[0].steps[0].said else { panic!("{cases:?}") };
        assert_eq!(*made, json!({ "text": "hello" }), "what others need is made as somebody has made it");
    }
}
