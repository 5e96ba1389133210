//! Tables as text: CSV (RFC 4180) and its kin, with commas, semicolons, tabs or bars.
//!
//! With a header each row becomes fields under its columns' names, so that a column is found by name wherever it stands:
//! `$[].price`. Without one a row is a list. Cells are text: what a number is, only the reader knows. How cells are quoted
//! and how lines end is nothing that a reader sees.

use std::borrow::Cow;
use std::ops::Range;

use super::media;
use super::weight::Weight;
use crate::model::{Document, Form};

/// The most cells of one row to tell apart; what follows is the last one's.
const MAX_COLUMNS: usize = 10_000;

/// Whether a table begins with the names of its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The media type says that it does.
    Present,
    /// The media type says that it doesn't.
    Absent,
    /// Nobody says: by what the first row looks like.
    Unsaid,
}

impl Header {
    /// What the parameter `header` says of it (RFC 4180, 3).
    pub fn said_by(content_type: &str) -> Self {
        match media::parameter(content_type, "header") {
            Some(said) if said.eq_ignore_ascii_case("present") => Self::Present,
            Some(said) if said.eq_ignore_ascii_case("absent") => Self::Absent,
            _ => Self::Unsaid,
        }
    }
}

/// Whether payloads of that media type are tables.
pub fn is_table(media: &str) -> bool {
    media::form(media) == Form::Table
}

/// The rows of a table.
pub(super) fn read(text: &str, header: Header) -> Document {
    let mut rows = Rows::new(text);
    let Some(first) = rows.next() else { return Document::List(Vec::new()) };
    let names = names(text, &first, header);
    let head = names.is_none().then(|| first.clone());
    let rows = head.into_iter().chain(rows).map(|row| match &names {
        Some(names) => Document::Fields(
            row.iter()
                .enumerate()
                .map(|(column, cell)| (name_of(names, column).into(), Document::text(cell.text(text))))
                .collect(),
        ),
        None => Document::List(row.iter().map(|cell| Document::text(cell.text(text))).collect()),
    });
    Document::List(rows.collect())
}

/// What [`read`] would make of it, without doing so.
pub(super) fn weigh(text: &str, header: Header) -> Weight {
    let mut rows = Rows::new(text);
    let Some(first) = rows.next() else { return Weight::leaf(0) };
    let names = names(text, &first, header);
    let mut weight = Weight::default();
    let head = names.is_none().then(|| first.clone());
    for row in head.into_iter().chain(rows) {
        weight.add_container();
        for (column, cell) in row.iter().enumerate() {
            if let Some(names) = &names {
                weight.add_name(name_of(names, column).len());
            }
            weight.add_leaf(cell.range.len());
        }
    }
    weight.or_empty()
}

/// Where in the text the cell stands that has row `row` and column `column` of `read`'s document, its quotes included.
pub fn cell(text: &str, header: Header, row: usize, column: Column<'_>) -> Option<Range<usize>> {
    let mut rows = Rows::new(text);
    let first = rows.next()?;
    let names = names(text, &first, header);
    let row = if names.is_none() && row == 0 { first } else { rows.nth(row - usize::from(names.is_none()))? };
    let column = match column {
        Column::Number(number) => number,
        Column::Name(name) => names?.iter().position(|known| known == name)?,
    };
    row.get(column).map(|cell| cell.range.clone())
}

/// Which column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column<'a> {
    /// By its place, from 0.
    Number(usize),
    /// By its name.
    Name(&'a str),
}

/// What a cell says that is written so.
pub fn unquoted(raw: &str) -> Cow<'_, str> {
    match raw.strip_prefix('"') {
        Some(rest) => match rest.strip_suffix('"') {
            Some(inner) if inner.contains('"') => inner.replace("\"\"", "\"").into(),
            Some(inner) => inner.into(),
            None => rest.replace("\"\"", "\"").into(),
        },
        None => raw.into(),
    }
}

