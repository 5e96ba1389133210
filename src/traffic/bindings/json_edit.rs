//! Finds a value in the text of a JSON document, so that it can be replaced with all else left as it is.

use std::ops::Range;

use crate::model::Step;

/// Where the value at that path stands in the text; `None` where there is none, or the text is no JSON up to there.
///
/// Of fields that stand twice the first counts. Nothing recurses: any depth is fine.
pub(super) fn span(text: &str, path: &[Step]) -> Option<Range<usize>> {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    scan.space();
    for step in path {
        match step {
            Step::Field(name) => scan.enter_field(text, name)?,
            Step::Item(index) => scan.enter_item(*index)?,
            Step::Each => scan.enter_item(0)?,
        }
        scan.space();
    }
    let start = scan.at;
    scan.skip_value()?;
    Some(start..scan.at)
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b" \t\r\n".contains(&b)) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.space();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn enter_field(&mut self, text: &str, name: &str) -> Option<()> {
        self.expect(b'{')?;
        loop {
            self.space();
            let start = self.at;
            self.skip_string()?;
            let key: String = serde_json::from_str(&text[start..self.at]).ok()?;
            self.expect(b':')?;
            if key == name {
                return Some(());
            }
            self.space();
            self.skip_value()?;
            self.expect(b',')?;
        }
    }

    fn enter_item(&mut self, index: usize) -> Option<()> {
        self.expect(b'[')?;
        for _ in 0..index {
            self.space();
            self.skip_value()?;
            self.expect(b',')?;
        }
        self.space();
        (self.peek()? != b']').then_some(())
    }

    fn skip_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => {
                let mut depth = 0_usize;
                loop {
                    match self.peek()? {
                        b'"' => {
                            self.skip_string()?;
                            continue;
                        }
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        return Some(());
                    }
                }
            }
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|b| !b" \t\r\n,]}:\"[{".contains(&b)) {
                    self.at += 1;
                }
                (self.at > start).then_some(())
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'"' => return Some(()),
                b'\\' => self.at += 1,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Path;

    fn check(text: &str, path: &str, expected: Option<&str>) {
        let path: Path = path.parse().unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(span(text, &path.0).map(|range| &text[range]), expected, "{path} of {text}");
    }

    #[test]
    fn a_value_is_found_where_it_is_written() {
        let text = r#" { "a\"" : [ 1 , {"b": "x\\", "ü": -1.50e3} ] , "c":null, "c": 2 } "#;
        check(text, "$[\"a\\\"\"][0]", Some("1"));
        check(text, "$[\"a\\\"\"][1].b", Some(r#""x\\""#));
        check(text, "$[\"a\\\"\"][1].ü", Some("-1.50e3"));
        check(text, "$.c", Some("null"));
        check(text, "$.d", None);
        check(text, "$[\"a\\\"\"][2]", None);
        check(text, "$.c.d", None);
        check("7", "$", Some("7"));
        check("[]", "$[0]", None);
        check("{", "$.a", None);
        check("{\"a\":[", "$.a", None);
    }

    proptest! {
        #[test]
        fn any_text_is_scanned_without_a_panic(text in "[\\[\\]{}\",:\\\\a1 ü]{0,40}") {
            for path in ["$", "$.a", "$[1]", "$.a[0].a"] {
                let path: Path = path.parse().unwrap_or_else(|e| panic!("{e}"));
                let _ = span(&text, &path.0);
            }
        }
    }
}
