//! What was recorded and what was not, by reason, each with an example.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why something that went through, or tried to, is not in the recording or not whole there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unrecorded {
    /// The connection became a tunnel: a WebSocket, say.
    Switched,
    /// The target could not be reached.
    Unreached,
    /// The call did not come whole.
    CutOff,
    /// The call was recorded; there is no whole reply to it.
    Unanswered,
    /// The call was recorded; its reply can't be read, and was not passed on.
    BadReply,
    /// A client sent what can't be read, and was refused.
    BadCall,
    /// A body was too long; the exchange was recorded with an unknown one.
    TooLong,
    /// The heads were too long to be read again.
    LongHead,
    /// An interim (1xx) reply.
    Interim,
    /// The target sent bytes that nobody had asked for.
    Unasked,
    /// HTTP/2 calls went to the target as HTTP/1.1.
    Translated,
}

impl Unrecorded {
    /// What a person reads before their number.
    fn text(self) -> &'static str {
        match self {
            Self::Switched => "passed through unrecorded, since the connection switched to another protocol",
            Self::Unreached => "answered with 502 and not recorded, since the target could not be reached",
            Self::CutOff => "not recorded, since the call was cut off before it was whole",
            Self::Unanswered => "recorded without a reply, since none came whole",
            Self::BadReply => "recorded without a reply, since the target's can't be read",
            Self::BadCall => "refused and not recorded, since what the client sent can't be read",
            Self::TooLong => "recorded with an unknown body, since it is too long to be kept",
            Self::LongHead => "not recorded, since its head is too long to be read again",
            Self::Interim => "passed on and not recorded, since recordings have no place for interim (1xx) replies",
            Self::Unasked => "not passed on, since nobody had asked the target for it",
            Self::Translated => "sent as HTTP/1.1, since the target does not speak HTTP/2 without TLS",
        }
    }
}

/// Counts, while the proxy runs.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    exchanges: u64,
    unrecorded: BTreeMap<Unrecorded, (u64, String)>,
}

impl Tally {
    /// One more exchange is in the file.
    pub(super) fn recorded(&self) {
        self.counts().exchanges += 1;
    }

    /// One more of that kind; `example` says which call or connection it was.
    pub(in crate::proxy) fn unrecorded(&self, why: Unrecorded, example: &str) {
        let mut counts = self.counts();
        let (number, _) = counts.unrecorded.entry(why).or_insert_with(|| (0, shortened(example)));
        *number += 1;
    }

    /// How many exchanges are in the file.
    pub fn exchanges(&self) -> u64 {
        self.counts().exchanges
    }

    /// How many of that kind there were.
    pub fn number(&self, why: Unrecorded) -> u64 {
        self.counts().unrecorded.get(&why).map_or(0, |(number, _)| *number)
    }

    /// What a person should know, a line for each reason.
    pub fn notes(&self) -> Vec<String> {
        let counts = self.counts();
        let line = |(why, (number, example)): (&Unrecorded, &(u64, String))| {
            let others = if *number == 1 { String::new() } else { format!(", and {} more", number - 1) };
            format!("{}: {example}{others}", why.text())
        };
        counts.unrecorded.iter().map(line).collect()
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A target may be as long as a page.
fn shortened(example: &str) -> String {
    const LONGEST: usize = 120;
    let short: String = example.chars().take(LONGEST).collect();
    if short.len() < example.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_the_first_and_counts_the_others() {
        let tally = Tally::default();
        tally.unrecorded(Unrecorded::Switched, "GET /ws");
        let text = "passed through unrecorded, since the connection switched to another protocol";
        assert_eq!(tally.notes(), [format!("{text}: GET /ws")]);
        tally.unrecorded(Unrecorded::Switched, "GET /other");
        tally.unrecorded(Unrecorded::Switched, "GET /third");
        assert_eq!(tally.notes(), [format!("{text}: GET /ws, and 2 more")]);
    }
}
