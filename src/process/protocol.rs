//! What the parent and the guardian say to each other: one JSON object a line, over one Unix stream socket.
//!
//! The parent gives every process its number, so that it can let go of one whose start it does not wait for. The line
//! [`Said::Started`] comes with the read ends of the process's pipes as ancillary data (`SCM_RIGHTS`): its output flows
//! straight to the parent and never through the guardian. Both ends are the same program, so this has no version.

use std::ffi::OsString;
use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Exit;

/// What the parent asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    /// Start a process under this number.
    Start(u64, Box<Start>),
    /// Send a signal to the group.
    Signal(u64, i32),
    /// SIGTERM to the group; SIGKILL after so many milliseconds.
    Stop(u64, u64),
    /// Kill what is left of it, and forget it.
    Release(u64),
    /// Remove this folder when all ends.
    Scratch(OsString),
    /// Don't.
    Keep(OsString),
}

/// What to start.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Start {
    pub(super) words: Vec<OsString>,
    pub(super) env: Vec<(String, String)>,
    pub(super) without: Vec<String>,
    pub(super) dir: OsString,
    pub(super) mark: String,
    pub(super) capture_stdout: bool,
    /// User and group.
    pub(super) user: Option<(u32, u32)>,
    /// The number of a signal.
    pub(super) ends_by: Option<i32>,
}

/// What the guardian says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Said {
    /// It watches.
    Ready,
    /// The process runs, as this pid, and this many descriptors came along: the log's, then stdout's if that is apart.
    Started(u64, i32, usize),
    /// The process could not be started.
    Refused(u64, Refusal),
    /// The process itself ended. Others of its group may live.
    Ended(u64, Exit),
    /// Nothing of it is left.
    Stopped(u64),
}

/// Why the system did not start a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) kind: RefusalKind,
    /// What the system said.
    pub(super) reason: String,
}

/// The refusals for which there is something to do about the program.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum RefusalKind {
    /// Something does not exist.
    Missing,
    /// It may not be executed.
    Denied,
    /// It can't be executed: another machine's, or a text.
    Foreign,
    /// Anything else.
    Other,
}

impl Refusal {
    pub(super) fn of(error: &io::Error) -> Self {
        let kind = match (error.kind(), rustix::io::Errno::from_io_error(error)) {
            (io::ErrorKind::NotFound, _) => RefusalKind::Missing,
            (io::ErrorKind::PermissionDenied, _) => RefusalKind::Denied,
            (_, Some(rustix::io::Errno::NOEXEC)) => RefusalKind::Foreign,
            _ => RefusalKind::Other,
        };
        Self { kind, reason: error.to_string() }
    }
}

/// Writes a line.
pub(super) fn tell(mut socket: &UnixStream, message: &impl Serialize) -> io::Result<()> {
    socket.write_all(&line(message)?)
}

/// Writes a line that brings descriptors along.
pub(super) fn tell_with(mut socket: &UnixStream, message: &impl Serialize, fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    let line = line(message)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(io::Error::other("too many descriptors for one message"));
    }
    // They travel with the first byte; what the socket does not take at once follows without them.
    let sent = loop {
        match rustix::net::sendmsg(socket, &[IoSlice::new(&line)], &mut ancillary, SendFlags::empty()) {
            Err(rustix::io::Errno::INTR) => {}
            other => break other?,
        }
    };
    socket.write_all(line.get(sent..).unwrap_or_default())
}

fn line(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// A process has one pipe or two.
const DESCRIPTORS: usize = 2;

/// Reads lines, and the descriptors that came with them, in order.
pub(super) struct Ear {
    socket: UnixStream,
    bytes: Vec<u8>,
    descriptors: std::collections::VecDeque<OwnedFd>,
}

impl Ear {
    pub(super) fn new(socket: UnixStream) -> Self {
        Self { socket, bytes: Vec::new(), descriptors: std::collections::VecDeque::new() }
    }

    /// The next message, or `None` when the other end is gone.
    pub(super) fn hear<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        loop {
            if let Some(end) = memchr::memchr(b'\n', &self.bytes) {
                let message = serde_json::from_slice(&self.bytes[..end])?;
                self.bytes.drain(..=end);
                return Ok(Some(message));
            }
            if self.receive()? == 0 {
                return Ok(None);
            }
        }
    }

    /// The next descriptor of those that came along.
    pub(super) fn descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.pop_front()
    }

    fn receive(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 16 * 1024];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = loop {
            match rustix::net::recvmsg(&self.socket, &mut [IoSliceMut::new(&mut chunk)], &mut ancillary, FLAGS) {
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::CONNRESET) => return Ok(0),
                other => break other?.bytes,
            }
        };
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                for fd in fds {
                    rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
                    self.descriptors.push_back(fd);
                }
            }
        }
        self.bytes.extend_from_slice(&chunk[..received]);
        Ok(received)
    }
}

#[cfg(target_os = "linux")]
const FLAGS: RecvFlags = RecvFlags::CMSG_CLOEXEC;
#[cfg(not(target_os = "linux"))]
const FLAGS: RecvFlags = RecvFlags::empty();

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn descriptors_come_with_the_line_that_promises_them() {
        let (here, there) = UnixStream::pair().unwrap();
        let (read, mut write) = io::pipe().unwrap();
        tell(&here, &Said::Ready).unwrap();
        tell_with(&here, &Said::Started(7, 42, 1), &[read.as_fd()]).unwrap();
        tell(&here, &Said::Stopped(7)).unwrap();
        drop((here, read));
        write.write_all(b"through").unwrap();
        drop(write);

        let mut ear = Ear::new(there);
        assert!(matches!(ear.hear().unwrap(), Some(Said::Ready)));
        assert!(matches!(ear.hear().unwrap(), Some(Said::Started(7, 42, 1))));
        let mut text = String::new();
        std::fs::File::from(ear.descriptor().unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "through");
        assert!(matches!(ear.hear().unwrap(), Some(Said::Stopped(7))));
        assert!(ear.hear::<Said>().unwrap().is_none());
    }
}