/// A cell that says `text`, quoted where what stood there was, or where it must be.
pub fn quoted(raw: &str, text: &str) -> String {
    if raw.starts_with('"') || text.contains(['"', ',', ';', '\t', '|', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The columns' names, where the first row has them.
fn names(text: &str, first: &[Cell], header: Header) -> Option<Vec<String>> {
    let names: Vec<String> = first.iter().map(|cell| cell.text(text).trim().to_owned()).collect();
    let is_header = match header {
        Header::Present => true,
        Header::Absent => false,
        Header::Unsaid => looks_like_names(&names),
    };
    is_header.then_some(names)
}

/// Names are there, are all different, and are none of them a number, a date or a link. (The corner of a cross table is empty.)
fn looks_like_names(cells: &[String]) -> bool {
    let mut seen = std::collections::HashSet::with_capacity(cells.len());
    let is_name = |cell: &String| {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        !cell.is_empty()
            && cell.len() <= 200
            && !cell.starts_with(['{', '['])
            && digits * 2 < cell.len()
            && !cell.contains("://")
            && !cell.contains('@')
            && !["true", "false", "null"].iter().any(|word| cell.eq_ignore_ascii_case(word))
    };
    cells.iter().enumerate().all(|(column, cell)| {
        (is_name(cell) || (column == 0 && cell.is_empty() && cells.len() > 1)) && seen.insert(cell)
    })
}

/// A column beyond those of the header has no name but its number.
fn name_of(names: &[String], column: usize) -> Cow<'_, str> {
    match names.get(column) {
        Some(name) => name.as_str().into(),
        None => format!("column {}", column + 1).into(),
    }
}

/// Where a cell stands in the text, quotes included.
#[derive(Debug, Clone)]
struct Cell {
    range: Range<usize>,
}

impl Cell {
    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        unquoted(&text[self.range.clone()])
    }
}

/// The rows of a text. Empty lines are none.
struct Rows<'a> {
    text: &'a str,
    delimiter: u8,
    at: usize,
}

impl<'a> Rows<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, delimiter: delimiter(text), at: 0 }
    }

    /// The cell that begins here, and the byte after it. A quote that does not end goes on to the end.
    fn cell(&mut self) -> (Cell, Option<u8>) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if bytes.get(self.at) == Some(&b'"') {
            self.at += 1;
            loop {
                match memchr::memchr(b'"', &bytes[self.at..]) {
                    Some(quote) if bytes.get(self.at + quote + 1) == Some(&b'"') => self.at += quote + 2,
                    Some(quote) => {
                        self.at += quote + 1;
                        break;
                    }
                    None => {
                        self.at = bytes.len();
                        break;
                    }
                }
            }
        }
        let rest = &bytes[self.at..];
        self.at += memchr::memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
        (Cell { range: start..self.at }, bytes.get(self.at).copied())
    }
}

impl Iterator for Rows<'_> {
    type Item = Vec<Cell>;

    fn next(&mut self) -> Option<Vec<Cell>> {
        let bytes = self.text.as_bytes();
        while matches!(bytes.get(self.at), Some(b'\r' | b'\n')) {
            self.at += 1;
        }
        if self.at >= bytes.len() {
            return None;
        }
        let mut row = Vec::new();
        loop {
            let (cell, after) = self.cell();
            row.push(cell);
            if row.len() == MAX_COLUMNS && after == Some(self.delimiter) {
                let rest = &bytes[self.at..];
                self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                row[MAX_COLUMNS - 1].range.end = self.at;
                return Some(row);
            }
            if after != Some(self.delimiter) {
                return Some(row);
            }
            self.at += 1;
        }
    }
}

