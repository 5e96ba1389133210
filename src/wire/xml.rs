//! XML as a tree: an element is its attributes (`@id`), its children by name, each a list however few there are, and its text
//! (`#text`).
//!
//! Names stay as they are written, prefixes and all. Comments, instructions, the order of attributes, space between elements,
//! and whether an empty element is written short are nothing. No document type is read and no entity expanded but the five
//! that XML has, so that a short text stays short.

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::model::Document;

/// The longest text that is read as a tree, in bytes: an element of four takes some two hundred.
pub(super) const MAX_LENGTH: usize = 512 << 10;
/// How many elements may stand within each other.
const MAX_DEPTH: usize = 128;

/// An element that has not ended yet.
#[derive(Default)]
struct Element {
    name: String,
    /// Attributes, then children.
    fields: Vec<(Box<str>, Document)>,
    /// Where in them the children of a name are: there may be as many names as elements.
    children: HashMap<String, usize>,
    text: String,
}

/// The tree, or why the text is none.
pub(super) fn read(text: &str) -> Result<Document, String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event();
        let event = event.map_err(|error| format!("{error} (byte {})", reader.error_position()))?;
        match event {
            Event::Start(_) if open.len() > MAX_DEPTH => {
                return Err(format!("more than {MAX_DEPTH} elements within each other"));
            }
            Event::Start(start) => open.push(Element::new(&start)?),
            Event::End(_) => {
                let Some(element) = open.pop() else { break };
                let Some(parent) = open.last_mut() else { break };
                parent.adopt(element);
            }
            Event::Text(text) => add(&mut open, &text.decode().unwrap_or_default()),
            Event::CData(text) => add(&mut open, &text.decode().unwrap_or_default()),
            Event::GeneralRef(entity) => {
                if let Ok(Some(character)) = entity.resolve_char_ref() {
                    add(&mut open, character.encode_utf8(&mut [0; 4]));
                } else {
                    let written = format!("&{};", entity.decode().unwrap_or_default());
                    add(&mut open, &unescaped(&written));
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(root), true) if root.fields.len() == 1 => Ok(Document::Fields(root.fields)),
        (_, false) => Err("an element that does not end".to_owned()),
        _ => Err("not one element that holds all others".to_owned()),
    }
}

impl Element {
    fn new(start: &BytesStart<'_>) -> Result<Self, String> {
        let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
        let mut fields = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| format!("the element {name}: {error}"))?;
            let value = unescaped(&String::from_utf8_lossy(&attribute.value));
            let name = format!("@{}", String::from_utf8_lossy(attribute.key.as_ref()));
            fields.push((name.into(), Document::text(value)));
        }
        Ok(Self { name, fields, ..Self::default() })
    }

    /// Takes in a child that has ended.
    fn adopt(&mut self, child: Self) {
        let Self { name, mut fields, children, text } = child;
        // Space that stands beside elements is how they are laid out; in a text alone it is the text's.
        let text = if children.is_empty() && !text.trim_ascii().is_empty() {
            text.replace("\r\n", "\n")
        } else {
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        };
        if !text.is_empty() {
            fields.push(("#text".into(), Document::text(text)));
        }
        let document = Document::Fields(fields);
        let known = self.children.get(&name).and_then(|at| self.fields.get_mut(*at));
        if let Some((_, Document::List(elements))) = known {
            elements.push(document);
        } else {
            self.fields.push((name.as_str().into(), Document::List(vec![document])));
            self.children.insert(name, self.fields.len() - 1);
        }
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// Text without its escapes; as it was written, where one is none of XML's own.
fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::json;

    fn check(text: &str, expected: Result<&str, &str>) {
        match (read(text).map(|document| json::to_string(&document)), expected) {
            (Err(got), Err(start)) => assert!(got.starts_with(start), "{text}: {got}"),
            (got, expected) => assert_eq!(got.as_deref(), expected.map_err(str::to_owned).as_deref(), "{text}"),
        }
    }

    #[test]
    fn an_element_is_its_attributes_its_children_and_its_text() {
        let same = r##"{"a":[{"@id":"1","b":[{"#text":"x & y"},{}]}]}"##;
        for text in [
            "<a id='1'><b>x &amp; y</b><b/></a>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a id=\"1\">\n  <!-- hm --><b>x &#38; y</b>\n  <b>\n  </b>\n</a>\n",
            "<a id='&#x31;'><b><![CDATA[x & y]]></b><b /></a>",
        ] {
            check(text, Ok(same));
        }
        check("<a>x <b>y</b> z</a>", Ok(r##"{"a":[{"b":[{"#text":"y"}],"#text":"x z"}]}"##));
        check("<a>x  y\r\n</a>", Ok(r##"{"a":[{"#text":"x  y\n"}]}"##));
        check("<a><b/><c/><b>1</b></a>", Ok(r##"{"a":[{"b":[{},{"#text":"1"}],"c":[{}]}]}"##));
        check("<s:a xmlns:s='u'/>", Ok(r#"{"s:a":[{"@xmlns:s":"u"}]}"#));
        check("<a>&own;</a>", Ok(r##"{"a":[{"#text":"&own;"}]}"##));
    }

    #[test]
    fn what_is_no_document_is_named() {
        check("<a><b></a>", Err("ill-formed document"));
        check("<a>", Err("an element that does not end"));
        check("", Err("not one element"));
        check("no", Err("not one element"));
        check("<a b>x</a>", Err("the element a: "));
        check(&"<a>".repeat(10_000), Err("more than 128 elements"));
    }

    #[test]
    fn a_bomb_stays_as_small_as_it_is_written() {
        let laughs = "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">]><a>&y;&y;</a>";
        check(laughs, Ok(r##"{"a":[{"#text":"&y;&y;"}]}"##));
        check(
            "<!DOCTYPE a [<!ENTITY f SYSTEM \"file:///etc/hostname\">]><a>&f;</a>",
            Ok(r##"{"a":[{"#text":"&f;"}]}"##),
        );
        // As many names as elements: looked for one by one this would take minutes.
        let names = (0..30_000_u32).flat_map(|n| ["<a".to_owned(), n.to_string(), "/>".to_owned()]).collect::<String>();
        let document = read(&format!("<a>{names}</a>")).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(document.leaves(), 30_000);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "(<a>|</a>|<b c='|'/>|&|;|amp|<!\\[CDATA\\[|\\]\\]>|<!--|-->|x| ){0,20}") {
            let _ = read(&text);
        }
    }
}
