//! `{port}` and its like: finding them in a text, and filling them in.
//!
//! Two ways to write them, since a shell has braces of its own:
//!
//! - In an environment variable or a word of a command, `{name}` is a placeholder, `{{` and `}}` are the braces
//!   themselves, and any other brace is an error.
//! - In `{ sh = "…" }`, `{name}` is a placeholder if it looks like one: small letters, then perhaps a dot and more, and no
//!   `$` before it. `{{name}}` is the text `{name}`. All other braces belong to the shell: `${HOME}`, `{ a; }`, `{}`, `}}`.
//!   What is filled in is not quoted for the shell; write `"{dir}"`.
//!
//! This module knows no names: who fills them in says which there are.

use super::CommandSpec;

/// Fills the placeholders of an environment variable or of a word of a command.
pub fn fill(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, PlaceholderError> {
    fill_pieces(pieces(text), value_of)
}

/// Fills the placeholders of a shell's command.
pub fn fill_sh(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, PlaceholderError> {
    fill_pieces(shell_pieces(text), value_of)
}

/// The names of the placeholders in an environment variable or in a word of a command, in their order.
pub fn names(text: &str) -> Vec<&str> {
    names_of(pieces(text))
}

/// The names of the placeholders in a shell's command, in their order.
pub fn names_sh(text: &str) -> Vec<&str> {
    names_of(shell_pieces(text))
}

impl CommandSpec {
    /// The command with every placeholder filled in: each word for itself, so that a value with a blank stays one word.
    pub fn fill(&self, value_of: &dyn Fn(&str) -> Option<String>) -> Result<Self, PlaceholderError> {
        Ok(match self {
            Self::Words(words) => Self::Words(words.iter().map(|word| fill(word, value_of)).collect::<Result<_, _>>()?),
            Self::Sh(text) => Self::Sh(fill_sh(text, value_of)?),
        })
    }

    /// The names of its placeholders, in their order.
    pub fn placeholders(&self) -> Vec<&str> {
        match self {
            Self::Words(words) => words.iter().flat_map(|word| names(word)).collect(),
            Self::Sh(text) => names_sh(text),
        }
    }
}

/// A text whose placeholders can't be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// Nobody knows the value.
    #[error("nothing is known by the name of `{{{0}}}` here; `{{{{{0}}}}}` is that text itself")]
    Unknown(String),
    /// A brace that belongs to none. Its number in the text's bytes.
    #[error("the brace at byte {0} belongs to no placeholder; `{{{{` and `}}}}` are the braces themselves")]
    Brace(usize),
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// As it stands.
    Literal(&'t str),
    /// The name between the braces.
    Placeholder(&'t str),
    /// A brace that belongs to nothing, at this byte.
    Stray(usize),
}

/// The parts of an environment variable or of a word.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(brace) = text[at..].find(['{', '}']).map(|offset| at + offset) {
        pieces.push(Piece::Literal(&text[at..brace]));
        let rest = &text[brace..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            pieces.push(Piece::Literal(&rest[..1]));
            at = brace + 2;
        } else if let Some(end) = rest.find('}').filter(|&end| end > 1 && !rest[1..end].contains('{')) {
            pieces.push(Piece::Placeholder(&rest[1..end]));
            at = brace + end + 1;
        } else {
            pieces.push(Piece::Stray(brace));
            at = brace + 1;
        }
    }
    pieces.push(Piece::Literal(&text[at..]));
    pieces
}

/// The parts of a shell's command.
pub(super) fn shell_pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(brace) = text[at..].find('{').map(|offset| at + offset) {
        let escaped = text[brace..].starts_with("{{");
        let name_at = brace + if escaped { 2 } else { 1 };
        let Some(length) = placeholder_length(&text[name_at..]) else {
            at = brace + 1;
            continue;
        };
        let end = name_at + length;
        if escaped && text[end..].starts_with("}}") {
            pieces.push(Piece::Literal(&text[from..brace]));
            pieces.push(Piece::Literal(&text[brace + 1..=end]));
            at = end + 2;
            from = at;
        } else if !escaped && !text[..brace].ends_with('$') {
            pieces.push(Piece::Literal(&text[from..brace]));
            pieces.push(Piece::Placeholder(&text[name_at..end]));
            at = end + 1;
            from = at;
        } else {
            at = brace + 1;
        }
    }
    pieces.push(Piece::Literal(&text[from..]));
    pieces
}

