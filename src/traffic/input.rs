//! A file as it is read from outside: unpacked, its format told by its content, and watched, so that nothing is made of
//! half of one file and half of another.
//!
//! Packed is what begins with gzip's or zstd's magic number, whatever its name. Of several members all are read. Sizes
//! are bounded where records are put together, and not here: bytes only pass through.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::format::{FORMAT, Header, MAJOR};
use super::{TrafficError, gor, har};

/// The four bytes that every zstd frame begins with (RFC 8878, 3.1.1).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The two bytes that every gzip member begins with (RFC 1952, 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// The binary logarithm of the longest window that a zstd frame may ask for: 64 MiB. zstd's own levels stay below 8 MiB.
const WINDOW: u32 = 26;
/// As much is looked at to tell a format: no header of ours is as long.
const LOOKED_AT: usize = 64 << 10;
/// As much is read at once.
const BLOCK: usize = 64 << 10;

/// What a file holds.
#[derive(Debug)]
pub(super) enum Kind {
    /// straddle's own lines.
    Ours(Header),
    /// HAR.
    Har,
    /// `GoReplay`'s records.
    Gor,
}

/// A file that is being read.
pub(super) struct Input {
    path: PathBuf,
    watch: Watch,
    /// The file itself, for what its unpacking leaves unread.
    rest: File,
    hasher: Arc<Mutex<blake3::Hasher>>,
    reader: BufReader<Looked>,
}

impl Input {
    /// Opens a file.
    pub(super) fn open(path: &Path) -> Result<Self, TrafficError> {
        let failed = || TrafficError::io("read", path);
        let file = File::open(path).map_err(failed())?;
        if file.metadata().map_err(failed())?.is_dir() {
            return Err(failed()(io::ErrorKind::IsADirectory.into()));
        }
        let watch = Watch::begin(&file, path)?;
        let rest = file.try_clone().map_err(failed())?;
        let hasher = Arc::new(Mutex::new(blake3::Hasher::new()));
        let unpacked = unpacked(Hashing { file, hasher: Arc::clone(&hasher) }).map_err(failed())?;
        let reader = BufReader::with_capacity(BLOCK, Looked::into(unpacked));
        Ok(Self { path: path.to_owned(), watch, rest, hasher, reader })
    }

    /// What it holds, by its first line.
    pub(super) fn kind(&self) -> Result<Kind, TrafficError> {
        let Looked { first, trouble, .. } = self.reader.get_ref();
        match trouble {
            // GoReplay's files are read as far as they go.
            Some(_) if first.is_empty() && gor::is_named_so(&self.path) => Ok(Kind::Gor),
            Some(trouble) if first.is_empty() => Err(TrafficError::Line {
                path: self.path.clone(),
                line: 1,
                reason: format!("can't be read: {trouble}"),
                remedy: "the file is damaged or was cut off: record or import it again",
            }),
            _ => kind(&self.path, first),
        }
    }

    /// What it says, unpacked.
    pub(super) fn reader(&mut self) -> &mut (dyn BufRead + Send) {
        &mut self.reader
    }

    /// Ends the reading: gives the digest of the file as it was read, all of it, unless it was another in the meantime.
    pub(super) fn finish(mut self) -> Result<String, TrafficError> {
        let mut rest = Hashing { file: self.rest, hasher: Arc::clone(&self.hasher) };
        let mut block = vec![0; BLOCK];
        while rest.read(&mut block).map_err(TrafficError::io("read", &self.path))? > 0 {}
        self.watch.end()?;
        self.rest = rest.file;
        let hasher = self.hasher.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// What was seen of the file, to see later that it is the same.
    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }
}

/// What tells whether a file is still the one that it was.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    path: PathBuf,
    /// None where there is nothing to be held: a pipe, a device.
    seen: Option<Seen>,
}

/// Device, inode, length, and when it was last written to.
type Seen = (u64, u64, u64, i64, i64);

impl Watch {
    /// Nothing is held against what it was.
    pub(super) fn of_nothing(path: &Path) -> Self {
        Self { path: path.to_owned(), seen: None }
    }

    fn begin(file: &File, path: &Path) -> Result<Self, TrafficError> {
        let metadata = file.metadata().map_err(TrafficError::io("read", path))?;
        Ok(Self { path: path.to_owned(), seen: metadata.is_file().then(|| seen(&metadata)) })
    }

