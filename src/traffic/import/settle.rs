//! The last pass: each exchange with its session, its bindings and the places of its reply that later calls use.

use super::{Imported, Ordered};
use crate::model::Exchange;
use crate::traffic::bindings;
use crate::traffic::sessions::Groups;
use crate::traffic::{TrafficError, Writer};

/// Finds sessions and bindings, and writes the recording.
pub(super) fn write(ordered: Ordered, mut writer: Writer) -> Result<(Imported, Writer), TrafficError> {
    let (count, sessions, bound) = each(&ordered, &mut |exchange| writer.push(exchange))?;
    let notes = ordered.notes.end();
    Ok((Imported { exchanges: count, sessions, bindings: bound, notes }, writer))
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
