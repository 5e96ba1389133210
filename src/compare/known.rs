//! Whether an answer has something at a place.

use crate::model::{Answer, At, Document, Step};

/// Whether an answer has something other than null there, by a place in general form as findings have it. The body as a whole, and
/// what is no place of an answer, count as there.
pub fn knows(answer: &Answer, at: &str) -> bool {
    match at.parse::<At>() {
        Ok(At::Body(path)) => path.0.is_empty() || has(answer.content.document(), &path.0),
        Ok(At::Header(name)) => answer.metadata.has(&name),
        _ => true,
    }
}

fn has(document: &Document, path: &[Step]) -> bool {
    match (path.split_first(), document) {
        (None, document) => *document != Document::Null,
        (Some((Step::Field(name), rest)), Document::Fields(fields)) => {
            fields.iter().filter(|(known, _)| known == name || **name == *"{}").any(|(_, value)| has(value, rest))
        }
        (Some((Step::Each | Step::Item(_), rest)), Document::List(rows)) => rows.iter().any(|row| has(row, rest)),
        _ => false,
    }
}