/// Which of the usual delimiters stands most often in the first line, outside quotes.
fn delimiter(text: &str) -> u8 {
    let line = text.trim_start_matches(['\r', '\n']).bytes();
    let mut within = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in line {
        match byte {
            b'"' => within = !within,
            b'\n' | b'\r' if !within => break,
            _ if !within => {
                if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // Of equal counts the first stands: `max_by_key` would take the last.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| delimiter)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::json;

    fn check(text: &str, header: Header, expected: &str) {
        let document = read(text, header);
        assert_eq!(json::to_string(&document), expected, "{text:?}");
        assert_eq!(weigh(text, header).leaves, document.leaves(), "{text:?}");
    }

    #[test]
    fn a_row_is_read_under_the_names_of_its_columns() {
        let rows = r#"[{"id":"1","name":"tea"},{"id":"2","name":"rye"}]"#;
        for text in [
            "id,name\n1,tea\n2,rye\n",
            "id,name\r\n1,tea\r\n2,rye",
            "id;name\n1;tea\n2;rye\n",
            "id\tname\n1\ttea\n2\trye\n",
            "id|name\n1|tea\n2|rye\n",
            "\"id\",\"name\"\n\"1\",\"tea\"\n\n2,\"rye\"\n",
            "id,name\r1,tea\r2,rye\r",
        ] {
            check(text, Header::Unsaid, rows);
        }
    }

    #[test]
    fn quotes_hold_whatever_they_hold() {
        check("a,b\n\"x,\"\"y\"\"\",\"two\nlines\"\n", Header::Unsaid, r#"[{"a":"x,\"y\"","b":"two\nlines"}]"#);
        check("a,b\n5\" pipe,x\n", Header::Unsaid, r#"[{"a":"5\" pipe","b":"x"}]"#);
        check("a,b\n\"never ends, 1\n2", Header::Unsaid, r#"[{"a":"never ends, 1\n2"}]"#);
        check("\"a;b;c\",d\n1,2\n", Header::Unsaid, r#"[{"a;b;c":"1","d":"2"}]"#);
    }

    #[test]
    fn a_header_is_told_from_data() {
        check("1,tea\n2,rye\n", Header::Unsaid, r#"[["1","tea"],["2","rye"]]"#);
        check("2026-01-01,x\n", Header::Unsaid, r#"[["2026-01-01","x"]]"#);
        check("a,a\n1,2\n", Header::Unsaid, r#"[["a","a"],["1","2"]]"#);
        check("a,\n1,2\n", Header::Unsaid, r#"[["a",""],["1","2"]]"#);
        check(",q1\nx,2\n", Header::Unsaid, r#"[["","q1"],["x","2"]]"#);
        check(",first\nx,2\n", Header::Unsaid, r#"[{"":"x","first":"2"}]"#);
        check("a,b\nc,d\n", Header::Absent, r#"[["a","b"],["c","d"]]"#);
        check("1,2\n3,4\n", Header::Present, r#"[{"1":"3","2":"4"}]"#);
    }

    #[test]
    fn rows_of_other_lengths_are_rows_too() {
        check("a,b\n1\n1,2,3\n", Header::Unsaid, r#"[{"a":"1"},{"a":"1","b":"2","column 3":"3"}]"#);
        check("a,b\n,\n", Header::Unsaid, r#"[{"a":"","b":""}]"#);
        check("a,b\n", Header::Unsaid, "[]");
        check("", Header::Unsaid, "[]");
        check("\n\r\n", Header::Unsaid, "[]");
    }

    #[test]
    fn a_row_without_an_end_has_a_last_cell() {
        let text = format!("{}\n1,2\n", "1,".repeat(20_000));
        let Document::List(rows) = read(&text, Header::Unsaid) else { panic!("no rows") };
        let lengths: Vec<usize> =
            rows.iter().map(|row| if let Document::List(cells) = row { cells.len() } else { 0 }).collect();
        assert_eq!(lengths, [10_000, 2]);
    }

    #[test]
    fn a_cell_is_found_where_it_is_written() {
        let text = "id,name\n1,\"a \"\"b\"\"\"\n";
        let found = |row, column| cell(text, Header::Unsaid, row, column).map(|range| &text[range]);
        assert_eq!(found(0, Column::Name("name")), Some("\"a \"\"b\"\"\""));
        assert_eq!(found(0, Column::Number(0)), Some("1"));
        assert_eq!(found(1, Column::Name("name")), None);
        assert_eq!(found(0, Column::Name("price")), None);
        let bare = "1,2\n3,4\n";
        assert_eq!(cell(bare, Header::Unsaid, 1, Column::Number(1)).map(|range| &bare[range]), Some("4"));
        assert_eq!(quoted("\"a\"", "b"), "\"b\"");
        assert_eq!(quoted("a", "b"), "b");
        assert_eq!(quoted("a", "b\"c"), "\"b\"\"c\"");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[a1,;\"\n\r\t|é]{0,40}", row in 0_usize..4) {
            for header in [Header::Unsaid, Header::Present, Header::Absent] {
                let document = read(&text, header);
                prop_assert_eq!(weigh(&text, header).leaves, document.leaves());
                let _ = cell(&text, header, row, Column::Number(row));
                let _ = cell(&text, header, row, Column::Name("a"));
            }
        }

        #[test]
        fn any_cells_survive_their_quotes(cells in prop::collection::vec("[a-z,;\"\n]{1,6}", 2..5)) {
            let line = |cells: &[String]| cells.iter().map(|cell| quoted("\"", cell)).collect::<Vec<_>>().join(",");
            let document = read(&line(&cells), Header::Absent);
            let expected = Document::List(vec![Document::List(cells.iter().map(|cell| Document::text(cell.as_str())).collect())]);
            prop_assert_eq!(document, expected);
        }
    }
}
