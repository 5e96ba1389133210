//! `straddle record`: its file, whatever ends it, and what it refuses.
#![expect(clippy::unwrap_used, reason = "a test")]

mod demo;
mod heavy;
mod nginx;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use crate::support::eventually;
use crate::support::recording::{Recording, straddle};
use crate::support::server::{Response, Server};
use crate::support::tape::Peer;

fn shop() -> Server {
    Server::start(|request| Response::json(200, &format!(r#"{{"asked":"{}"}}"#, request.target)))
}

/// Asks once, over a connection of its own.
fn ask(recording: &Recording, target: &str) {
    let mut client = Peer::of(TcpStream::connect(recording.address).unwrap());
    client.send(format!("GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", recording.address));
    assert!(client.head().starts_with("HTTP/1.1 200 "));
    client.expect(format!(r#"{{"asked":"{target}"}}"#));
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn ctrl_c_and_sigterm_end_it_well_with_a_file_that_is_whole() {
    for signal in [Signal::INT, Signal::TERM] {
        let (server, folder) = (shop(), tempfile::tempdir().unwrap());
        let recording = Recording::start(folder.path(), &["--target", &server.url(), "--out", "out.jsonl"]);
        ask(&recording, "/a");
        ask(&recording, "/b");
        eventually("what has ended is in the file", || {
            fs::read_to_string(folder.path().join("out.jsonl.part")).unwrap().lines().count() == 3
        });
        assert_eq!(names(folder.path()), ["out.jsonl.part"]);
        let ended = recording.end(signal);
        assert_eq!(ended.code, Some(0), "{}", ended.said);
        assert!(ended.said.contains("out.jsonl: 2 exchanges in "), "{}", ended.said);
        assert_eq!(names(folder.path()), ["out.jsonl"]);
        let recording = straddle::traffic::open(&folder.path().join("out.jsonl")).unwrap();
        let targets: Vec<String> =
            recording.exchanges().unwrap().map(|exchange| exchange.unwrap().call.target).collect();
        assert_eq!(targets, ["/a", "/b"]);
    }
}

#[test]
fn killed_it_leaves_what_was_recorded_and_an_import_makes_it_whole() {
    let (server, folder) = (shop(), tempfile::tempdir().unwrap());
    let options = ["--target", &server.url(), "--out", "out.jsonl"];
    let recording = Recording::start(folder.path(), &options);
    ask(&recording, "/a");
    let part = folder.path().join("out.jsonl.part");
    eventually("what has ended is in the file", || fs::read_to_string(&part).unwrap().lines().count() == 2);
    assert_eq!(recording.end(Signal::KILL).code, None);
    assert_eq!(names(folder.path()), ["out.jsonl.part"]);
    // The next one does not write over it, and says what to do.
    let refused = straddle(folder.path(), ["record"].iter().chain(&options));
    assert_eq!(refused.code, Some(2), "{}", refused.said);
    assert!(refused.said.contains("`straddle import out.jsonl.part --out out.jsonl`"), "{}", refused.said);
    // Half a line is what a kill may leave at worst.
    let mut text = fs::read_to_string(&part).unwrap();
    text.push_str("{\"index\":1,\"call\":{\"method\":\"GE");
    fs::write(&part, text).unwrap();
    let imported = straddle(folder.path(), ["import", "out.jsonl.part", "--out", "out.jsonl"]);
    assert_eq!(imported.code, Some(0), "{}", imported.said);
    assert!(imported.said.contains("out.jsonl: 1 exchange in 1 session"), "{}", imported.said);
}

#[test]
fn two_recorders_on_one_file_are_one_too_many() {
    let (server, folder) = (shop(), tempfile::tempdir().unwrap());
    let options = ["--target", &server.url(), "--out", "out.jsonl"];
    let recording = Recording::start(folder.path(), &options);
    let second = straddle(folder.path(), ["record"].iter().chain(&options));
    assert_eq!(second.code, Some(2), "{}", second.said);
    let expected = "out.jsonl.part is being written by another straddle; name another file, or stop that one";
    assert!(second.said.contains(expected), "{}", second.said);
    ask(&recording, "/a");
    assert_eq!(recording.end(Signal::INT).code, Some(0));
}

#[test]
fn a_recording_that_is_there_is_not_written_over() {
    let (server, folder) = (shop(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("out.jsonl"), "precious").unwrap();
    let ended = straddle(folder.path(), ["record", "--target", &server.url(), "--out", "out.jsonl"]);
    assert_eq!(ended.code, Some(2), "{}", ended.said);
    assert!(ended.said.contains("out.jsonl is there already; name another file, or remove it"), "{}", ended.said);
    assert_eq!(fs::read_to_string(folder.path().join("out.jsonl")).unwrap(), "precious");
}

#[test]
fn a_recording_of_nothing_is_no_recording() {
    let (server, folder) = (shop(), tempfile::tempdir().unwrap());
    let recording = Recording::start(folder.path(), &["--target", &server.url(), "--out", "out.jsonl"]);
    let ended = recording.end(Signal::INT);
    assert_eq!(ended.code, Some(4), "{}", ended.said);
    assert!(ended.said.contains("nothing came through: out.jsonl is not written"), "{}", ended.said);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_full_disk_ends_it_by_name_and_leaves_no_half_line() {
    let (server, folder) = (shop(), tempfile::tempdir().unwrap());
    // Files of at most 4 KiB, and an error rather than a signal for what goes beyond.
    let mut command = Command::new("sh");
    command.arg("-c").arg(r#"trap '' XFSZ; ulimit -f 8; exec "$@""#).arg("sh").arg(env!("CARGO_BIN_EXE_straddle"));
    command.args(["record", "--target", &server.url(), "--out", "out.jsonl"]);
    let recording = Recording::of(command, folder.path());
    for number in 0..40 {
        let Ok(stream) = TcpStream::connect(recording.address) else { break };
        let mut client = Peer::of(stream);
        let target = format!("/{number}{}", "x".repeat(200));
        let asked = client.0.write_all(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes());
        if asked.is_err() || !matches!(client.0.read(&mut [0; 4096]), Ok(1..)) {
            break;
        }
    }
    let ended = recording.wait();
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert!(ended.said.contains("can't write recording out.jsonl.part"), "{}", ended.said);
    assert!(ended.said.contains("what was recorded is in out.jsonl.part"), "{}", ended.said);
    let text = fs::read_to_string(folder.path().join("out.jsonl.part")).unwrap();
    assert!(text.ends_with("}\n") && text.lines().count() > 2, "{text}");
}

#[test]
fn a_folder_that_is_not_there_and_an_address_that_is_taken_are_named() {
    let (server, folder) = (shop(), tempfile::tempdir().unwrap());
    let ended = straddle(folder.path(), ["record", "--target", &server.url(), "--out", "no/out.jsonl"]);
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert!(ended.said.contains("no/out.jsonl.part"), "{}", ended.said);
    let taken = server.address.to_string();
    let ended =
        straddle(folder.path(), ["record", "--target", &server.url(), "--out", "out.jsonl", "--listen", &taken]);
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert!(ended.said.contains(&format!("can't listen on {taken}")), "{}", ended.said);
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn what_can_not_be_recorded_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    for (options, why) in [
        (&["--target", "https://shop.example"][..], "`https`, which is not in this release"),
        (&["--target", "http://h", "--side", "old"], "cannot be used with"),
        (&["--service", "shop"], "--side"),
        (&["--target", "http://h", "--host", "a\r\nX: y"], "it is a host as a Host header has it"),
        (&["--side", "old"], "straddle.toml"),
    ] {
        let ended = straddle(folder.path(), ["record", "--out", "out.jsonl"].iter().chain(options));
        assert_eq!(ended.code, Some(2), "{}", ended.said);
        assert!(ended.said.contains(why), "{}", ended.said);
        assert_eq!(names(folder.path()), [""; 0]);
    }
}

#[test]
fn a_build_that_dies_ends_the_recording_by_name_and_what_was_recorded_stays() {
    let folder = tempfile::tempdir().unwrap();
    let server = std::env::current_exe().unwrap();
    let run = format!("{} support::project::server --exact --nocapture", server.display());
    let manifest = format!(
        "[project]\nname = \"shop\"\n[service.shop]\nready = \"/\"\nenv = {{ STRADDLE_TEST_PORT = \"{{port}}\" }}\n\
         [service.shop.old]\npath = \".\"\nrun = \"{run}\"\n[service.shop.new]\npath = \".\"\nbuild = \"false\"\nrun = \"false\"\n"
    );
    fs::write(folder.path().join("straddle.toml"), manifest).unwrap();
    // The other side's build, which would fail, is not made.
    let recording = Recording::start(folder.path(), &["--side", "old", "--out", "out.jsonl"]);
    for target in ["/good", "/die"] {
        let mut client = Peer::of(TcpStream::connect(recording.address).unwrap());
        client.send(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        let answer = client.rest();
        assert_eq!(answer.starts_with("HTTP/1.1 200 "), target == "/good", "{answer}");
    }
    let ended = recording.wait();
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert!(ended.said.contains("`old` died while its traffic was recorded"), "{}", ended.said);
    assert!(ended.said.contains("out.jsonl: 2 exchanges in "), "{}", ended.said);
}

#[test]
fn interrupted_before_its_build_is_ready_it_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let side = "path = \".\"\nrun = \"sleep 100\"\n";
    let manifest = format!(
        "[project]\nname = \"shop\"\n[service.shop]\nready = {{ log = \"never\" }}\n[service.shop.old]\n{side}[service.shop.new]\n{side}"
    );
    fs::write(folder.path().join("straddle.toml"), manifest).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_straddle"))
        .args(["record", "--side", "old", "--out", "out.jsonl"])
        .current_dir(folder.path())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    eventually("it has begun to stand up", || folder.path().join(".straddle/runs").exists());
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(names(folder.path()), [".straddle", "straddle.toml"]);
}
