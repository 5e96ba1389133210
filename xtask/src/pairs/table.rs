//! What was measured on the real pairs, as a table: for the terminal, and as the page `docs/pairs.md`.

use std::fmt::Write;

/// A pair and how it went.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub pair: String,
    /// Its versions.
    pub versions: String,
    /// How many findings that have to be there are there, and of how many.
    pub found: (usize, usize),
    /// How many wait for another check.
    pub waiting: usize,
    /// How many must not be there and are.
    pub false_alarms: usize,
    /// How many findings there are in all.
    pub findings: usize,
    /// The share of faithful exchanges.
    pub faithful: Option<f64>,
    /// The share of compared leaves.
    pub compared: Option<f64>,
    /// What the report comes to.
    pub verdict: String,
    /// How many runs of a side against itself were silent, and of how many; none where none was asked for.
    pub silent: Option<(usize, usize)>,
}

/// The table, in Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| pair | versions | found | waits for other checks | false alarms | findings in all | faithful | compared | verdict | \
         silent against itself |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let silent = row.silent.map_or_else(|| "not run".to_owned(), |(silent, runs)| format!("{silent}/{runs}"));
        let _ = writeln!(
            text,
            "| {} | {} | {}/{} | {} | {} | {} | {} | {} | {} | {silent} |",
            row.pair,
            row.versions,
            row.found.0,
            row.found.1,
            row.waiting,
            row.false_alarms,
            row.findings,
            percent(row.faithful),
            percent(row.compared),
            row.verdict,
        );
    }
    text
}

/// The page that holds the table.
pub fn page(rows: &[Row]) -> String {
    format!(
        "# Real pairs, as measured\n\n\
         Third-party programs in two published versions, with real recorded traffic, checked by `replay` alone and held\n\
         against what is known to differ. `cargo xtask pairs --write` writes this page.\n\n{}\n\
         - **found**: of the differences that are known and that HTTP traffic can show, those that the report tells, with\n  \
         their direction, severity and answers.\n\
         - **waits for other checks**: known differences of pages' assets or of gRPC methods.\n\
         - **false alarms**: breaking findings where nothing breaks.\n\
         - **faithful**: the share of exchanges whose live reply still agrees with the recorded one in status and structure.\n\
         - **compared**: the share of leaves of these replies that are compared by value or shape.\n\
         - **silent against itself**: runs of one side as both, each with another seed, that find nothing.\n",
        table(rows)
    )
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "unknown".to_owned(), |share| format!("{:.1} %", share * 100.0))
}
