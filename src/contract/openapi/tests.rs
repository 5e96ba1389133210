//! Contracts, and what comes of comparing them.

use std::collections::BTreeMap;

use super::compare;
use super::rules::ALL;
use crate::contract::{Comparison, ContractError, Source, Terms, Tree};
use crate::model::{Direction, Pair};

fn source(files: &[(&str, &str)]) -> Source {
    let held =
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect::<BTreeMap<_, _>>();
    Source { tree: Tree::Held(held), path: files[0].0.to_owned() }
}

fn compared(old: &[(&str, &str)], new: &[(&str, &str)]) -> Result<Comparison, ContractError> {
    let (old, new) = (source(old), source(new));
    compare(Pair::new(&old, &new), &Terms::SERVICE)
}

/// All that is found, a line each: `rule severity direction subject: at`.
fn told(comparison: &Comparison) -> Vec<String> {
    let mut lines: Vec<String> = comparison
        .differences
        .iter()
        .map(|found| {
            let place = &found.place;
            format!("{} {} {} {}: {}", found.rule.id, found.severity, place.direction, place.subject, place.at)
        })
        .collect();
    lines.extend(comparison.unknown.iter().map(|unknown| {
        let place = &unknown.place;
        format!("unknown {} {}: {}: {}", place.direction, place.subject, place.at, unknown.why)
    }));
    lines
}

fn check(old: &str, new: &str, expected: &[&str]) {
    let comparison = compared(&[("api.yaml", old)], &[("api.yaml", new)]).unwrap();
    assert_eq!(told(&comparison), expected, "\n{old}\n{new}");
    check_swapped(old, new, &comparison);
    for contract in [old, new] {
        let own = compared(&[("api.yaml", contract)], &[("api.yaml", contract)]).unwrap();
        assert_eq!(told(&own), [""; 0], "against itself: {contract}");
    }
}

/// What is said of one direction is said of the other once OLD and NEW change places.
fn check_swapped(old: &str, new: &str, comparison: &Comparison) {
    let swapped = compared(&[("api.yaml", new)], &[("api.yaml", old)]).unwrap();
    for surface in &comparison.surfaces {
        for (direction, other) in
            [(Direction::OLD_TO_NEW, Direction::NEW_TO_OLD), (Direction::NEW_TO_OLD, Direction::OLD_TO_NEW)]
        {
            let marks = (comparison.mark(&surface.subject, direction), swapped.mark(&surface.subject, other));
            assert_eq!(marks.0, marks.1, "{} {direction}", surface.subject);
        }
    }
}

