//! What an API's clients may send: each operation's request, place by place, with schemas that stand by themselves; and what they may
//! be given for it.

use serde_json::Value;

use super::read::{Content, Contract, Node, Offered, Operation, Operations, Parameter, Reply, Style};
use super::schema::{Mode, Reading, Role, Schemas};
use crate::contract::{ContractError, Source};

pub use super::read::Location;

/// The requests of all operations, by the names of their surfaces.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// In the order of their surfaces.
    pub all: Vec<Request>,
    /// Operations that nobody can call by this contract, and why.
    pub unread: Vec<(String, String)>,
}

/// What may be sent to one operation.
#[derive(Debug, Clone)]
pub struct Request {
    /// The operation: `POST /orders/{}/lines`.
    pub surface: String,
    /// HTTP's method.
    pub method: String,
    /// The path as the contract writes it, under the first base path of its servers: `/orders/{orderId}/lines`.
    pub path: String,
    /// Parameters of the path, the query, headers and cookies. Each of the path's is there, by its own name.
    pub parameters: Vec<Field>,
    /// What may stand in the body.
    pub body: Option<Payload>,
    /// What a reply that says yes may hold, as JSON.
    pub reply: Option<Value>,
    /// Operations that the contract itself says go on from here.
    pub links: Vec<Link>,
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Field {
    /// Where it goes.
    pub location: Location,
    /// Its name; of a header in lower case.
    pub name: String,
    /// Whether it has to be there.
    pub is_required: bool,
    /// How it is written: `form`, `simple`, `deepObject` and so on; a media type where it is a document.
    pub style: String,
    /// Whether each of several values is written by itself.
    pub is_exploded: bool,
    /// What it may be.
    pub schema: Value,
}

/// A body.
#[derive(Debug, Clone)]
pub struct Payload {
    /// Whether it has to be there.
    pub is_required: bool,
    /// Its media type: JSON where there is a choice.
    pub media: String,
    /// What it may be.
    pub schema: Value,
}

/// A step from one operation's reply to another's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The operation that takes it up, by its surface.
    pub to: String,
    /// The parameter there, by its name, which may say where it goes: `path.id`.
    pub parameter: String,
    /// A pointer into the reply's body.
    pub pointer: String,
}

impl Requests {
    /// As a contract says.
    pub fn of(source: &Source) -> Result<Self, ContractError> {
        let contract = Contract::load(source)?;
        let mut reader = Reader { contract: &contract, schemas: Schemas::of(&contract) };
        let operations = Operations::of(&contract);
        let mut requests = Self::default();
        for offered in operations.all.values().filter(|offered| !offered.is_webhook) {
            let (surface, path) = offered.first();
            match reader.request(&surface, path, offered, &operations) {
                Ok(request) => requests.all.push(request),
                Err(why) => requests.unread.push((surface, why)),
            }
        }
        requests.unread.extend(operations.unread.iter().map(|(path, trouble)| (path.clone(), trouble.to_string())));
        Ok(requests)
    }
}

struct Reader<'a> {
    contract: &'a Contract,
    schemas: Schemas<'a>,
}

impl<'a> Reader<'a> {
    fn request(
        &mut self,
        surface: &str,
        path: String,
        offered: &Offered<'a>,
        operations: &Operations<'a>,
    ) -> Result<Request, String> {
        let operation = Operation::read(&offered.path, &offered.item, offered.node.clone(), self.contract);
        if let Some(trouble) = operation.troubles.first() {
            return Err(trouble.to_string());
        }
        let names: Vec<&str> = placeholders(&offered.path).collect();
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            parameters.extend(self.field(parameter, &names)?);
        }
        // A path can't do without one that nobody declares.
        for name in names {
            let is_there = |field: &Field| field.location == Location::Path && field.name == name;
            if !parameters.iter().any(is_there) {
                parameters.push(undeclared(name));
            }
        }
        let body = match &operation.body {
            Some(body) => self.payload(&body.contents, body.is_required)?,
            None => None,
        };
        let yes = operation.replies.iter().find(|reply| reply.status.is_success());
        let json = yes.and_then(|reply| reply.contents.iter().find(|content| content.range.is_json()));
        let reply = json.and_then(|content| content.schema.as_ref()).map(|schema| self.schema(schema, Mode::Reply));
        Ok(Request {
            surface: surface.to_owned(),
            method: surface.split(' ').next().unwrap_or_default().to_owned(),
            path,
            parameters,
            body,
            reply: reply.transpose()?,
            links: yes.map(|reply| links(reply, self.contract, operations)).unwrap_or_default(),
        })
    }

    fn field(&mut self, parameter: &Parameter<'a>, names: &[&str]) -> Result<Option<Field>, String> {
        let name = if parameter.location == Location::Path {
            // They are known by where they stand.
            let order = parameter.name.parse::<usize>().ok().and_then(|number| names.get(number.checked_sub(1)?));
            let Some(name) = order else { return Ok(None) };
            (*name).to_owned()
        } else {
            parameter.name.clone()
        };
        let (style, is_exploded) = match &parameter.style {
            Style::Plain(style, is_exploded) => (style.clone(), *is_exploded),
            Style::Document(range) => (range.to_string(), false),
        };
        let schema = parameter.schema.as_ref().map(|schema| self.schema(schema, Mode::Request)).transpose()?;
        Ok(Some(Field {
            location: parameter.location,
            name,
            is_required: parameter.is_required,
            style,
            is_exploded,
            schema: schema.unwrap_or(Value::Bool(true)),
        }))
    }

    fn payload(&mut self, contents: &[Content<'a>], is_required: bool) -> Result<Option<Payload>, String> {
        let by_kind = |wanted: fn(&&Content<'_>) -> bool| contents.iter().find(wanted);
        let content = by_kind(|content| content.range.is_json() && !content.range.to_string().contains('*'))
            .or_else(|| by_kind(|content| content.range.is_form()))
            .or_else(|| by_kind(|content| content.range.to_string().starts_with("text/")));
        let Some(content) = content else {
            return match contents.first() {
                Some(other) if is_required => Err(format!("bodies of `{}` are not made", other.range)),
                _ => Ok(None),
            };
        };
        let schema = content.schema.as_ref().map(|schema| self.schema(schema, Mode::Request)).transpose()?;
        Ok(Some(Payload { is_required, media: content.range.to_string(), schema: schema.unwrap_or(Value::Bool(true)) }))
    }

    fn schema(&mut self, node: &Node<'a>, mode: Mode) -> Result<Value, String> {
        let role = if mode == Mode::Request { Role::Writer } else { Role::Reader };
        let id = self.schemas.get(node, Reading { mode, role, is_named: true });
        match self.schemas.troubles(id).first() {
            Some(trouble) => Err(trouble.to_string()),
            None => Ok(self.schemas.bundle(id)),
        }
    }
}

fn undeclared(name: &str) -> Field {
    Field {
        location: Location::Path,
        name: name.to_owned(),
        is_required: true,
        style: "simple".to_owned(),
        is_exploded: false,
        schema: serde_json::json!({"type": "string", "minLength": 1}),
    }
}

/// The names of a path's parameters, in their order.
fn placeholders(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name)
}

