//! The schema's versions: OLD's is 1, and what leads to 2 and back is another with each fault. Also what a shop looks at before it
//! serves. Its main type is [`Step`].

use crate::database::{self, Trouble};
use crate::dialect::Dialect;
use crate::store::Store;

/// What leads from one version to the next, and back.
struct Step {
    up: &'static str,
    down: Option<&'static str>,
}

/// A harmless one, with which most faults come.
const INDEX: Step =
    Step { up: "CREATE INDEX orders_by_customer ON orders (customer)", down: Some("DROP INDEX orders_by_customer") };

fn step(dialect: Dialect) -> Step {
    let is = |name: &str| dialect.is_about(&[name]);
    if is("column-dropped") {
        return Step { up: "ALTER TABLE orders RENAME COLUMN note TO remark", down: None };
    }
    if is("column-required") {
        return Step {
            up: "CREATE TABLE paid (receipt TEXT PRIMARY KEY, ticket TEXT NOT NULL, cents BIGINT NOT NULL, currency TEXT NOT NULL);
                 INSERT INTO paid SELECT receipt, ticket, cents, 'EUR' FROM payments;
                 DROP TABLE payments; ALTER TABLE paid RENAME TO payments",
            down: Some("ALTER TABLE payments DROP COLUMN currency"),
        };
    }
    if is("store-unguarded") {
        return Step { up: "UPDATE payments SET cents = cents * 10", down: None };
    }
    if is("migration-one-way") {
        return Step { up: "CREATE TABLE wishes (customer TEXT NOT NULL, item BIGINT NOT NULL)", down: None };
    }
    if is("expand-contract") {
        return Step {
            up: "ALTER TABLE orders ADD COLUMN remark TEXT; UPDATE orders SET remark = note",
            down: Some("ALTER TABLE orders DROP COLUMN remark"),
        };
    }
    INDEX
}

/// Takes the database at that place to that version.
pub fn migrate(place: &str, dialect: Dialect, to: u64) -> Result<(), Trouble> {
    let mut database = database::open(place)?;
    let step = step(dialect);
    database.begin()?;
    let version = database.ask("SELECT value FROM counters WHERE name = 'schema'", &[])?;
    let version = version.first().map_or(0, |row| row.number(0));
    let sql = match (version, to) {
        (1, 2) => step.up,
        (2, 1) => {
            step.down.ok_or_else(|| Trouble::of("there is no way back from version 2 of the schema".to_owned()))?
        }
        (version, to) if version == to => return Ok(()),
        (version, to) => {
            return Err(Trouble::of(format!("there is no way from version {version} of the schema to {to}")));
        }
    };
    database.run(&format!("{sql}; UPDATE counters SET value = {to} WHERE name = 'schema'; COMMIT"))
}

/// Whether a shop of that generation serves what it finds there.
pub fn accepted(store: &Store, dialect: Dialect) -> Result<(), Trouble> {
    store.read(|shop| {
        let version = shop.schema()?;
        if dialect.refuses_unknown_schema() && version != 1 {
            return Err(Trouble::of(format!("its schema is of version {version}, and this shop knows 1")));
        }
        let is_known = |name: &String| name == "create" || !dialect.refuses_unknown_commands();
        let commands = shop.commands()?;
        let mut names = commands.iter().filter_map(|command| command.as_object()).flat_map(|command| command.keys());
        match names.find(|name| !is_known(name)) {
            Some(name) => Err(Trouble::of(format!("a command in its log has the unknown property `{name}`"))),
            None => Ok(()),
        }
    })
}
