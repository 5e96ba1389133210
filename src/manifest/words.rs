//! A command's text into words, as a shell would split it, without being one.
//!
//! Blanks part words. Single quotes keep everything as it is; double quotes keep everything but a backslash before `"`
//! or `\`; outside of quotes a backslash keeps the next character. Nothing else means anything: no variables, no
//! wildcards, no pipes.

/// The words of a command.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err("a single quote is not closed".to_owned()),
                    }
                }
            }
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => match rest.next() {
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err("a backslash stands at the end".to_owned()),
            },
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match words.first() {
        None => Err("the command is empty".to_owned()),
        Some(program) if program.is_empty() => Err("the program's name is empty".to_owned()),
        Some(_) => Ok(words),
    }
}

fn double_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), String> {
    let open = || "a double quote is not closed".to_owned();
    loop {
        match rest.next().ok_or_else(open)? {
            '"' => return Ok(()),
            '\\' => {
                let next = rest.next().ok_or_else(open)?;
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[&str], &str>) {
        let expected = expected.map(|words| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        assert_eq!(split(text), expected.map_err(str::to_owned), "{text}");
    }

    #[test]
    fn words_are_split_at_blanks() {
        check("shop --port {port}", Ok(&["shop", "--port", "{port}"]));
        check("  shop\t--a\n --b ", Ok(&["shop", "--a", "--b"]));
    }

    #[test]
    fn quotes_and_backslashes_keep_blanks() {
        check(r#"a 'b c' "d e" f\ g"#, Ok(&["a", "b c", "d e", "f g"]));
        check(r#"a 'b"\c' "d'\"\\\n""#, Ok(&["a", r#"b"\c"#, r#"d'"\\n"#]));
        check(r#"--x="y z"'!'"#, Ok(&["--x=y z!"]));
        check("a '' \"\"", Ok(&["a", "", ""]));
    }

    #[test]
    fn a_shells_signs_mean_nothing() {
        check("a $HOME | b * > c", Ok(&["a", "$HOME", "|", "b", "*", ">", "c"]));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        check("", Err("the command is empty"));
        check(" \n", Err("the command is empty"));
        check("'' a", Err("the program's name is empty"));
        check("a 'b", Err("a single quote is not closed"));
        check("a \"b", Err("a double quote is not closed"));
        check("a \"b\\", Err("a double quote is not closed"));
        check("a\\", Err("a backslash stands at the end"));
    }
}
