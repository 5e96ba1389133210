//! What can't be: a conjunction that nothing fits, and a schema that nothing written fits.

use super::same::same;
use super::scalars::Types;
use super::{Conjunction, Node, Prover};

impl<'a> Prover<'a> {
    /// Whether nothing that may be written fits that schema too.
    pub(super) fn excluded(&self, written: &Conjunction<'a>, schema: Node<'a>) -> bool {
        if !self.step() {
            return false;
        }
        // What is ruled out in so many words is ruled out.
        if written.all("not").any(|own| same(own, schema)) {
            return true;
        }
        self.nested(|| self.is_impossible(&written.and(schema)))
    }

    /// The same, of a field's or an item's value.
    pub(super) fn is_inner_impossible(&self, written: &Conjunction<'a>) -> bool {
        if written.is_false {
            return true;
        }
        if written.parts.is_empty() {
            return false;
        }
        self.deep.set(self.deep.get() + 1);
        let is_impossible = self.nested(|| self.is_impossible(written));
        self.deep.set(self.deep.get() - 1);
        is_impossible
    }

    /// Whether nothing fits all of these. `false` says that it isn't proved.
    pub(super) fn is_impossible(&self, written: &Conjunction<'a>) -> bool {
        if written.is_false {
            return true;
        }
        // Contradictions stand near each other: nobody looks for them at any depth.
        if !self.step() || self.contradictions.get() >= 8 {
            return false;
        }
        self.contradictions.set(self.contradictions.get() + 1);
        let is_one = self.nested(|| self.is_contradiction(written));
        self.contradictions.set(self.contradictions.get() - 1);
        is_one
    }

    fn is_contradiction(&self, written: &Conjunction<'a>) -> bool {
        if let Some(values) = self.listed(written)
            && values.iter().all(|value| self.excludes(written, value))
        {
            return true;
        }
        let mut types = self.types(written);
        let rules_out: [(Types, &dyn Fn() -> bool); 4] = [
            (Types::NUMBER, &|| self.has_no_number(written)),
            (Types::STRING, &|| has_narrow_texts(written) && self.has_no_text(written, None, 0, None)),
            (Types::ARRAY, &|| self.has_no_array(written)),
            (Types::OBJECT, &|| self.has_no_object(written)),
        ];
        for (concerned, is_ruled_out) in rules_out {
            if types.meets(concerned) && is_ruled_out() {
                types = types.without(concerned);
            }
        }
        if types.is_none() {
            return true;
        }
        if written.all("not").any(|ruled_out| self.covers(written, ruled_out)) {
            return true;
        }
        let cases = written.cases().filter(|cases| cases.len() <= 64);
        cases.is_some_and(|cases| cases.iter().all(|case| self.is_impossible(case)))
    }
}

/// Whether it is worth looking for a text at all.
fn has_narrow_texts(written: &Conjunction<'_>) -> bool {
    let has = |keyword| written.all(keyword).next().is_some();
    has("pattern") || (has("minLength") && has("maxLength"))
}
