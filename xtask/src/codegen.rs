//! `cargo xtask codegen`: schemas, the page of rules and the page of commands, as the binary itself tells them. With `--check`
//! nothing is written, and a file that would change is an error.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::manifest_page;
use crate::steps::{self, Done, Failure};

const SCHEMAS: [&str; 3] = ["manifest", "report", "recording"];

/// Writes or checks all of them.
pub fn run(words: &[String]) -> Done {
    let check = match words {
        [] => false,
        [word] if word == "--check" => true,
        _ => return Err("codegen takes `--check` or nothing".into()),
    };
    let straddle = steps::build()?;
    let mut stale = 0;
    for (file, text) in generated(&straddle)? {
        let file = steps::root().join(file);
        if fs::read_to_string(&file).is_ok_and(|there| there == text) {
            continue;
        }
        stale += 1;
        if check {
            eprintln!("xtask: {} is not what it would be now; run `cargo xtask codegen`", file.display());
        } else {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&file, text)?;
            println!("{}", file.display());
        }
    }
    Ok(if check && stale > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn generated(straddle: &Path) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut files = Vec::new();
    for name in SCHEMAS {
        let schema = say(straddle, &["schema", name])?;
        if name == "manifest" {
            let page = manifest_page::page(&serde_json::from_str(&schema)?);
            files.push((PathBuf::from("docs/manifest.md"), page));
        }
        files.push((PathBuf::from(format!("contracts/{name}.schema.json")), schema));
    }
    files.push((PathBuf::from("docs/rules.md"), rules_page(straddle)?));
    files.push((PathBuf::from("docs/cli.md"), commands_page(straddle)?));
    Ok(files)
}

fn rules_page(straddle: &Path) -> Result<String, Failure> {
    let mut page = String::from("# Rules\n\nWhat straddle can find, as `straddle explain RULE` tells it.\n");
    for rule in rules(&say(straddle, &["rules"])?) {
        let told = say(straddle, &["explain", rule])?;
        write!(page, "\n## {rule}\n\n{}\n", block(&told))?;
    }
    Ok(page)
}

fn commands_page(straddle: &Path) -> Result<String, Failure> {
    let help = say(straddle, &["--help"])?;
    let mut page = format!("# Commands\n\nWhat `--help` says.\n\n{}\n", block(&help));
    for command in commands(&help) {
        let help = say(straddle, &[command, "--help"])?;
        write!(page, "\n## straddle {command}\n\n{}\n", block(&help))?;
    }
    Ok(page)
}

fn say(straddle: &Path, words: &[&str]) -> Result<String, Failure> {
    steps::output(Command::new(straddle).args(words).env("NO_COLOR", "1"))
}

fn block(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    format!("```text\n{}\n```", lines.join("\n"))
}

/// The rules' ids: on each line the first word that has a family.
fn rules(listed: &str) -> Vec<&str> {
    listed.lines().filter_map(|line| line.split_whitespace().find(|word| word.contains('/'))).collect()
}

/// The names under `Commands:`.
fn commands(help: &str) -> Vec<&str> {
    let section = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    section
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_off_the_help() {
        let help = "Does things\n\nUsage: x\n\nCommands:\n  check   The main job,\n          at length\n  replay  URLs\n  help    Print\n\nOptions:\n  -h\n";
        assert_eq!(commands(help), ["check", "replay"]);
    }

    #[test]
    fn rules_are_read_off_the_list() {
        assert_eq!(rules("http/fault  breaking  dropped\n\nprocess/died  breaking\n"), ["http/fault", "process/died"]);
    }
}
