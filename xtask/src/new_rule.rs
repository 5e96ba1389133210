//! `cargo xtask new-rule NAME`: a rule's file and its pair of replies, to be filled in. A rule that stays unlisted, unpaired or
//! silent fails the tests.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::steps::{self, Done, Failure};

const RULE: &str = r#"//! `http/NAME`: WHAT CHANGES.

use crate::compare::spot::{Hit, Spot, What};
use crate::model::{Rule, Severity};

/// The rule.
pub static RULE: Rule = Rule {
    id: "http/NAME",
    severity: Severity::Breaking,
    summary: "WHAT CHANGES, IN ONE LINE",
    explanation: "WHOM IT BREAKS AND WHY, AND WHEN IT DOES NOT",
    remedy: "HOW TO MAKE THE CHANGE SAFELY",
};

/// Looks at one place.
pub fn check(spot: &Spot<'_>) -> Option<Hit> {
    let What::Value { control: Some(_), mixed: Some(_), .. } = spot.what else { return None };
    Hit::new(Severity::Breaking, format!("{} sends WHAT where {} read WHAT", spot.server(), spot.readers()))
}
"#;

/// Makes the files.
pub fn run(words: &[String]) -> Done {
    let [name] = words else { return Err("say one name: cargo xtask new-rule field-removed".into()) };
    let is_kebab = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_kebab {
        return Err(format!("`{name}` is no rule's name: lower-case words with dashes, without the family").into());
    }
    let root = steps::root();
    let source = root.join("src/compare/rules").join(format!("{}.rs", name.replace('-', "_")));
    let pair = root.join("tests/pairs").join(format!("http-{name}"));
    make(&source, &RULE.replace("NAME", name))?;
    make(&pair.join("old.http"), &reply("\"name\": \"Teapot\""))?;
    make(&pair.join("new.http"), &reply("\"name\": \"Kettle\""))?;
    make(&pair.join("fine.http"), &reply("\"name\": \"Teapot\""))?;
    println!(
        "now: write the rule; list it in src/compare/rules/mod.rs at its place; make `new.http` break it and nothing else,"
    );
    println!("and `fine.http` look like it and be fine; `cargo xtask bless`, read the diff; `cargo xtask codegen`");
    Ok(ExitCode::SUCCESS)
}

fn make(file: &Path, text: &str) -> Result<(), Failure> {
    if file.exists() {
        return Err(format!("{} is there already", file.display()).into());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)?;
    println!("{}", file.display());
    Ok(())
}

fn reply(field: &str) -> String {
    format!("HTTP/1.1 200 OK\ncontent-type: application/json\n\n{{ \"id\": 7, {field} }}\n")
}
