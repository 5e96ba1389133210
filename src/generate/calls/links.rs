//! Which operation gives what another one needs: an id that was made by the one is used by the other.
//!
//! A contract may say so itself (`links`). Else it is told by names: `GET /orders/{orderId}` needs what `POST /orders` replies as `id`,
//! and a field `product_id` what makes or lists products.

use serde_json::Value;

use crate::contract::openapi::{Location, Request};
use crate::model::{At, Path, Place, Step as PathStep};

/// A value that another operation gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Producer {
    /// The operation's number.
    pub(super) operation: usize,
    /// Where in the request the value goes.
    pub(super) at: Place,
    /// Where in the reply it stands.
    pub(super) given: Place,
}

/// What an operation takes of others.
pub(super) fn producers(all: &[Request], number: usize) -> Vec<Producer> {
    let Some(request) = all.get(number) else { return Vec::new() };
    let mut found = Vec::new();
    for field in &request.parameters {
        let Some(at) = place(request, field.location, &field.name) else { continue };
        let linked = linked(all, request, field.location, &field.name);
        let told = || match field.location {
            Location::Path => by_collection(all, request, &field.name),
            _ => by_stem(all, number, &field.name),
        };
        found.extend(linked.or_else(told).map(|(operation, given)| Producer { operation, at, given }));
    }
    let body = request.body.as_ref().filter(|body| is_bound_in(&body.media));
    for name in body.map(|body| names(&body.schema)).unwrap_or_default() {
        if let Some((operation, given)) = by_stem(all, number, &name) {
            let at = Place::whole(At::Body(Path::root().field(&name)));
            found.push(Producer { operation, at, given });
        }
    }
    found.retain(|producer| producer.operation != number);
    found
}

/// Bodies in which a value can be put at a place.
fn is_bound_in(media: &str) -> bool {
    media.contains("json") || media.contains("form-urlencoded")
}

/// Where a parameter stands in the request.
fn place(request: &Request, location: Location, name: &str) -> Option<Place> {
    let at = match location {
        Location::Path => {
            // Only where it is all of a segment.
            let wanted = format!("{{{name}}}");
            At::Segment(request.path.split('/').skip(1).position(|segment| segment == wanted)?)
        }
        Location::Query => At::Query(name.to_owned(), 0),
        Location::Header => At::Header(name.to_owned()),
        Location::Cookie => At::Cookie(name.to_owned()),
    };
    Some(Place::whole(at))
}

/// What the contract itself says.
fn linked(all: &[Request], request: &Request, location: Location, name: &str) -> Option<(usize, Place)> {
    let is_meant = |parameter: &str| match parameter.split_once('.') {
        Some((place, bare)) if place == location.word() => bare == name,
        _ => parameter == name,
    };
    all.iter().enumerate().find_map(|(number, producer)| {
        let link = producer.links.iter().find(|link| link.to == request.surface && is_meant(&link.parameter))?;
        Some((number, pointed(&link.pointer)?))
    })
}

/// A JSON pointer as a place.
fn pointed(pointer: &str) -> Option<Place> {
    let mut path = Path::root();
    for token in pointer.strip_prefix('/')?.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        path = match token.parse() {
            Ok(index) => path.with(PathStep::Item(index)),
            Err(_) => path.field(&token),
        };
    }
    Some(Place::whole(At::Body(path)))
}

/// What a parameter of a path stands behind: `/orders` of `/orders/{id}/lines`.
fn by_collection(all: &[Request], request: &Request, name: &str) -> Option<(usize, Place)> {
    let before = request.path.split(&format!("{{{name}}}")).next()?;
    let collection = before.strip_suffix('/').filter(|path| !path.is_empty())?;
    let thing = singular(collection.rsplit('/').next()?);
    let is_id = |field: &str| is_id_of(field, &thing) || field.eq_ignore_ascii_case(name);
    let surface = folded(collection);
    made(all, &surface, &is_id)
}

