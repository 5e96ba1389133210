//! `cargo xtask tidy`: the habits of the source that a program can see. Sizes are here, words in `words`.

mod words;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::steps::{self, Done};

/// Lines of the median file, of nine files in ten, and of any file without its tests.
const LIMITS: (usize, usize, usize) = (150, 400, 600);
/// Names that say nothing.
const BANNED: [&str; 5] = ["utils", "helpers", "common", "imp", "manager"];

/// Reads every file that git knows.
pub fn run() -> Done {
    let root = steps::root();
    let files = steps::output(
        Command::new("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(&root),
    )?;
    let (mut errors, mut sizes) = (Vec::new(), Vec::new());
    for name in files.lines() {
        let Ok(text) = fs::read_to_string(root.join(name)) else { continue };
        errors.extend(words::errors(name, &text));
        if is_rust(name) {
            errors.extend(file_errors(name, &text));
            sizes.push(text.lines().count());
        }
    }
    sizes.sort_unstable();
    println!(
        "{} files: the median has {} lines, nine in ten have at most {}",
        sizes.len(),
        at(&sizes, 50),
        at(&sizes, 90)
    );
    errors.extend(size_errors(&sizes));
    for error in &errors {
        eprintln!("xtask: {error}");
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn file_errors(name: &str, text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if !text.starts_with("//!") {
        errors.push(format!("{name}: begin with `//!`: what it owns, what it refuses, its main type"));
    }
    if let Some(part) = name.trim_end_matches(".rs").split('/').find(|part| BANNED.contains(part)) {
        errors.push(format!("{name}: `{part}` names nothing"));
    }
    let lines = text.lines().position(|line| line == "#[cfg(test)]").unwrap_or_else(|| text.lines().count());
    if lines > LIMITS.2 {
        errors.push(format!("{name}: {lines} lines without its tests, more than {}", LIMITS.2));
    }
    errors
}

/// The size below which that many files of a hundred are.
fn at(sorted: &[usize], share: usize) -> usize {
    sorted.get(sorted.len() * share / 100).copied().unwrap_or(0)
}

fn size_errors(sorted: &[usize]) -> Vec<String> {
    let over = |what: &str, lines: usize, limit: usize| {
        (lines > limit).then(|| format!("{what} has {lines} lines, more than {limit}"))
    };
    let median = over("the median file", at(sorted, 50), LIMITS.0);
    median.into_iter().chain(over("one file in ten", at(sorted, 90), LIMITS.1)).collect()
}

fn is_rust(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_a_name_that_says_nothing_is_an_error() {
        assert_eq!(file_errors("src/wire/utils.rs", "//! Things\n"), ["src/wire/utils.rs: `utils` names nothing"]);
        assert_eq!(file_errors("src/imports.rs", "//! Imports\n"), Vec::<String>::new());
    }

    #[test]
    fn a_file_without_a_word_about_itself_is_an_error() {
        assert_eq!(file_errors("src/a.rs", "use std::fs;\n").len(), 1);
    }

    #[test]
    fn tests_do_not_count_to_a_files_size() {
        let body = "//! A\n".to_owned() + &"x\n".repeat(599);
        assert!(file_errors("src/a.rs", &format!("{body}#[cfg(test)]\n{}", "t\n".repeat(900))).is_empty());
        assert_eq!(file_errors("src/a.rs", &format!("{body}x\n")).len(), 1);
    }

    #[test]
    fn a_tree_of_long_files_is_an_error() {
        assert!(size_errors(&[10, 20, 100, 150, 399]).is_empty());
        assert_eq!(size_errors(&[151; 9]).len(), 1);
        assert_eq!(size_errors(&[500; 9]).len(), 2);
    }
}
