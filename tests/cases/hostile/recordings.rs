//! Recordings that are none.

use super::{Project, har};

#[test]
fn an_empty_recording_is_named() {
    Project::asked(&[]).recorded("").ends(2, &["traffic.har", "empty"]);
}

#[test]
fn a_recording_without_exchanges_shows_nothing() {
    Project::asked(&[]).ends(2, &["traffic.har", "`log.entries` is empty", "record some traffic first"]);
    let line = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":0}\n";
    Project::asked(&[]).recorded(line).ends(4, &["no exchange of old clients was replayed"]);
}

#[test]
fn a_truncated_recording_is_named() {
    let mut whole = har(&["/a", "/b"]);
    whole.truncate(whole.len() - 40);
    Project::asked(&[]).recorded(whole).ends(2, &["traffic.har"]);
}

#[test]
fn what_is_not_json_is_named() {
    Project::asked(&[]).recorded("GET / HTTP/1.1\r\n\r\n").ends(2, &["traffic.har"]);
    Project::asked(&[]).recorded([0_u8, 159, 146, 150, 255].as_slice()).ends(2, &["traffic.har"]);
    Project::asked(&[]).recorded("[".repeat(200_000)).ends(2, &["traffic.har"]);
}

#[test]
fn a_recording_of_another_service_is_inconclusive_and_the_reason_comes_first() {
    let other = har(&["/a", "/b"]).replace("tea", "coffee").replace(r#"\"id\":1"#, r#"\"key\":1"#);
    let said =
        Project::asked(&[]).recorded(other).ends(4, &["nothing that was recorded is answered as it was recorded"]);
    let first = said.text.find("nothing that was recorded").unwrap();
    assert!(first < said.text.find("Can we roll forward?").unwrap(), "{}", said.text);
}
