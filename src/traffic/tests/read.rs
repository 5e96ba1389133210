//! What recordings are read as, and what is wrong with them.

use super::*;

#[test]
fn the_sample_of_version_1_0_is_read_as_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/recording-1.0.jsonl");
    let exchanges: Vec<Exchange> = open(&path).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(exchanges.len(), 4);
    assert_eq!(exchanges[1].bindings[0].at.to_string(), "path 1");
    assert_eq!(exchanges[1].bindings[0].from.len(), 2);
    assert_eq!(exchanges[2].call.body, Body::Unknown);
    assert_eq!(exchanges[3].reply, None);
    let written = write_and_read("again.jsonl", &exchanges);
    assert_eq!(written, exchanges);
}

#[test]
fn the_sample_of_version_1_1_is_read_as_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/recording-1.1.jsonl");
    let exchanges: Vec<Exchange> = open(&path).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    let via = |connection: Option<&str>, http| Via { connection: connection.map(str::to_owned), http };
    let crossed: Vec<Via> = exchanges.iter().map(|exchange| exchange.via.clone()).collect();
    let seen = [
        via(Some("3"), HttpVersion::Http2),
        via(Some("3"), HttpVersion::Http2),
        via(Some("c 4"), HttpVersion::Http10),
        via(None, HttpVersion::Http11),
    ];
    assert_eq!(crossed, seen);
    assert_eq!(write_and_read("again.jsonl", &exchanges), exchanges);
}

#[test]
fn sessions_whose_secrets_were_taken_out_are_left_out_and_counted() {
    let line = |index: u64, session: u64, call: &str| {
        format!("{{\"index\":{index},\"session\":{session},\"call\":{{\"method\":\"GET\",{call}}}}}\n")
    };
    let text = format!(
        "{HEADER}{}{}{}{}",
        line(0, 1, "\"target\":\"/a\""),
        line(1, 2, "\"target\":\"/b\""),
        line(2, 1, "\"target\":\"/login?password={secret:password#1}\""),
        line(3, 2, "\"target\":\"/secrets?like={secret:}&or={secret:a#b}&or={secret:a#1\""),
    );
    let (_folder, path) = file("r.jsonl", text.as_bytes());
    let recording = open(&path).unwrap_or_else(|e| panic!("{e}"));
    let sent: Vec<u64> = recording.exchanges().unwrap().map(|exchange| exchange.unwrap().index).collect();
    assert_eq!((recording.withheld(), recording.count().unwrap(), sent), (1, 2, vec![1, 3]));
}

#[test]
fn a_recording_that_was_cut_off_is_told_of_what_redaction_may_have_learned_too_late() {
    let lines = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":1,\"settled\":false,\"redacted\":true}\n\
                 {\"index\":0,\"call\":{\"method\":\"GET\",\"target\":\"/?password={secret:password#1}\"}}\n";
    let (folder, part) = file("out.jsonl.part", lines.as_bytes());
    let imported = import(&[part], &folder.path().join("out.jsonl")).unwrap_or_else(|e| panic!("{e}"));
    assert!(imported.notes.iter().any(|note| note.contains("known late")), "{:?}", imported.notes);
    let plain = lines.replace("?password={secret:password#1}", "");
    let (folder, part) = file("out.jsonl.part", plain.as_bytes());
    let imported = import(&[part], &folder.path().join("out.jsonl")).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(imported.notes, [""; 0]);
}

#[test]
fn what_is_wrong_with_a_recording_is_said_with_line_and_next_step() {
    let line = |index: u64, more: &str| {
        format!("{{\"index\":{index},\"call\":{{\"method\":\"GET\",\"target\":\"/\"}}{more}}}\n")
    };
    let bound = ",\"bindings\":[{\"at\":\"path 0\",\"value\":\"x\",\"from\":[{\"exchange\":7,\"at\":\"$.id\"}]}]";
    for (text, expected) in [
        (String::new(), "is empty; record or export it again"),
        ("\n \n".to_owned(), "is empty; record or export it again"),
        (
            "hello\n".to_owned(),
            "line 1: not a recording: its first line is not JSON; give a straddle recording, a HAR file or a GoReplay file",
        ),
        (
            "{\"a\":1}\n".to_owned(),
            "line 1: not a recording: its first line has no `\"format\":\"straddle-recording\"`",
        ),
        ("{\"format\":\"x\",\"major\":1}\n".to_owned(), "line 1: not a recording: its format is `x`"),
        (HEADER.replace("1,", "2,"), "line 1: format 2.x is newer than 1.x"),
        (
            format!("{HEADER}{}", line(0, "").trim_end_matches("}\n")),
            "line 2: ends in the middle of an exchange; the file was cut off",
        ),
        (format!("{HEADER}{{}}\n"), "line 2: not an exchange: missing field `index`"),
        (format!("{HEADER}nonsense\n"), "line 2: not an exchange: expected"),
        (
            format!("{HEADER}{}{}", line(1, ""), line(1, "")),
            "line 3: exchange 1 stands twice; order the lines by `index`",
        ),
        (
            format!("{HEADER}\n{}{}", line(1, ""), line(0, "")),
            "line 4: exchange 0 comes after exchange 1; order the lines",
        ),
        (format!("{HEADER}{}", line(7, bound)), "line 2: `path 0` is bound to exchange 7, which is not an earlier one"),
        (
            format!("{HEADER}{}", line(8, &bound.replace("path 0", "pat"))),
            "line 2: not an exchange: `pat` names no place",
        ),
        (
            format!("{HEADER}{}", line(8, ",\"reply\":{\"status\":200,\"body\":{\"txt\":1}}")),
            "line 2: not an exchange: a body is null",
        ),
    ] {
        let error = read(text.as_bytes()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected) && error.contains("r.jsonl"), "{text:?}: {error}");
    }
}

