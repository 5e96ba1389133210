//! Reads a JSON report back: strict on what it is, tolerant of what a newer minor version added.

use serde_json::Value;
use thiserror::Error;

use crate::model::Run;

/// Why bytes are no report that this release can read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// No JSON, or JSON that breaks off.
    #[error(
        "it is not JSON: {0}; `straddle check` writes its report whole, so this file was made or cut by something else"
    )]
    NotJson(#[source] serde_json::Error),
    /// JSON of another kind.
    #[error("it is not a straddle report: `format` is {found}, where a report has \"{}\"", Run::FORMAT)]
    OtherFormat {
        /// What stands there.
        found: String,
    },
    /// A report of a major version that this release doesn't know.
    #[error("it is a report of version {major}, and this release reads version {known}; {}", advice(*.major), known = Run::MAJOR)]
    OtherMajor {
        /// Its major version.
        major: u64,
    },
    /// A report that lacks something, or has something of another type.
    #[error("it is a straddle report, but {0}; run `straddle check` again to write a whole one")]
    Malformed(#[source] serde_json::Error),
}

fn advice(major: u64) -> &'static str {
    if major > u64::from(Run::MAJOR) {
        "read it with the release that wrote it, or a newer one"
    } else {
        "run `straddle check` again to write a new one"
    }
}

/// The run that a JSON report holds.
pub fn read(bytes: &[u8]) -> Result<Run, ReadError> {
    let value: Value = serde_json::from_slice(bytes).map_err(ReadError::NotJson)?;
    match value.get("format") {
        Some(format) if format == Run::FORMAT => {}
        Some(format) => return Err(ReadError::OtherFormat { found: format.to_string() }),
        None => return Err(ReadError::OtherFormat { found: "missing".to_owned() }),
    }
    match value.get("major").and_then(Value::as_u64) {
        Some(major) if major != u64::from(Run::MAJOR) => Err(ReadError::OtherMajor { major }),
        // From the bytes and not from the value, so that an error says line and column.
        _ => serde_json::from_slice(bytes).map_err(ReadError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    const SAMPLE: &str = include_str!("../../tests/formats/report-1.0.json");

    #[track_caller]
    fn check(text: &str, expected: &str) {
        match read(text.as_bytes()) {
            Ok(_) => panic!("it was read"),
            Err(error) => assert!(error.to_string().contains(expected), "{error}"),
        }
    }

    #[test]
    fn every_version_ever_written_is_read() {
        let run = read(SAMPLE.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(run.project, "shop");
    }

    #[test]
    fn what_a_newer_minor_version_added_is_passed_over() {
        let newer = SAMPLE.replacen("\"minor\": 0", "\"minor\": 7, \"added_later\": {\"x\": []}", 1);
        let run = read(newer.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(run.minor, 7);
    }

    #[test]
    fn a_newer_major_version_is_refused_with_the_way_out() {
        check(
            &SAMPLE.replacen("\"major\": 1", "\"major\": 2", 1),
            "version 2, and this release reads version 1; read it with",
        );
    }

    #[test]
    fn a_newer_major_version_is_refused_even_where_nothing_else_fits() {
        check("{\"format\": \"straddle-report\", \"major\": 9, \"findings\": 3}", "version 9");
    }

    #[test]
    fn json_of_another_kind_is_named() {
        check("{\"format\": \"sarif\"}", "`format` is \"sarif\"");
        check("{\"log\": {}}", "`format` is missing");
        check("[1, 2]", "`format` is missing");
    }

    #[test]
    fn a_torn_file_is_named_with_its_place() {
        check(&SAMPLE[..SAMPLE.len() / 2], "it is not JSON: EOF while parsing");
        check("", "it is not JSON");
    }

    #[test]
    fn a_report_of_wrong_types_says_where() {
        check(
            &SAMPLE.replacen("\"seed\": 42", "\"seed\": \"x\"", 1),
            "invalid type: string \"x\", expected u64 at line",
        );
    }
}
