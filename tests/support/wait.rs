//! Waiting without sleeping for a time that was guessed.

use std::time::{Duration, Instant};

/// Waits until something holds, looking often. It fails, saying what was waited for, after a time that is long even on a
/// busy machine.
#[track_caller]
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
