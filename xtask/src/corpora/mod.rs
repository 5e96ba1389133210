//! `cargo xtask corpora`: what `straddle contracts` says of labelled pairs of contracts, against their labels. A claim that is
//! contradicted is an error, and so is a case that takes too long; `--write` puts the table into `docs/contracts.md`.

mod claim;
mod row;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use self::claim::{Claim, Mark, Score};
use self::row::{Row, rows};
use self::table::Table;
use crate::options::Options;
use crate::steps::{self, Done, Failure};

/// The labelled corpora, and those of which only silence on themselves and symmetry are known.
const FILES: [&str; 7] = [
    "containment.jsonl",
    "jsonsubschema.jsonl",
    "oasdiff.jsonl",
    "buf.jsonl",
    "protobuf_direction.jsonl",
    "googleapis.jsonl.gz",
    "openapi-pairs.jsonl.gz",
];
/// Where no more than a few may be left unknown.
const LIMITED: [&str; 2] = ["containment", "jsonsubschema"];
/// No case may take longer than this: what explodes is to be cut. A build for development takes five times as long as a release,
/// for which it is two seconds.
const LONGEST: Duration = Duration::from_secs(10);

/// What straddle says of a pair: the worst of each mixed direction, and the rules.
struct Said {
    old_new: Mark,
    new_old: Mark,
    findings: usize,
    took: Duration,
}

/// Runs them.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let source =
        options.value("--source")?.map_or_else(|| steps::root().join("../shared/data/contracts"), PathBuf::from);
    let (write, verbose) = (options.flag("--write"), options.flag("--verbose"));
    let names = options.names()?;
    let straddle = steps::build()?;
    let folder = steps::target().join("corpora");
    let mut tables = Vec::new();
    for file in FILES {
        let name = file.split('.').next().unwrap_or(file);
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut table = Table::new(name);
        for row in rows(&source.join(file))? {
            // Another pair must not find what this one leaves.
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder)?;
            one(&straddle, &folder, &row, &mut table).map_err(|error| format!("{}: {error}", row.id))?;
        }
        if LIMITED.contains(&name) {
            table.limits();
        }
        println!("{}", table.line());
        for error in table.errors.iter().chain(verbose.then_some(&table.remarks).into_iter().flatten()) {
            println!("  {error}");
        }
        tables.push(table);
    }
    let _ = fs::remove_dir_all(&folder);
    if write {
        table::write(&steps::root().join("docs/contracts.md"), &tables)?;
    }
    let errors: usize = tables.iter().map(|table| table.errors.len()).sum();
    println!("{errors} errors");
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(straddle: &Path, folder: &Path, row: &Row, table: &mut Table) -> Result<(), Failure> {
    let (old, new) = (row.lay(folder, "old")?, row.lay(folder, "new")?);
    let asked = |old: &Path, new: &Path, more: &[&str]| ask(straddle, folder, row, old, new, more);
    let said = asked(&old, &new, &[])?;
    table.took(&row.id, said.took, LONGEST);
    if row.is_definite {
        let worst = said.old_new.max(said.new_old);
        for (cell, claim, mark) in
            [("old_new", row.old_new, said.old_new), ("new_old", row.new_old, said.new_old), ("any", row.any, worst)]
        {
            if let Some(claim) = claim {
                table.score(&row.id, cell, row.keyword(), claim, mark);
            }
        }
    }
    for (name, more) in [
        ("binary", &["--encoding", "binary"][..]),
        ("json", &["--encoding", "json"]),
        ("json_unknown_rejected", &["--encoding", "json", "--unknown-fields", "rejected"]),
    ] {
        let Some(cells) = row.encodings.get(name) else { continue };
        let said = asked(&old, &new, more)?;
        for (cell, mark) in [("old_new", said.old_new), ("new_old", said.new_old)] {
            let claim = cells.get(cell).and_then(serde_json::Value::as_str).and_then(Claim::of_encoding);
            if let Some(claim) = claim {
                table.score(&row.id, &format!("{name} {cell}"), row.keyword(), claim, mark);
            }
        }
    }
    if row.is_unlabelled() {
        for (which, side) in [("OLD", &old), ("NEW", &new)] {
            let itself = asked(side, side, &[])?;
            table.took(&row.id, itself.took, LONGEST);
            table.must(itself.findings == 0, || {
                format!("{}: {which} against itself gives {} findings", row.id, itself.findings)
            });
            table.score(&row.id, which, row.keyword(), Claim::Ok, itself.old_new.max(itself.new_old));
        }
        let swapped = asked(&new, &old, &[])?;
        let same = (swapped.old_new, swapped.new_old) == (said.new_old, said.old_new);
        table.must(same, || format!("{}: swapping the two does not swap the cells", row.id));
    }
    Ok(())
}

fn ask(straddle: &Path, folder: &Path, row: &Row, old: &Path, new: &Path, more: &[&str]) -> Result<Said, Failure> {
    let report = folder.join("report.json");
    let mut command = Command::new(straddle);
    command.arg("contracts").args([old, new]).args(["--kind", &row.kind]).args(more).current_dir(folder);
    command.arg(format!("--report=json={}", report.display()));
    let before = Instant::now();
    let output = command.output()?;
    let took = before.elapsed();
    // What it can't read is honest: it says nothing of the pair.
    match output.status.code() {
        Some(0 | 1 | 4) => {}
        Some(2) => return Ok(Said { old_new: Mark::Unknown, new_old: Mark::Unknown, findings: 0, took }),
        _ => return Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into()),
    }
    let report: serde_json::Value = serde_json::from_slice(&fs::read(report)?)?;
    let list = |name: &str| report.get(name).and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
    let worst = |cell: &str| {
        list("matrix").iter().filter_map(|row| Mark::of(row.get(cell)?.as_str()?)).max().unwrap_or(Mark::Ok)
    };
    Ok(Said { old_new: worst("old_new"), new_old: worst("new_old"), findings: list("findings").len(), took })
}

impl Table {
    fn score(&mut self, id: &str, cell: &str, keyword: &str, claim: Claim, mark: Mark) {
        let score = claim.score(mark);
        self.count(keyword, score);
        match score {
            Score::Wrong => self.errors.push(format!("{id} {cell}: {mark} where the label says {claim}")),
            Score::Half | Score::Unknown => {
                self.remarks.push(format!("{id} {cell}: {mark} where the label says {claim}"));
            }
            Score::Right => {}
        }
    }

    fn must(&mut self, holds: bool, error: impl FnOnce() -> String) {
        if !holds {
            self.errors.push(error());
        }
    }
}
