//! `[service.NAME]`

use std::collections::HashSet;

use super::build;
use crate::manifest::excerpt::quoted;
use crate::manifest::node::{Node, Span, Table, Value};
use crate::manifest::reading::{Filled, Reading, Reference};
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{Ready, Service};
use crate::model::{Pair, Side};

pub(super) static SERVICE: Section = Section {
    name: "service",
    doc: "A server, in both its versions.",
    keys: &[
        Key::optional(
            "ready",
            Shape::Either(&Shape::Target, &READY),
            "When an instance counts as up: a path that answers 2xx to GET, or `{ tcp = true }`, `{ log = \"regex\" }`, \
             `{ grpc = true }`. Needed unless both builds are `url`.",
        ),
        Key::defaulted("ready_timeout", Shape::Duration, "\"30s\"", "How long an instance may take to be up."),
        Key::defaulted("stop_timeout", Shape::Duration, "\"10s\"", "How long it has between SIGTERM and SIGKILL."),
        Key::defaulted(
            "ports",
            Shape::Some(&Shape::Word),
            "[\"http\"]",
            "The names of its ports: `{port}` is the first, `{port.NAME}` any. \
             Traffic goes to the first, calls of gRPC to the one named `grpc` where there is one.",
        ),
        Key::defaulted("env", Shape::Env, "{}", "Environment variables of both builds, with placeholders."),
        Key::required("old", Shape::Section(&build::BUILD), "What serves today."),
        Key::required("new", Shape::Section(&build::BUILD), "What is to replace it."),
    ],
};

static READY: Section = Section {
    name: "ready",
    doc: "When an instance counts as up: one of these.",
    keys: &[
        Key::optional("tcp", Shape::Flag, "Its first port takes a connection."),
        Key::optional("log", Shape::Regex, "A line of its log matches this regular expression."),
        Key::optional("grpc", Shape::Flag, "Its gRPC health service says SERVING."),
    ],
};

pub(super) fn read(name: &str, table: &Table, reading: &mut Reading<'_>) -> Option<Service> {
    let ports = ports(table, reading);
    let started: Vec<Side> = Side::BOTH.into_iter().filter(|side| build::is_started(table, *side, reading)).collect();
    build::check_env(table, filled(name, &ports, &started), reading);
    let mut build = |side: Side| {
        let build_table = table.table(side.as_str())?;
        build::read(build_table, side, filled(name, &ports, &[side]), reading)
    };
    let (old, new) = (build(Side::Old), build(Side::New));
    let env = build::env(table);
    let builds = old.zip(new).map(|(old, new)| Pair::new(old, new).map(|build| build::with_env(build, &env)));

    let ready = table.get("ready").map(|node| ready(node, reading));
    if !started.is_empty() && !table.is_written("ready") {
        reading.problems.push(
            "manifest::missing-key",
            table.span.clone(),
            format!("`ready` is missing in {}", table.title),
            "say how to know that it is up: `ready = \"/healthz\"`, or `{ tcp = true }`, `{ log = \"regex\" }`, `{ grpc = true }`",
        );
    }
    Some(Service {
        name: name.to_owned(),
        ready: match ready {
            None => None,
            Some(ready) => Some(ready?),
        },
        ready_timeout: table.duration("ready_timeout")?,
        stop_timeout: table.duration("stop_timeout")?,
        builds: builds?,
        ports,
    })
}

fn filled<'a>(service: &'a str, ports: &'a [String], sides: &'a [Side]) -> Filled<'a> {
    Filled::Instance { service, ports, sides }
}

fn ports(table: &Table, reading: &mut Reading<'_>) -> Vec<String> {
    let mut ports: Vec<String> = Vec::new();
    for node in table.list("ports") {
        let Some(name) = node.as_text() else { continue };
        if ports.iter().any(|port| port == name) {
            reading.problems.push(
                "manifest::conflict",
                node.span.clone(),
                format!("the port {} in {} has its name twice", quoted(name), table.title),
                "give every port a name of its own",
            );
        }
        ports.push(name.to_owned());
    }
    ports
}

fn ready(node: &Node, reading: &mut Reading<'_>) -> Option<Ready> {
    let table = match &node.value {
        Value::Text(target) => return Some(Ready::Http(target.clone())),
        Value::Table(table) => table,
        _ => return None,
    };
    let help = "write one of `\"/healthz\"`, `{ tcp = true }`, `{ log = \"regex\" }`, `{ grpc = true }`";
    let mut written = table.entries.iter().filter(|entry| entry.written);
    let first = written.next();
    if let Some(second) = written.next() {
        let message = format!("`{}` is a second way to be ready in {}", second.key, table.title);
        reading.problems.push("manifest::conflict", second.key_span.clone(), message, help);
    }
    let Some(first) = first else {
        let message = format!("{} says no way to be ready", table.title);
        reading.problems.push("manifest::missing-key", node.span.clone(), message, help);
        return None;
    };
    let value = first.node.as_ref()?;
    match (first.key.as_str(), &value.value) {
        ("tcp", Value::Flag(true)) => Some(Ready::Tcp),
        ("grpc", Value::Flag(true)) => Some(Ready::Grpc),
        ("log", Value::Text(regex)) => Some(Ready::Log(regex.clone())),
        _ => {
            let message = format!("`{} = false` in {} says no way to be ready", first.key, table.title);
            reading.problems.push("manifest::bad-value", value.span.clone(), message, help);
            None
        }
    }
}

/// A service's URL must be known before what needs it starts: nobody may wait for itself.
pub(super) fn refuse_cycles(reading: &mut Reading<'_>) {
    for side in Side::BOTH {
        if let Some((span, way)) = cycle(side, &reading.references) {
            reading.problems.push(
                "manifest::cycle",
                span,
                format!("services wait for each other: {}", way.join(" → ")),
                "a service's URL is known when it is up: take one of these references out of `run` or `env`",
            );
        }
    }
}

/// A cycle among one side's references: where it begins, and whom it leads over.
fn cycle(side: Side, references: &[Reference]) -> Option<(Span, Vec<&str>)> {
    let mut open: Vec<&Reference> = references.iter().filter(|reference| reference.side == side).collect();
    // A reference to a service that needs nobody is no part of a cycle, and then neither is one to who needed that.
    loop {
        let needing: HashSet<&str> = open.iter().map(|reference| reference.from.as_str()).collect();
        let before = open.len();
        open.retain(|reference| needing.contains(reference.to.as_str()));
        if open.len() == before {
            break;
        }
    }
    let mut way: Vec<&Reference> = open.first().copied().into_iter().collect();
    loop {
        let last = way.last()?;
        if let Some(start) = way.iter().position(|reference| reference.from == last.to) {
            let names = way[start..].iter().map(|reference| reference.from.as_str()).chain([last.to.as_str()]);
            return Some((way[start].span.clone(), names.collect()));
        }
        way.push(open.iter().find(|reference| reference.from == last.to)?);
    }
}
