//! `cargo xtask pairs`: installs real version pairs, checks them with `replay` and, if asked to, with `sessions`, and holds the findings against what is known of
//! each. It needs what the pairs need: Python, Node and npm.

mod curl;
mod shards;
mod table;
mod together;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::options::Options;
use crate::steps::{self, Done, Failure};
use table::Row;

/// What can be asked of it.
#[derive(Debug)]
struct Asked {
    straddle: PathBuf,
    source: PathBuf,
    dest: PathBuf,
    /// How many seeds each side is run against itself with; 0: it isn't.
    seeds: u64,
    /// Whether each pair is run a second time, for the same report.
    twice: bool,
    /// In how many shards each pair is run besides, for the same report.
    shards: Option<u32>,
    /// Whether both sides of each pair are put on one store besides.
    together: bool,
}

/// Less than this share of exchanges that agree with their recording proves too little.
const FAITHFUL: f64 = 0.95;
/// Less than this share of compared values proves too little.
const COMPARED: f64 = 0.9;

/// Checks the named pairs, or all that have recordings.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let root = steps::root();
    let source = options.value("--source")?.map_or_else(|| root.join("../shared/pairs"), PathBuf::from);
    let dest = options.value("--dest")?.map_or_else(|| steps::target().join("pairs"), PathBuf::from);
    let seeds = options.value("--seeds")?.map(|seeds| seeds.parse::<u64>()).transpose()?;
    let seeds = if options.flag("--self") { seeds.unwrap_or(1) } else { 0 };
    let shards = options.value("--shards")?.map(|shards| shards.parse::<u32>()).transpose()?;
    let (write, twice, together) = (options.flag("--write"), options.flag("--twice"), options.flag("--sessions"));
    let mut names = options.names()?;
    if !source.is_dir() {
        return Err(format!(
            "{} is not there; say with `--source DIR` where the pairs are: folders with `install.sh` and `truth.json`",
            source.display()
        )
        .into());
    }
    if names.is_empty() {
        names = recorded(&source)?;
    }
    fs::create_dir_all(&dest)?;
    let dest = fs::canonicalize(dest)?;
    let asked = Asked { straddle: steps::build()?, source, dest, seeds, twice, shards, together };
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for name in &names {
        match asked.pair(name, &mut errors) {
            Ok(row) => rows.push(row),
            Err(error) => errors.push(format!("{name}: {error}")),
        }
    }
    println!("{}", table::table(&rows));
    for error in &errors {
        eprintln!("xtask: {error}");
    }
    if write {
        fs::create_dir_all(root.join("docs"))?;
        fs::write(root.join("docs/pairs.md"), table::page(&rows))?;
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The pairs that come with traffic.
fn recorded(source: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for entry in fs::read_dir(source)? {
        let entry = entry?;
        if entry.path().join("recordings").is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

impl Asked {
    fn pair(&self, name: &str, errors: &mut Vec<String>) -> Result<Row, Failure> {
        eprintln!("pairs: {name}");
        let install = self.source.join(name).join("install.sh");
        if !install.is_file() {
            return Err(format!("{} is not there", install.display()).into());
        }
        steps::must(Command::new("bash").arg(install).arg(&self.dest))?;
        let truth = read(&self.source.join(name).join("truth.json"))?;
        let report = self.check(name, "report.json", &[])?;
        let score = truth::score(&truth, &report);
        errors.extend(score.missing.iter().map(|missing| format!("{name}: not found: {missing}")));
        errors.extend(score.false_alarms.iter().map(|alarm| format!("{name}: false alarm: {alarm}")));
        let replay = report["checks"].as_array().into_iter().flatten().find(|check| check["name"] == "replay");
        let share = |field: &str| replay.and_then(|check| check[field].as_f64());
        for (field, least) in [("faithful", FAITHFUL), ("compared", COMPARED)] {
            if share(field).is_none_or(|share| share < least) {
                errors.push(format!("{name}: {field} is {:?}, and less than {least} proves too little", share(field)));
            }
        }
        if name == curl::PAIR {
            let folder = self.dest.join(name);
            for side in ["old", "new"] {
                let faithful = curl::Laid { straddle: &self.straddle, folder: &folder, side }.faithful()?;
                if faithful < 1.0 {
                    errors.push(format!("{name}: of what curl did with {side} only {faithful} replays as recorded"));
                }
            }
        }
        if self.twice {
            let again = self.check(name, "again.json", &[])?;
            if again != report || self.bytes(name, "again.json")? != self.bytes(name, "report.json")? {
                errors.push(format!("{name}: the same run twice gives two reports: report.json and again.json"));
            }
        }
        if self.together {
            let report = self.run(name, "sessions", "together.json", &[])?;
            errors.extend(together::errors(name, &report).iter().map(|error| format!("{name}, on one store: {error}")));
        }
        if let Some(of) = self.shards {
            let folder = self.dest.join(name);
            let sharded = shards::Laid { straddle: &self.straddle, folder: &folder }.in_shards(of)?;
            let slowest = sharded.parts.iter().max().copied().unwrap_or_default();
            eprintln!("pairs: {name}: one run took {:.1?}, the slowest of {of} shards {slowest:.1?}", sharded.whole);
            if !sharded.same {
                errors.push(format!("{name}: {of} shards, merged, are not the whole: merged.json and whole.json"));
            }
        }
        Ok(Row {
            pair: name.to_owned(),
            versions: format!("{} → {}", text(&truth["old"]), text(&truth["new"])),
            found: (score.found, score.found + score.missing.len()),
            waiting: score.waiting,
            false_alarms: score.false_alarms.len(),
            findings: report["findings"].as_array().map_or(0, Vec::len),
            faithful: share("faithful"),
            compared: share("compared"),
            verdict: text(&report["verdict"]).to_owned(),
            silent: self.against_itself(name, errors)?,
        })
    }

    /// Runs each side as both, seed after seed and with every binding forced: nothing may be found.
    fn against_itself(&self, name: &str, errors: &mut Vec<String>) -> Result<Option<(usize, usize)>, Failure> {
        let (mut silent, mut runs) = (0, 0);
        for seed in 0..self.seeds {
            for side in ["old", "new"] {
                let report =
                    self.check(name, "self.json", &["--self", side, "--seed", &seed.to_string(), "--force-bindings"])?;
                let findings = report["findings"].as_array().map_or(0, Vec::len);
                runs += 1;
                if findings == 0 {
                    silent += 1;
                } else {
                    errors.push(format!("{name}: {findings} findings of {side} against itself, with seed {seed}"));
                }
            }
        }
        Ok((runs > 0).then_some((silent, runs)))
    }

    fn bytes(&self, name: &str, report: &str) -> Result<Vec<u8>, Failure> {
        Ok(fs::read(self.dest.join(name).join(report))?)
    }

    fn check(&self, name: &str, report: &str, more: &[&str]) -> Result<Value, Failure> {
        self.run(name, "contracts,replay,generated", report, more)
    }

    fn run(&self, name: &str, check: &str, report: &str, more: &[&str]) -> Result<Value, Failure> {
        let folder = self.dest.join(name);
        let report = folder.join(report);
        // What a former run left would be taken for this one's.
        let _ = fs::remove_file(&report);
        let mut command = Command::new(&self.straddle);
        command.arg("check").arg("--manifest").arg(folder.join("straddle.toml")).args(["--only", check]).args(more);
        command.arg("--report").arg(format!("json={}", report.display()));
        let status = steps::status(&mut command)?;
        match status.code() {
            Some(0 | 1 | 4) => read(&report),
            _ => Err(format!("straddle gave {status}").into()),
        }
    }
}

fn read(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
