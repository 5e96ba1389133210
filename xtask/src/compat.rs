//! `cargo xtask compat`: the whole of straddle on two builds. Without `--manifest` these are the demo's, laid out under
//! `target/demo`; a fault that is asked for has to be found as the catalogue says.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use serde_json::Value;

use crate::faults::{self, CASES, Case, Found};
use crate::manifest::{self, Engine};
use crate::options::Options;
use crate::steps::{self, Done, Failure};

/// The exit code of "a bug in straddle": the fault was there, and the report doesn't tell it.
const BUG: u8 = 70;

/// Checks the demo, or the builds of a manifest.
pub fn run(words: Vec<String>) -> Done {
    let mut options = Options::new(words);
    let case = case(&mut options)?;
    let engine = if options.flag("--postgres") { Engine::Postgres(None) } else { Engine::Sqlite };
    let seeds = options.value("--seeds")?;
    let each = options.flag("--each");
    if options.has("--manifest") {
        if let Some(case) = case {
            return Err(format!("`{}` is the demo's: it can't go with `--manifest`", case.name).into());
        }
        let straddle = steps::build()?;
        return Ok(steps::passed_on(steps::status(Command::new(straddle).arg("check").args(options.rest()))?));
    }
    let straddle = steps::build()?;
    if let Some(seeds) = seeds {
        let seeds = seeds.parse().map_err(|_| format!("`--seeds {seeds}` is no number"))?;
        return against_itself(&straddle, seeds, engine, &options.rest());
    }
    if each {
        return every(&straddle, engine, &options.rest());
    }
    one(&straddle, case, engine, &options.rest())
}

/// The demo with that case, or the clean one.
fn one(straddle: &Path, case: Option<&Case>, engine: Engine<'_>, rest: &[String]) -> Done {
    let folder = steps::target().join("demo").join(case.map_or("clean", |case| case.name));
    let demo = steps::root().join("tests/demo");
    let manifest = manifest::lay_out(&demo, &steps::binary("straddle-demo-shop"), &folder, case, engine)?;
    let report = folder.join("report.json");
    // What a former run left would be taken for this one's.
    let _ = fs::remove_file(&report);
    let mut command = Command::new(straddle);
    command.arg("check").arg("--manifest").arg(manifest);
    if !rest.iter().any(|word| word.split('=').next() == Some("--report")) {
        command.args(["--report", "terminal"]);
    }
    command.arg("--report").arg(format!("json={}", report.display())).args(rest);
    if let Some((case, what)) = case.and_then(|case| case.waits_for.map(|what| (case, what))) {
        eprintln!("xtask: {} waits for `{what}`, without which it is not told", case.name);
    }
    let status = steps::status(&mut command)?;
    match case {
        Some(case) if status.code() == Some(1) && !case.is_benign() => verified(case, &report),
        _ => Ok(steps::passed_on(status)),
    }
}

