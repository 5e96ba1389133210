//! straddle's own formats against those of its last release, which lie in `contracts/released`: by `straddle contracts`, as anybody
//! would hold theirs. At a release they are copied anew.

use std::path::Path;
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::steps::{self, Done, Failure};

/// A format, and who has to read whose: a manifest or a recording that was written for the last release is read by this one, and a
/// report of this one by what reads the last release's, which passes over fields that it doesn't know.
const FORMATS: [(&str, &str, &[&str]); 3] = [
    ("manifest", "old_new", &[]),
    ("recording", "old_new", &[]),
    ("report", "new_old", &["--sender=closed", "--unknown-fields=ignored"]),
];

/// Compares them all.
pub fn run() -> Done {
    let straddle = steps::build()?;
    let mut errors = 0;
    for (name, cell, terms) in FORMATS {
        for (subject, mark) in marks(&straddle, name, cell, terms)? {
            if mark != "ok" {
                errors += 1;
                eprintln!(
                    "xtask: {subject}: {mark}; see `straddle contracts contracts/released/{name}.schema.json contracts/{name}.schema.json`"
                );
            }
        }
    }
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is said of a format in the direction that counts.
fn marks(straddle: &Path, name: &str, cell: &str, terms: &[&str]) -> Result<Vec<(String, String)>, Failure> {
    let file = format!("{name}.schema.json");
    let contracts = steps::root().join("contracts");
    let mut command = Command::new(straddle);
    command.arg("contracts").args([contracts.join("released").join(&file), contracts.join(&file)]);
    let output = command.args(terms).arg("--report=json").output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{name}: {error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let rows = report["matrix"].as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        return Err(format!("{name}: nothing was compared").into());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(rows.iter().map(|row| (text(&row["subject"]), text(&row[cell]))).collect())
}