    /// Whether there is still the same file under that name, with nothing written to it.
    pub(super) fn end(&self) -> Result<(), TrafficError> {
        let Some(was) = self.seen else { return Ok(()) };
        let changed = |how: String| TrafficError::Changed { path: self.path.clone(), how };
        let now = std::fs::metadata(&self.path).map_err(|error| changed(format!("it is gone ({error})")))?;
        let now = seen(&now);
        if now == was {
            return Ok(());
        }
        Err(changed(if (now.0, now.1) != (was.0, was.1) {
            "another file took its name".to_owned()
        } else if now.2 != was.2 {
            format!("it had {} bytes, and now {}", was.2, now.2)
        } else {
            "it was written to".to_owned()
        }))
    }
}

fn seen(metadata: &Metadata) -> Seen {
    (metadata.dev(), metadata.ino(), metadata.len(), metadata.mtime(), metadata.mtime_nsec())
}

/// What a file with this beginning holds.
fn kind(path: &Path, looked: &[u8]) -> Result<Kind, TrafficError> {
    let path = || path.to_owned();
    let begin = looked.strip_prefix(b"\xef\xbb\xbf").unwrap_or(looked).trim_ascii_start();
    if gor::is_named_so(&path()) {
        return if looked.is_empty() { Err(TrafficError::Empty { path: path() }) } else { Ok(Kind::Gor) };
    }
    if begin.is_empty() && looked.len() < LOOKED_AT {
        return Err(TrafficError::Empty { path: path() });
    }
    let line = begin.split(|b| *b == b'\n').next().unwrap_or_default();
    if gor::may_begin(line) {
        return Ok(Kind::Gor);
    }
    if line.len() == begin.len() && looked.len() >= LOOKED_AT && !har::is_utf16(looked) {
        // Too long to be our header, and not to be seen whole.
        let reason = "its first line is not JSON".to_owned();
        return if line.starts_with(b"{") {
            Ok(Kind::Har)
        } else {
            Err(TrafficError::NotARecording { path: path(), reason })
        };
    }
    let Ok(header) = serde_json::from_slice::<Header>(line) else {
        if har::is_utf16(looked) || har::may_be(line) {
            return Ok(Kind::Har);
        }
        let reason = match serde_json::from_slice::<serde::de::IgnoredAny>(line) {
            Ok(_) => format!("its first line has no `\"format\":\"{FORMAT}\"`"),
            Err(_) => "its first line is not JSON".to_owned(),
        };
        return Err(TrafficError::NotARecording { path: path(), reason });
    };
    if header.format != FORMAT {
        let reason = format!("its format is `{}`", header.format);
        return Err(TrafficError::NotARecording { path: path(), reason });
    }
    if header.major > MAJOR.into() {
        return Err(TrafficError::Newer { path: path(), major: header.major, known: MAJOR });
    }
    Ok(Kind::Ours(header))
}

/// What packed bytes say, told by their first ones.
pub(super) fn unpacked(packed: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let mut packed = BufReader::with_capacity(BLOCK, packed);
    let magic = packed.fill_buf()?;
    if magic.starts_with(&ZSTD) {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
        decoder.window_log_max(WINDOW)?;
        return Ok(Box::new(decoder));
    }
    if magic.starts_with(&GZIP) {
        return Ok(Box::new(flate2::bufread::MultiGzDecoder::new(packed)));
    }
    Ok(Box::new(packed))
}

/// A file whose bytes are digested on their way.
struct Hashing {
    file: File,
    hasher: Arc<Mutex<blake3::Hasher>>,
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.hasher.lock().unwrap_or_else(PoisonError::into_inner).update(&buffer[..length]);
        Ok(length)
    }
}

/// Bytes of which the first have been looked at, and are read all the same.
struct Looked {
    first: Vec<u8>,
    read: usize,
    /// What stood in the way of looking further.
    trouble: Option<io::Error>,
    rest: Box<dyn Read + Send>,
}

impl Looked {
    fn into(mut rest: Box<dyn Read + Send>) -> Self {
        let mut first = Vec::new();
        let trouble = (&mut rest).take(LOOKED_AT as u64).read_to_end(&mut first).err();
        Self { first, read: 0, trouble, rest }
    }
}

impl Read for Looked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read < self.first.len() {
            let length = buffer.len().min(self.first.len() - self.read);
            buffer[..length].copy_from_slice(&self.first[self.read..self.read + length]);
            self.read += length;
            return Ok(length);
        }
        match self.trouble.take() {
            Some(trouble) => Err(trouble),
            None => self.rest.read(buffer),
        }
    }
}
