//! What a rule finds in one direction, and what shows it.
//!
//! Main types: [`Hit`], [`Verdict`].

use prost_reflect::text_format::FormatOptions;
use prost_reflect::{DynamicMessage, ReflectMessage};
use serde_json::Value;

use super::exchange::{Sent, Wire};
use super::meaning::Fate;
use crate::contract::{Counterexample, Position};
use crate::model::Severity;

/// One thing of the writer and one of the reader.
#[derive(Debug, Clone, Default)]
pub struct Ends<T> {
    /// The writer's.
    pub writer: T,
    /// The reader's.
    pub reader: T,
}

/// What a rule has to say.
#[derive(Debug, Clone)]
pub struct Hit {
    /// How bad it is.
    pub severity: Severity,
    /// Where in the subject.
    pub at: String,
    /// One sentence.
    pub message: String,
    /// What shows it.
    pub shown: Option<Shown>,
    /// Where it stands with either.
    pub positions: Ends<Option<Position>>,
}

/// A message that was sent, and what became of it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The message.
    pub sent: Sent,
    /// What became of it.
    pub fate: Fate,
}

/// What becomes of a field in the encodings that are in use.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    shown: Vec<Shown>,
}

impl Verdict {
    /// Takes in what was shown, the worst of each encoding.
    pub fn add(&mut self, shown: Option<Shown>) {
        self.shown.extend(shown.filter(|shown| shown.fate > Fate::Same));
    }

    /// Leaves out what is only about unset and zero.
    pub fn without_presence(mut self) -> Self {
        self.shown.retain(|shown| shown.fate > Fate::Blurred);
        self
    }

    /// The worst of it.
    pub fn worst(&self) -> Option<&Shown> {
        // The first of equals: binary before JSON.
        self.shown.iter().rev().max_by_key(|shown| shown.fate)
    }

    /// How bad that is.
    pub fn severity(&self) -> Option<Severity> {
        self.worst().and_then(|shown| shown.fate.severity())
    }

    /// What happens, for a sentence: `in binary the value is lost; in JSON the message is refused`.
    pub fn effects(&self) -> String {
        let of = |wire: Wire| {
            let worst = self.shown.iter().filter(|shown| shown.sent.wire == wire).map(|shown| shown.fate).max()?;
            Some(format!("in {} {}", wire.as_str(), worst.as_str()))
        };
        [of(Wire::Binary), of(Wire::Json)].into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// What is to be said of it, if anything.
    pub fn hit(self, at: String, sentence: &str, positions: Ends<Option<Position>>) -> Option<Hit> {
        let severity = self.severity()?;
        let message = format!("{sentence}: {}", self.effects());
        Some(Hit { severity, at, message, shown: self.worst().cloned(), positions })
    }
}

impl Shown {
    /// As reports hold it.
    pub fn counterexample(&self) -> Counterexample {
        let read = match &self.sent.read {
            Ok(message) => self.text(message),
            Err(why) => format!("refused: {why}"),
        };
        let written = match self.sent.wire {
            Wire::Binary => Value::String(text(&self.sent.written)),
            Wire::Json => serde_json::from_slice(&self.sent.bytes).unwrap_or(Value::Null),
        };
        Counterexample { written, bytes: self.sent.hex(), read: Value::String(read) }
    }

    fn text(&self, message: &DynamicMessage) -> String {
        let text = text(message);
        match self.fate {
            Fate::Lost | Fate::Blurred | Fate::Changed if text.is_empty() => {
                format!("(nothing is set in `{}`)", message.descriptor().full_name())
            }
            _ => text,
        }
    }
}

fn text(message: &DynamicMessage) -> String {
    message.to_text_format_with_options(&FormatOptions::new().pretty(false).skip_unknown_fields(false))
}
