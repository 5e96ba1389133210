//! `cargo xtask truth FILE`: a table of what PostgreSQL does to an old build that is still running when its database is migrated,
//! against what straddle says of each of these migrations. Cell by cell; one that disagrees is an error.

use crate::steps::{self, Done};

/// The test that does it; without a file it has a table of its own.
const TEST: &str = "cases::state::truth::straddle_says_of_migrations_what_postgres_does";

/// Tries them all.
pub fn run(words: &[String]) -> Done {
    let [file] = words else { return Err("say the table's file".into()) };
    let file = std::fs::canonicalize(file).map_err(|error| format!("{file}: {error}"))?;
    let mut command = steps::cargo(&["test", "--quiet", "--package", "straddle", "--test", "straddle", "--"]);
    command.args([TEST, "--exact", "--nocapture"]).env("STRADDLE_TRUTH", file).env("STRADDLE_TEST_REQUIRE", "all");
    Ok(steps::passed_on(steps::status(&mut command)?))
}