#[test]
fn a_newer_minor_and_a_missing_last_line_break_are_fine() {
    let header = "{\"format\":\"straddle-recording\",\"major\":1,\"minor\":9,\"by\":\"later\"}\n\n";
    let line = "{\"index\":3,\"mood\":1,\"call\":{\"method\":\"GET\",\"target\":\"/\",\"body\":\"text\",\"via\":2}}";
    let read = read(format!("\u{feff}{header}{line}").as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(read[0].call.body, Body::of("text"));
    assert_eq!(read[0].reply, None);
}

#[test]
fn after_an_error_nothing_more_comes() {
    let (_folder, path) = file("r.jsonl", HEADER.as_bytes());
    let recording = open(&path).unwrap();
    std::fs::write(&path, format!("{HEADER}nonsense\nnonsense\n")).unwrap();
    assert_eq!(recording.exchanges().unwrap().count(), 1);
}

#[test]
fn a_truncated_compressed_recording_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.zst");
    let mut writer = Writer::create(&path, false).unwrap();
    let call = Call { method: "GET".into(), target: "/".into(), ..Call::default() };
    let exchange = Exchange {
        index: 0,
        session: 0,
        last: true,
        offset_ms: 0,
        call,
        reply: None,
        bindings: vec![],
        used: vec![],
        via: Via::default(),
    };
    writer.push(&exchange).unwrap();
    writer.finish().unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
    let result = open(&path).and_then(|recording| recording.exchanges()?.collect::<Result<Vec<_>, _>>());
    let error = result.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("cut off"), "{error}");
}

#[test]
fn a_recording_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(Writer::create(&folder.path().join("r.jsonl"), false).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A small HAR file: a login, a call with its token, and a call of another user.

#[test]
fn a_file_that_changes_while_it_is_open_is_known_by_it() {
    let line = "{\"index\":0,\"call\":{\"method\":\"GET\",\"target\":\"/\"}}\n";
    let text = format!("{HEADER}{line}");
    for (change, how) in
        [("grow", "it had 101 bytes, and now 102"), ("replace", "another file took its name"), ("remove", "it is gone")]
    {
        let (folder, path) = file("r.jsonl", text.as_bytes());
        let recording = open(&path).unwrap();
        let mut exchanges = recording.exchanges().unwrap();
        match change {
            "grow" => std::fs::write(&path, format!("{text}\n")).unwrap(),
            "replace" => {
                std::fs::write(folder.path().join("other"), &text).unwrap();
                std::fs::rename(folder.path().join("other"), &path).unwrap();
            }
            _ => std::fs::remove_file(&path).unwrap(),
        }
        let error = exchanges.find_map(Result::err).map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("r.jsonl changed while it was read") && error.contains(how), "{change}: {error}");
    }
}

#[test]
fn a_line_that_never_ends_is_not_read_to_its_end() {
    // Three hundred MiB, in a few kilobytes.
    let (_folder, path) = file("bomb.jsonl", b"");
    let mut packed = zstd::stream::write::Encoder::new(std::fs::File::create(&path).unwrap(), 3).unwrap();
    packed.write_all(HEADER.as_bytes()).unwrap();
    for _ in 0..300 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    packed.finish().unwrap();
    let error = open(&path).unwrap_err().to_string();
    assert!(error.contains("bomb.jsonl, line 2: is longer than 128 MiB"), "{error}");
}

#[test]
fn a_recording_never_takes_the_place_of_what_is_no_file() {
    let (_folder, path) = file("shop.har", har().as_bytes());
    let error = import(&[path], Path::new("/dev/full")).unwrap_err().to_string();
    assert!(error.contains("can't write recording /dev/full: it is there already, and is no file"), "{error}");
}

#[test]
fn a_folder_and_a_missing_file_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("missing.har")] {
        let error = open(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("can't read recording {}", path.display())), "{error}");
    }
}
