//! What an API's clients are prepared for in the replies that they get, by all contracts of a service.
//!
//! A contract is kept whole, and what its replies promise is worked out when it is asked for: most operations of a large contract are
//! never called. Main type: [`Prepared`].

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::promises::promises;
use super::read::{Content, Contract, Node, Operation, Operations, Status};
use crate::contract::{ContractError, Source};
use crate::model::{Promises, stands_for};

/// What the clients of a service are prepared for.
#[derive(Debug, Default)]
pub struct Prepared {
    contracts: Vec<Known>,
}

/// One contract and what is known of it by now.
#[derive(Debug)]
struct Known {
    contract: Contract,
    operations: Vec<Called>,
}

/// An operation that clients call.
#[derive(Debug)]
struct Called {
    /// Under the base paths of its servers.
    surfaces: Vec<String>,
    /// As `paths` has it: what takes a base path away may stand between clients and a build.
    bare: String,
    /// As the contract writes it.
    path: String,
    /// Where its path and it itself stand: the file, and the pointer there.
    item: (usize, String),
    node: (usize, String),
    replies: OnceLock<Vec<(Status, Promises)>>,
}

impl Prepared {
    /// As a contract says.
    pub fn of(source: &Source) -> Result<Self, ContractError> {
        let contract = Contract::load(source)?;
        let root = BTreeSet::from([String::new()]);
        let place = |node: &Node<'_>| (node.file, node.pointer.clone());
        let called = Operations::of(&contract).all.into_iter().filter(|(_, offered)| !offered.is_webhook);
        let operations = called
            .map(|(bare, offered)| Called {
                surfaces: offered.surfaces(&root),
                bare,
                item: place(&offered.item),
                node: place(&offered.node),
                path: offered.path,
                replies: OnceLock::new(),
            })
            .collect();
        Ok(Self { contracts: vec![Known { contract, operations }] })
    }

    /// Takes in what another contract of the same service says. Of what both have, the first speaks.
    pub fn and(&mut self, other: Self) {
        self.contracts.extend(other.contracts);
    }

    /// What they are prepared for in the reply of that status; the nearest that is said of it.
    pub fn reply(&self, subject: &str, status: u16) -> Option<&Promises> {
        let (known, called) = self.called(subject)?;
        let replies = called.replies.get_or_init(|| known.replies(called));
        let wanted = [Status::Code(status), Status::Class(status / 100), Status::Default];
        wanted.iter().find_map(|wanted| replies.iter().find(|(own, _)| own == wanted)).map(|(_, promises)| promises)
    }

    /// The operation that a call is of. What is written out goes before what only has a place for it, and what stands under the base
    /// path before what would stand there without it.
    fn called(&self, subject: &str) -> Option<(&Known, &Called)> {
        let all = || self.contracts.iter().flat_map(|known| known.operations.iter().map(move |called| (known, called)));
        all()
            .find(|(_, called)| called.surfaces.iter().any(|surface| surface == subject))
            .or_else(|| all().find(|(_, called)| called.surfaces.iter().any(|surface| stands_for(surface, subject))))
            .or_else(|| all().find(|(_, called)| called.bare == subject))
            .or_else(|| all().find(|(_, called)| stands_for(&called.bare, subject)))
    }
}

