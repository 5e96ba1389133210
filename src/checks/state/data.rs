//! The data proof: what of OLD's rows a way to NEW's schema and back loses, what of NEW's rows the way back loses, and what a
//! backup would. Rows are known by primary key and compared in the columns of both.

use serde_json::{Map, Value};

use super::point::Point;
use super::roads::{self, Blocked};
use super::sheet::Sheet;
use super::stand::Refusal;
use super::tally::{Raw, Road, Up};
use crate::checks::seam::{CheckError, Job};
use crate::compare::{Way, What, rules};
use crate::fleet::Place;
use crate::fleet::data::{Change, Comparison, TableComparison};
use crate::model::{Direction, Evidence, Question, Severity, Side};

/// As many rows of a table are shown.
const SHOWN: usize = 3;

/// Takes the seeded stores there and back, and once more there. Whether the way there can be gone at all.
pub(super) async fn prove(job: &Job<'_>, road: Road, sheet: &mut Sheet) -> Result<bool, CheckError> {
    if road.up != Up::Commands {
        return Ok(true);
    }
    let place = job.bench.place(Side::Old).await?;
    let done = there_and_back(job, road, &place, sheet).await;
    place.remove().await?;
    done
}

async fn there_and_back(job: &Job<'_>, road: Road, place: &Place, sheet: &mut Sheet) -> Result<bool, CheckError> {
    if let Err(blocked) = roads::up(place, road).await? {
        sheet.refusal(job, Refusal::Migration(Point::C1, Way::Up, blocked));
        return Ok(false);
    }
    if !road.down {
        for (state, change) in place.since(Side::Old, SHOWN).await? {
            dropped(&state, &change, sheet);
        }
        return Ok(true);
    }
    if let Err(blocked) = roads::down(place).await? {
        let Blocked { state, why } = blocked;
        let why = format!("{why}; nobody had served in between");
        sheet.refusal(job, Refusal::Migration(Point::C7Down, Way::Down, Blocked { state, why }));
        return Ok(true);
    }
    for (state, change) in place.since(Side::Old, SHOWN).await? {
        lost(&state, &change, sheet);
    }
    if let Err(blocked) = roads::up(place, road).await? {
        sheet.refusal(job, Refusal::Migration(Point::C8, Way::Again, blocked));
    }
    Ok(true)
}

/// What is lost of a store that went there and back: all of it has to be as it was.
fn lost(state: &str, change: &Comparison, sheet: &mut Sheet) {
    for gone in &change.tables_gone {
        push(sheet, state, &gone.name, (gone.held, gone.held, false), Evidence::default());
    }
    for table in &change.tables {
        push(sheet, state, &table.name, (table.lost, table.rows_before, false), row(table, Change::Lost, None));
        for gone in &table.columns_gone {
            let at = format!("{}.{}", table.name, gone.name);
            push(sheet, state, &at, (gone.held, table.rows_before, true), Evidence::default());
        }
        for (column, changed) in &table.changed_by_column {
            let at = format!("{}.{column}", table.name);
            push(sheet, state, &at, (*changed, table.rows_before, true), row(table, Change::Changed, Some(column)));
        }
    }
}

/// What a migration drops that nothing takes back: a risk, since OLD may do without.
fn dropped(state: &str, change: &Comparison, sheet: &mut Sheet) {
    let mut own = Sheet::default();
    for gone in &change.tables_gone {
        push(&mut own, state, &gone.name, (gone.held, gone.held, false), Evidence::default());
    }
    for table in &change.tables {
        push(&mut own, state, &table.name, (gone(table), table.rows_before, false), row(table, Change::Lost, None));
        for gone in &table.columns_gone {
            let at = format!("{}.{}", table.name, gone.name);
            push(&mut own, state, &at, (gone.held, table.rows_before, true), Evidence::default());
        }
    }
    for candidate in own.candidates {
        let severity = Severity::Risk.min(candidate.raw.severity);
        let message = format!("{}, and no down-migration takes the store back", candidate.raw.message);
        sheet.push(Raw { severity, message, point: Point::C7Code, ..candidate.raw });
    }
}

