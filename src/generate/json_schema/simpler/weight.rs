//! Which of two documents is the simpler one: a strict order, so that whoever follows it comes to an end.

use serde_json::Value;

/// How much there is to a document. Compared from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(in super::super) struct Weight {
    /// Values, the document itself and all within.
    values: u64,
    /// Letters of texts and names, digits of numbers.
    letters: u64,
    /// How far kinds and letters are from the plainest.
    oddness: u64,
    /// How far numbers are from nought.
    size: u128,
}

impl Weight {
    pub(in super::super) fn of(document: &Value) -> Self {
        let mut weight = Self::default();
        weight.add(document);
        weight
    }

    /// Values, the document itself and all within.
    pub(super) fn values(&self) -> u64 {
        self.values
    }

    fn add(&mut self, value: &Value) {
        self.values += 1;
        match value {
            Value::Null => {}
            Value::Bool(is_true) => self.oddness += 1 + u64::from(*is_true),
            Value::Number(number) => {
                self.oddness += 3;
                self.letters += length(&number.to_string());
                let float = number.as_f64().unwrap_or(f64::MAX);
                // The bits of floats that aren't negative are in their order.
                self.size += u128::from(float.abs().to_bits());
            }
            Value::String(text) => {
                self.oddness += 4;
                self.text(text);
            }
            Value::Array(items) => {
                self.oddness += 5;
                for item in items {
                    self.add(item);
                }
            }
            Value::Object(fields) => {
                self.oddness += 6;
                for (name, field) in fields {
                    self.text(name);
                    self.add(field);
                }
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.letters += length(text);
        let odd = |letter: char| match letter {
            'a' | '0' => 0,
            'b'..='z' => 1,
            '0'..='9' | 'A'..='Z' => 2,
            ' '..='~' => 3,
            _ => 4,
        };
        self.oddness += text.chars().map(odd).sum::<u64>();
    }
}

fn length(text: &str) -> u64 {
    u64::try_from(text.chars().count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Weight;

    #[expect(clippy::needless_pass_by_value, reason = "a table of literals")]
    fn check(simpler: Value, other: Value) {
        assert!(Weight::of(&simpler) < Weight::of(&other), "{simpler} {other}");
    }

    #[test]
    fn fewer_values_are_simpler_and_then_shorter_ones_and_then_plainer_ones() {
        check(json!(null), json!(false));
        check(json!(false), json!(true));
        check(json!(1), json!(2));
        check(json!(2), json!(-2));
        check(json!(5), json!(10));
        check(json!("a"), json!("é"));
        check(json!("zz"), json!("aaa"));
        check(json!("aaaaaaa"), json!(["a"]));
        check(json!({"a": null}), json!({"a": null, "b": null}));
        check(json!([1, 2]), json!([1, 3]));
    }
}
