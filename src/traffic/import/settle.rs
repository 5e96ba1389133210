//! The last pass: each exchange with its session, its bindings and the places of its reply that later calls use.

use super::{Imported, Ordered};
use crate::model::Exchange;
use crate::traffic::bindings;
use crate::traffic::sessions::Groups;
use crate::traffic::{TrafficError, Writer, Written};

/// Finds sessions and bindings, and writes the recording.
pub(super) fn write(mut ordered: Ordered, mut writer: Writer) -> Result<(Imported, Writer), TrafficError> {
    let mut notes = std::mem::take(&mut ordered.notes);
    let mut left_out = 0;
    let (count, sessions, bound) = each(&ordered, &mut |exchange| {
        let Exchange { index, call, .. } = exchange;
        match writer.push(exchange)? {
            Written::Whole => {}
            Written::Shortened => notes.add(format!(
                "exchange {index}, {} {}, is written with an unknown body: with it, it would be too long to be read again",
                call.method, call.target
            )),
            Written::LeftOut => {
                left_out += 1;
                notes.add(format!(
                    "exchange {index}, {} {}, is left out: its head alone is too long to be read again",
                    shortened(&call.method),
                    shortened(&call.target)
                ));
            }
        }
        Ok(())
    })?;
    Ok((Imported { exchanges: count - left_out, sessions, bindings: bound, notes: notes.end() }, writer))
}

/// What is left out may be so for its target.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    let short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// Hands over all exchanges, with all that was found. Gives how many exchanges, sessions and bindings there are.
pub(super) fn each(
    ordered: &Ordered,
    take: &mut dyn FnMut(&Exchange) -> Result<(), TrafficError>,
) -> Result<(u64, u64, u64), TrafficError> {
    let mut groups = Groups::by_credential(ordered)?;
    let found = bindings::find(ordered, &mut groups)?;
    let numbered = groups.number();
    let mut rows = ordered.rows()?;
    let mut clock = ordered.clock();
    let mut reading = found.read()?;
    while let Some(row) = rows.next()? {
        let (call, via) = ordered.call(&row)?;
        let (bindings, used) = reading.of(row.number)?;
        take(&Exchange {
            index: row.number.into(),
            session: numbered.session(row.number).into(),
            last: numbered.is_last(row.number),
            offset_ms: clock.offset(&row),
            call,
            reply: ordered.reply(&row)?,
            bindings,
            used,
            via,
        })?;
    }
    Ok((ordered.count().into(), numbered.sessions.into(), found.count))
}
