//! The house holds: every `crate::` path in `src/` goes down.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may use; the diagram of ARCHITECTURE.md. `cli` may use everything.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("engine", &["checks", "compare", "fleet", "contract", "process", "wire", "manifest", "model"]),
    ("report", &["model"]),
    ("checks", &["generate", "compare", "drive", "fleet", "traffic", "contract", "wire", "manifest", "model"]),
    ("generate", &["contract", "wire", "model"]),
    ("drive", &["traffic", "wire", "model"]),
    ("compare", &["model"]),
    ("fleet", &["proxy", "store", "contract", "process", "wire", "manifest", "model"]),
    ("proxy", &["traffic", "wire", "model"]),
    ("store", &["process", "manifest", "model"]),
    ("traffic", &["wire", "model"]),
    ("contract", &["manifest", "model"]),
    ("process", &[]),
    ("wire", &["model"]),
    ("manifest", &["model"]),
    ("model", &[]),
];

#[test]
fn the_list_of_modules_is_in_layer_order() {
    let lib = include_str!("../../src/lib.rs");
    let listed = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.split(';').next());
    let expected: Vec<&str> = std::iter::once("cli").chain(ALLOWED.iter().map(|(name, _)| *name)).collect();
    assert_eq!(listed.collect::<Vec<_>>(), expected);
}

#[test]
fn every_arrow_points_downwards() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for (module, allowed) in ALLOWED {
        let files = sources(&src.join(module));
        assert!(!files.is_empty(), "no files in src/{module}");
        for file in files {
            let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            for used in used(&text) {
                if used != module && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{}: {module} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point upwards or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn a_path_upwards_is_seen() {
    let found = used("use crate::{checks::Job, model};\nlet x = crate::cli::main;\n// crate::report is no use");
    assert_eq!(found, BTreeSet::from(["checks".into(), "model".into(), "cli".into()]));
}

#[test]
fn only_process_spawns_and_only_cli_reads_the_environment() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in sources(&src) {
        let path = file.strip_prefix(&src).unwrap_or(&file).to_owned();
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let code: String = text
            .split("#[cfg(test)]")
            .next()
            .unwrap_or_default()
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .collect();
        for (needle, module) in [
            ("process::Command::new", "process"),
            ("Command::new(", "process"),
            ("env::var", "cli"),
            ("env::temp_dir", "cli"),
            ("process::exit(", "cli"),
            ("println!", "cli"),
        ] {
            let at_home = path.starts_with(module)
                || (module == "cli" && path.starts_with("process"))
                || path == Path::new("main.rs");
            if code.contains(needle) && !at_home {
                wrong.push(format!("{}: {needle}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "what only one module may do:\n{}", wrong.join("\n"));
}

/// The modules that a file names by `crate::`.
fn used(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 && (c.is_alphanumeric() || c == '_') {
                    word.push(c);
                } else if depth == 0 {
                    keep(&mut found, &mut word, c);
                }
            }
            keep(&mut found, &mut word, ',');
        } else {
            let mut word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            keep(&mut found, &mut word, ':');
        }
    }
    found
}

fn keep(found: &mut BTreeSet<String>, word: &mut String, after: char) {
    let known = |word: &str| word == "cli" || ALLOWED.iter().any(|(module, _)| *module == word);
    if matches!(after, ':' | ',' | '}' | '\n') && known(word) {
        found.insert(word.clone());
    }
    word.clear();
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
    found
}
