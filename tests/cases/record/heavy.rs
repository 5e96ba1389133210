//! Long bodies and many connections, in bounded memory.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use rustix::process::Signal;

use crate::support::recording::Recording;
use crate::support::tape::{Peer, RawServer};

/// In MiB.
const MOST: u64 = 300;
/// A long body, in bytes.
const LONG: usize = 100 << 20;
/// One that is kept, in bytes.
const KEPT: usize = 15 << 20;

/// The most memory that a process ever had, in MiB; none where it is gone.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? >> 10)
}

/// Watches a process until it is gone: the most memory that it ever had.
fn watch(process: u32) -> u64 {
    let mut most = 0;
    while let Some(now) = peak(process) {
        most = now;
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    most
}

/// Reads a message whose body is so long, and throws that away.
fn read(peer: &mut Peer, mut length: usize) -> String {
    let head = peer.head();
    let mut sink = vec![0; 1 << 20];
    while length > 0 {
        let most = sink.len().min(length);
        length -= peer.0.read(&mut sink[..most]).unwrap();
    }
    head
}

/// Writes so many bytes.
fn write(peer: &mut Peer, mut length: usize) {
    let bytes = vec![b'x'; 1 << 20];
    while length > 0 {
        length -= peer.0.write(&bytes[..bytes.len().min(length)]).unwrap();
    }
}

#[test]
fn bodies_of_100_mb_and_many_that_are_kept_go_through_in_bounded_memory() {
    let sizes = [LONG, KEPT, KEPT];
    let server = RawServer::start(sizes.len(), move |mut peer| {
        // All at once: the next connection is taken while this one goes on.
        std::thread::spawn(move || {
            let head = peer.head();
            let length: usize =
                head.split("Content-Length: ").nth(1).unwrap().split('\r').next().unwrap().parse().unwrap();
            let mut rest = vec![0; 1 << 20];
            let mut left = length;
            while left > 0 {
                let most = rest.len().min(left);
                left -= peer.0.read(&mut rest[..most]).unwrap();
            }
            peer.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"));
            write(&mut peer, length);
        });
    });
    let folder = tempfile::tempdir().unwrap();
    let target = format!("http://{}", server.address);
    let recording = Recording::start(folder.path(), &["--target", &target, "--out", "out.jsonl"]);
    let clients = sizes.map(|size| {
        let mut client = Peer::of(TcpStream::connect(recording.address).unwrap());
        std::thread::spawn(move || {
            client.send(format!("POST /{size} HTTP/1.1\r\nHost: h\r\nContent-Length: {size}\r\n\r\n"));
            write(&mut client, size);
            assert!(read(&mut client, size).starts_with("HTTP/1.1 200 OK"));
        })
    });
    for client in clients {
        client.join().unwrap();
    }
    server.join();
    let process = recording.child.id();
    let watching = std::thread::spawn(move || watch(process));
    let ended = recording.end(Signal::INT);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    let most = watching.join().unwrap();
    assert!(most > 0 && most < MOST, "{most} MiB");
    let note = format!("recorded with an unknown body, since it is too long to be kept: POST /{LONG}, and 1 more");
    assert!(ended.said.contains(&note), "{}", ended.said);
}
