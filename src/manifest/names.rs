//! Which keys a table of names takes, and what is said of others.

use super::placeholders::is_name_character;

/// What the keys of a table of names may be.
pub(super) struct Names {
    /// Whether a key is one.
    pub(super) fit: fn(&str) -> bool,
    /// What to write instead.
    pub(super) help: &'static str,
}

/// Of services, stores and the like.
pub(super) const NAMES: Names =
    Names { fit: is_name, help: "use letters, digits, `-` and `_`: the name stands in placeholders and reports" };

/// Of secrets.
pub(super) const NUMBERED: Names = Names {
    fit: is_numbered_name,
    help: "write `password` for `{secret:password#1}`, and `\"password#2\"` for the second of that name",
};

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_character)
}

/// `password`, or `password#2`.
fn is_numbered_name(text: &str) -> bool {
    let (name, number) = text.split_once('#').unwrap_or((text, "1"));
    is_name(name) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
