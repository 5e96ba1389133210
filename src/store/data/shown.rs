//! How a value is shown: shortened, and not at all where its column's name says that it is a credential.

use crate::model::secret::{Naming, naming};

/// As much of a value as is shown, in characters.
pub const LONGEST: usize = 80;

/// What stands for a credential.
const SECRET: &str = "«secret»";

/// A value of that column as a person may see it.
pub fn value(column: &str, value: Option<&str>) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    if is_secret(column) {
        return SECRET.to_owned();
    }
    let shown: String = value.chars().take(2 * LONGEST).collect();
    if shown.len() < value.len() { format!("{shown}…") } else { shown }
}

/// Whether what a column holds may be a credential, or what one can be told by.
fn is_secret(column: &str) -> bool {
    let name = column.to_ascii_lowercase();
    matches!(naming(column), Naming::Surely | Naming::Perhaps)
        || name.contains("password")
        || ["hash", "digest", "salt"].iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn values_are_shown_short_and_credentials_not_at_all() {
        for (column, given, expected) in [
            ("name", Some("Ann"), "Ann"),
            ("name", None, "NULL"),
            ("password_hash", Some("$2b$10$x"), "«secret»"),
            ("api_key", Some("k"), "«secret»"),
            ("sid", Some("7d4e"), "«secret»"),
            ("session_id", Some("7d4e"), "«secret»"),
            ("pw_hash", Some("x"), "«secret»"),
            ("id", Some("7"), "7"),
        ] {
            assert_eq!(value(column, given), expected, "{column}");
        }
        assert_eq!(value("note", Some(&"ä".repeat(1000))), format!("{}…", "ä".repeat(160)));
    }
}
