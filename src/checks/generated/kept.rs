//! Cases that showed something, each a file of its own: they are sent first the next time.
//!
//! A file is JSON: what it is (`format`, `major`, `minor`), whose message to which service (`service`, `clients`, `surface`), what it
//! showed (`found`), the digest of what could be sent to that surface (`schema`), the seed that it was made with, and the `steps`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::written::Cases;
use crate::checks::concluding::Key;
use crate::generate::calls::{Calls, Case};
use crate::model::Side;

const FORMAT: &str = "straddle-case";
const MAJOR: u32 = 1;
const MINOR: u32 = 0;
/// Longer files hold no case: a message is at most some megabytes.
const LONGEST: u64 = 16 << 20;

/// A case as it stands in its file.
#[derive(Debug, Serialize, Deserialize)]
struct File {
    format: String,
    major: u32,
    minor: u32,
    service: String,
    clients: Side,
    surface: String,
    found: Found,
    #[serde(default)]
    schema: Option<String>,
    seed: u64,
    steps: Value,
}

/// What it showed.
#[derive(Debug, Serialize, Deserialize)]
struct Found {
    rule: String,
    direction: String,
    at: String,
}

/// The folder in which they are, and whose are meant.
pub(super) struct Kept<'a> {
    pub(super) folder: &'a Path,
    pub(super) service: &'a str,
    pub(super) side: Side,
}

impl Kept<'_> {
    /// All of these clients, and what of the folder can't be sent.
    pub(super) fn read(&self, calls: &Calls) -> (Cases, Vec<String>) {
        let (mut cases, mut notes) = (Cases::new(), Vec::new());
        let mut files: Vec<PathBuf> =
            fs::read_dir(self.folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        for path in files {
            match self.one(&path, calls) {
                Ok(Some(case)) => {
                    cases.insert(case.number(), case);
                }
                Ok(None) => {}
                Err(why) => notes.push(format!("the kept case {} is not sent: {why}", path.display())),
            }
        }
        (cases, notes)
    }

    fn one(&self, path: &Path, calls: &Calls) -> Result<Option<Case>, String> {
        let length = fs::metadata(path).map_err(|error| error.to_string())?.len();
        if length > LONGEST {
            return Err(format!("it has {length} bytes, and no case has more than {LONGEST}"));
        }
        let text = fs::read(path).map_err(|error| error.to_string())?;
        let file: File = serde_json::from_slice(&text).map_err(|error| format!("it is no case: {error}"))?;
        if file.format != FORMAT || file.major > MAJOR {
            return Err(format!(
                "it is `{}` {}.{}, and `{FORMAT}` {MAJOR} is read",
                file.format, file.major, file.minor
            ));
        }
        if file.service != self.service || file.clients != self.side {
            return Ok(None);
        }
        let case = Case::from_json(file.steps).ok_or("its steps are none")?;
        // Of several contracts of a service another may know it.
        if calls.digest(case.surface()).is_none() {
            return Ok(None);
        }
        if calls.allows(&case) {
            return Ok(Some(case));
        }
        Err(format!("what {} clients may send to {} is no longer that; remove the file", self.side, case.surface()))
    }

    /// Keeps one. Gives why that can't be done, where it can't.
    pub(super) fn write(&self, case: &Case, key: &Key, seed: u64, calls: &Calls) -> Result<(), String> {
        let file = File {
            format: FORMAT.to_owned(),
            major: MAJOR,
            minor: MINOR,
            service: self.service.to_owned(),
            clients: self.side,
            surface: case.surface().to_owned(),
            found: Found { rule: key.rule.clone(), direction: key.direction.to_string(), at: key.at.clone() },
            schema: calls.digest(case.surface()),
            seed,
            steps: case.to_json(),
        };
        let path = self.folder.join(self.name(case));
        let failed = |error: std::io::Error| format!("a case can't be kept as {}: {error}", path.display());
        fs::create_dir_all(self.folder).map_err(failed)?;
        let mut text = serde_json::to_vec_pretty(&file).unwrap_or_default();
        text.push(b'\n');
        fs::write(&path, text).map_err(failed)
    }

    /// `shop-old-POST-orders-1f00c3a2.json`
    fn name(&self, case: &Case) -> String {
        /// A file's name holds 255 bytes on most systems.
        const LONGEST: usize = 100;
        let said = format!("{}-{}-{}", self.service, self.side, case.surface());
        let mut slug = String::new();
        for c in said.chars().take(LONGEST) {
            match c {
                c if c.is_ascii_alphanumeric() || c == '.' => slug.push(c),
                _ if !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
        }
        format!("{}-{:08x}.json", slug.trim_matches('-'), case.number())
    }
}
