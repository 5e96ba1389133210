//! The road to what NEW expects: commands of the manifest, NEW's first start, or none; and travelling it.

use std::collections::{BTreeMap, BTreeSet};

use super::tally::{Road, Up};
use crate::checks::seam::{CheckError, Job};
use crate::fleet::Migration;
use crate::fleet::data::{Comparison, TableComparison};
use crate::fleet::{FleetError, Member, Place, Standing};
use crate::manifest::Manifest;
use crate::model::Side;

/// Why the road could not be gone to its end, in words for a person.
pub(super) struct Blocked {
    /// The state whose migration failed; none where NEW was to migrate by itself.
    pub(super) state: Option<String>,
    /// How.
    pub(super) why: String,
}

/// What NEW's first start on OLD's store showed.
pub(super) enum Known {
    Road(Road),
    /// NEW does not start there, and nothing was to come before that.
    Refused(String),
}

/// Finds out how the store comes to what NEW expects.
pub(super) async fn find(job: &Job<'_>) -> Result<Known, CheckError> {
    let shared = job.manifest.states.iter().all(|state| state.shared);
    if job.bench.plays().is_some() {
        // One build against itself has nowhere to go.
        return Ok(Known::Road(Road { up: Up::Nothing, down: false, shared }));
    }
    if has_commands(job.manifest) {
        let down = job.manifest.states.iter().any(|state| state.migrate_down.is_some());
        return Ok(Known::Road(Road { up: Up::Commands, down, shared }));
    }
    // Where OLD does not start at all, its first start in a stage says so.
    let old = change_by_start(job, Side::Old).await?.unwrap_or_default();
    match change_by_start(job, Side::New).await? {
        Ok(new) => {
            let up = if is_migration(&new, &old) { Up::Start } else { Up::Nothing };
            Ok(Known::Road(Road { up, down: false, shared }))
        }
        Err(why) => Ok(Known::Refused(why)),
    }
}

/// Whether the manifest has a command that migrates to NEW.
pub(super) fn has_commands(manifest: &Manifest) -> bool {
    manifest.states.iter().any(|state| state.migrate_new.is_some())
}

/// What that side's start alone changes in OLD's stores.
async fn change_by_start(
    job: &Job<'_>,
    side: Side,
) -> Result<Result<BTreeMap<String, Comparison>, String>, CheckError> {
    let place = job.bench.place(Side::Old).await?;
    let started = start(&place, side, "first").await?;
    let change = match started {
        Ok(standing) => {
            standing.take_down().await?;
            Ok(place.since(Side::Old, 0).await?)
        }
        Err(why) => Err(why),
    };
    place.remove().await?;
    Ok(change)
}

/// Starts a build at a place; the inner error says why it is not ready.
pub(super) async fn start(place: &Place, side: Side, role: &str) -> Result<Result<Standing, String>, CheckError> {
    let member = Member { name: format!("{side} {role}"), side, twin: false };
    match place.stand_up(&member).await {
        Ok(standing) => Ok(Ok(standing)),
        Err(FleetError::NotReady { why, .. }) => Ok(Err(why)),
        Err(other) => Err(other.into()),
    }
}

/// Takes a place on to what NEW expects.
pub(super) async fn up(place: &Place, road: Road) -> Result<Result<(), Blocked>, CheckError> {
    match road.up {
        Up::Commands => commands(place, Migration::New).await,
        Up::Start => match start(place, Side::New, "migrating").await? {
            Ok(standing) => {
                standing.take_down().await?;
                Ok(Ok(()))
            }
            Err(why) => Ok(Err(Blocked { state: None, why })),
        },
        Up::Nothing => Ok(Ok(())),
    }
}

/// Takes a place back.
pub(super) async fn down(place: &Place) -> Result<Result<(), Blocked>, CheckError> {
    commands(place, Migration::Down).await
}

async fn commands(place: &Place, migration: Migration) -> Result<Result<(), Blocked>, CheckError> {
    let done = place.migrate(migration).await?;
    Ok(done.map_err(|failed| Blocked { state: Some(failed.state), why: failed.why }))
}

/// Whether a start of NEW changes what OLD's doesn't: tables and columns, or rows of tables in which OLD's changes none.
fn is_migration(new: &BTreeMap<String, Comparison>, old: &BTreeMap<String, Comparison>) -> bool {
    new.iter().any(|(state, change)| {
        let others = old.get(state);
        let known = others.map(schema).unwrap_or_default();
        let untouched = |table: &&TableComparison| {
            others.is_none_or(|other| other.tables.iter().all(|it| it.name != table.name || it.is_same()))
        };
        !schema(change).is_subset(&known) || change.tables.iter().filter(untouched).any(|table| !table.is_same())
    })
}

/// What of tables and columns is other.
fn schema(change: &Comparison) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = change.tables_new.iter().map(|name| format!("+{name}")).collect();
    all.extend(change.tables_gone.iter().map(|gone| format!("-{}", gone.name)));
    for table in &change.tables {
        let name = &table.name;
        all.extend(table.columns_new.iter().map(|column| format!("+{name}.{column}")));
        all.extend(table.columns_gone.iter().map(|column| format!("-{name}.{}", column.name)));
        all.extend(table.columns_retyped.iter().map(|column| format!("~{name}.{} {}", column.column, column.after)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Comparison, TableComparison, is_migration};

    fn change(new_columns: &[&str], added: u64) -> BTreeMap<String, Comparison> {
        let columns_new = new_columns.iter().map(|name| (*name).to_owned()).collect();
        let table = TableComparison { name: "items".to_owned(), columns_new, added, ..TableComparison::default() };
        let comparison = Comparison { tables: vec![table], ..Comparison::default() };
        BTreeMap::from([("db".to_owned(), comparison)])
    }

    #[test]
    fn a_start_migrates_where_it_changes_what_a_start_of_old_does_not() {
        assert!(is_migration(&change(&["tag"], 0), &change(&[], 0)));
        assert!(!is_migration(&change(&["tag"], 0), &change(&["tag"], 0)));
        assert!(is_migration(&change(&[], 1), &change(&[], 0)));
        assert!(!is_migration(&change(&[], 1), &change(&[], 1)), "both note that they started");
        assert!(!is_migration(&change(&[], 0), &BTreeMap::new()));
    }
}
