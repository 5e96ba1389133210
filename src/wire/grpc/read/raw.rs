//! Protobuf's wire format: numbers and values, without knowing what they mean.

use super::DEEPEST;

/// One value, with its field's number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::wire::grpc) enum Raw<'a> {
    /// An integer in as many bytes as it needs.
    Varint(u64),
    /// Eight bytes.
    Eight([u8; 8]),
    /// Four bytes.
    Four([u8; 4]),
    /// Bytes of a given length: text, a message, a packed list.
    Bytes(&'a [u8]),
    /// What stands in a group.
    Group(&'a [u8]),
}

/// Goes through the values of a message, in their order.
pub(in crate::wire::grpc) fn each<'a>(
    bytes: &'a [u8],
    mut found: impl FnMut(u32, Raw<'a>) -> Result<(), String>,
) -> Result<(), String> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (number, kind) = tag(&mut rest)?;
        let value = match kind {
            3 => Raw::Group(group(&mut rest, number)?),
            4 => return Err(format!("the group {number} ends and never began")),
            kind => scalar(&mut rest, kind)?,
        };
        found(number, value)?;
    }
    Ok(())
}

/// The next integer.
pub(super) fn varint(rest: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..70).step_by(7) {
        let (byte, after) = rest.split_first().ok_or_else(cut)?;
        *rest = after;
        // The tenth byte has room for one bit; what it has more is lost, as everywhere.
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("an integer of more than ten bytes".to_owned())
}

/// The next so many bytes.
pub(super) fn fixed<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], String> {
    let (bytes, after) = rest.split_first_chunk::<N>().ok_or_else(cut)?;
    *rest = after;
    Ok(*bytes)
}

fn tag(rest: &mut &[u8]) -> Result<(u32, u8), String> {
    let tag = varint(rest)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number = number.ok_or_else(|| format!("a field of the number {}", tag >> 3))?;
    Ok((number, (tag & 7) as u8))
}

fn scalar<'a>(rest: &mut &'a [u8], kind: u8) -> Result<Raw<'a>, String> {
    match kind {
        0 => varint(rest).map(Raw::Varint),
        1 => fixed(rest).map(Raw::Eight),
        5 => fixed(rest).map(Raw::Four),
        2 => {
            let length = usize::try_from(varint(rest)?).map_err(|_| cut())?;
            let (bytes, after) = rest.split_at_checked(length).ok_or_else(cut)?;
            *rest = after;
            Ok(Raw::Bytes(bytes))
        }
        kind => Err(format!("a value of the wire type {kind}, which there is not")),
    }
}

/// What stands in a group until its end.
fn group<'a>(rest: &mut &'a [u8], number: u32) -> Result<&'a [u8], String> {
    let whole = *rest;
    let mut open = vec![number];
    loop {
        let before = rest.len();
        let (number, kind) = tag(rest)?;
        match kind {
            3 if open.len() >= DEEPEST => return Err(format!("groups within each other, more than {DEEPEST} deep")),
            3 => open.push(number),
            4 if open.last() != Some(&number) => return Err(format!("the group {number} ends and never began")),
            4 => {
                open.pop();
                if open.is_empty() {
                    return Ok(&whole[..whole.len() - before]);
                }
            }
            kind => {
                scalar(rest, kind)?;
            }
        }
    }
}

fn cut() -> String {
    "it is cut off".to_owned()
}