/// Each fault that is about what the two share, by the check that must see it.
fn every(straddle: &Path, engine: Engine<'_>, rest: &[String]) -> Done {
    let mut missed = Vec::new();
    let is_shared = |case: &&Case| !case.is_benign() && case.check != "replay" && case.waits_for.is_none();
    for case in CASES.iter().filter(is_shared) {
        let only = ["--only", case.check].map(str::to_owned);
        if one(straddle, Some(case), engine, &[&only, rest].concat())? != ExitCode::from(1) {
            missed.push(case.name);
        }
    }
    println!("faults of what is shared that are not told as they should be: {}", missed.len());
    for name in &missed {
        eprintln!("xtask: {name} is not told");
    }
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each side against itself, as if it were the other, with so many seeds: nothing may be found.
fn against_itself(straddle: &Path, seeds: u64, engine: Engine<'_>, rest: &[String]) -> Done {
    let folder = steps::target().join("demo").join("itself");
    let demo = steps::root().join("tests/demo");
    let case = faults::find("expand-contract");
    let manifest = manifest::lay_out(&demo, &steps::binary("straddle-demo-shop"), &folder, case, engine)?;
    let report = folder.join("report.json");
    let mut loud = 0;
    for (seed, side) in (0..seeds).flat_map(|seed| ["old", "new"].map(|side| (seed, side))) {
        let _ = fs::remove_file(&report);
        let mut command = Command::new(straddle);
        command.arg("check").arg("--manifest").arg(&manifest).args(["--self", side, "--seed", &seed.to_string()]);
        command.arg("--report").arg(format!("json={}", report.display())).args(rest);
        let status = steps::status(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let told: Value = serde_json::from_str(&fs::read_to_string(&report)?)?;
        let is_silent = ["findings", "unstable"].iter().all(|list| told[list].as_array().is_some_and(Vec::is_empty));
        if status.code() != Some(0) || !is_silent {
            eprintln!("xtask: {side} against itself with seed {seed}: {status}, {}", told["findings"]);
            loud += 1;
        }
    }
    println!("each side against itself with {seeds} seeds: {loud} runs are not silent");
    Ok(if loud == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn case(options: &mut Options) -> Result<Option<&'static Case>, Failure> {
    let (fault, benign) = (options.value("--fault")?, options.value("--benign")?);
    let (name, is_benign) = match (fault, benign) {
        (None, None) => return Ok(None),
        (Some(name), None) => (name, false),
        (None, Some(name)) => (name, true),
        (Some(_), Some(_)) => return Err("either `--fault` or `--benign`".into()),
    };
    let case = faults::find(&name).filter(|case| case.is_benign() == is_benign);
    case.map(Some).ok_or_else(|| {
        let known = faults::all().filter(|case| case.is_benign() == is_benign);
        format!("`{name}` is none of {}", known.map(|case| case.name).collect::<Vec<_>>().join(", ")).into()
    })
}

/// The exit code of a fault that was found: 1 if the report tells it as the catalogue does.
fn verified(case: &Case, report: &Path) -> Done {
    let report: Value = serde_json::from_str(&fs::read_to_string(report)?)?;
    let missing = missing(case, &report);
    for what in &missing {
        eprintln!("xtask: {} is there, and the report does not tell it: {what}", case.name);
    }
    Ok(ExitCode::from(if missing.is_empty() { 1 } else { BUG }))
}

/// What the report would have to say about this case, and doesn't.
fn missing(case: &Case, report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let unfound = case.finds.iter().filter(|found| !findings.iter().any(|finding| is(finding, found)));
    let mut missing: Vec<String> = unfound
        .map(|found| format!("no {} {} at {} of {}", found.direction, found.rule, found.at, found.subject))
        .collect();
    for question in case.breaks.split_whitespace() {
        let name = match question {
            "F" => "roll_forward",
            "C" => "coexist",
            _ => "roll_back",
        };
        if report["answers"][name]["verdict"] != "incompatible" {
            missing.push(format!("{name} is not incompatible"));
        }
    }
    missing
}

fn is(finding: &Value, found: &Found) -> bool {
    let direction = format!("{}->{}", text(&finding["direction"]["from"]), text(&finding["direction"]["to"]));
    finding["rule"] == found.rule
        && finding["subject"] == found.subject
        && finding["at"] == found.at
        && direction == found.direction
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn report(direction: &Value, roll_back: &str) -> Value {
        let answer = |verdict: &str| json!({ "verdict": verdict });
        json!({
            "answers": { "roll_forward": answer("compatible"), "coexist": answer("incompatible"), "roll_back": answer(roll_back) },
            "findings": [{
                "rule": "http/operation-missing", "subject": "POST /api/v2/reviews", "at": "status", "direction": direction,
            }],
        })
    }

    fn check(report: &Value, expected: &[&str]) {
        let case = faults::find("endpoint-new-only").unwrap_or_else(|| panic!("the demo lost a fault"));
        assert_eq!(missing(case, report), expected);
    }

    #[test]
    fn a_fault_that_is_told_is_verified() {
        check(&report(&json!({ "from": "new", "to": "old" }), "incompatible"), &[]);
    }

    #[test]
    fn a_fault_in_the_wrong_direction_is_missing() {
        check(
            &report(&json!({ "from": "old", "to": "new" }), "incompatible"),
            &["no new->old http/operation-missing at status of POST /api/v2/reviews"],
        );
    }

    #[test]
    fn a_question_that_is_not_answered_with_no_is_missing() {
        check(&report(&json!({ "from": "new", "to": "old" }), "compatible"), &["roll_back is not incompatible"]);
    }

    #[test]
    fn every_case_can_be_laid_out() {
        let folder = steps::target().join("tmp").join(format!("xtask-{}", std::process::id()));
        for case in CASES {
            let demo = steps::root().join("tests/demo");
            let manifest =
                manifest::lay_out(&demo, Path::new("shop"), &folder.join(case.name), Some(case), Engine::Sqlite);
            let text = fs::read_to_string(manifest.unwrap_or_else(|e| panic!("{}: {e}", case.name)));
            let text = text.unwrap_or_else(|e| panic!("{e}"));
            for side in ["old", "new"] {
                assert!(text.contains(&format!("recordings/{}", case.recording(side))), "{text}");
                assert!(text.contains(&format!("--side {side} --")), "{text}");
            }
        }
        fs::remove_dir_all(folder).unwrap_or_else(|e| panic!("{e}"));
    }
}
