//! Cuts a file of SQL into its statements, each with the place where it stands: so that a seed that fails can be told by
//! line, and so that a file of a hundred thousand inserts is read once and not once for each of them.
//!
//! Owns where a statement ends: at a `;` outside of quotes and comments, and in `CREATE TRIGGER` at the one after `END`.
//! Refuses to judge what it cuts: whether it is SQL, the database says.

/// One statement, without its `;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// The line of the file where it begins, from 1.
    pub line: usize,
    /// Its text, from its first word on.
    pub text: &'a str,
}

/// All statements of `sql`, in their order.
pub fn statements(sql: &str) -> impl Iterator<Item = Statement<'_>> {
    Cutter { sql, at: 0, line: 1 }
}

struct Cutter<'a> {
    sql: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Iterator for Cutter<'a> {
    type Item = Statement<'a>;

    fn next(&mut self) -> Option<Statement<'a>> {
        let mut begun: Option<(usize, usize)> = None;
        let mut words = Words::default();
        while self.at < self.sql.len() {
            let (token, length) = token(&self.sql[self.at..]);
            let (from, line) = (self.at, self.line);
            self.at += length;
            self.line += self.sql[from..self.at].bytes().filter(|byte| *byte == b'\n').count();
            match token {
                Token::Nothing => continue,
                Token::Semicolon if begun.is_none() => continue,
                Token::Semicolon if words.end_here() => {
                    return begun.map(|(start, line)| Statement { line, text: &self.sql[start..from] });
                }
                Token::Semicolon => words.semicolon(),
                Token::Word => words.word(&self.sql[from..self.at]),
                Token::Other => words.other(),
            }
            begun.get_or_insert((from, line));
        }
        begun.map(|(start, line)| Statement { line, text: self.sql[start..].trim_end() })
    }
}

/// What has been seen of a statement so far, as far as it tells where the statement ends.
#[derive(Default)]
struct Words {
    seen: usize,
    kind: Kind,
    body: Body,
}

#[derive(Default, PartialEq)]
enum Kind {
    #[default]
    Plain,
    Create,
    Trigger,
}

/// Where in a trigger's body.
#[derive(Default, PartialEq)]
enum Body {
    #[default]
    Within,
    AfterSemicolon,
    AfterEnd,
}

impl Words {
    fn word(&mut self, word: &str) {
        let ends = self.body == Body::AfterSemicolon && word.eq_ignore_ascii_case("end");
        self.body = if ends { Body::AfterEnd } else { Body::Within };
        if self.seen == 0 && word.eq_ignore_ascii_case("create") {
            self.kind = Kind::Create;
        } else if self.seen <= 2 && self.kind == Kind::Create && word.eq_ignore_ascii_case("trigger") {
            self.kind = Kind::Trigger;
        }
        self.seen += 1;
    }

    fn other(&mut self) {
        self.body = Body::Within;
        self.seen += 1;
    }

    fn semicolon(&mut self) {
        self.body = Body::AfterSemicolon;
    }

    fn end_here(&self) -> bool {
        self.kind != Kind::Trigger || self.body == Body::AfterEnd
    }
}

enum Token {
    /// White space or a comment.
    Nothing,
    Semicolon,
    Word,
    /// A quoted name, a string, a number, an operator.
    Other,
}

/// The token at the start of `rest`, which is not empty, and its length in bytes.
fn token(rest: &str) -> (Token, usize) {
    let bytes = rest.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    match bytes[0] {
        b';' => (Token::Semicolon, 1),
        b'-' if bytes.get(1) == Some(&b'-') => (Token::Nothing, rest.find('\n').map_or(rest.len(), |end| end + 1)),
        b'/' if bytes.get(1) == Some(&b'*') => (Token::Nothing, rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
        // A doubled quote within a quote reads as two quotes next to each other: the end is the same.
        quote @ (b'\'' | b'"' | b'`') => (Token::Other, until(rest, quote)),
        b'[' => (Token::Other, until(rest, b']')),
        byte if byte.is_ascii_whitespace() => (Token::Nothing, 1),
        byte if is_word(byte) => (Token::Word, bytes.iter().take_while(|byte| is_word(**byte)).count()),
        _ => (Token::Other, 1),
    }
}

fn until(rest: &str, quote: u8) -> usize {
    rest.bytes().skip(1).position(|byte| byte == quote).map_or(rest.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::statements;

    fn check(sql: &str, expected: &[(usize, &str)]) {
        let got: Vec<_> = statements(sql).map(|statement| (statement.line, statement.text)).collect();
        assert_eq!(got, expected, "{sql}");
    }

    #[test]
    fn statements_end_at_semicolons() {
        check("a;\nb ;c", &[(1, "a"), (2, "b "), (2, "c")]);
        check("", &[]);
        check(" ;;\n ; ", &[]);
    }

    #[test]
    fn the_last_statement_needs_no_semicolon() {
        check("select 1;\n\nselect 2\n", &[(1, "select 1"), (3, "select 2")]);
    }

    #[test]
    fn a_semicolon_in_quotes_or_comments_ends_nothing() {
        check("insert 'a;''b;' \"c;\" [d;] `e;`; x", &[(1, "insert 'a;''b;' \"c;\" [d;] `e;`"), (1, "x")]);
        check("-- no; statement\n/* nor;\n here */ one /* ; */ two;", &[(3, "one /* ; */ two")]);
    }

    #[test]
    fn a_quote_that_never_ends_takes_the_rest() {
        check("select 'a; b;", &[(1, "select 'a; b;")]);
        check("select 'ä;ö'; /* ü", &[(1, "select 'ä;ö'")]);
    }

    #[test]
    fn a_trigger_ends_after_its_end() {
        let trigger = "CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN\n  UPDATE a SET n = 1;\n  SELECT CASE 1 WHEN 1 THEN 2 END;\nEND";
        check(&format!("{trigger};\nselect 1;"), &[(1, trigger), (5, "select 1")]);
    }

    #[test]
    fn a_transaction_ends_like_any_statement() {
        check(
            "begin; create table trigger_log (a); end; c",
            &[(1, "begin"), (1, "create table trigger_log (a)"), (1, "end"), (1, "c")],
        );
    }
}
