//! The details of a status: `google.rpc.Status`, whose descriptors nobody need have.

use super::Room;
use super::raw::{self, Raw};
use super::well_known;
use crate::model::Document;
use crate::wire::grpc::Reading;
use crate::wire::weight::Weight;

/// The field of a `google.rpc.Status` that holds its details.
const DETAILS: u32 = 3;

/// The details of an encoded status, up to that many, each with its `@type`.
pub(in crate::wire::grpc) fn details(
    status: &[u8],
    reading: Option<&Reading>,
    most: usize,
) -> Result<Vec<Document>, String> {
    let mut weight = Weight::default();
    let mut room = Room { weight: &mut weight, depth: 0 };
    let mut all = Vec::new();
    raw::each(status, |number, value| {
        if let (DETAILS, Raw::Bytes(any)) = (number, value)
            && all.len() < most
        {
            all.push(detail(any, reading, &mut room)?);
        }
        Ok(())
    })?;
    Ok(all)
}

fn detail(any: &[u8], reading: Option<&Reading>, room: &mut Room<'_>) -> Result<Document, String> {
    let (mut url, mut value): (&[u8], &[u8]) = (b"", b"");
    raw::each(any, |number, raw| {
        match (number, raw) {
            (1, Raw::Bytes(bytes)) => url = bytes,
            (2, Raw::Bytes(bytes)) => value = bytes,
            _ => {}
        }
        Ok(())
    })?;
    let pool = reading.map(|reading| reading.reader.pool());
    well_known::any(&String::from_utf8_lossy(url), value, pool, room)
}
