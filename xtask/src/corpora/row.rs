//! A labelled pair of contracts: read, and laid out as files.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::claim::Claim;
use crate::steps::Failure;

/// A pair with its labels.
pub struct Row {
    pub id: String,
    /// What `--kind` takes.
    pub kind: String,
    old: Value,
    new: Value,
    draft: Option<String>,
    pub is_definite: bool,
    pub old_new: Option<Claim>,
    pub new_old: Option<Claim>,
    pub any: Option<Claim>,
    /// By the encoding of protobuf.
    pub encodings: Map<String, Value>,
}

/// All pairs of a file.
pub fn rows(file: &Path) -> Result<Vec<Row>, Failure> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut text = String::new();
    if file.extension().is_some_and(|ending| ending == "gz") {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    text.lines().map(|line| row(line).map_err(|error| format!("{}: {error}", file.display()).into())).collect()
}

fn row(line: &str) -> Result<Row, Failure> {
    let mut value: Value = serde_json::from_str(line)?;
    let expected = value["expected"].clone();
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let claim = |cell: &str| expected[cell].as_str().and_then(Claim::of);
    Ok(Row {
        id: text("id").ok_or("a row has no id")?,
        kind: text("kind").ok_or("a row has no kind")?,
        draft: text("draft"),
        is_definite: expected["definite"] == true,
        old_new: claim("old_new"),
        new_old: claim("new_old"),
        any: claim("any"),
        encodings: value["encodings"].as_object().cloned().unwrap_or_default(),
        old: value["old"].take(),
        new: value["new"].take(),
    })
}

impl Row {
    /// Nothing is claimed of its cells: it is real, and has to be silent on itself.
    pub fn is_unlabelled(&self) -> bool {
        self.old_new.is_none() && self.new_old.is_none() && self.any.is_none() || self.id.starts_with("googleapis/")
    }

    /// What the pair is about: the test that it comes from.
    pub fn keyword(&self) -> &str {
        let test = self.id.split('#').next().unwrap_or_default();
        test.rsplit('/').next().unwrap_or_default()
    }

    /// Writes one side's files, and says where they are.
    pub fn lay(&self, folder: &Path, side: &str) -> Result<PathBuf, Failure> {
        let contract = if side == "old" { &self.old } else { &self.new };
        let folder = folder.join(side);
        fs::create_dir_all(&folder)?;
        match (self.kind.as_str(), contract) {
            ("protobuf", Value::Object(files)) => {
                for (path, text) in files {
                    let path = folder.join(path);
                    fs::create_dir_all(path.parent().unwrap_or(&folder))?;
                    fs::write(path, text.as_str().unwrap_or_default())?;
                }
                Ok(folder)
            }
            ("openapi", Value::String(text)) => put(folder.join("openapi.yaml"), text),
            ("openapi", other) => put(folder.join("openapi.json"), &other.to_string()),
            (_, schema) => put(folder.join("schema.json"), &self.dated(schema).to_string()),
        }
    }

    /// The schema with its dialect in it.
    fn dated(&self, schema: &Value) -> Value {
        let (Some(draft), Some(object)) = (&self.draft, schema.as_object()) else { return schema.clone() };
        let mut object = object.clone();
        object.entry("$schema").or_insert_with(|| {
            Value::String(match draft.as_str() {
                "2020-12" | "2019-09" => format!("https://json-schema.org/draft/{draft}/schema"),
                draft => format!("http://json-schema.org/{draft}/schema#"),
            })
        });
        Value::Object(object)
    }
}

fn put(path: PathBuf, text: &str) -> Result<PathBuf, Failure> {
    fs::write(&path, text)?;
    Ok(path)
}
