//! A glance at a `.proto` file before it is compiled: what it imports, and whether it is of an edition.
//!
//! Knows only words, strings and comments. Refuses nothing: what is wrong with a file, the compiler says. Main type: [`Glance`].

/// What a glance shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// The files that it imports, as it names them, with where.
    pub imports: Vec<(String, usize)>,
    /// The edition that it is written in, with where.
    pub edition: Option<(String, usize)>,
}

impl Glance {
    /// Looks at a file's text.
    pub fn at(text: &str) -> Self {
        let mut glance = Self::default();
        let mut statement: Vec<&str> = Vec::new();
        let mut starts = 0;
        let mut depth = 0_usize;
        for (token, offset) in (Tokens { text, at: 0 }) {
            if depth == 0 && statement.is_empty() {
                starts = offset;
            }
            match token {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    statement.clear();
                }
                ";" if depth == 0 => {
                    glance.take(&statement, starts);
                    statement.clear();
                }
                // Enough for the longest of both statements.
                _ if depth == 0 && statement.len() < 4 => statement.push(token),
                _ => {}
            }
        }
        glance
    }

    fn take(&mut self, statement: &[&str], offset: usize) {
        match statement {
            ["import", path] | ["import", "public" | "weak", path] => self.imports.push((unquoted(path), offset)),
            ["edition", "=", edition] => self.edition = Some((unquoted(edition), offset)),
            _ => {}
        }
    }
}

fn unquoted(token: &str) -> String {
    token.trim_matches(['"', '\'']).to_owned()
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (&'a str, usize);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.text.get(self.at..)?;
            let first = rest.chars().next()?;
            let length = if first.is_whitespace() {
                first.len_utf8()
            } else if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                let length = match first {
                    '"' | '\'' => quoted(rest, first),
                    _ if is_word(first) => rest.find(|sign| !is_word(sign)).unwrap_or(rest.len()),
                    _ => first.len_utf8(),
                };
                let token = (rest.get(..length)?, self.at);
                self.at += length;
                return Some(token);
            };
            self.at += length;
        }
    }
}

fn is_word(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '.')
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == quote || sign == '\n' => return at + sign.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::Glance;

    #[test]
    fn imports_are_seen_and_what_only_looks_like_them_is_not() {
        let check = |text: &str, imports: &[&str], edition: Option<&str>| {
            let glance = Glance::at(text);
            assert_eq!(glance.imports.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), imports, "{text}");
            assert_eq!(glance.edition.as_ref().map(|(edition, _)| edition.as_str()), edition, "{text}");
        };
        check("syntax = \"proto3\"; import \"a.proto\";\nimport public 'b/c.proto';", &["a.proto", "b/c.proto"], None);
        check("// import \"a.proto\";\n/* import \"b.proto\"; */ import weak \"c.proto\";", &["c.proto"], None);
        check(
            "edition = \"2023\"; message M { string import = 1 [default = \"; import \\\"x\\\";\"]; }",
            &[],
            Some("2023"),
        );
        check("message M { } import \"a.proto\"; /* open", &["a.proto"], None);
        check("import \"open", &[], None);
        check("é import", &[], None);
    }
}
