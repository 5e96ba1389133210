//! Comparing: whatever two builds answer, it is judged; the same is silent and judging has no mood.

use straddle::compare::{Judgement, Reader, Trial, View, judge};
use straddle::model::{Body, Direction, Fold, Metadata, Observation, Reply, Sent};
use straddle::wire::http::Http;
use straddle::wire::{Asked, Protocol as _};

/// Two JSON replies, parted by an empty line.
pub fn json(bytes: &[u8]) {
    compared(bytes, "application/json");
}

/// Two pages, parted by an empty line.
pub fn html(bytes: &[u8]) {
    compared(bytes, "text/html; charset=utf-8");
}

fn compared(bytes: &[u8], media: &str) {
    let at = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (one, other) = at.map_or((bytes, &[][..]), |at| (&bytes[..at], &bytes[at + 2..]));
    let (one, other) = (reply(one, media), reply(other, media));
    for direction in [Direction::OLD_TO_NEW, Direction::NEW_TO_OLD] {
        let same = judged(&one, &one, &one, direction);
        assert!(same.found.is_empty(), "a reply differs from itself: {:?}", same.found);
        assert!(same.noisy.is_empty(), "a reply is noise to itself: {:?}", same.noisy);
        assert!(same.compared <= same.leaves, "{} of {} leaves", same.compared, same.leaves);

        let differing = judged(&one, &one, &other, direction);
        assert_eq!(differing, judged(&one, &one, &other, direction));
        // However much the control's twin is at odds with it: what answers as the control does is not at fault.
        let noisy = judged(&one, &other, &one, direction);
        assert!(noisy.found.is_empty(), "the same reply beside noise: {:?}", noisy.found);
    }
}

fn reply(body: &[u8], media: &str) -> Observation {
    let metadata: Metadata = [("content-type", media)].into_iter().collect();
    let body = Body::of(body.to_vec());
    Observation::Answer(
        Http::new().decode(&Asked::default(), &Reply { status: 200, metadata, body, trailers: Metadata::new() }),
    )
}

fn judged(control: &Observation, twin: &Observation, mixed: &Observation, direction: Direction) -> Judgement {
    let (fold, sent, reader) = (Fold::default(), Sent::default(), Reader::default());
    let view = |observation| View { observation, fold: &fold };
    judge(&Trial {
        direction,
        method: "GET",
        fetch_dest: None,
        control: view(control),
        mixed: view(mixed),
        recorded: None,
        control_witnesses: vec![view(twin)],
        mixed_witnesses: vec![view(mixed)],
        used: &[],
        sent: &sent,
        reader,
        ignored: &[],
        unordered: &[],
        thorough: false,
    })
}
