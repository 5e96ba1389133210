//! How a corpus came out: counted, printed, and written into the page for users.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::claim::Score;
use crate::steps::Failure;

/// Of all cases as many may be unknown, in hundredths, and of those of one keyword.
const UNKNOWN: usize = 15;
const UNKNOWN_OF_KEYWORD: usize = 50;
/// Of fewer cases a share says nothing.
const FEWEST: usize = 3;

const BEGIN: &str = "<!-- corpora -->\n";
const END: &str = "<!-- /corpora -->\n";

/// How a corpus came out.
pub struct Table {
    name: String,
    counts: BTreeMap<String, Counts>,
    slowest: (Duration, String),
    pub errors: Vec<String>,
    /// What is not wrong, and not right either.
    pub remarks: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    right: usize,
    half: usize,
    unknown: usize,
    wrong: usize,
}

impl Table {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            counts: BTreeMap::new(),
            slowest: (Duration::ZERO, String::new()),
            errors: Vec::new(),
            remarks: Vec::new(),
        }
    }

    pub fn count(&mut self, keyword: &str, score: Score) {
        let counts = self.counts.entry(keyword.to_owned()).or_default();
        match score {
            Score::Right => counts.right += 1,
            Score::Half => counts.half += 1,
            Score::Unknown => counts.unknown += 1,
            Score::Wrong => counts.wrong += 1,
        }
    }

    pub fn took(&mut self, id: &str, took: Duration, longest: Duration) {
        if took > longest {
            self.errors.push(format!("{id} took {took:.1?}"));
        }
        if took > self.slowest.0 {
            self.slowest = (took, id.to_owned());
        }
    }

    fn total(&self) -> Counts {
        self.counts.values().fold(Counts::default(), |sum, counts| Counts {
            right: sum.right + counts.right,
            half: sum.half + counts.half,
            unknown: sum.unknown + counts.unknown,
            wrong: sum.wrong + counts.wrong,
        })
    }

    /// What of it is unknown too often.
    pub fn limits(&mut self) {
        let over = |counts: Counts, limit: usize| counts.all() >= FEWEST && counts.unknown * 100 > counts.all() * limit;
        if over(self.total(), UNKNOWN) {
            self.errors.push(format!(
                "{}: {} of {} cells are unknown",
                self.name,
                self.total().unknown,
                self.total().all()
            ));
        }
        for (keyword, counts) in &self.counts {
            if over(*counts, UNKNOWN_OF_KEYWORD) {
                self.errors.push(format!("{keyword}: {} of {} cells are unknown", counts.unknown, counts.all()));
            }
        }
    }

    /// One line for the terminal.
    pub fn line(&self) -> String {
        let Counts { right, half, unknown, wrong } = self.total();
        let (took, id) = &self.slowest;
        format!(
            "{}: {right} right, {half} near, {unknown} unknown, {wrong} wrong; slowest {took:.2?} ({id})",
            self.name
        )
    }
}

impl Counts {
    fn all(self) -> usize {
        self.right + self.half + self.unknown + self.wrong
    }
}

/// The table between its marks in the page.
pub fn write(page: &Path, tables: &[Table]) -> Result<(), Failure> {
    let text = fs::read_to_string(page).map_err(|error| format!("{}: {error}", page.display()))?;
    let (before, rest) = text.split_once(BEGIN).ok_or("the page has no place for the table")?;
    let (_, after) = rest.split_once(END).ok_or("the place for the table has no end")?;
    let mut rows = String::from("| corpus | cells | right | near | unknown | wrong |\n|---|---|---|---|---|---|\n");
    for table in tables {
        let counts = table.total();
        let Counts { right, half, unknown, wrong } = counts;
        let _ = writeln!(rows, "| {} | {} | {right} | {half} | {unknown} | {wrong} |", table.name, counts.all());
    }
    Ok(fs::write(page, format!("{before}{BEGIN}{rows}{END}{after}"))?)
}
