//! The lines of a recording in our own format, one after the other.

use std::io::{BufRead, Read as _};
use std::path::{Path, PathBuf};

use super::TrafficError;
use super::format::{ExchangeLine, LONGEST};
use crate::model::Exchange;

/// Text line by line.
pub(super) struct Lines<R> {
    path: PathBuf,
    input: R,
    /// The line that was read last, with its line break where it has one.
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`, which `path` names in errors.
    pub(super) fn new(path: &Path, input: R) -> Self {
        Self { path: path.to_owned(), input, line: Vec::new(), number: 0 }
    }

    /// Reads on to the next line that holds something.
    pub(super) fn next_filled(&mut self) -> Result<bool, TrafficError> {
        loop {
            self.line.clear();
            if self.line.capacity() as u64 > LONGEST / 16 {
                // One long line must not be paid for to the end.
                self.line = Vec::new();
            }
            let read = (&mut self.input).take(LONGEST + 1).read_until(b'\n', &mut self.line);
            match read {
                Ok(0) => return Ok(false),
                Ok(_) => self.number += 1,
                Err(error) => {
                    self.number += 1;
                    return Err(self.wrong(
                        format!("can't be read: {error}"),
                        "the file is damaged or was cut off: record or import it again",
                    ));
                }
            }
            if self.line.len() as u64 > LONGEST {
                return Err(self.wrong(
                    format!("is longer than {} MiB", LONGEST >> 20),
                    "no exchange that straddle writes is: record or import it again",
                ));
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// The next exchange, which has to come after the `last` one.
    pub(super) fn exchange(&mut self, last: Option<u64>) -> Result<Option<Exchange>, TrafficError> {
        if !self.next_filled()? {
            return Ok(None);
        }
        let exchange = self.parsed()?;
        let index = exchange.index;
        if let Some(last) = last.filter(|last| index <= *last) {
            let reason = if last == index {
                format!("exchange {index} stands twice")
            } else {
                format!("exchange {index} comes after exchange {last}")
            };
            return Err(self.wrong(reason, "order the lines by `index`, each of which stands once"));
        }
        for binding in &exchange.bindings {
            if let Some(from) = binding.from.iter().find(|from| from.exchange >= index) {
                let reason =
                    format!("`{}` is bound to exchange {}, which is not an earlier one", binding.at, from.exchange);
                return Err(self.wrong(reason, "bind it to a reply that came before, or remove the binding"));
            }
        }
        Ok(Some(exchange))
    }

    /// What stands in the line that was read last.
    pub(super) fn parsed(&self) -> Result<Exchange, TrafficError> {
        let line: ExchangeLine = serde_json::from_slice(&self.line).map_err(|error| {
            if error.is_eof() || (error.is_syntax() && self.is_half()) {
                return self.wrong(
                    "ends in the middle of an exchange".to_owned(),
                    "the file was cut off: remove this line, or record or import it again",
                );
            }
            self.wrong(
                format!("not an exchange: {error}"),
                "mend the line by `straddle schema recording`, or import it again",
            )
        })?;
        Ok(Exchange::from(line))
    }

    /// Whether the line that was read last has no end: it is the last of its file, and may have been cut off.
    pub(super) fn is_half(&self) -> bool {
        !self.line.ends_with(b"\n")
    }

    /// Its number, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    fn wrong(&self, reason: String, remedy: &'static str) -> TrafficError {
        TrafficError::Line { path: self.path.clone(), line: self.number, reason, remedy }
    }
}
