//! Panics and uncaught exceptions in a log, of the languages that services are written in.
//!
//! Whether one is news is for `compare` to say: a mixed instance's troubles are held against those of its control. So each
//! has a shape, which is the same in two runs of the same trouble: without numbers, addresses and folders.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

/// A panic or an uncaught exception in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The lines that tell most, safe to show.
    pub text: String,
    /// What two runs of the same trouble have in common.
    pub shape: String,
}

/// A hundred shapes of trouble are enough to see that there is trouble.
const MOST_TROUBLES: usize = 100;
/// The longest shape, in characters.
const MOST_SHAPE: usize = 300;
/// A traceback that is longer than this has lost its end among other lines.
const MOST_LINES: u32 = 300;

/// Where the sentence is that says what went wrong.
#[derive(Debug, Clone, Copy)]
enum Sentence {
    /// In the line itself.
    Here,
    /// In the next line.
    Next,
    /// In the first line that is not indented, after the traceback.
    AfterTraceback,
    /// In the first line with an error's name in front.
    NamedError,
}

/// What trouble looks like, and where its sentence is.
const SIGNS: [(&str, Sentence); 11] = [
    // Rust: the message is in the next line.
    (r"\bpanicked at ", Sentence::Next),
    // Python
    (r"Traceback \(most recent call last\)", Sentence::AfterTraceback),
    // Java and its kin
    (r"Exception in thread ", Sentence::Here),
    // Go
    (r"^(?:fatal error|panic): |\bpanic serving ", Sentence::Here),
    (r"^goroutine \d+ \[running\]", Sentence::Here),
    // Node
    (r"UncaughtException|uncaughtException", Sentence::Here),
    (r"^\s*throw \S", Sentence::NamedError),
    (r"Unhandled\w*Rejection|Unhandled promise rejection|unhandledRejection", Sentence::Here),
    // .NET, C++, PHP
    (r"^Unhandled exception\b", Sentence::Here),
    (r"^terminate called after throwing", Sentence::Here),
    (r"\bPHP Fatal error: ", Sentence::Here),
];

static SIGN: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(SIGNS.map(|(sign, _)| sign)).ok());
static NAMED_ERROR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:Uncaught )?\w*(?:Error|Exception)\b").ok());

/// Collects troubles as lines come.
#[derive(Default)]
pub(super) struct Troubles {
    seen: Vec<Trouble>,
    open: Option<Open>,
}

/// A trouble whose sentence is still to come.
struct Open {
    sign: String,
    sentence: Sentence,
    lines: u32,
}

impl Troubles {
    pub(super) fn seen(&self) -> Vec<Trouble> {
        let mut seen = self.seen.clone();
        // A process that died in the middle of its last words had trouble nonetheless.
        if let Some(open) = &self.open {
            add(&mut seen, &open.sign);
        }
        seen
    }

    pub(super) fn look_at(&mut self, line: &str) {
        if let Some(mut open) = self.open.take() {
            open.lines += 1;
            if ends(open.sentence, line) {
                add(&mut self.seen, &format!("{}: {}", open.sign.trim_end_matches(':'), line.trim()));
                return;
            }
            if open.lines < MOST_LINES {
                self.open = Some(open);
                return;
            }
            add(&mut self.seen, &open.sign);
        }
        let Some(sign) = SIGN.as_ref().and_then(|signs| signs.matches(beginning(line)).into_iter().next()) else {
            return;
        };
        match SIGNS[sign].1 {
            // After Go's panic line its stack says nothing new.
            Sentence::Here if line.starts_with("goroutine ") && !self.seen.is_empty() => {}
            Sentence::Here => add(&mut self.seen, line),
            // What stands around it, a time or a frame, tells nothing.
            sentence @ Sentence::AfterTraceback => {
                self.open = Some(Open { sign: "Traceback".to_owned(), sentence, lines: 0 });
            }
            sentence => self.open = Some(Open { sign: line.trim().to_owned(), sentence, lines: 0 }),
        }
    }
}

