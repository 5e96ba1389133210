//! Files to import that are as bad as they come, through the real program: each is bounded in memory, and named.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The most that any of them may take, in kilobytes.
const MEMORY: u64 = 300_000;

/// What came of it.
struct Came {
    exit: Option<i32>,
    said: String,
    /// The peak of the process's memory, in kilobytes.
    peak: u64,
}

/// Runs straddle in a folder, and watches its memory.
fn straddle(folder: &Path, command: &mut Command) -> Came {
    let said = folder.join("said");
    let to = || Stdio::from(File::options().create(true).append(true).open(&said).unwrap());
    let _ = std::fs::remove_file(&said);
    let mut child = command.current_dir(folder).stdin(Stdio::null()).stdout(to()).stderr(to()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        let high =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = high.unwrap_or(peak);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Came { exit: ended.code(), said: std::fs::read_to_string(said).unwrap(), peak }
}

fn import(folder: &Path, file: &str) -> Came {
    straddle(folder, Command::new(env!("CARGO_BIN_EXE_straddle")).args(["import", file, "--out", "out.jsonl"]))
}

/// Writes a file, imports it, and looks at what is said. A recording is there where the exit code is 0, and only there.
#[track_caller]
fn check(file: &str, write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>, exit: i32, expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let mut out = BufWriter::new(File::create(folder.path().join(file)).unwrap());
    write(&mut out).unwrap();
    out.into_inner().unwrap();
    let came = import(folder.path(), file);
    assert_eq!(came.exit, Some(exit), "{}", came.said);
    for text in expected {
        assert!(came.said.contains(text), "`{text}` is not in:\n{}", came.said);
    }
    assert_eq!(folder.path().join("out.jsonl").exists(), exit == 0, "{}", came.said);
    assert!(came.peak < MEMORY, "{} kB", came.peak);
    assert!(came.said.len() < 20_000, "{} bytes were said", came.said.len());
}

/// A HAR file of one entry, with so many times the same text where its reply's body is.
fn har(out: &mut dyn Write, media: &str, around: (&str, &str), text: &str, times: usize) -> std::io::Result<()> {
    write!(
        out,
        r#"{{"log":{{"entries":[{{"startedDateTime":"2026-01-01T00:00:00Z","request":{{"method":"GET","url":"http://a.test/orders/a1b2c3d4e5","headers":[]}},"response":{{"status":200,"headers":[],"content":{{"mimeType":"{media}","text":"{}"#,
        around.0
    )?;
    let block = text.repeat(4_096);
    for _ in 0..times / 4_096 {
        out.write_all(block.as_bytes())?;
    }
    write!(out, r#"{}"}}}}}}]}}}}"#, around.1)
}

#[test]
fn a_body_of_a_hundred_megabytes_is_taken_as_unknown() {
    let write = |out: &mut dyn Write| har(out, "text/plain", ("", ""), "0123456789", 10_000_000);
    check(
        "long.har",
        write,
        0,
        &["entry 0: its body is longer than 64 MiB: taken as unknown", "1 exchange in 1 session"],
    );
}

#[test]
fn a_body_of_tiny_values_is_never_built() {
    let write = |out: &mut dyn Write| har(out, "application/json", ("[0", "]"), ",1", 12_000_000);
    check("tiny.har", write, 0, &["1 exchange in 1 session"]);
}

#[test]
fn a_form_of_tiny_fields_is_never_built() {
    let write = |out: &mut dyn Write| har(out, "application/x-www-form-urlencoded", ("", ""), "a=&", 8_000_000);
    check("form.har", write, 0, &["1 exchange in 1 session"]);
}

#[test]
fn json_that_nests_without_end_is_no_stack_overflow() {
    let write = |out: &mut dyn Write| har(out, "application/json", ("", ""), "[", 4_096_000);
    check("deep.har", write, 0, &["1 exchange in 1 session"]);
    check(
        "deeper.har",
        |out| out.write_all("{\"log\":{\"entries\":[{\"request\":".repeat(100_000).as_bytes()),
        2,
        &["deeper.har"],
    );
    check("outside.har", |out| write!(out, "{{\"log\":{{\"x\":{}", "[".repeat(4_000_000)), 2, &["outside.har, line 1"]);
}

#[test]
fn a_million_headers_are_one_entry_left_out() {
    let write = |out: &mut dyn Write| {
        write!(out, r#"{{"log":{{"entries":[{{"request":{{"method":"GET","url":"http://a.test/","headers":[{{}}"#)?;
        for number in 0..1_000_000 {
            write!(out, r#",{{"name":"x-{number}","value":"{number}"}}"#)?;
        }
        write!(out, r#"]}},"response":{{"status":200}}}},{{"request":{{"method":"GET","url":"http://a.test/"}}}}]}}}}"#)
    };
    check(
        "headers.har",
        write,
        0,
        &["entry 0 is left out: it holds more than 100000 values", "1 exchange in 1 session"],
    );
}

#[test]
fn a_million_entries_that_make_no_sense_are_an_error_with_the_first_reason() {
    let write = |out: &mut dyn Write| {
        write!(out, r#"{{"log":{{"entries":[{{}}"#)?;
        (0..1_000_000).try_for_each(|_| out.write_all(b",{}"))?;
        write!(out, "]}}}}")
    };
    check("empty.har", write, 2, &["no entry can be read (entry 0 is left out: it has no `request`)"]);
}

#[test]
fn bytes_that_are_no_text_and_nuls_are_read_as_far_as_they_go() {
    let entry = |url: &[u8]| {
        [br#"{"log":{"entries":[{"request":{"method":"GET","url":""#, url, br#""},"response":{"status":200}}]}}"#]
            .concat()
    };
    check("bytes.har", |out| out.write_all(&entry(b"http://a.test/\xff\xfe")), 0, &["not UTF-8 throughout"]);
    check("nul.har", |out| out.write_all(&entry(b"http://a.test/\0")), 2, &["nul.har, line 1", "not JSON"]);
    check("escaped.har", |out| out.write_all(&entry(br"http://a.test/\u0000")), 0, &["1 exchange in 1 session"]);
    check(
        "half.har",
        |out| out.write_all(&entry(b"http://a.test/")[..60]),
        2,
        &["the file ends in the middle", "export it again"],
    );
    check("nothing.har", |_| Ok(()), 2, &["nothing.har is empty"]);
    check("zeros.har", |out| out.write_all(&vec![0; 100_000]), 2, &["zeros.har, line 1: not a recording"]);
}

#[test]
fn a_bomb_in_gzip_is_passed_over_and_said_to_be() {
    let write = |out: &mut dyn Write| {
        let mut packed = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
        packed.write_all(b"1 aaaaaaaaaaaaaaaaaaaaaaaa 1\nGET / HTTP/1.1\r\n\r\n")?;
        for _ in 0..600 {
            packed.write_all(&vec![b'x'; 1 << 20])?;
        }
        packed.write_all("\n🐵🙈🙉\n1 bbbbbbbbbbbbbbbbbbbbbbbb 2\nGET /b HTTP/1.1\r\n\r\n\n🐵🙈🙉\n".as_bytes())?;
        packed.finish().map(|_| ())
    };
    check("bomb.gor.gz", write, 0, &["record 0 is left out: it is longer than 64 MiB", "1 exchange in 1 session"]);
}

#[test]
fn a_bomb_in_zstd_is_refused_by_its_line() {
    let write = |out: &mut dyn Write| {
        let mut packed = zstd::stream::write::Encoder::new(out, 3)?;
        packed.write_all(b"{\"format\":\"straddle-recording\",\"major\":1,\"settled\":false}\n")?;
        for _ in 0..2_000 {
            packed.write_all(&vec![b'{'; 1 << 20])?;
        }
        packed.finish().map(|_| ())
    };
    check("bomb.jsonl.part", write, 2, &["bomb.jsonl.part, line 2: is longer than 128 MiB"]);
}

#[test]
fn a_disk_that_is_full_is_exit_3_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut out = BufWriter::new(File::create(folder.path().join("long.har")).unwrap());
    har(&mut out, "text/plain", ("", ""), "0123456789", 500_000).unwrap();
    out.into_inner().unwrap();
    // No file may be longer than a megabyte, as on a disk with no more room: first the temporary ones.
    for (file, blocks) in [("long.har", 2_048), ("short.har", 8)] {
        if file == "short.har" {
            har(&mut File::create(folder.path().join(file)).unwrap(), "text/plain", ("", ""), "0123456789", 8_192)
                .unwrap();
        }
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" import {file} --out out.jsonl");
        let came = straddle(folder.path(), Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_straddle")]));
        assert_eq!(came.exit, Some(3), "{file}: {}", came.said);
        assert!(came.said.contains("can't "), "{}", came.said);
        let mut left: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.retain(|name| name != "long.har" && name != "short.har" && name != "said");
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn an_export_to_a_full_device_is_exit_3_and_named() {
    let folder = tempfile::tempdir().unwrap();
    har(&mut File::create(folder.path().join("a.har")).unwrap(), "text/plain", ("", ""), "0123456789", 40_960).unwrap();
    let came = straddle(
        folder.path(),
        Command::new(env!("CARGO_BIN_EXE_straddle")).args(["export", "a.har", "--har", "--out", "/dev/full"]),
    );
    assert_eq!(came.exit, Some(3), "{}", came.said);
    assert!(came.said.contains("can't write /dev/full"), "{}", came.said);
}

#[test]
fn a_folder_in_which_nothing_can_be_made_is_exit_3_and_named() {
    let folder = tempfile::tempdir().unwrap();
    har(&mut File::create(folder.path().join("a.har")).unwrap(), "text/plain", ("", ""), "0123456789", 4_096).unwrap();
    // Not even root makes files there.
    let command = &mut Command::new(env!("CARGO_BIN_EXE_straddle"));
    let came = straddle(folder.path(), command.args(["import", "a.har", "--out", "/proc/out.jsonl"]));
    assert_eq!(came.exit, Some(3), "{}", came.said);
    assert!(came.said.contains("can't write recording /proc/out.jsonl"), "{}", came.said);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.har");
    let mut out = BufWriter::new(File::create(&path).unwrap());
    har(&mut out, "text/plain", ("", ""), "0123456789", 1_000_000).unwrap();
    out.into_inner().unwrap();
    let ended = AtomicBool::new(false);
    let came = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = File::options().append(true).open(&path).unwrap();
            while !ended.load(Ordering::Relaxed) {
                file.write_all(b" ").unwrap();
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let came = import(folder.path(), "long.har");
        ended.store(true, Ordering::Relaxed);
        came
    });
    assert_eq!(came.exit, Some(2), "{}", came.said);
    assert!(came.said.contains("long.har changed while it was read: it had "), "{}", came.said);
}
