//! Words that do not belong in what is committed: promises to do it later, leftovers, and paths of somebody's machine.

use std::path::Path;

/// In code, each with what to do instead. Split, so that this file may hold them.
const IN_CODE: [(&str, &str); 9] = [
    (concat!("TO", "DO"), "do it, or leave it out"),
    (concat!("FIX", "ME"), "do it, or leave it out"),
    (concat!("XX", "X:"), "do it, or leave it out"),
    (concat!("for ", "now"), "say what holds, and until when"),
    (concat!("dbg", "!("), "take it out"),
    (concat!("todo", "!("), "do it"),
    (concat!("unimplemented", "!("), "do it"),
    (concat!("#[ig", "nore"), "a test runs or goes"),
    (concat!("[al", "low("), "write #[expect(…, reason = \"…\")]"),
];

/// In any text: places that only one machine has.
const PATHS: [&str; 4] = [concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// All of them in one file.
pub fn errors(name: &str, text: &str) -> Vec<String> {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is_code = matches!(extension, "rs" | "sh" | "py" | "js");
    let mut errors = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let words = IN_CODE.iter().filter(|(word, _)| is_code && line.contains(word));
        errors.extend(words.map(|(word, instead)| format!("{name}:{number}: `{word}`: {instead}")));
        let paths = PATHS.iter().filter(|path| begins_in(line, path));
        errors.extend(paths.map(|path| format!("{name}:{number}: `{path}…` is a path of one machine")));
    }
    errors
}

/// Whether a path begins there that begins so.
fn begins_in(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | '=' | ':' | ','))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_and_leftovers_are_errors_in_code() {
        assert_eq!(errors("src/a.rs", concat!("// TO", "DO: later\n")).len(), 1);
        assert_eq!(errors("docs/a.md", concat!("a TO", "DO list\n")).len(), 0);
        assert_eq!(errors("src/a.rs", concat!("#[ig", "nore = \"slow\"]\n")).len(), 1);
        assert_eq!(errors("src/a.rs", concat!("#[al", "low(dead_code)]\n")).len(), 1);
    }

    #[test]
    fn a_path_of_one_machine_is_an_error_anywhere() {
        assert_eq!(errors("README.md", concat!("see /ho", "me/ada/x\n")).len(), 1);
        assert_eq!(errors("README.md", concat!("GET /api/ho", "me/7\n")).len(), 0);
    }
}
