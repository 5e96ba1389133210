//! What a process prints: a bounded memory of its last lines, a capped file, the waits for a line, and its troubles.
//!
//! Lines in memory are safe to show: no escape sequences, no control characters ([`lines`]). The file has the bytes as they
//! came. Nothing here grows with how much is printed, and nothing here makes the process wait.

mod lines;
mod trouble;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use regex::Regex;
use tokio::sync::{oneshot, watch};

use super::veil::{Veil, Veiled};
use lines::Lines;
pub use trouble::Trouble;
use trouble::Troubles;

/// As many last lines as a report or an error could want.
const MOST_LINES: usize = 1000;
/// And as many bytes of them.
const MOST_BYTES: usize = 256 * 1024;
/// The first lines are kept as well: a service that says that it listens, and then floods its log, has said so.
const MOST_FIRST_LINES: usize = 200;
/// The file holds a long run of a talkative service, and a hundred of them fit a disk.
const MOST_FILE_BYTES: usize = 16 * 1024 * 1024;

/// What a process prints. Clones are the same one, and it outlives its process.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    sources: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    lines: Lines,
    first: Vec<String>,
    first_bytes: usize,
    last: VecDeque<String>,
    last_bytes: usize,
    seen: u64,
    waits: Vec<(Regex, oneshot::Sender<String>)>,
    troubles: Troubles,
    file: Option<Capped>,
    veiled: Option<Veiled>,
}

/// As long as one of these lives, the log may grow.
pub(super) struct Source(Log);

impl Log {
    /// An empty log that also goes to this file, if one is given; its folder is made.
    /// What the veil hides goes nowhere.
    pub(super) fn new(file: Option<&Path>, veil: Option<Veil>) -> io::Result<Self> {
        let file = match file {
            None => None,
            Some(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                Some(Capped { file: File::create(path)?, left: MOST_FILE_BYTES })
            }
        };
        let state = Mutex::new(State { file, veiled: veil.map(Veiled::new), ..State::default() });
        Ok(Self { shared: Arc::new(Shared { state, sources: watch::Sender::new(0) }) })
    }

    /// The last lines, at most so many.
    pub fn tail(&self, most: usize) -> Vec<String> {
        let state = self.state();
        state.last.iter().skip(state.last.len().saturating_sub(most)).cloned().collect()
    }

    /// How many lines there have been.
    pub fn lines_seen(&self) -> u64 {
        self.state().seen
    }

    /// The first line that matches, among those that are remembered (the first 200, the last 1,000) and those to come. `None` when the process has closed its
    /// output without one.
    pub async fn wait_for(&self, pattern: &Regex) -> Option<String> {
        let matched = {
            let mut state = self.state();
            if let Some(line) = state.find(pattern) {
                return Some(line);
            }
            let (sender, matched) = oneshot::channel();
            state.waits.retain(|(_, wait)| !wait.is_closed());
            state.waits.push((pattern.clone(), sender));
            matched
        };
        let mut sources = self.shared.sources.subscribe();
        tokio::select! {
            biased;
            line = matched => line.ok(),
            _ = sources.wait_for(|sources| *sources == 0) => self.state().find(pattern),
        }
    }

