//! JSON as text with its parts told apart, so that one part can be changed and every other byte stays as it was sent. It
//! refuses what is no JSON. The main type is [`Node`].

use serde_json::Value;

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A sequence.
    List,
    /// Named fields.
    Fields,
}

/// A part of a JSON text, as it stands there.
#[derive(Debug, Clone)]
pub struct Node<'t> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub raw: &'t str,
    /// Its fields' names, as written; none where it has no fields.
    keys: Vec<&'t str>,
    /// Its fields or items.
    pub children: Vec<Self>,
}

/// Deeper is nobody's reply.
const DEEPEST: usize = 128;

impl<'t> Node<'t> {
    /// Reads a whole text.
    pub fn parse(text: &'t str) -> Option<Self> {
        let mut scan = Scan { text, at: 0 };
        let node = scan.value(0)?;
        scan.space();
        (scan.at == text.len()).then_some(node)
    }

    /// The names of its fields, beside its children.
    pub fn names(&self) -> Vec<String> {
        self.keys.iter().map(|key| serde_json::from_str(key).unwrap_or_default()).collect()
    }

    /// Its text, where it is one.
    pub fn text(&self) -> Option<String> {
        if self.kind == Kind::Text { serde_json::from_str(self.raw).ok() } else { None }
    }

    /// The same with these texts in its children's places; none in a place: the child is gone.
    pub fn with(&self, children: &[Option<String>]) -> String {
        let (open, close) = if self.kind == Kind::List { ('[', ']') } else { ('{', '}') };
        let parts: Vec<String> = children
            .iter()
            .enumerate()
            .filter_map(|(index, child)| {
                let child = child.as_ref()?;
                Some(self.keys.get(index).map_or_else(|| child.clone(), |key| format!("{key}:{child}")))
            })
            .collect();
        format!("{open}{}{close}", parts.join(","))
    }

    /// The same with another name for one of its fields.
    pub fn renamed(&self, index: usize, name: &str) -> String {
        let mut other = self.clone();
        let name = Value::from(name).to_string();
        other.keys[index] = &name;
        let children: Vec<_> = other.children.iter().map(|child| Some(child.raw.to_owned())).collect();
        other.with(&children)
    }
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    fn value(&mut self, depth: usize) -> Option<Node<'t>> {
        self.space();
        let start = self.at;
        let (mut keys, mut children) = (Vec::new(), Vec::new());
        let kind = match self.peek()? {
            b'{' | b'[' if depth > DEEPEST => return None,
            b'{' => {
                self.at += 1;
                while !self.closes(b'}', !children.is_empty())? {
                    self.space();
                    let key = self.at;
                    self.string()?;
                    keys.push(&self.text[key..self.at]);
                    self.space();
                    self.take(b':')?;
                    children.push(self.value(depth + 1)?);
                }
                Kind::Fields
            }
            b'[' => {
                self.at += 1;
                while !self.closes(b']', !children.is_empty())? {
                    children.push(self.value(depth + 1)?);
                }
                Kind::List
            }
            b'"' => {
                self.string()?;
                Kind::Text
            }
            _ => {
                let rest = &self.text.as_bytes()[start..];
                self.at += rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b)).count();
                match serde_json::from_str(&self.text[start..self.at]).ok()? {
                    Value::Null => Kind::Null,
                    Value::Bool(_) => Kind::Bool,
                    _ => Kind::Number,
                }
            }
        };
        Some(Node { kind, raw: &self.text[start..self.at], keys, children })
    }

    /// Whether the container closes here; where it doesn't and has something, a comma has to stand here.
    fn closes(&mut self, close: u8, has_some: bool) -> Option<bool> {
        self.space();
        if self.peek()? == close {
            self.at += 1;
            return Some(true);
        }
        if has_some {
            self.take(b',')?;
        }
        Some(false)
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.take(b'"')
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Kind>) {
        assert_eq!(Node::parse(text).map(|node| node.kind), expected, "{text}");
    }

    #[test]
    fn what_is_json_is_read_and_nothing_else() {
        check("{\"a\": [1, 2.50, null, true, \"x\\\"}\"]}", Some(Kind::Fields));
        check(" [ ] ", Some(Kind::List));
        check("1e400", None);
        check("{\"a\":1", None);
        check("[1 2]", None);
        check("[1] x", None);
        check("<html>", None);
        check("", None);
    }

    #[test]
    fn a_child_is_exchanged_and_all_else_stays_as_it_was_written() {
        let node =
            Node::parse("{\"a\": 1.50, \"b\" : {\"c\": [ 9007199254740993 ]}}").unwrap_or_else(|| panic!("no JSON"));
        let own = |index: usize| Some(node.children[index].raw.to_owned());
        assert_eq!(node.with(&[own(0), own(1)]), "{\"a\":1.50,\"b\":{\"c\": [ 9007199254740993 ]}}");
        assert_eq!(node.with(&[None, own(1)]), "{\"b\":{\"c\": [ 9007199254740993 ]}}");
        assert_eq!(node.renamed(0, "z"), "{\"z\":1.50,\"b\":{\"c\": [ 9007199254740993 ]}}");
    }
}
