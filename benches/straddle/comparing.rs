//! How fast two replies are compared.

use std::hint::black_box;
use std::time::Instant;

use straddle::compare::{Reader, Trial, View, judge};
use straddle::model::{Body, Direction, Fold, Metadata, Observation, Reply, Sent};
use straddle::wire::http::Http;
use straddle::wire::{Alike, Asked, Received};

use crate::Figure;

/// Megabytes of bodies compared a second and core, in the measure of a disk: 10^6 bytes.
pub fn figures() -> Vec<Figure> {
    let (control, twin) = (body(0, false), body(1, false));
    let (mixed, mixed_twin) = (body(2, true), body(3, true));
    let differing = rate(&[&control, &twin, &mixed, &mixed_twin]);
    let equal = rate(&[&control, &control, &control, &control]);
    vec![
        Figure::at_least("comparing JSON that differs, all bodies counted, a core", differing, 60.0, "MB/s"),
        Figure::at_least("comparing equal bytes against comparing what differs", equal / differing, 10.0, "times"),
    ]
}

/// A list of orders as an API gives it; noise differs with `run`, and a field is gone in the mixed cell.
fn body(run: u64, mixed: bool) -> String {
    let rows: Vec<String> = (0..400_u64)
        .map(|n| {
            let total = if mixed { String::new() } else { format!(r#""total":{}.5,"#, n * 3) };
            format!(
                r#"{{"id":{n},"ref":"{:08x}-0000-4000-8000-{:012x}","status":"paid",{total}"at":"2026-11-24T16:{:02}:{:02}Z","note":"left at the door, second floor","tags":["a","b"],"open":false}}"#,
                n * 7 + run * 65_537,
                n * 13 + run,
                n % 60,
                (n + run) % 60
            )
        })
        .collect();
    format!("[{}]", rows.join(","))
}

fn rate(bodies: &[&String]) -> f64 {
    let http = Http::new();
    let fold = Fold::new([("127.0.0.1:4000".to_owned(), "{host}".to_owned())]);
    let (sent, reader) = (Sent::default(), Reader::default());
    let bytes: usize = bodies.iter().map(|body| body.len()).sum();
    let replies: Vec<Reply> = bodies
        .iter()
        .map(|body| Reply {
            status: 200,
            metadata: Metadata::from_iter([("content-type", "application/json")]),
            // Each has bytes of its own, as it came over a connection of its own.
            body: Body::of((*body).clone()),
            trailers: Metadata::new(),
        })
        .collect();
    let mut best = f64::INFINITY;
    for _ in 0..15 {
        let start = Instant::now();
        // Decoding counts, done as replay does it: it is what a comparison costs.
        let mut alike = Alike::default();
        let mut decode =
            |reply: &Reply| alike.decode(&http, &Asked::default(), Received { reply: reply.clone(), open: false });
        let all: Vec<Observation> = replies.iter().map(|reply| Observation::Answer(decode(reply))).collect();
        let view = |n: usize| View { observation: &all[n], fold: &fold };
        black_box(judge(&Trial {
            direction: Direction::OLD_TO_NEW,
            method: "GET",
            fetch_dest: None,
            control: view(0),
            mixed: view(2),
            recorded: None,
            control_witnesses: vec![view(1)],
            mixed_witnesses: vec![view(3)],
            used: &[],
            sent: &sent,
            reader,
            ignored: &[],
            unordered: &[],
            thorough: false,
        }));
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let megabytes = bytes as f64 / 1e6;
    megabytes / best
}
