//! One operation, with what its path says of all operations there, and what the contract says of all.

use super::media::contents;
use super::{Alternative, Content, Contract, Location, Node, Parameter, Reply, Trouble};

/// An operation.
#[derive(Debug)]
pub(in crate::contract::openapi) struct Operation<'a> {
    pub(in crate::contract::openapi) parameters: Vec<Parameter<'a>>,
    pub(in crate::contract::openapi) body: Option<Body<'a>>,
    pub(in crate::contract::openapi) replies: Vec<Reply<'a>>,
    pub(in crate::contract::openapi) security: Vec<Alternative>,
    pub(in crate::contract::openapi) node: Node<'a>,
    /// What of it could not be read.
    pub(in crate::contract::openapi) troubles: Vec<Trouble>,
}

/// A request's body.
#[derive(Debug)]
pub(in crate::contract::openapi) struct Body<'a> {
    pub(in crate::contract::openapi) is_required: bool,
    pub(in crate::contract::openapi) contents: Vec<Content<'a>>,
    pub(in crate::contract::openapi) node: Node<'a>,
}

impl<'a> Operation<'a> {
    /// Reads one of those of a path.
    pub(in crate::contract::openapi) fn read(
        path: &str,
        item: &Node<'a>,
        node: Node<'a>,
        contract: &'a Contract,
    ) -> Self {
        let mut troubles = Vec::new();
        let mut parameters: Vec<Parameter<'a>> = Vec::new();
        for holder in [item, &node] {
            for parameter in holder.get("parameters").iter().flat_map(|all| all.items().collect::<Vec<_>>()) {
                match Parameter::read(parameter, contract) {
                    // The operation's own speaks instead of its path's.
                    Ok(Some(parameter)) => {
                        parameters
                            .retain(|known| (known.location, &known.name) != (parameter.location, &parameter.name));
                        parameters.push(parameter);
                    }
                    Ok(None) => {}
                    Err(trouble) => troubles.push(trouble),
                }
            }
        }
        name_by_order(path, &mut parameters, &node);
        let body = node.get("requestBody").and_then(|body| match contract.follow(body) {
            Ok(node) => Some(Body { is_required: node.is_set("required"), contents: contents(&node, contract), node }),
            Err(trouble) => {
                troubles.push(trouble);
                None
            }
        });
        let mut replies = Vec::new();
        for (key, reply) in node.get("responses").iter().flat_map(|all| all.members().collect::<Vec<_>>()) {
            match Reply::read(key, reply, contract) {
                Ok(reply) => replies.extend(reply),
                Err(trouble) => troubles.push(trouble),
            }
        }
        let security = node.get("security").or_else(|| contract.root().get("security"));
        let security = Alternative::read(security.as_ref(), contract);
        Self { parameters, body, replies, security, node, troubles }
    }
}

/// Parameters of a path are known by where they stand in it: the server never sees their names. One that the path doesn't have, by
/// mistake, keeps its name; one that only the path has is there all the same.
fn name_by_order<'a>(path: &str, parameters: &mut Vec<Parameter<'a>>, operation: &Node<'a>) {
    let names: Vec<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
    let is_of = |parameter: &Parameter<'_>, name: &str| parameter.location == Location::Path && parameter.name == name;
    let undeclared = names.iter().enumerate().filter(|(_, name)| !parameters.iter().any(|one| is_of(one, name)));
    let undeclared: Vec<_> =
        undeclared.map(|(order, _)| Parameter::undeclared(&(order + 1).to_string(), operation)).collect();
    for parameter in parameters.iter_mut().filter(|parameter| parameter.location == Location::Path) {
        if let Some(order) = names.iter().position(|name| *name == parameter.name) {
            parameter.name = (order + 1).to_string();
        }
    }
    parameters.extend(undeclared);
}
