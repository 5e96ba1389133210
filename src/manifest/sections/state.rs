//! `[state.NAME]`

use crate::manifest::node::{Node, Table, Value};
use crate::manifest::reading::{Existing, Filled, Reading};
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{CommandSpec, Seed, State, StateKind};

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

static MIGRATE: Section = Section {
    name: "migrate",
    doc: "Commands that migrate a store, with placeholders.",
    keys: &[
        Key::optional("old", Shape::Command, "In OLD's checkout: brings an empty store to what OLD expects."),
        Key::optional("new", Shape::Command, "In NEW's checkout: takes OLD's store to what NEW expects."),
        Key::optional("down", Shape::Command, "In NEW's checkout: takes it back."),
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
        seed: match seed {
            None => None,
            Some(seed) => Some(seed?),
        },
        migrate_old: migrate.command("old").cloned(),
        migrate_new: migrate.command("new").cloned(),
        migrate_down: migrate.command("down").cloned(),
    })
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