/// How many rows are gone; of a table without a key by how many there are less, since each may have been changed.
fn gone(table: &TableComparison) -> u64 {
    if table.key.is_empty() { table.rows_before.saturating_sub(table.rows_after) } else { table.lost }
}

/// What the way back takes of the rows that were there before it: those that NEW wrote among them.
pub(super) async fn lost_on_the_way_back(place: &Place, before: &Place, sheet: &mut Sheet) -> Result<(), CheckError> {
    for (state, change) in place.differs_from(before, SHOWN).await? {
        for table in &change.tables {
            let mut own = Sheet::default();
            let at = format!("{} (as NEW left it)", table.name);
            push(&mut own, &state, &at, (gone(table), table.rows_before, false), row(table, Change::Lost, None));
            for candidate in own.candidates {
                // What NEW alone can write has no place to go; that is to be known, and may be meant.
                sheet.push(Raw { severity: Severity::Risk, ..candidate.raw });
            }
        }
    }
    Ok(())
}

/// What has been written since the migration: a backup from before it has none of it.
pub(super) async fn since(place: &Place, road: Road, sheet: &mut Sheet) -> Result<(), CheckError> {
    // Where nothing migrates nobody makes a backup for it.
    if road.up == Up::Nothing {
        return Ok(());
    }
    let before = if road.up == Up::Commands { Side::New } else { Side::Old };
    sheet.reach(Point::C7Restore);
    if road.up == Up::Commands {
        for (state, change) in place.since(Side::Old, 0).await? {
            for table in &change.tables {
                let told = rules::beyond_replies(What::Keys { shared: table.shared_keys }, Direction::NEW_TO_OLD);
                sheet.extend(told, &format!("state {state}"), &table.name, (Point::C7Code, Side::Old), None);
            }
        }
    }
    for (state, change) in place.since(before, 0).await? {
        let sum = |of: fn(&TableComparison) -> u64| change.tables.iter().map(of).sum::<u64>();
        let (added, changed, gone) = (sum(|table| table.added), sum(|table| table.changed), sum(|table| table.lost));
        let told = rules::beyond_replies(What::Since { added, changed, gone }, Direction::NEW_TO_OLD);
        let breaks = Some(vec![Question::RollBack]);
        sheet.extend(told, &format!("state {state}"), "restore", (Point::C7Restore, Side::Old), breaks);
    }
    Ok(())
}

fn push(sheet: &mut Sheet, state: &str, at: &str, (lost, held, is_column): (u64, u64, bool), evidence: Evidence) {
    let told = rules::beyond_replies(What::Returned { lost, held, is_column }, Direction::NEW_TO_OLD);
    let Some((rule, hit)) = told else { return };
    sheet.push(Raw {
        rule: rule.id.to_owned(),
        severity: hit.severity,
        subject: format!("state {state}"),
        at: at.to_owned(),
        point: Point::C7Down,
        side: Side::Old,
        message: format!("{at}: {}", hit.message),
        breaks: Some(vec![Question::RollBack]),
        evidence,
        replay: None,
        moment: None,
    });
}

/// The first row of a table that shows it: what it was, and what it is.
fn row(table: &TableComparison, change: Change, column: Option<&String>) -> Evidence {
    let concerns = |row: &&crate::fleet::data::RowDifference| {
        row.change == change && column.is_none_or(|column| row.values.iter().any(|value| value.column == *column))
    };
    let Some(row) = table.shown.iter().find(concerns) else { return Evidence::default() };
    let key: Map<String, Value> =
        row.key.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let side = |is_after: bool| {
        let mut fields = key.clone();
        let wanted = row.values.iter().filter(|value| column.is_none_or(|column| value.column == *column));
        for value in wanted {
            let text = if is_after { &value.after } else { &value.before };
            fields.insert(value.column.clone(), text.as_deref().map_or(Value::Null, Value::from));
        }
        Value::Object(fields)
    };
    let got = if change == Change::Lost { Value::from("no such row") } else { side(true) };
    Evidence { expected: side(false), got, ..Evidence::default() }
}