fn ends(sentence: Sentence, line: &str) -> bool {
    match sentence {
        Sentence::Here => false,
        Sentence::Next => true,
        Sentence::AfterTraceback => {
            // Frames are indented, or drawn into a box.
            let goes_on = line.is_empty()
                || line.starts_with([' ', '|', '+', '│', '╭', '╰'])
                || line.contains("Traceback (most recent");
            let links = ["During handling of the above", "The above exception was the direct"];
            !goes_on && !links.iter().any(|link| line.starts_with(link))
        }
        Sentence::NamedError => NAMED_ERROR.as_ref().is_some_and(|named| named.is_match(line)),
    }
}

fn add(seen: &mut Vec<Trouble>, text: &str) {
    let shape = shape(text);
    if seen.len() < MOST_TROUBLES && seen.iter().all(|known| known.shape != shape) {
        seen.push(Trouble { text: beginning(text).trim().to_owned(), shape });
    }
}

/// Signs stand early in their line, and a line may be long.
fn beginning(line: &str) -> &str {
    &line[..line.floor_char_boundary(1024)]
}

static VARIES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    // A path's folders; an address; an identifier in hexadecimal; a number. In this order, as the later ones hold in the former.
    Regex::new(r#"(?<folders>(?:/[^\s/:"'<>()]+)+/)|0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b|\d+"#).ok()
});

fn shape(text: &str) -> String {
    let text = beginning(text).trim();
    let Some(varies) = VARIES.as_ref() else { return text.to_owned() };
    let folded = varies.replace_all(
        text,
        |found: &regex::Captures<'_>| {
            if found.name("folders").is_some() { "…/" } else { "#" }
        },
    );
    folded.chars().take(MOST_SHAPE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(log: &str, expected: &[&str]) {
        let mut troubles = Troubles::default();
        log.lines().for_each(|line| troubles.look_at(line));
        let shapes: Vec<_> = troubles.seen().into_iter().map(|trouble| trouble.shape).collect();
        assert_eq!(shapes, expected);
    }

    #[test]
    fn a_panic_of_rust_is_told_with_its_message_and_without_its_numbers() {
        check(
            "thread 'tokio-runtime-worker' (4711) panicked at /tmp/old-x/src/cart.rs:12:9:\nindex 7 out of bounds\nnote: run",
            &["thread 'tokio-runtime-worker' (#) panicked at …/cart.rs:#:#: index # out of bounds"],
        );
    }

    #[test]
    fn a_traceback_of_python_is_told_by_its_last_line() {
        check(
            "Traceback (most recent call last):\n  File \"/a/b.py\", line 3, in f\n    x()\nKeyError: 'total'\n\n\
             During handling of the above exception, another exception occurred:\n\n\
             Traceback (most recent call last):\n  File \"/a/b.py\"\nValueError: 5",
            &["Traceback: KeyError: 'total'", "Traceback: ValueError: #"],
        );
    }

    #[test]
    fn troubles_of_java_go_and_node_are_seen() {
        check(
            "Exception in thread \"main\" java.lang.NullPointerException",
            &["Exception in thread \"main\" java.lang.NullPointerException"],
        );
        check("panic: boom\n\ngoroutine 1 [running]:", &["panic: boom"]);
        check(
            "http: panic serving 127.0.0.1:5: boom\ngoroutine 34 [running]:",
            &["http: panic serving #.#.#.#:#: boom"],
        );
        check("goroutine 1 [running]:", &["goroutine # [running]:"]);
        check(
            "    throw err;\n    ^\n\nTypeError: x is undefined\n    at f",
            &["throw err;: TypeError: x is undefined"],
        );
        check("UnhandledPromiseRejectionWarning: Error: no", &["UnhandledPromiseRejectionWarning: Error: no"]);
    }

    #[test]
    fn the_same_trouble_counts_once_whatever_its_numbers() {
        check("panic: at 0xc000123 in 17", &["panic: at # in #"]);
        check("panic: 1\npanic: 2", &["panic: #"]);
    }

    #[test]
    fn last_words_without_an_end_are_trouble_still() {
        check("thread 'main' panicked at src/a.rs:1:1:", &["thread 'main' panicked at src/a.rs:#:#:"]);
    }

    #[test]
    fn a_log_without_trouble_has_none() {
        check("INFO no panic here\nlistening\n200 GET /panic", &[]);
    }
}
