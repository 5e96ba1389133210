//! `[state.NAME]`

use crate::manifest::node::{Node, Table, Value};
use crate::manifest::reading::{Existing, Filled, Reading};
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{CommandSpec, DatabaseUrl, Seed, ServerUrl, State, StateKind, StateServer};

pub(super) static STATE: Section = Section {
    name: "state",
    doc: "What both versions share in production.",
    keys: &[
        Key::required(
            "kind",
            Shape::Choice(&["sqlite", "postgres", "mysql", "redis", "directory"]),
            "What sort of store it is.",
        ),
        Key::defaulted(
            "shared",
            Shape::Flag,
            "true",
            "Whether two processes can use it at once; false where a file lock keeps the second out, so that they take turns.",
        ),
        Key::optional(
            "url",
            Shape::Either(&Shape::Text, &URL),
            "With `postgres`: a server that runs already, as `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or \
             `{ env = \"VARIABLE\" }`. Straddle makes databases of its own there, `straddle_…`, and touches no other. Without it \
             straddle starts a server of its own.",
        ),
        Key::defaulted(
            "allow_remote",
            Shape::Flag,
            "false",
            "With `url`: whether a host other than loopback is meant.",
        ),
        Key::optional(
            "seed",
            Shape::Command,
            "What fills the empty store: a `.sql` file, or a command run in the manifest's folder, with placeholders.",
        ),
        Key::defaulted(
            "migrate",
            Shape::Section(&MIGRATE),
            "{}",
            "Commands that migrate it; a build that migrates when it starts needs none.",
        ),
    ],
};

static URL: Section = Section {
    name: "state-url",
    doc: "Where the URL of a database server is found.",
    keys: &[Key::required("env", Shape::Text, "The environment variable that holds it.")],
};

static MIGRATE: Section = Section {
    name: "migrate",
    doc: "Commands that migrate a store, with placeholders.",
    keys: &[
        Key::optional("old", Shape::Command, "In OLD's checkout: brings an empty store to what OLD expects."),
        Key::optional("new", Shape::Command, "In NEW's checkout: takes OLD's store to what NEW expects."),
        Key::optional("down", Shape::Command, "In NEW's checkout: takes it back."),
        Key::defaulted("timeout", Shape::Duration, "\"10m\"", "How long each of them may take."),
    ],
};

pub(super) fn read(name: &str, table: &Table, reading: &mut Reading<'_>) -> Option<State> {
    let kind = table.choice(
        "kind",
        &[
            ("sqlite", StateKind::Sqlite),
            ("postgres", StateKind::Postgres),
            ("mysql", StateKind::Mysql),
            ("redis", StateKind::Redis),
            ("directory", StateKind::Directory),
        ],
    );
    let seed = table.get("seed").map(|node| seed(name, table, node, kind, reading));
    let server = server(table, kind, reading);
    let migrate = table.table("migrate")?;
    for key in ["old", "new", "down"] {
        if let Some(node) = migrate.get(key) {
            reading.placeholders(node, key, Filled::State { state: name, of_side: true });
        }
    }
    Some(State {
        name: name.to_owned(),
        kind: kind?,
        shared: table.flag("shared")?,
        server: match server {
            None => None,
            Some(server) => Some(server?),
        },
        seed: match seed {
            None => None,
            Some(seed) => Some(seed?),
        },
        migrate_old: migrate.command("old").cloned(),
        migrate_new: migrate.command("new").cloned(),
        migrate_down: migrate.command("down").cloned(),
        migrate_timeout: migrate.duration("timeout")?,
    })
}

/// The server that is given; one that could not be read has been reported.
#[expect(clippy::option_option, reason = "absent and unreadable are not the same")]
fn server(table: &Table, kind: Option<StateKind>, reading: &mut Reading<'_>) -> Option<Option<StateServer>> {
    let Some(node) = table.get("url") else {
        if table.is_written("allow_remote") {
            let message = format!("`allow_remote` in {} has no meaning without `url`", table.title);
            reading.conflict(table, "allow_remote", message, "take it out: straddle starts the server itself");
        }
        return None;
    };
    if kind.is_some_and(|kind| kind != StateKind::Postgres) {
        let message = format!("`url` in {} has no meaning: this kind of store has no server", table.title);
        reading.conflict(table, "url", message, "take `url` out, or make it `kind = \"postgres\"`");
        return Some(None);
    }
    let allow_remote = table.flag("allow_remote").unwrap_or_default();
    let url = match &node.value {
        Value::Text(text) => {
            let fault = match DatabaseUrl::parse(text) {
                Ok(url) if url.is_local() || allow_remote => None,
                Ok(_) => Some((
                    format!("`url` in {} leads to another machine", table.title),
                    "straddle makes databases there: add `allow_remote = true` if that is meant".to_owned(),
                )),
                Err(why) => Some((
                    format!("`url` in {} can't be used: {why}", table.title),
                    "write `postgres://USER:PASSWORD@127.0.0.1:5432/DATABASE`, or `{ env = \"DATABASE_URL\" }`"
                        .to_owned(),
                )),
            };
            if let Some((message, help)) = fault {
                reading.problems.push("manifest::bad-value", node.span.clone(), message, help);
                return Some(None);
            }
            ServerUrl::Text(text.clone())
        }
        Value::Table(env) => match env.text("env") {
            Some(name) => ServerUrl::Env(name.to_owned()),
            None => return Some(None),
        },
        _ => return Some(None),
    };
    Some(Some(StateServer { url, allow_remote }))
}

fn seed(name: &str, table: &Table, node: &Node, kind: Option<StateKind>, reading: &mut Reading<'_>) -> Option<Seed> {
    let Value::Command(command) = &node.value else { return None };
    let CommandSpec::Words(words) = command else {
        reading.placeholders(node, "seed", Filled::State { state: name, of_side: false });
        return Some(Seed::Command(command.clone()));
    };
    let [file] = words.as_slice() else {
        reading.placeholders(node, "seed", Filled::State { state: name, of_side: false });
        return Some(Seed::Command(command.clone()));
    };
    let is_sql = std::path::Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
    if !is_sql {
        reading.placeholders(node, "seed", Filled::State { state: name, of_side: false });
        return Some(Seed::Command(command.clone()));
    }
    if matches!(kind, Some(StateKind::Directory | StateKind::Redis)) {
        reading.problems.push(
            "manifest::conflict",
            node.span.clone(),
            format!("`seed` in {} is a file of SQL, which this kind of store can't read", table.title),
            format!("write a command that fills it: `seed = \"python3 seed.py {{state.{name}.path}}\"`"),
        );
        return None;
    }
    reading.existing_at(file, node, "seed", &table.title, Existing::File).map(Seed::Sql)
}