/// What a field is named after: `product` of `product_id`.
fn by_stem(all: &[Request], number: usize, name: &str) -> Option<(usize, Place)> {
    let lower = name.to_ascii_lowercase();
    let stem = ["_id", "-id", "_uuid"].iter().find_map(|end| lower.strip_suffix(end));
    let stem = stem.or_else(|| name.strip_suffix("Id").or_else(|| name.strip_suffix("ID")).filter(|it| !it.is_empty()));
    let stem = stem?.to_ascii_lowercase();
    let is_id = |field: &str| is_id_of(field, &stem);
    let collections = all.iter().enumerate().filter(|(other, _)| *other != number);
    let mut paths: Vec<&str> = collections
        .map(|(_, request)| request.path.as_str())
        .filter(|path| path.rsplit('/').next().is_some_and(|last| singular(last) == stem && !last.contains('{')))
        .collect();
    paths.sort_by_key(|path| path.len());
    paths.dedup();
    paths.iter().find_map(|path| made(all, &folded(path), &is_id))
}

/// The operation that makes things of a collection, or else lists them, and where its reply has their ids.
fn made(all: &[Request], collection: &str, is_id: &dyn Fn(&str) -> bool) -> Option<(usize, Place)> {
    let operation = |method: &str| {
        let surface = format!("{method} {collection}");
        all.iter().position(|request| request.surface == surface)
    };
    ["POST", "PUT", "GET"].into_iter().find_map(|method| {
        let number = operation(method)?;
        let schema = all.get(number)?.reply.as_ref()?;
        Some((number, Place::whole(At::Body(id(schema, schema, is_id, 0)?))))
    })
}

/// Where a reply has an id: of the thing itself, or of those of a list.
fn id(root: &Value, schema: &Value, is_id: &dyn Fn(&str) -> bool, depth: usize) -> Option<Path> {
    /// A reply wraps what it is about once or twice: `{"data": {"items": […]}}`.
    const DEEPEST: usize = 3;
    let members = properties(root, schema);
    if let Some((name, _)) = members.iter().find(|(name, _)| is_id(name)) {
        return Some(Path::root().field(name));
    }
    if depth >= DEEPEST {
        return None;
    }
    if let Some(items) = resolved(root, schema).get("items") {
        return id(root, items, is_id, depth + 1).map(|path| under(&[PathStep::Each], path));
    }
    members.iter().find_map(|(name, member)| {
        let holds = ["items", "properties", "$ref", "allOf"].iter().any(|word| member.get(word).is_some());
        let path = holds.then(|| id(root, member, is_id, depth + 1)).flatten()?;
        Some(under(&[PathStep::Field(name.as_str().into())], path))
    })
}

fn under(steps: &[PathStep], path: Path) -> Path {
    Path(steps.iter().cloned().chain(path.0).collect())
}

/// The names of a body's fields.
fn names(schema: &Value) -> Vec<String> {
    properties(schema, schema).into_iter().map(|(name, _)| name.clone()).collect()
}

/// The properties that a schema names, by itself or in what it is all of.
fn properties<'s>(root: &'s Value, schema: &'s Value) -> Vec<(&'s String, &'s Value)> {
    let schema = resolved(root, schema);
    let own = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    own.chain(parts.filter_map(|part| resolved(root, part).get("properties")?.as_object()).flatten()).collect()
}