/// What a reply says of where to go on: only values of its body are taken.
fn links(reply: &Reply<'_>, contract: &Contract, operations: &Operations<'_>) -> Vec<Link> {
    let mut found = Vec::new();
    for (_, link) in reply.node.get("links").iter().flat_map(|all| all.members().collect::<Vec<_>>()) {
        let Ok(link) = contract.follow(link) else { continue };
        let is_meant = |offered: &&Offered<'_>| match (link.text("operationId"), link.text("operationRef")) {
            (Some(id), _) => offered.node.text("operationId") == Some(id),
            (None, Some(reference)) => reference.strip_prefix('#') == Some(offered.node.pointer.as_str()),
            (None, None) => false,
        };
        let Some(to) = operations.all.values().find(is_meant).map(|offered| offered.first().0) else { continue };
        for (parameter, value) in link.get("parameters").iter().flat_map(|all| all.members().collect::<Vec<_>>()) {
            let pointer = value.value.as_str().and_then(|value| value.strip_prefix("$response.body#"));
            found.extend(pointer.map(|pointer| Link {
                to: to.clone(),
                parameter: parameter.to_owned(),
                pointer: pointer.to_owned(),
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Link, Location, Requests};
    use crate::contract::{Source, Tree};

    fn requests(paths: &str) -> Requests {
        let text = format!("openapi: 3.0.3\npaths:\n{paths}");
        let tree = Tree::Held([("a.yaml".to_owned(), text.into_bytes())].into());
        Requests::of(&Source { tree, path: "a.yaml".to_owned() }).unwrap()
    }

    #[test]
    fn a_request_has_all_its_places_with_schemas_of_their_own() {
        let requests = requests(
            "  /orders/{orderId}/{line}:
    post:
      parameters:
        - { name: orderId, in: path, required: true, schema: { type: integer } }
        - { name: tag, in: query, schema: { type: array, items: { type: string } } }
      requestBody:
        required: true
        content:
          text/plain: {}
          application/json: { schema: { type: object, properties: { id: { type: string, readOnly: true }, note: { $ref: '#/paths/~1x' } } } }
      responses: { 201: { content: { application/json: { schema: { type: object } } } } }
  /x: { type: string }
",
        );
        let [request] = requests.all.as_slice() else { panic!("{requests:?}") };
        assert_eq!((request.surface.as_str(), request.method.as_str()), ("POST /orders/{}/{}", "POST"));
        let places: Vec<_> =
            request.parameters.iter().map(|field| (field.location, field.name.as_str(), field.is_required)).collect();
        let expected =
            [(Location::Path, "orderId", true), (Location::Query, "tag", false), (Location::Path, "line", true)];
        assert_eq!(places, expected);
        let body = request.body.as_ref().unwrap();
        assert_eq!(body.media, "application/json");
        assert_eq!(body.schema["properties"]["id"], json!(false), "a client never writes what it only reads");
        assert!(request.reply.is_some());
    }

    #[test]
    fn an_operation_that_nobody_can_call_says_why() {
        let requests = requests(
            "  /a: { post: { requestBody: { required: true, content: { image/png: {} } } } }
  /b: { post: { requestBody: { content: { image/png: {} } } } }
  /c: { get: { parameters: [{ name: q, in: query, schema: { $ref: 'https://x.test/q' } }] } }
",
        );
        assert_eq!(requests.all.len(), 1);
        let why = |surface: &str| {
            let found = requests.unread.iter().find(|(known, _)| known == surface);
            found.map(|(_, why)| why.as_str()).unwrap_or_default()
        };
        assert_eq!(why("POST /a"), "bodies of `image/png` are not made");
        assert!(why("GET /c").contains("not fetched"), "{requests:?}");
    }

    #[test]
    fn a_contract_says_where_to_go_on() {
        let requests = requests(
            "  /a:
    post:
      responses:
        201:
          links:
            next: { operationId: get, parameters: { id: '$response.body#/id', other: '$request.query.x' } }
  /a/{id}: { get: { operationId: get } }
",
        );
        let link = Link { to: "GET /a/{}".to_owned(), parameter: "id".to_owned(), pointer: "/id".to_owned() };
        assert_eq!(requests.all.iter().find(|it| it.method == "POST").unwrap().links, [link]);
    }
}
