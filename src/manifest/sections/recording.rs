//! `[[recording]]`

use crate::manifest::node::Table;
use crate::manifest::reading::{Existing, Reading, Recordings};
use crate::manifest::shape::{Key, Section, Shape};
use crate::manifest::{Client, RecordingSpec};

pub(super) static RECORDING: Section = Section {
    name: "recording",
    doc: "Recorded traffic of one service.",
    keys: &[
        Key::required("file", Shape::Text, "The file: a recording of straddle, HAR 1.2 or GoReplay."),
        Key::required("service", Shape::Text, "The service that it talks to."),
        Key::required(
            "client",
            Shape::Choice(&["old", "new", "any"]),
            "Which generation of client made these requests; `any` for clients that don't ship with the server.",
        ),
    ],
};

pub(super) fn read(table: &Table, reading: &mut Reading<'_>) -> Option<RecordingSpec> {
    let file = match reading.recordings {
        Recordings::MustExist => reading.existing(table, "file", Existing::File),
        Recordings::MayLack => table.text("file").map(|file| reading.path(file)),
    };
    let service = reading.service(table);
    let client = table.choice("client", &[("old", Client::Old), ("new", Client::New), ("any", Client::Any)]);
    Some(RecordingSpec { file: file?, name: table.text("file")?.to_owned(), service: service?, client: client? })
}