/// What a reference within the same document leads to.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    /// References that lead to references: more than this lead in a circle.
    const HOPS: usize = 8;
    let mut schema = schema;
    for _ in 0..HOPS {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match reference.and_then(|pointer| root.pointer(pointer)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// Whether a field holds the id of such a thing.
fn is_id_of(field: &str, thing: &str) -> bool {
    let lower: String = field.chars().filter(|c| *c != '_' && *c != '-').collect::<String>().to_ascii_lowercase();
    let thing: String = thing.chars().filter(|c| *c != '_' && *c != '-').collect();
    ["id", "uuid", "uid"].contains(&lower.as_str())
        || lower.strip_prefix(thing.as_str()).is_some_and(|rest| ["id", "uuid"].contains(&rest))
}

/// `orders` as `order`, in lower case.
pub(super) fn singular(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    if let Some(stem) = lower.strip_suffix("ies") {
        format!("{stem}y")
    } else if ["ches", "shes", "xes", "sses"].iter().any(|end| lower.ends_with(end)) {
        lower.strip_suffix("es").map(str::to_owned).unwrap_or(lower)
    } else {
        lower.strip_suffix('s').map(str::to_owned).unwrap_or(lower)
    }
}

/// A path without the names of its parameters.
fn folded(path: &str) -> String {
    let segment = |segment: &str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::producers;
    use crate::contract::openapi::{Request, Requests};
    use crate::contract::{Source, Tree};

    fn requests(text: &Value) -> Vec<Request> {
        let bytes = json!({"openapi": "3.0.3", "paths": text}).to_string().into_bytes();
        let tree = Tree::Held([("a.json".to_owned(), bytes)].into());
        Requests::of(&Source { tree, path: "a.json".to_owned() }).unwrap().all
    }

    fn replies(schema: &Value) -> Value {
        json!({"2XX": {"content": {"application/json": {"schema": schema}}}})
    }

    #[track_caller]
    fn check(paths: &Value, surface: &str, expected: &[&str]) {
        let all = requests(paths);
        let number = all.iter().position(|request| request.surface == surface).unwrap();
        let found = producers(&all, number);
        let got: Vec<String> =
            found.iter().map(|it| format!("{} of {} at {}", it.given, all[it.operation].surface, it.at)).collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn what_makes_a_thing_goes_before_what_uses_it() {
        let order = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let paths = json!({
            "/orders": {"post": {"responses": replies(&order)}, "get": {}},
            "/orders/{orderId}": {"get": {}},
            "/orders/{o}/lines": {"post": {"responses": replies(&json!({"allOf": [{"properties": {"line_id": {}}}]}))}},
            "/orders/{o}/lines/{line}": {"delete": {}},
        });
        check(&paths, "GET /orders/{}", &["$.id of POST /orders at path 1"]);
        check(
            &paths,
            "DELETE /orders/{}/lines/{}",
            &["$.line_id of POST /orders/{}/lines at path 3", "$.id of POST /orders at path 1"]
                .iter()
                .rev()
                .copied()
                .collect::<Vec<_>>(),
        );
        check(&paths, "POST /orders", &[]);
    }

    #[test]
    fn a_list_gives_one_of_its_own_where_nothing_makes_one() {
        let page = json!({"properties": {"items": {"items": {"$ref": "#/x/Product"}}}});
        let paths = json!({
            "/products": {"get": {"responses": replies(&json!({"type": "array", "items": {"properties": {"id": {}}}}))}},
            "/products/{id}": {"get": {}},
            "/pages": {"get": {"responses": replies(&page)}},
            "/pages/{id}": {"get": {}},
            "/carts": {"post": {"requestBody": {"content": {"application/json": {"schema": {"properties": {"productId": {}, "note": {}}}}}}}},
        });
        check(&paths, "GET /products/{}", &["$[].id of GET /products at path 1"]);
        check(&paths, "GET /pages/{}", &[]);
        check(&paths, "POST /carts", &["$[].id of GET /products at $.productId"]);
    }

    #[test]
    fn what_the_contract_says_goes_before_names() {
        let paths = json!({
            "/a": {"post": {"responses": {"201": {"links": {"x": {"operationId": "read", "parameters": {"id": "$response.body#/own/key"}}}}}}},
            "/b/{id}": {"get": {"operationId": "read"}},
        });
        check(&paths, "GET /b/{}", &["$.own.key of POST /a at path 1"]);
    }
}
