//! A recording proxy in this process, and what it wrote. The main type is [`Tape`].

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use straddle::proxy::{Limits, Proxy, Recorder, Route};
use straddle::traffic::Part;
use straddle::wire::Endpoint;
use tokio::sync::oneshot;

/// Long even on a busy machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A proxy that records until it is ended.
pub struct Tape {
    /// Where clients connect.
    pub address: SocketAddr,
    out: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Vec<String>>>,
    _folder: tempfile::TempDir,
}

/// What was recorded.
#[derive(Debug)]
pub struct Recorded {
    /// The lines of the file after its header, by their index.
    pub exchanges: Vec<Value>,
    /// What a person is told that was not recorded.
    pub notes: Vec<String>,
}

impl Tape {
    /// Before that server.
    pub fn before(target: SocketAddr) -> Self {
        Self::with(target, Limits::default(), None)
    }

    /// Before that server, with other limits, and with a `Host` of its own.
    pub fn with(target: SocketAddr, limits: Limits, host: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let out = folder.path().join("out.jsonl");
        let part = Part::begin(&out, false).unwrap_or_else(|e| panic!("{e}"));
        let recorder = Recorder::start(part, Box::new(|_, _| {}), &limits).unwrap_or_else(|e| panic!("{e}"));
        let target = Endpoint::new(target.ip().to_string(), target.port());
        let route = Route { target, host: host.map(str::to_owned) };
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap_or_else(|e| panic!("{e}")).block_on(async {
                let at = SocketAddr::from(([127, 0, 0, 1], 0));
                let proxy = Proxy::listen(at, route, recorder.clone(), limits).await.unwrap_or_else(|e| panic!("{e}"));
                tell.send(proxy.address()).unwrap_or_else(|e| panic!("{e}"));
                proxy.run(async { drop(stopped.await) }).await;
            });
            drop(recorder.clone().finish().unwrap_or_else(|e| panic!("{e}")));
            recorder.tally().notes()
        });
        let address = told.recv().unwrap_or_else(|e| panic!("{e}"));
        Self { address, out, stop: Some(stop), thread: Some(thread), _folder: folder }
    }

    /// What is in the file by now.
    pub fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(Part::path_of(&self.out)).unwrap_or_else(|e| panic!("{e}"));
        let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
        text.lines().skip(1).map(line).collect()
    }

    /// Ends it.
    pub fn end(mut self) -> Recorded {
        drop(self.stop.take());
        let notes = self.thread.take().map_or_else(|| panic!("ended"), JoinHandle::join);
        let notes = notes.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut exchanges = self.lines();
        exchanges.sort_by_key(|exchange| exchange["index"].as_u64());
        Recorded { exchanges, notes }
    }

    /// A client of it.
    pub fn client(&self) -> Peer {
        Peer::of(TcpStream::connect(self.address).unwrap_or_else(|e| panic!("{e}")))
    }
}

/// One end of a connection, in raw bytes.
#[derive(Debug)]
pub struct Peer(pub TcpStream);

impl Peer {
    /// An end that waits long, and not for ever.
    pub fn of(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap_or_else(|e| panic!("{e}"));
        stream.set_write_timeout(Some(PATIENCE)).unwrap_or_else(|e| panic!("{e}"));
        stream.set_nodelay(true).unwrap_or_else(|e| panic!("{e}"));
        Self(stream)
    }

    /// Sends these bytes.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Waits for exactly these bytes.
    #[track_caller]
    pub fn expect(&mut self, bytes: impl AsRef<[u8]>) {
        let expected = bytes.as_ref();
        let mut got = vec![0; expected.len()];
        let mut length = 0;
        while length < got.len() {
            match self.0.read(&mut got[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&got[..length])),
            }
        }
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(shown(&got[..length]), shown(expected));
        assert_eq!(&got[..length], expected);
    }

    /// Waits for the end, with nothing before it.
    #[track_caller]
    pub fn expect_end(&mut self) {
        assert_eq!(self.rest(), "");
    }

    /// All up to the end, or to a reset.
    pub fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            match self.0.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => rest.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                Err(error) => panic!("{error} after {:?}", String::from_utf8_lossy(&rest)),
            }
        }
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// All up to the empty line, that included.
    pub fn head(&mut self) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte).unwrap_or_else(|e| panic!("{e} after {:?}", String::from_utf8_lossy(&head)));
            head.push(byte[0]);
        }
        String::from_utf8_lossy(&head).into_owned()
    }
}

/// A server of raw bytes: `serve` is given each connection, in a thread of its own, one after the other.
pub struct RawServer {
    pub address: SocketAddr,
    thread: JoinHandle<()>,
}

impl RawServer {
    /// Takes so many connections.
    pub fn start(connections: usize, mut serve: impl FnMut(Peer) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|e| panic!("{e}"));
        let address = listener.local_addr().unwrap_or_else(|e| panic!("{e}"));
        let thread = std::thread::spawn(move || {
            for _ in 0..connections {
                let (stream, _) = listener.accept().unwrap_or_else(|e| panic!("{e}"));
                serve(Peer::of(stream));
            }
        });
        Self { address, thread }
    }

    /// Waits until it has served all, and passes on what it panicked with.
    pub fn join(self) {
        if let Err(panic) = self.thread.join() {
            std::panic::resume_unwind(panic);
        }
    }
}