    /// The panics and uncaught exceptions in it, in order, each shape once, and at most a hundred.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.state().troubles.seen()
    }

    /// Waits until nothing more can come, but not for long: a daemon that could not be found may hold the pipe.
    pub(super) async fn ended(&self, patience: Duration) {
        let mut sources = self.shared.sources.subscribe();
        // Without the end of the log we have what was read so far.
        let _ = tokio::time::timeout(patience, sources.wait_for(|sources| *sources == 0)).await;
    }

    /// Reads this pipe into the log, in a thread of its own.
    pub(super) fn follow(&self, mut pipe: File) -> io::Result<()> {
        let source = self.source();
        let read = move || {
            let mut chunk = vec![0; 64 * 1024];
            loop {
                match pipe.read(&mut chunk) {
                    Ok(0) => break,
                    Ok(read) => source.0.take(&chunk[..read]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
            source.0.take_rest();
        };
        std::thread::Builder::new().name(String::from("log")).spawn(read).map(drop)
    }

    /// Says that something may still be written.
    pub(super) fn source(&self) -> Source {
        self.shared.sources.send_modify(|sources| *sources += 1);
        Source(self.clone())
    }

    fn take(&self, bytes: &[u8]) {
        let mut state = self.state();
        match &mut state.veiled {
            None => state.keep(bytes),
            Some(veiled) => {
                let shown = veiled.push(bytes);
                state.keep(&shown);
            }
        }
    }

    fn take_rest(&self) {
        let mut state = self.state();
        if let Some(veiled) = &mut state.veiled {
            let shown = veiled.rest();
            state.keep(&shown);
        }
        let rest = state.lines.rest();
        if let Some(line) = rest {
            state.remember(line);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Log").field("lines_seen", &self.lines_seen()).finish_non_exhaustive()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.0.shared.sources.send_modify(|sources| *sources -= 1);
    }
}

impl State {
    fn keep(&mut self, bytes: &[u8]) {
        if let Some(file) = &mut self.file {
            file.write(bytes);
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.push(bytes, |line| self.remember(line));
        self.lines = lines;
    }

    fn find(&self, pattern: &Regex) -> Option<String> {
        self.first.iter().chain(&self.last).find(|line| pattern.is_match(line)).cloned()
    }

    fn remember(&mut self, line: String) {
        self.seen += 1;
        self.troubles.look_at(&line);
        for (_, wait) in self.waits.extract_if(.., |(pattern, _)| pattern.is_match(&line)) {
            // Whoever waited may have given up.
            let _ = wait.send(line.clone());
        }
        if self.first.len() < MOST_FIRST_LINES && self.first_bytes + line.len() <= MOST_BYTES {
            self.first_bytes += line.len();
            self.first.push(line.clone());
        }
        self.last_bytes += line.len();
        self.last.push_back(line);
        while self.last.len() > MOST_LINES || self.last_bytes > MOST_BYTES {
            let Some(first) = self.last.pop_front() else { break };
            self.last_bytes -= first.len();
        }
    }
}

/// A file that says when it has had enough.
struct Capped {
    file: File,
    left: usize,
}

impl Capped {
    fn write(&mut self, bytes: &[u8]) {
        if self.left == 0 {
            return;
        }
        let fits = &bytes[..bytes.len().min(self.left)];
        self.left -= fits.len();
        let written = self.file.write_all(fits).and_then(|()| match self.left {
            0 => self.file.write_all(b"\nstraddle: this log reached 16 MiB; the rest was dropped\n"),
            _ => Ok(()),
        });
        if written.is_err() {
            // A full disk must not end the run: the memory of the last lines goes on.
            self.left = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_of(text: &str) -> Log {
        let log = Log::new(None, None).unwrap();
        log.take(text.as_bytes());
        log.take_rest();
        log
    }

    #[test]
    fn the_tail_has_the_last_lines_in_order() {
        assert_eq!(log_of("a\nb\nc").tail(2), ["b", "c"]);
        assert_eq!(log_of("").tail(2), [""; 0]);
    }

    #[test]
    fn memory_is_bounded_by_lines_and_by_bytes() {
        let log = log_of(&"x\n".repeat(5000));
        assert_eq!((log.tail(9999).len(), log.lines_seen()), (MOST_LINES, 5000));
        let log = log_of(&format!("{}\n", "y".repeat(5000)).repeat(100));
        assert!(log.tail(9999).iter().map(String::len).sum::<usize>() <= MOST_BYTES);
        assert_eq!(log.lines_seen(), 100);
    }

    #[test]
    fn the_file_ends_with_a_line_that_says_that_it_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/for it/shop.log");
        let log = Log::new(Some(&path), None).unwrap();
        for _ in 0..40 {
            log.take("z".repeat(1024 * 1024).as_bytes());
        }
        let written = std::fs::read(&path).unwrap();
        assert!(written.len() < MOST_FILE_BYTES + 100);
        assert!(written.ends_with(b"16 MiB; the rest was dropped\n"));
    }

    #[tokio::test]
    async fn a_wait_sees_the_lines_that_came_before_it_and_those_that_come_later() {
        let log = log_of("listening on 8080\n");
        let source = log.source();
        let pattern = Regex::new("listening").unwrap();
        assert_eq!(log.wait_for(&pattern).await.as_deref(), Some("listening on 8080"));

        log.take("noise\n".repeat(3000).as_bytes());
        assert_eq!(log.wait_for(&pattern).await.as_deref(), Some("listening on 8080"));

        let pattern = Regex::new("accepting").unwrap();
        let mut wait = Box::pin(log.wait_for(&pattern));
        assert!(futures_are_pending(&mut wait).await);
        // More lines than are remembered: the wait must not depend on the memory.
        log.take(b"accepting\n");
        log.take("noise\n".repeat(3000).as_bytes());
        assert_eq!(wait.await.as_deref(), Some("accepting"));

        let pattern = Regex::new("never").unwrap();
        let mut wait = Box::pin(log.wait_for(&pattern));
        assert!(futures_are_pending(&mut wait).await);
        drop(source);
        assert_eq!(wait.await, None);
    }

    async fn futures_are_pending<T>(future: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }
}
