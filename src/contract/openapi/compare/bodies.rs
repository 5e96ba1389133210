//! A request's body: the client writes it by its contract, the server reads it by its own.

use super::crossing::Crossing;
use super::judge::{Judge, Judged};
use crate::contract::Comparison;
use crate::contract::openapi::read::closest;
use crate::contract::openapi::rules::{body_required, body_unknown, media_type_refused};
use crate::contract::openapi::schema::Mode;

/// Compares the body.
pub(super) fn compare_body<'a>(crossing: &Crossing<'_, 'a>, judge: &mut Judge<'a>, comparison: &mut Comparison) {
    let mut hits: Vec<_> = body_required::check(crossing).into_iter().chain(body_unknown::check(crossing)).collect();
    if let (Some(sent), Some(read)) = (&crossing.caller.operation.body, &crossing.answerer.operation.body)
        && !read.contents.is_empty()
    {
        for content in &sent.contents {
            // A range that is wider than what the server takes is compared with all that it takes of it.
            let taken: Vec<_> = match closest(&read.contents, &content.range) {
                Some(one) => vec![one],
                None => read.contents.iter().filter(|read| read.range.meets(&content.range)).collect(),
            };
            if taken.is_empty() {
                hits.push(media_type_refused::check(crossing, content, &read.contents));
            }
            for read in taken {
                let judged = Judged {
                    writer: (&crossing.caller, content.schema.as_ref(), &content.node),
                    reader: (&crossing.answerer, read.schema.as_ref(), &read.node),
                    at: "request".to_owned(),
                    mode: Mode::Request,
                    is_text: content.range.is_form(),
                };
                judge.compare(crossing, &judged, comparison);
            }
        }
    }
    comparison.differences.extend(hits.into_iter().map(|hit| crossing.tell(hit)));
}
