//! What other formats come to, imported and on the fly.

use super::*;

#[test]
fn a_har_file_reads_the_same_imported_and_on_the_fly() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let out = folder.path().join("shop.jsonl");
    let imported = import_with(std::slice::from_ref(&path), &out, Redaction::Off).unwrap();
    assert_eq!((imported.exchanges, imported.sessions, imported.bindings), (3, 2, 1));
    let read = |path: &Path| open(path).unwrap().exchanges().unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    let exchanges = read(&path);
    assert_eq!(exchanges, read(&out));
    assert_eq!(
        exchanges.iter().map(|e| (e.session, e.last, e.offset_ms)).collect::<Vec<_>>(),
        [(0, false, 0), (1, true, 1000), (0, true, 2000)]
    );
    assert_eq!(exchanges[0].used, ["$.id".parse().unwrap()]);
    assert_ne!(open(&path).unwrap().digest, open(&out).unwrap().digest);
    assert_eq!((open(&path).unwrap().count().unwrap(), open(&path).unwrap().session_count()), (3, 2));
}

#[test]
fn several_files_become_one_recording() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let out = folder.path().join("both.jsonl.zst");
    let imported = import_with(&[path.clone(), path], &out, Redaction::Off).unwrap();
    assert_eq!((imported.exchanges, imported.sessions), (6, 2));
    let exchanges: Vec<Exchange> = open(&out).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    assert_eq!(exchanges.iter().map(|e| e.index).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    assert!(exchanges.windows(2).all(|two| two[0].offset_ms <= two[1].offset_ms));
}

#[test]
fn a_recording_is_not_imported_again() {
    let (folder, path) = file("shop.jsonl", HEADER.as_bytes());
    let error = import(&[path], &folder.path().join("out.jsonl")).unwrap_err().to_string();
    assert!(error.ends_with("shop.jsonl: it is a straddle recording already; use it as it is"), "{error}");
}

#[test]
fn a_broken_har_file_on_one_line_is_refused_with_its_column() {
    let broken = har().replacen("\"request\":", "\"request\";", 1);
    let column = broken.find(';').unwrap() + 1;
    let error = read(broken.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(&format!("line 1, column {column}: not JSON")), "{error}");
}

#[test]
fn a_har_file_with_half_a_surrogate_pair_is_read_and_said_to_have_one() {
    let (_folder, path) = file("shop.har", har().replace("Bearer a1b2c3d4", "Bearer \\ud83d").as_bytes());
    let recording = open(&path).unwrap();
    assert!(recording.notes().iter().any(|note| note.contains("surrogate")), "{:?}", recording.notes());
}

#[test]
fn a_failed_import_leaves_what_was_there() {
    let (folder, path) = file("bad.har", b"{\"log\":{\"entries\":[");
    let out = folder.path().join("out.jsonl");
    std::fs::write(&out, "precious").unwrap();
    assert!(import(&[path], &out).is_err());
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious");
}

#[test]
fn a_recording_that_came_meanwhile_is_not_overwritten() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let out = folder.path().join("r.jsonl");
    import_new(std::slice::from_ref(&path), &out, Redaction::new()).unwrap();
    std::fs::write(&out, "precious").unwrap();
    let error = import_new(&[path], &out, Redaction::new()).unwrap_err().to_string();
    assert!(error.contains("r.jsonl is there already"), "{error}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
}

#[test]
fn a_recording_that_is_still_written_is_imported_and_half_a_line_left_out() {
    let header = HEADER.replace("\"minor\":0", "\"minor\":1,\"settled\":false");
    let line = |index: u64, offset: u64, connection: &str| {
        format!(
            "{{\"index\":{index},\"offset_ms\":{offset},\"call\":{{\"method\":\"GET\",\"target\":\"/{index}\"}},\"via\":{{\"connection\":\"{connection}\"}}}}\n"
        )
    };
    // Lines stand in the order in which replies ended.
    let lines = line(1, 7, "b") + &line(0, 0, "a") + &line(3, 9, "a") + &line(2, 9, "a");
    let text = format!("{header}{lines}{}", &line(4, 9, "a")[..30]);
    let (folder, path) = file("out.jsonl.part", text.as_bytes());
    let out = folder.path().join("out.jsonl");
    let imported = import(std::slice::from_ref(&path), &out).unwrap();
    assert_eq!((imported.exchanges, imported.sessions), (4, 2));
    assert_eq!(imported.notes, ["line 6 is left out: the file was cut off within it"]);
    let exchanges: Vec<Exchange> = open(&out).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    let seen: Vec<_> = exchanges.iter().map(|e| (e.call.target.as_str(), e.session, e.last, e.offset_ms)).collect();
    // Within a millisecond the order is that in which calls began.
    assert_eq!(seen, [("/0", 0, false, 0), ("/1", 1, true, 7), ("/2", 0, false, 9), ("/3", 0, true, 9)]);
    assert_eq!(exchanges[1].via.connection.as_deref(), Some("b"));
}

#[test]
fn files_of_several_formats_are_merged_by_time() {
    let (folder, path) = file("shop.har", har().as_bytes());
    let at = 1_767_225_602_000_000_000_u64;
    let gor = format!("1 aaaaaaaaaaaaaaaaaaaaaaaa {at}\nGET /between HTTP/1.1\r\nHost: shop.test\r\n\r\n");
    std::fs::write(folder.path().join("shop.gor"), gor).unwrap();
    let out = folder.path().join("both.jsonl");
    import_with(&[path, folder.path().join("shop.gor")], &out, Redaction::Off).unwrap();
    let exchanges: Vec<Exchange> = open(&out).unwrap().exchanges().unwrap().collect::<Result<_, _>>().unwrap();
    let seen: Vec<_> = exchanges.iter().map(|e| (e.call.target.as_str(), e.offset_ms)).collect();
    assert_eq!(seen, [("/orders", 0), ("/between", 750), ("/orders", 1000), ("/orders/7", 2000)]);
}