fn pair(name: &str, file: &str) -> String {
    let path = format!("{}/tests/pairs/{name}/{file}.yaml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every rule on every pair: what fires between old and new, and between old and its harmless twin.
const PAIRS: &[(&str, &[&str], &[&str])] = &[
    ("openapi-body-required", &["openapi/body-required breaking old->new POST /orders: request"], &[]),
    ("openapi-body-unknown", &["openapi/body-unknown risk old->new POST /orders: request"], &[]),
    (
        "openapi-default-changed",
        &[
            "openapi/default-changed risk old->new GET /orders: query limit",
            "openapi/default-changed risk new->old GET /orders: query limit",
        ],
        &[],
    ),
    (
        "openapi-discriminator-changed",
        &[
            "openapi/discriminator-changed risk old->new GET /orders: reply 200 $",
            "openapi/discriminator-changed risk new->old GET /orders: reply 200 $",
        ],
        &[],
    ),
    (
        "openapi-extensible-enum-changed",
        &["openapi/extensible-enum-changed risk old->new GET /orders: reply 200 $.state"],
        &[],
    ),
    (
        "openapi-format-changed",
        &[
            "openapi/format-changed risk old->new GET /orders: reply 200 $.at",
            "openapi/format-changed risk new->old GET /orders: reply 200 $.at",
        ],
        &[],
    ),
    (
        "openapi-header-missing",
        &["openapi/header-missing breaking old->new GET /orders: reply 200 header etag"],
        &["openapi/header-missing info old->new GET /orders: reply 200 header x-node"],
    ),
    (
        "openapi-media-type-missing",
        &[
            "openapi/media-type-missing breaking old->new GET /orders: reply 200 application/json",
            "openapi/media-type-missing breaking new->old GET /orders: reply 200 text/csv",
        ],
        &[],
    ),
    (
        "openapi-media-type-refused",
        &["openapi/media-type-refused breaking old->new POST /orders: request application/xml"],
        &[],
    ),
    ("openapi-null-for-absent", &["openapi/null-for-absent risk old->new GET /orders: reply 200 $.note"], &[]),
    ("openapi-operation-missing", &["openapi/operation-missing breaking old->new DELETE /orders/{}: operation"], &[]),
    ("openapi-parameter-required", &["openapi/parameter-required breaking old->new GET /orders: query limit"], &[]),
    (
        "openapi-parameter-style-changed",
        &[
            "openapi/parameter-style-changed breaking old->new GET /orders: query id",
            "openapi/parameter-style-changed breaking new->old GET /orders: query id",
        ],
        &[],
    ),
    ("openapi-parameter-unknown", &["openapi/parameter-unknown risk old->new GET /orders: query limit"], &[]),
    ("openapi-schema-unsaid", &["openapi/schema-unsaid risk old->new POST /orders: request"], &[]),
    (
        "openapi-security-required",
        &[
            "openapi/security-required breaking old->new GET /orders: security",
            "openapi/security-required breaking new->old GET /orders: security",
        ],
        &[],
    ),
    (
        "openapi-status-missing",
        &[
            "openapi/status-missing breaking old->new POST /orders: reply 200",
            "openapi/status-unknown risk old->new POST /orders: reply 201",
            "openapi/status-missing breaking new->old POST /orders: reply 201",
            "openapi/status-unknown risk new->old POST /orders: reply 200",
        ],
        &[],
    ),
    (
        "openapi-status-unknown",
        &["openapi/status-unknown risk old->new GET /orders: reply 303"],
        &["openapi/status-unknown info old->new GET /orders: reply 429"],
    ),
];

#[test]
fn every_rule_fires_on_its_pair_and_no_other_unasked() {
    for (name, between, harmless) in PAIRS {
        let (old, new, fine) = (pair(name, "old"), pair(name, "new"), pair(name, "fine"));
        check(&old, &new, between);
        check(&old, &fine, harmless);
    }
}

#[test]
fn every_rule_has_a_pair_on_which_it_fires_and_a_twin_on_which_it_does_not() {
    for rule in ALL {
        let name = rule.id.replace('/', "-");
        let (_, between, harmless) =
            PAIRS.iter().find(|(pair, ..)| *pair == name).unwrap_or_else(|| panic!("{name}: no pair"));
        let fires = |lines: &[&str]| {
            lines.iter().any(|line| line.starts_with(&format!("{} ", rule.id)) && !line.contains(" info "))
        };
        assert!(fires(between) && !fires(harmless), "{name}");
    }
}

fn operation(rest: &str) -> String {
    format!("openapi: 3.1.0\npaths:\n  /orders:\n    post:\n{rest}")
}

fn reply(schema: &str) -> String {
    operation(&format!(
        "      responses: {{200: {{description: ok, content: {{application/json: {{schema: {schema}}}}}}}}}\n"
    ))
}

fn request(schema: &str) -> String {
    let body = format!("{{required: true, content: {{application/json: {{schema: {schema}}}}}}}");
    operation(&format!("      requestBody: {body}\n      responses: {{200: {{description: ok}}}}\n"))
}

fn query(schema: &str) -> String {
    let parameter = format!("{{name: q, in: query, schema: {schema}}}");
    operation(&format!("      parameters: [{parameter}]\n      responses: {{200: {{description: ok}}}}\n"))
}

/// As 3.0 has it.
fn old_style(contract: &str) -> String {
    contract.replace("openapi: 3.1.0", "openapi: 3.0.3")
}

#[test]
fn requests_are_written_by_clients_and_replies_by_servers() {
    let (narrow, wide) = ("{type: string, enum: [a]}", "{type: string, enum: [a, b]}");
    check(&request(narrow), &request(wide), &["schema/enum-narrowed breaking new->old POST /orders: request $"]);
    check(&reply(narrow), &reply(wide), &["schema/enum-narrowed breaking old->new POST /orders: reply 200 $"]);
    check(&query(narrow), &query(wide), &["schema/enum-narrowed breaking new->old POST /orders: query q"]);
    let (narrow, wide) = (
        "{type: object, required: [a], properties: {a: {type: integer}}}",
        "{type: object, properties: {a: {type: integer}, b: {type: string}}}",
    );
    check(&request(narrow), &request(wide), &["schema/required-added breaking new->old POST /orders: request $.a"]);
    check(&reply(narrow), &reply(wide), &["schema/required-added breaking old->new POST /orders: reply 200 $.a"]);
}

#[test]
fn what_only_3_0_says_is_said_in_words_of_3_1() {
    for (old, new) in [
        ("{type: integer, minimum: 1, exclusiveMinimum: true}", "{type: integer, exclusiveMinimum: 1}"),
        ("{type: string, nullable: true}", "{type: [string, \"null\"]}"),
        ("{type: string, nullable: true, enum: [a]}", "{enum: [a, null]}"),
        ("{nullable: true, allOf: [{type: string}]}", "{type: [string, \"null\"]}"),
        (
            "{$ref: '#/components/schemas/S', description: x}\ncomponents: {schemas: {S: {type: string}}}",
            "{type: string}",
        ),
    ] {
        let flat = |schema: &str| {
            let (schema, rest) = schema.split_once('\n').unwrap_or((schema, ""));
            format!("{}{rest}", reply(schema))
        };
        check(&old_style(&flat(old)), &flat(new), &[]);
    }
    let (may, must_not) = ("{type: string, nullable: true}", "{type: string}");
    let expected = &["schema/type-narrowed breaking new->old POST /orders: reply 200 $"];
    check(
        &old_style(&reply(must_not)),
        &old_style(&reply(may)),
        &["schema/type-narrowed breaking old->new POST /orders: reply 200 $"],
    );
    check(&old_style(&reply(may)), &old_style(&reply(must_not)), expected);
}

#[test]
fn properties_that_are_read_only_are_no_part_of_requests() {
    let plain = "{type: object, required: [id], properties: {id: {type: string}}}";
    let read_only = "{type: object, required: [id], properties: {id: {type: string, readOnly: true}}}";
    let write_only = "{type: object, required: [id], properties: {id: {type: string, writeOnly: true}}}";
    // NEW's clients don't send it any more, and OLD requires it.
    check(
        &request(plain),
        &request(read_only),
        &["schema/required-added breaking new->old POST /orders: request $.id"],
    );
    check(&reply(plain), &reply(read_only), &[]);
    check(&reply(plain), &reply(write_only), &["schema/required-added breaking old->new POST /orders: reply 200 $.id"]);
    check(&request(plain), &request(write_only), &[]);
    let branches = "{allOf: [{type: object, properties: {id: {type: string, readOnly: true}}}, {required: [id]}]}";
    check(&request("{type: object, properties: {}}"), &request(branches), &[]);
}

#[test]
fn what_goes_as_text_is_compared_as_text() {
    check(
        &query("{type: integer}"),
        &query("{type: string}"),
        &["schema/type-narrowed breaking new->old POST /orders: query q"],
    );
    check(
        &query("{type: string}"),
        &query("{type: array, items: {type: string}}"),
        &["schema/type-narrowed breaking new->old POST /orders: query q"],
    );
    let expected = &[
        "schema/length-narrowed breaking old->new POST /orders: query q",
        "schema/type-narrowed breaking new->old POST /orders: query q",
    ];
    check(&query("{type: string}"), &query("{type: array, minItems: 2, items: {type: string}}"), expected);
}

#[test]
fn branches_are_told_apart_by_the_names_that_discriminators_give() {
    let contract = |mapping: &str| {
        let schema = format!(
            "{{oneOf: [{{$ref: '#/components/schemas/A'}}, {{$ref: '#/components/schemas/B'}}], discriminator: {{propertyName: kind{mapping}}}}}"
        );
        let branch = |field| {
            format!(
                "{{type: object, required: [kind, {field}], properties: {{kind: {{type: string}}, {field}: {{type: string}}}}}}"
            )
        };
        format!("{}components: {{schemas: {{A: {}, B: {}}}}}", reply(&schema), branch("a"), branch("b"))
    };
    check(&contract(""), &contract(", mapping: {A: '#/components/schemas/A', B: B}"), &[]);
    let renamed = contract(", mapping: {A: '#/components/schemas/A', bee: B}");
    let comparison = compared(&[("api.yaml", &contract(""))], &[("api.yaml", &renamed)]).unwrap();
    let marks =
        [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD].map(|direction| comparison.mark("POST /orders", direction));
    assert_eq!(marks, [crate::model::Mark::Breaking; 2], "{:?}", told(&comparison));
}

#[test]
fn a_webhook_is_written_by_the_server() {
    let hook = |schema: &str| {
        format!(
            "openapi: 3.1.0\nwebhooks: {{paid: {{post: {{requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}, responses: {{200: {{description: ok}}}}}}}}}}\n"
        )
    };
    let expected = &["schema/enum-narrowed breaking old->new webhook POST paid: request $"];
    check(&hook("{enum: [a]}"), &hook("{enum: [a, b]}"), expected);
}

#[test]
fn replies_are_read_by_the_closest_status() {
    let contract = |replies: &str| operation(&format!("      responses: {replies}\n"));
    let body = |kind: &str| format!("{{description: x, content: {{application/json: {{schema: {{type: {kind}}}}}}}}}");
    let (text, number) = (body("string"), body("integer"));
    check(
        &contract(&format!("{{2XX: {text}, default: {number}}}")),
        &contract(&format!("{{200: {text}, 404: {number}}}")),
        &["openapi/status-unknown info new->old POST /orders: reply default"],
    );
    check(
        &contract(&format!("{{200: {text}, 201: {number}}}")),
        &contract(&format!("{{2XX: {text}}}")),
        &[
            "schema/type-narrowed breaking old->new POST /orders: reply 2XX $",
            "schema/type-narrowed breaking new->old POST /orders: reply 201 $",
        ],
    );
}

#[test]
fn credentials_are_what_is_shown_and_not_what_it_is_called() {
    let contract = |security: &str| {
        format!(
            "{}components: {{securitySchemes: {{a: {{type: oauth2, flows: {{}}}}, b: {{type: http, scheme: Basic}}}}}}\n",
            operation(&format!("      security: {security}\n      responses: {{200: {{description: ok}}}}\n"))
        )
    };
    let at = |severity: &str, direction: &str| {
        format!("openapi/security-required {severity} {direction} POST /orders: security")
    };
    check(&contract("[]"), &contract("[{b: []}]"), &[&at("breaking", "old->new")]);
    check(&contract("[{a: []}]"), &contract("[{a: [write]}]"), &[&at("risk", "old->new")]);
    check(&contract("[{a: []}, {b: []}]"), &contract("[{b: []}]"), &[&at("risk", "old->new")]);
    check(&contract("[{a: [], b: []}]"), &contract("[{b: []}]"), &[&at("breaking", "new->old")]);
}

#[test]
fn a_bearer_token_is_sent_alike_whoever_gave_it() {
    let contract = |scheme: &str, scopes: &str| {
        format!(
            "{}components: {{securitySchemes: {{a: {{{scheme}}}}}}}\n",
            operation(&format!("      security: [{{a: {scopes}}}]\n      responses: {{200: {{description: ok}}}}\n"))
        )
    };
    let (bearer, oauth) = ("type: http, scheme: bearer", "type: oauth2, flows: {}");
    let connect = |from: &str| format!("type: openIdConnect, openIdConnectUrl: 'https://{from}.test'");
    check(&contract(bearer, "[]"), &contract(oauth, "[]"), &[]);
    // The contract of a bearer token has no words for what the token is good for.
    check(&contract(bearer, "[]"), &contract(oauth, "[write]"), &[]);
    check(&contract(bearer, "[]"), &contract("type: http, scheme: Bearer, bearerFormat: JWT", "[]"), &[]);
    check(&contract(bearer, "[]"), &contract(&connect("a"), "[]"), &[]);
    check(&contract(oauth, "[]"), &contract(&connect("a"), "[]"), &[]);
    let both = |severity: &str| {
        ["old->new", "new->old"]
            .map(|direction| format!("openapi/security-required {severity} {direction} POST /orders: security"))
    };
    let both = both("breaking");
    let both = both.each_ref().map(String::as_str);
    check(&contract(&connect("a"), "[]"), &contract(&connect("b"), "[]"), &both);
    check(&contract(bearer, "[]"), &contract("type: http, scheme: basic", "[]"), &both);
}

#[test]
fn a_parameter_of_a_path_is_sent_whether_or_not_it_is_declared() {
    let contract = |parameters: &str| {
        format!(
            "openapi: 3.1.0\npaths: {{'/a/{{id}}': {{get: {{parameters: [{parameters}], responses: {{200: {{description: ok}}}}}}}}}}\n"
        )
    };
    let declared = |schema: &str| contract(&format!("{{name: id, in: path, required: true, schema: {schema}}}"));
    check(&contract(""), &declared("{type: string}"), &[]);
    check(&contract(""), &contract("{name: id, in: path, required: true}"), &[]);
    check(&contract(""), &declared("{type: integer}"), &["openapi/schema-unsaid risk old->new GET /a/{}: path 1"]);
    let query = contract("{name: id, in: query, required: true, schema: {type: string}}");
    check(
        &contract(""),
        &query,
        &[
            "openapi/parameter-required breaking old->new GET /a/{}: query id",
            "openapi/parameter-unknown risk new->old GET /a/{}: query id",
        ],
    );
}

#[test]
fn a_success_that_only_default_covers_is_not_what_default_is_for() {
    let contract = |replies: &str| operation(&format!("      responses: {{{replies}}}\n"));
    let body = |kind: &str| format!("{{description: x, content: {{application/json: {{schema: {{type: {kind}}}}}}}}}");
    let (good, bad) = (format!("200: {}", body("string")), format!("default: {}", body("integer")));
    let known = contract(&format!("{good}, {bad}"));
    let unknown = |status| format!("openapi/status-unknown risk old->new POST /orders: reply {status}");
    for status in ["204", "202"] {
        let new = contract(&format!("{good}, {status}: {{description: x}}, {bad}"));
        check(&known, &new, &[&unknown(status)]);
    }
    let new = contract(&format!("{good}, 202: {}, {bad}", body("string")));
    check(&known, &new, &[&unknown("202")]);
    // A failure is what it is for.
    check(&known, &contract(&format!("{good}, 404: {}, {bad}", body("integer"))), &[]);
    let expected = "schema/type-narrowed breaking old->new POST /orders: reply 404 $";
    check(&known, &contract(&format!("{good}, 404: {}, {bad}", body("string"))), &[expected]);
    // Where nothing else is named, it is for all replies.
    check(&contract(&bad), &contract(&format!("202: {}, {bad}", body("integer"))), &[]);
    // Who takes any success takes this one.
    let any = contract(&format!("2XX: {{description: x}}, {bad}"));
    check(&any, &contract(&format!("2XX: {{description: x}}, 204: {{description: x}}, {bad}")), &[]);
}

#[test]
fn references_lead_through_all_files_of_the_tree() {
    let root = "openapi: 3.1.0\npaths: {/orders: {$ref: 'paths/orders.yaml'}}\n";
    let item = "get:\n  responses:\n    200:\n      description: ok\n      content:\n        application/json:\n          schema: {$ref: '../schemas.yaml#/Order'}\n";
    let old = "Order: {type: object, required: [id], properties: {id: {type: string}, next: {$ref: '#/Order'}}}\n";
    let new = "Order: {type: object, properties: {id: {type: string}, next: {$ref: '#/Order'}}}\n";
    let files = |schemas| [("api.yaml", root), ("paths/orders.yaml", item), ("schemas.yaml", schemas)];
    let comparison = compared(&files(old), &files(new)).unwrap();
    let expected = "schema/required-added breaking old->new GET /orders: reply 200 $.id";
    assert!(told(&comparison).contains(&expected.to_owned()), "{:?}", told(&comparison));
    let positions = &comparison.differences[0].place.positions;
    assert_eq!(positions.old.as_ref().unwrap().to_string(), "schemas.yaml:1:23");
    assert_eq!(positions.new.as_ref().unwrap().file, "schemas.yaml");
    assert!(compared(&files(old), &files(old)).unwrap().differences.is_empty());
}

#[test]
fn what_references_do_not_lead_to_is_unknown_with_its_place() {
    let fine = reply("{type: string}");
    for (schema, expected, is_unread) in [
        (
            "{$ref: 'https://example.com/s.json'}",
            "`$ref: https://example.com/s.json` is elsewhere and not fetched: put a copy next to the contract",
            true,
        ),
        ("{$ref: '#/components/schemas/No'}", "`$ref: #/components/schemas/No` leads nowhere: nothing is there", false),
        (
            "{$ref: '../../etc/passwd'}",
            "`$ref: ../../etc/passwd` lies outside of the contract: give the folder that holds both",
            true,
        ),
        ("{$ref: '#anchor'}", "`$ref: #anchor` names an anchor: only JSON pointers are followed", false),
        ("{type: array, items: {$ref: 'no.yaml'}}", "`$ref: no.yaml`: `no.yaml` can't be read: entity not found", true),
    ] {
        let comparison = compared(&[("api.yaml", &fine)], &[("api.yaml", &reply(schema))]).unwrap();
        assert!(comparison.differences.is_empty());
        for unknown in &comparison.unknown {
            assert!(unknown.why.ends_with(expected) && unknown.why.starts_with("api.yaml:5:"), "{}", unknown.why);
        }
        assert_eq!(comparison.unknown.len(), 2, "{schema}");
        // What was not read may differ though both sides refer to it alike; what is wrong in the same way is the same.
        let own = compared(&[("api.yaml", &reply(schema))], &[("api.yaml", &reply(schema))]).unwrap();
        assert!(own.differences.is_empty());
        assert_eq!(own.unknown.len(), if is_unread { 2 } else { 0 }, "{schema}: {:?}", told(&own));
    }
    let circle = format!(
        "{}components: {{schemas: {{A: {{$ref: '#/components/schemas/B'}}, B: {{$ref: '#/components/schemas/A'}}}}}}",
        reply("{$ref: '#/components/schemas/A'}")
    );
    let comparison = compared(&[("api.yaml", &fine)], &[("api.yaml", &circle)]).unwrap();
    assert!(comparison.unknown[0].why.contains("leads in a circle"), "{:?}", comparison.unknown);
    let item = "openapi: 3.1.0\npaths: {/orders: {$ref: 'gone.yaml'}}\n";
    let comparison = compared(&[("api.yaml", &fine)], &[("api.yaml", item)]).unwrap();
    assert!(comparison.differences.is_empty(), "{:?}", told(&comparison));
    assert_eq!(comparison.unknown.len(), 1);
}

#[test]
fn what_is_no_openapi_that_is_read_is_refused_by_name() {
    for (text, expected) in [
        (
            "swagger: '2.0'\n",
            "api.yaml:1:1: this is Swagger 2.0, and OpenAPI 3.0 or 3.1 is read: convert it first, as editor.swagger.io does",
        ),
        ("openapi: 3.2.0\n", "api.yaml:1:1: this is OpenAPI 3.2.0, and 3.0 and 3.1 are read: give it in one of these"),
        (
            "a: 1\n",
            "api.yaml:1:1: nothing says that this is OpenAPI: its first file has `openapi: 3.0.3` or the like at its top",
        ),
        (
            "[]",
            "api.yaml:1:1: nothing says that this is OpenAPI: its first file has `openapi: 3.0.3` or the like at its top",
        ),
        ("", "api.yaml:1:1: the file is empty: is it the right one?"),
    ] {
        let error = compared(&[("api.yaml", text)], &[("api.yaml", text)]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    // A version that YAML takes for a number is one all the same; nothing else need be there.
    check("openapi: 3.1\n", "openapi: 3.0\npaths:\n", &[]);
}

#[test]
fn contracts_that_make_no_sense_are_no_reason_to_panic() {
    for text in [
        "openapi: 3.1.0\npaths: [1]\n",
        "openapi: 3.1.0\npaths: {/a: 1, /b: {get: 2}, /c: {get: {responses: [], parameters: {a: 1}, requestBody: 3, security: x}}}\n",
        "openapi: 3.1.0\npaths: {/a: {get: {parameters: [{in: nowhere}, {$ref: 5}, 7], responses: {200: {content: {'': {schema: 4}}}}}}}\n",
        "openapi: 3.0.0\npaths: {'/a{': {get: {responses: {99: {}, xyz: {}, 2XX: {headers: {a: 1}}}}}}\n",
        "openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {content: {a/b: {schema: {$ref: '#'}}}}}}}}\n",
        "openapi: 3.1.0\npaths: {/a: {get: {responses: {200: {content: {a/b: {schema: {allOf: [{$ref: '#/paths/~1a/get/responses/200/content/a~1b/schema'}]}}}}}}}}\n",
    ] {
        check(text, text, &[]);
        let other = text.replace("get", "put").replace("200", "201");
        let _ = compared(&[("api.yaml", text)], &[("api.yaml", &other)]).unwrap();
        let _ = compared(&[("api.yaml", text)], &[("api.yaml", &text.replace("schema: {", "schema: {minimum: 3, "))])
            .unwrap();
    }
}

fn served(servers: &str, path: &str) -> String {
    let servers = if servers.is_empty() { String::new() } else { format!("servers: [{servers}]\n") };
    format!(
        "openapi: 3.1.0\n{servers}paths: {{ {path}: {{ get: {{ responses: {{ 200: {{ description: ok }} }} }} }} }}\n"
    )
}

#[test]
fn an_operation_is_where_the_servers_have_it() {
    let moved = [
        "openapi/operation-missing breaking old->new GET /v1/orders: operation",
        "openapi/operation-missing breaking new->old GET /v2/orders: operation",
    ];
    for (old, new, expected) in [
        (("{url: /v1}", "/orders"), ("{url: /v2}", "/orders"), &moved[..]),
        (("{url: 'https://a.test/v1'}", "/orders"), ("{url: 'https://b.test/v1/'}", "/orders"), &[]),
        (("{url: 'https://a.test/v1'}", "/orders"), ("{url: 'https://a.test'}", "/v1/orders"), &[]),
        (("{url: /v1}, {url: /beta}", "/orders"), ("{url: /v1}", "/orders"), &[]),
        // Who names no server doesn't say that it stands elsewhere.
        (("", "/orders"), ("{url: 'https://a.test/v1'}", "/orders"), &[]),
        (("", "/v1/orders"), ("{url: 'https://a.test/v1'}", "/orders"), &[]),
    ] {
        check(&served(old.0, old.1), &served(new.0, new.1), expected);
    }
    let comparison =
        compared(&[("api.yaml", &served("{url: /v1}", "/orders"))], &[("api.yaml", &served("{url: /v2}", "/orders"))]);
    let message = comparison.unwrap().differences[0].message.clone();
    assert_eq!(
        message,
        "OLD's clients may call `GET /v1/orders`, and NEW has it as `GET /v2/orders`, by the base path of its servers"
    );
    let own = "openapi: 3.1.0\nservers: [{url: /v1}]\npaths: {/a: {servers: [{url: /x}], get: {responses: {}}, put: {servers: [{url: /y}], responses: {}}}}";
    let comparison = compared(&[("api.yaml", own)], &[("api.yaml", own)]).unwrap();
    let subjects: Vec<&str> = comparison.surfaces.iter().map(|surface| surface.subject.as_str()).collect();
    assert_eq!(subjects, ["GET /x/a", "PUT /y/a"]);
}

#[test]
fn what_is_taken_for_granted_of_servers_is_noted() {
    let noted = |old: &str, new: &str| {
        compared(&[("api.yaml", &served(old, "/a"))], &[("api.yaml", &served(new, "/a"))]).unwrap().notes
    };
    assert_eq!(noted("{url: /v1}", "{url: /v1}"), [""; 0]);
    assert_eq!(
        noted("", "{url: /v1}"),
        ["OLD names no servers: its paths are taken to stand under `/v1/`, as those of NEW do"]
    );
    assert_eq!(
        noted("{url: /v1}", "{url: /v1}, {url: /beta}"),
        ["NEW names servers under `/beta/`, and OLD names none there: who calls these is not looked at"]
    );
}
