//! Replies: the server writes them by its contract, the client reads them by its own.

use super::crossing::Crossing;
use super::judge::{Judge, Judged};
use crate::contract::Comparison;
use crate::contract::openapi::read::{Reply, Status, Style, closest};
use crate::contract::openapi::rules::{header_missing, media_type_missing, status_missing, status_unknown};
use crate::contract::openapi::schema::Mode;

/// Compares all replies.
pub(super) fn compare_replies<'a>(crossing: &Crossing<'_, 'a>, judge: &mut Judge<'a>, comparison: &mut Comparison) {
    let (written, known) = (&crossing.answerer.operation.replies, &crossing.caller.operation.replies);
    comparison.differences.extend(status_missing::check(crossing).map(|hit| crossing.tell(hit)));
    for reply in written {
        let readers = readers(reply, written, known);
        if readers.is_empty() {
            comparison.differences.push(crossing.tell(status_unknown::check(crossing, reply)));
        }
        for reader in readers {
            compare_reply(crossing, reply, reader, judge, comparison);
        }
    }
}

/// By which of a client's replies one of a server's is read. A class of codes may be any of those that the client knows apart. Where
/// a client names its successes, `default` is for what is none: a success that only this covers is one that the client doesn't know.
fn readers<'r, 'a>(reply: &Reply<'_>, written: &[Reply<'_>], known: &'r [Reply<'a>]) -> Vec<&'r Reply<'a>> {
    let closest =
        known.iter().filter(|known| known.status.covers(reply.status)).min_by_key(|known| match known.status {
            status if status == reply.status => 0,
            Status::Code(_) | Status::Class(_) => 1,
            Status::Default => 2,
        });
    let names_successes = known.iter().any(|known| known.status.is_success());
    let closest =
        closest.filter(|known| !(known.status == Status::Default && names_successes && reply.status.is_success()));
    let apart = known.iter().filter(|known| {
        matches!(reply.status, Status::Class(_))
            && matches!(known.status, Status::Code(_))
            && reply.status.covers(known.status)
            && !written.iter().any(|written| written.status == known.status)
    });
    closest.into_iter().chain(apart).collect()
}

fn compare_reply<'a>(
    crossing: &Crossing<'_, 'a>,
    written: &Reply<'a>,
    known: &Reply<'a>,
    judge: &mut Judge<'a>,
    comparison: &mut Comparison,
) {
    let at = format!("reply {}", written.status);
    let mut hits = media_type_missing::check(crossing, written, known, &at);
    for content in &written.contents {
        let readers: Vec<_> = match closest(&known.contents, &content.range) {
            Some(one) => vec![one],
            None => known.contents.iter().filter(|known| known.range.meets(&content.range)).collect(),
        };
        for reader in readers {
            let judged = Judged {
                writer: (&crossing.answerer, content.schema.as_ref(), &content.node),
                reader: (&crossing.caller, reader.schema.as_ref(), &reader.node),
                at: at.clone(),
                mode: Mode::Reply,
                is_text: content.range.is_form(),
            };
            judge.compare(crossing, &judged, comparison);
        }
    }
    for header in &known.headers {
        let sent = written.headers.iter().find(|sent| sent.name == header.name);
        hits.extend(header_missing::check(crossing, &at, header, sent, written));
        if let Some(sent) = sent {
            let judged = Judged {
                writer: (&crossing.answerer, sent.schema.as_ref(), &sent.node),
                reader: (&crossing.caller, header.schema.as_ref(), &header.node),
                at: format!("{at} header {}", header.name),
                mode: Mode::Reply,
                is_text: matches!(sent.style, Style::Plain(..)),
            };
            judge.compare(crossing, &judged, comparison);
        }
    }
    comparison.differences.extend(hits.into_iter().map(|hit| crossing.tell(hit)));
}
