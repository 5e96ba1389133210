//! Reads YAML 1.2 by its core schema, with places; and the merge key `<<`, which is 1.1's and which people use.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::Value;

use super::builder::{Builder, Fault};
use super::places::{Places, Spot};
use super::scalar::{numeric, plain};

/// Nodes that anchors and aliases together may copy: beyond what anybody writes by hand, and far below what fills memory.
const COPIES: usize = 500_000;
/// Bytes of text that they may copy together: as many as a file of a contract may have.
const COPIED_BYTES: usize = 64 << 20;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<(Value, Places), Fault> {
    let mut reading = Reading::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Fault::new(spot(*error.marker()), error.info().to_owned()))?;
        reading.take(event, spot(span.start))?;
    }
    let end = Spot { line: 1, column: 1 };
    reading.builder.finish().ok_or_else(|| Fault::new(end, "the file says nothing: is it the right one?"))
}

fn spot(marker: Marker) -> Spot {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Spot { line: number(marker.line()), column: number(marker.col()).saturating_add(1) }
}

#[derive(Default)]
struct Reading {
    builder: Builder,
    documents: usize,
    /// The anchors of what is open, outermost first; 0 is none.
    open: Vec<(usize, Spot)>,
    anchored: HashMap<usize, (Value, Size)>,
    copied: Size,
}

/// How much there is of a value.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    nodes: usize,
    /// Of its texts and names.
    bytes: usize,
}

impl Reading {
    fn take(&mut self, event: Event<'_>, spot: Spot) -> Result<(), Fault> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(Fault::new(
                        spot,
                        "a second document begins here: give each contract a file of its own",
                    ));
                }
            }
            Event::Scalar(text, style, anchor, tag) if self.builder.awaits_key() => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none();
                if is_plain && text == "<<" {
                    self.builder.merge_key();
                } else {
                    // As it is written: the key `200` of a reply is the name `200`.
                    self.remember(anchor, &Value::String(text.to_string()), spot)?;
                    self.builder.key(text.into_owned(), spot)?;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref()).map_err(|what| Fault::new(spot, what))?;
                self.remember(anchor, &value, spot)?;
                self.builder.leaf(value, spot)?;
            }
            Event::Alias(anchor) => self.unfold(anchor, spot)?,
            Event::SequenceStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), "seq", spot)?;
                self.builder.open_array(spot)?;
            }
            Event::MappingStart(anchor, tag) => {
                self.open(anchor, tag.as_deref(), "map", spot)?;
                self.builder.open_object(spot)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let value = self.builder.close();
                let (anchor, begun) = self.open.pop().unwrap_or((0, spot));
                self.remember(anchor, &value, begun)?;
                self.builder.put(value, begun)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, anchor: usize, tag: Option<&Tag>, fitting: &str, spot: Spot) -> Result<(), Fault> {
        if self.builder.awaits_key() {
            return Err(Fault::new(spot, "a key must be a single word or number, not a list or mapping"));
        }
        if let Some(tag) = tag
            && !(tag.is_yaml_core_schema() && tag.suffix == fitting)
        {
            return Err(Fault::new(spot, unknown_tag(tag)));
        }
        self.open.push((anchor, spot));
        Ok(())
    }

    fn remember(&mut self, anchor: usize, value: &Value, spot: Spot) -> Result<(), Fault> {
        if anchor != 0 {
            let size = Size::of(value);
            self.spend(size, spot)?;
            self.anchored.insert(anchor, (value.clone(), size));
        }
        Ok(())
    }

    fn unfold(&mut self, anchor: usize, spot: Spot) -> Result<(), Fault> {
        let Some((value, size)) = self.anchored.get(&anchor) else {
            return Err(Fault::new(spot, "an alias of something that is not yet whole: it would have no end"));
        };
        let (value, size) = (value.clone(), *size);
        self.spend(size, spot)?;
        if self.builder.awaits_key() {
            return match value {
                Value::String(name) => self.builder.key(name, spot),
                _ => Err(Fault::new(spot, "an alias that is a key must be that of a word: write the key out")),
            };
        }
        self.builder.leaf(value, spot)
    }

    fn spend(&mut self, size: Size, spot: Spot) -> Result<(), Fault> {
        self.copied.add(size);
        let unfolded = if self.copied.nodes > COPIES {
            format!("{COPIES} nodes")
        } else if self.copied.bytes > COPIED_BYTES {
            format!("{COPIED_BYTES} bytes of text")
        } else {
            return Ok(());
        };
        let what = format!("aliases unfold to more than {unfolded} here: write the contract out, or use `$ref`");
        Err(Fault::new(spot, what))
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain { plain(text) } else { Ok(Value::String(text.to_owned())) };
    };
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(Value::String(text.to_owned()));
    }
    let misfit = || format!("`{text}` is no {}", tag.suffix);
    match tag.suffix.as_str() {
        _ if !tag.is_yaml_core_schema() => Err(unknown_tag(tag)),
        "str" | "binary" | "timestamp" => Ok(Value::String(text.to_owned())),
        "null" if text.is_empty() => Ok(Value::Null),
        "null" | "bool" => plain(text).and_then(|value| {
            let is_fitting = if tag.suffix == "null" { value.is_null() } else { value.is_boolean() };
            if is_fitting { Ok(value) } else { Err(misfit()) }
        }),
        "int" => numeric(text).unwrap_or_else(|| Err(misfit())),
        "float" => numeric(text).unwrap_or_else(|| Err(misfit())),
        _ => Err(unknown_tag(tag)),
    }
}

fn unknown_tag(tag: &Tag) -> String {
    format!("the tag `{tag}` has no meaning here: write out what it stands for")
}

impl Size {
    /// Of a value, whose depth is bounded where it was built.
    fn of(value: &Value) -> Self {
        let mut size = Self { nodes: 1, bytes: 0 };
        match value {
            Value::String(text) => size.bytes = text.len(),
            Value::Array(items) => items.iter().for_each(|item| size.add(Self::of(item))),
            Value::Object(members) => {
                for (name, value) in members {
                    size.bytes = size.bytes.saturating_add(name.len());
                    size.add(Self::of(value));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        size
    }

    fn add(&mut self, other: Self) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}
