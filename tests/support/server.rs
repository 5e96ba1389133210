//! In-process HTTP servers on ports of the system's choice, whose panics reach the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// A request as a handler sees it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// What a handler answers.
#[derive(Debug, Clone)]
pub struct Response(pub Vec<u8>);

impl Response {
    /// JSON with this status.
    pub fn json(status: u16, body: &str) -> Self {
        Self::with(status, "application/json", body, &[])
    }

    /// Any body, with further headers.
    pub fn with(status: u16, media: &str, body: &str, headers: &[(&str, &str)]) -> Self {
        let length = body.len();
        let mut reply = format!("HTTP/1.1 {status} X\r\ncontent-type: {media}\r\ncontent-length: {length}\r\n");
        for (name, value) in headers {
            reply.extend([*name, ": ", *value, "\r\n"]);
        }
        reply.extend(["\r\n", body]);
        Self(reply.into_bytes())
    }

    /// These bytes and nothing else; the connection closes after them.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
}

/// A running server; stops when dropped, and passes on what its handler panicked with.
pub struct Server {
    pub address: SocketAddr,
    stop: Arc<AtomicBool>,
    panics: Arc<Mutex<Vec<String>>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        Self::start_at(0, handler)
    }

    /// On this port of this machine.
    pub fn start_at(port: u16, handler: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap_or_else(|e| panic!("no port: {e}"));
        let address = listener.local_addr().unwrap_or_else(|e| panic!("no address: {e}"));
        let (stop, panics) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (stopped, told, handler) = (Arc::clone(&stop), Arc::clone(&panics), Arc::new(handler));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (handler, told) = (Arc::clone(&handler), Arc::clone(&told));
                std::thread::spawn(move || serve(stream, &*handler, &told));
            }
        });
        Self { address, stop, panics, thread: Some(thread) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let panics = self.panics.lock().map(|all| all.clone()).unwrap_or_default();
        if !std::thread::panicking() {
            assert!(panics.is_empty(), "a handler panicked: {panics:?}");
        }
    }
}

fn serve(stream: TcpStream, handler: &dyn Fn(&Request) -> Response, panics: &Mutex<Vec<String>>) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut input = BufReader::new(stream);
    while let Some(request) = read(&mut input) {
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handler(&request)));
        match answer {
            Ok(Response(bytes)) => {
                let keeps = bytes.starts_with(b"HTTP/1.1")
                    && bytes.windows(15).any(|w| w.eq_ignore_ascii_case(b"content-length:"));
                if out.write_all(&bytes).is_err() || !keeps {
                    break;
                }
            }
            Err(payload) => {
                let text = payload.downcast_ref::<String>().cloned().unwrap_or_else(|| "a panic".to_owned());
                if let Ok(mut all) = panics.lock() {
                    all.push(text);
                }
                break;
            }
        }
    }
    let _ = out.shutdown(std::net::Shutdown::Both);
}

fn read(input: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    input.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let mut request =
        Request { method: words.next()?.to_owned(), target: words.next()?.to_owned(), ..Request::default() };
    loop {
        let mut header = String::new();
        input.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = request.headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, v)| v.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    input.read_exact(&mut body).ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}