impl Known {
    fn replies(&self, called: &Called) -> Vec<(Status, Promises)> {
        let at = |(file, pointer): &(usize, String)| {
            self.contract.at(*file, pointer).map(|value| Node { file: *file, pointer: pointer.clone(), value })
        };
        let (Some(item), Some(node)) = (at(&called.item), at(&called.node)) else { return Vec::new() };
        let operation = Operation::read(&called.path, &item, node, &self.contract);
        let of_json = |content: &&Content<'_>| content.range.is_json();
        let known = operation.replies.iter().map(|reply| {
            let json = reply.contents.iter().find(of_json);
            // A reply of which no schema is given promises nothing: another's, `default` say, is not about it.
            let schema = json.and_then(|content| content.schema.clone());
            (reply.status, schema.map(|schema| promises(&self.contract, schema)).unwrap_or_default())
        });
        known.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Prepared;
    use crate::contract::{Source, Tree};
    use crate::model::Kind;

    fn prepared(schema: &str) -> Prepared {
        let text = format!(
            "openapi: 3.0.3\npaths:\n  /a/{{id}}:\n    get:\n      responses:\n        2XX:\n          content:\n            application/json: {{ schema: {schema} }}\ncomponents:\n  schemas:\n    Node: {{ type: object, required: [], properties: {{ next: {{ $ref: '#/components/schemas/Node' }} }} }}\n"
        );
        let tree = Tree::Held([("a.yaml".to_owned(), text.into_bytes())].into());
        Prepared::of(&Source { tree, path: "a.yaml".to_owned() }).unwrap()
    }

    #[track_caller]
    fn check(schema: &str, place: &str, values: Option<&[&str]>, required: Option<bool>, kinds: Option<&[Kind]>) {
        let prepared = prepared(schema);
        let said = prepared.reply("GET /a/{}", 200).unwrap().get(&place.parse().unwrap()).cloned().unwrap_or_default();
        let values = values.map(|values| values.iter().map(|value| (*value).to_owned()).collect());
        let kinds = kinds.map(|kinds| kinds.iter().copied().collect());
        assert_eq!((said.values, said.required, said.kinds), (values, required, kinds), "{schema}");
    }

    #[test]
    fn a_contract_says_what_has_to_be_there_and_what_may_stand_there() {
        use Kind::{Fields, Null, Number, Text};
        let object = "{ type: object, required: [a], properties: { a: { type: string, enum: [x, y] }, b: { type: integer, nullable: true } } }";
        check(object, "$", None, None, Some(&[Fields]));
        check(object, "$.a", Some(&["x", "y"]), Some(true), Some(&[Text]));
        check(object, "$.b", None, Some(false), Some(&[Number, Null]));
        check("{ type: array, items: { properties: { a: {} } } }", "$[].a", None, None, None);
        check("{ anyOf: [{ type: string }, { type: 'null' }] }", "$", None, None, Some(&[Text, Null]));
        check("{ oneOf: [{ type: string }, { type: integer }] }", "$", None, None, None);
        check("{ allOf: [{ type: string }, { enum: [x] }] }", "$", Some(&["x"]), None, Some(&[Text]));
        let both = "{ allOf: [{ required: [], properties: { a: {}, b: {} } }, { required: [a] }] }";
        check(both, "$.a", None, Some(true), None);
        check(both, "$.b", None, Some(false), None);
        let half = "{ allOf: [{ required: [a], properties: { a: {}, b: {} } }, { $ref: 'elsewhere.yaml#/B' }] }";
        check(half, "$.a", None, Some(true), None);
        check(half, "$.b", None, None, None);
        let choice = "{ required: [a], properties: { a: {}, b: {} }, allOf: [{ oneOf: [{ required: [b] }, { required: [b, c] }] }] }";
        check(choice, "$.b", None, None, None);
        check("{ $ref: '#/components/schemas/Node' }", "$.next.next.next", None, Some(false), Some(&[Fields]));
    }

    #[test]
    fn a_schema_that_leads_back_to_itself_in_many_ways_has_an_end() {
        let all = "{ $ref: '#/paths/~1a~1{id}/get/responses/2XX/content/application~1json/schema' },".repeat(40);
        check(&format!("{{ type: object, allOf: [{all}] }}"), "$", None, None, Some(&[Kind::Fields]));
    }

    #[test]
    fn a_status_of_which_nothing_is_said_promises_nothing() {
        let prepared = prepared("{ type: string }");
        assert!(prepared.reply("GET /a/{}", 204).is_some());
        assert!(prepared.reply("GET /a/first", 204).is_some());
        assert!(prepared.reply("GET /a/{}", 404).is_none());
        assert!(prepared.reply("GET /b", 200).is_none());
    }

    fn served(servers: &str) -> Prepared {
        let reply = "get: { responses: { 200: { content: { application/json: { schema: { type: string } } } } } }";
        let text = format!("openapi: 3.0.3\nservers: {servers}\npaths: {{ '/a/{{id}}': {{ {reply} }} }}\n");
        let tree = Tree::Held([("a.yaml".to_owned(), text.into_bytes())].into());
        Prepared::of(&Source { tree, path: "a.yaml".to_owned() }).unwrap()
    }

    #[test]
    fn calls_are_found_under_the_base_paths_of_the_servers() {
        for (servers, subject, expected) in [
            ("[{ url: 'https://a.test/v1' }]", "GET /v1/a/{}", true),
            ("[{ url: 'https://a.test/v1' }]", "GET /v1/a/7", true),
            ("[{ url: '/v1' }, { url: '/v2' }]", "GET /v2/a/7", true),
            ("[{ url: '/v1' }]", "GET /v2/a/7", false),
            // A gateway has taken it away.
            ("[{ url: '/v1' }]", "GET /a/7", true),
            ("[]", "GET /a/7", true),
        ] {
            assert_eq!(served(servers).reply(subject, 200).is_some(), expected, "{servers} {subject}");
        }
    }

    #[test]
    fn every_contract_of_a_service_speaks_of_its_own_operations() {
        let mut both = served("[{ url: /first }]");
        both.and(served("[{ url: /second }]"));
        for (subject, expected) in [("GET /first/a/7", true), ("GET /second/a/7", true), ("GET /third/a/7", false)] {
            assert_eq!(both.reply(subject, 200).is_some(), expected, "{subject}");
        }
    }
}
