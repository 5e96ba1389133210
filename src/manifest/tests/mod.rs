//! The manifest as its readers and writers meet it: what is accepted, what every refusal says, what never happens.

#![expect(clippy::unwrap_used, reason = "a test")]

mod accepted;
mod refused;
mod robust;
mod schema;

use std::path::{Path, PathBuf};

use super::{Manifest, ManifestError, parse};

/// A service that is whole, for cases that are about something else.
const SERVICE: &str = r#"
[project]
name = "shop"
[service.shop]
ready = "/healthz"
[service.shop.old]
git = "v1"
run = "shop --port {port}"
[service.shop.new]
path = "."
run = "shop --port {port}"
"#;

/// A folder with the files that the cases name.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["recordings/checkout.har", "fixtures/seed.sql", "api/openapi.yaml"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self) -> PathBuf {
        self.path().join("straddle.toml")
    }

    fn parse(&self, text: &str) -> Result<Manifest, ManifestError> {
        parse(text, &self.file())
    }

    fn accept(&self, text: &str) -> Manifest {
        self.parse(text).unwrap_or_else(|error| panic!("{error}"))
    }

    /// What a person reads, without the name of the folder.
    fn refuse(&self, text: &str) -> String {
        self.without_name(&self.parse(text).unwrap_err().to_string())
    }

    fn without_name(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
    }
}
