//! The demo laid out in a folder of its own, straddle run on it, and its report. The main type is [`Demo`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::faults::{self, Case};
use super::manifest::{self, Engine};

/// The demo in a temporary folder.
#[derive(Debug)]
pub struct Demo {
    folder: TempDir,
    manifest: PathBuf,
}

impl Demo {
    /// The clean pair.
    pub fn clean() -> Self {
        Self::laid_out(None, Engine::Sqlite)
    }

    /// The pair with that change between the two.
    pub fn with(case: &Case) -> Self {
        Self::laid_out(Some(case), Engine::Sqlite)
    }

    /// The same on the PostgreSQL server to which that URL leads.
    pub fn on_postgres(case: &Case, url: &str) -> Self {
        Self::laid_out(Some(case), Engine::Postgres(Some(url)))
    }

    fn laid_out(case: Option<&Case>, engine: Engine<'_>) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/demo");
        let shop = Path::new(env!("CARGO_BIN_EXE_straddle-demo-shop"));
        let manifest = manifest::lay_out(&demo, shop, folder.path(), case, engine).unwrap_or_else(|e| panic!("{e}"));
        Self { folder, manifest }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `straddle reproduce`: its exit code, and what it printed.
    pub fn reproduce(&self, options: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_straddle"));
        command.arg("reproduce").arg("--manifest").arg(&self.manifest).args(options);
        let output = command.output().unwrap_or_else(|e| panic!("{e}"));
        (output.status.code(), said(&output))
    }

    /// Runs `straddle check` with these options, and reads its report.
    pub fn check(&self, options: &[&str]) -> Checked {
        let report = self.folder.path().join("report.json");
        let output = Command::new(env!("CARGO_BIN_EXE_straddle"))
            .arg("check")
            .arg("--manifest")
            .arg(&self.manifest)
            .arg("--report")
            .arg(format!("json={}", report.display()))
            .args(options)
            .output()
            .unwrap_or_else(|e| panic!("{e}"));
        let text = fs::read_to_string(&report).unwrap_or_else(|e| panic!("no report: {e}\n{}", said(&output)));
        let report = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        Checked { code: output.status.code(), said: said(&output), text, report }
    }
}

/// The demo's case of that name, as a test's name writes it.
pub fn case(name: &str) -> &'static Case {
    faults::find(&name.replace('_', "-")).unwrap_or_else(|| panic!("the demo knows no {name}"))
}

/// What came of it.
#[derive(Debug)]
pub struct Checked {
    /// The exit code.
    pub code: Option<i32>,
    /// What was printed.
    pub said: String,
    /// The report as it was written.
    pub text: String,
    /// The report.
    pub report: Value,
}

impl Checked {
    /// All findings.
    pub fn findings(&self) -> &[Value] {
        self.report["findings"].as_array().map(Vec::as_slice).unwrap_or_default()
    }

    /// The findings that break somebody and that nobody accepted.
    pub fn breaking(&self) -> Vec<&Value> {
        let stands = |finding: &&Value| finding["severity"] == "breaking" && finding["accepted"].is_null();
        self.findings().iter().filter(stands).collect()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