/// How long the name is with which `text` begins, where it looks like a placeholder's and a brace follows.
fn placeholder_length(text: &str) -> Option<usize> {
    let length = text.find('}')?;
    let mut parts = text[..length].split('.');
    let first = parts.next().is_some_and(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase()));
    let others = parts.all(|part| !part.is_empty() && part.chars().all(is_name_character));
    (first && others).then_some(length)
}

/// Whether `c` may stand in the name of a service, a state or a port.
pub(super) fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn fill_pieces(pieces: Vec<Piece<'_>>, value_of: &dyn Fn(&str) -> Option<String>) -> Result<String, PlaceholderError> {
    let mut filled = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => filled.push_str(text),
            Piece::Placeholder(name) => {
                filled.push_str(&value_of(name).ok_or_else(|| PlaceholderError::Unknown(name.to_owned()))?);
            }
            Piece::Stray(at) => return Err(PlaceholderError::Brace(at)),
        }
    }
    Ok(filled)
}

fn names_of(pieces: Vec<Piece<'_>>) -> Vec<&str> {
    let name = |piece| if let Piece::Placeholder(name) = piece { Some(name) } else { None };
    pieces.into_iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str) -> Option<String> {
        match name {
            "port" => Some("8080".to_owned()),
            "state.db-1.url" => Some("sqlite:x y".to_owned()),
            _ => None,
        }
    }

    fn check(text: &str, expected: &str) {
        let filled = fill(text, &values).unwrap_or_else(|error| format!("error: {error}"));
        assert_eq!(filled, expected, "{text}");
    }

    fn check_sh(text: &str, expected: &str) {
        let filled = fill_sh(text, &values).unwrap_or_else(|error| format!("error: {error}"));
        assert_eq!(filled, expected, "{text}");
    }

    #[test]
    fn placeholders_are_filled() {
        check("", "");
        check("no braces", "no braces");
        check("--port={port}, {state.db-1.url}!", "--port=8080, sqlite:x y!");
        check("{port}{port}", "80808080");
    }

    #[test]
    fn doubled_braces_are_braces() {
        check("{{port}}", "{port}");
        check("{{\"a\": {{\"b\": {port}}}}}", "{\"a\": {\"b\": 8080}}");
        check("{{{port}}}", "{8080}");
    }

    #[test]
    fn a_brace_without_meaning_is_an_error() {
        let brace = "belongs to no placeholder; `{{` and `}}` are the braces themselves";
        for (text, at) in [("a{", 1), ("}", 0), ("{}", 0), ("{ {port}", 0), ("a {port", 2)] {
            check(text, &format!("error: the brace at byte {at} {brace}"));
        }
    }

    #[test]
    fn an_unknown_name_is_an_error_with_its_escape() {
        check("{prot}", "error: nothing is known by the name of `{prot}` here; `{{prot}}` is that text itself");
        check_sh("{prot}", "error: nothing is known by the name of `{prot}` here; `{{prot}}` is that text itself");
        check("{ port }", "error: nothing is known by the name of `{ port }` here; `{{ port }}` is that text itself");
    }

    #[test]
    fn a_shell_keeps_its_own_braces() {
        for text in
            ["${HOME}", "${port}", "{ a; }", "{}", "${a:-${b}}", "{a,b}", "awk '{ if (x) { y }}'", "{", "}}", "{{"]
        {
            check_sh(text, text);
        }
    }

    #[test]
    fn a_shells_placeholders_are_filled_and_can_be_escaped() {
        check_sh("x -p {port} && { echo \"${y}\"; }", "x -p 8080 && { echo \"${y}\"; }");
        check_sh("awk '{{print}}' {state.db-1.url}", "awk '{print}' sqlite:x y");
        check_sh("{{port}} {{port}", "{port} {8080");
    }

    #[test]
    fn names_are_listed_in_their_order() {
        assert_eq!(names("{port} {{x}} {dir}"), ["port", "dir"]);
        let command = CommandSpec::Words(vec!["a".into(), "{port}".into(), "{state.x.path}/{dir}".into()]);
        assert_eq!(command.placeholders(), ["port", "state.x.path", "dir"]);
        assert_eq!(CommandSpec::Sh("${x} {port} {{dir}}".into()).placeholders(), ["port"]);
    }

    #[test]
    fn a_value_with_a_blank_stays_one_word() {
        let command = CommandSpec::Words(vec!["run".into(), "{state.db-1.url}".into()]);
        let filled = CommandSpec::Words(vec!["run".into(), "sqlite:x y".into()]);
        assert_eq!(command.fill(&values), Ok(filled));
    }
}
