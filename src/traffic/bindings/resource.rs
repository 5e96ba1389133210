//! What a path is about: the thing that its ids belong to.

use super::distinctive::is_distinctive;
use super::url;

/// Whether a segment is a value and not a name: a number, or a token.
fn is_value(segment: &str) -> bool {
    segment.bytes().all(|b| b.is_ascii_digit()) || is_distinctive(segment)
}

/// The last segment of a target's path that is a name: `/orders/7?x=1` is about `orders`.
pub(super) fn resource(target: &str) -> Option<String> {
    let segments = url::segments(target).into_iter().rev();
    segments.filter_map(|range| url::decode(&target[range], false)).find(|segment| !is_value(segment))
}

/// The segment before that one, where it is a name.
pub(super) fn before(target: &str, number: usize) -> Option<String> {
    let range = url::segments(target).into_iter().nth(number.checked_sub(1)?)?;
    url::decode(&target[range], false).filter(|segment| !is_value(segment))
}
