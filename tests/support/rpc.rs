//! An in-process gRPC server on a port of the system's choice, on h2 alone, whose panics reach the test.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use straddle::wire::{Endpoint, grpc};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What is asked: the path, the messages and the metadata.
pub struct Asked {
    pub path: String,
    pub messages: Vec<Bytes>,
    pub metadata: HeaderMap,
}

/// What is answered. By default: OK, and nothing.
#[derive(Default, Clone)]
pub struct Says {
    pub messages: Vec<Bytes>,
    pub code: u32,
    pub message: &'static str,
    pub details: Option<&'static str>,
    pub metadata: Vec<(&'static str, &'static str)>,
    pub trailers: Vec<(&'static str, &'static str)>,
    /// The bytes of the body, where they are to be others than those of the messages.
    pub raw: Option<Bytes>,
    pub manner: Manner,
}

/// How the reply goes.
#[derive(Default, Clone, Copy, PartialEq)]
pub enum Manner {
    #[default]
    Whole,
    /// A page, with this status of HTTP.
    Page(u16),
    /// The stream is reset after the messages.
    Reset,
    /// The stream goes on for ever after the messages.
    Endless,
    /// The stream ends without trailers.
    NoStatus,
    /// Nothing comes at all.
    Silence,
}

impl Says {
    pub fn message(message: impl Into<Bytes>) -> Self {
        Self::messages([message.into()])
    }

    pub fn messages(messages: impl IntoIterator<Item = Bytes>) -> Self {
        Self { messages: messages.into_iter().collect(), ..Self::default() }
    }

    pub fn fails(code: u32, message: &'static str) -> Self {
        Self { code, message, ..Self::default() }
    }

    pub fn page(status: u16) -> Self {
        Self { manner: Manner::Page(status), ..Self::default() }
    }
}

type Handler = dyn Fn(&Asked) -> Says + Send + Sync;

/// A server; stops when dropped, and passes on what its handler panicked with.
pub struct Rpc {
    pub address: SocketAddr,
    panics: Arc<Mutex<Vec<String>>>,
    runtime: Option<Runtime>,
}

impl Rpc {
    pub fn start(handler: impl Fn(&Asked) -> Says + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let panics = Arc::new(Mutex::new(Vec::new()));
        runtime.spawn(accept(listener, Arc::new(handler), Arc::clone(&panics)));
        Self { address, panics, runtime: Some(runtime) }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new("127.0.0.1", self.address.port())
    }
}

impl Drop for Rpc {
    fn drop(&mut self) {
        // It may be dropped within a runtime, where none may wait.
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
        let panics = self.panics.lock().unwrap();
        assert!(panics.is_empty() || std::thread::panicking(), "the server panicked: {panics:?}");
    }
}

async fn accept(listener: std::net::TcpListener, handler: Arc<Handler>, panics: Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        let (handler, panics) = (Arc::clone(&handler), Arc::clone(&panics));
        tokio::spawn(async move {
            let Ok(mut connection) = h2::server::handshake(stream).await else { return };
            while let Some(Ok((request, respond))) = connection.accept().await {
                let (handler, panics) = (Arc::clone(&handler), Arc::clone(&panics));
                tokio::spawn(async move {
                    let served = tokio::spawn(serve(request, respond, handler)).await;
                    if let Err(error) = served
                        && error.is_panic()
                    {
                        panics.lock().unwrap().push(error.to_string());
                    }
                });
            }
        });
    }
}

async fn serve(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, handler: Arc<Handler>) {
    let (head, mut body) = request.into_parts();
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let Ok(data) = data else { return };
        let _ = body.flow_control().release_capacity(data.len());
        bytes.extend_from_slice(&data);
    }
    let asked = Asked { path: head.uri.path().to_owned(), messages: messages(&bytes), metadata: head.headers };
    let says = handler(&asked);
    let head = Response::builder().header("content-type", "application/grpc");
    let head = says.metadata.iter().fold(head, |head, (name, value)| head.header(*name, *value));
    match says.manner {
        Manner::Silence => std::future::pending().await,
        Manner::Page(status) => {
            let head = Response::builder().status(status).header("content-type", "text/html").body(()).unwrap();
            let mut out = respond.send_response(head, false).unwrap();
            return out.send_data(Bytes::from_static(b"<html><p>no gRPC here</p></html>"), true).unwrap();
        }
        // What fails at once has no more than headers.
        Manner::Whole if says.messages.is_empty() && says.code != 0 => {
            let mut head = head.body(()).unwrap();
            head.headers_mut().extend(trailers(&says));
            drop(respond.send_response(head, true).unwrap());
            return;
        }
        _ => {}
    }
    let mut out = respond.send_response(head.body(()).unwrap(), false).unwrap();
    send(&mut out, &says);
    match says.manner {
        Manner::Reset => out.send_reset(Reason::INTERNAL_ERROR),
        Manner::Endless => std::future::pending().await,
        Manner::NoStatus => out.send_data(Bytes::new(), true).unwrap(),
        _ => out.send_trailers(trailers(&says)).unwrap(),
    }
}

fn send(out: &mut SendStream<Bytes>, says: &Says) {
    let body = says.raw.clone().unwrap_or_else(|| grpc::written(&says.messages));
    if !body.is_empty() {
        out.send_data(body, false).unwrap();
    }
}

fn trailers(says: &Says) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", says.code.into());
    if !says.message.is_empty() {
        trailers.insert("grpc-message", HeaderValue::from_static(says.message));
    }
    if let Some(details) = says.details {
        trailers.insert("grpc-status-details-bin", HeaderValue::from_static(details));
    }
    for (name, value) in &says.trailers {
        trailers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    trailers
}

/// The messages of a body, gzip taken off.
fn messages(mut body: &[u8]) -> Vec<Bytes> {
    let mut all = Vec::new();
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let (message, rest) = rest.split_at(length);
        all.push(if head[0] == 1 { unpacked(message) } else { Bytes::copy_from_slice(message) });
        body = rest;
    }
    all
}

fn unpacked(message: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(message), &mut plain).unwrap();
    plain.into()
}

/// What a `.proto` file of that text describes.
pub fn pool(proto: &str) -> DescriptorPool {
    let folder = tempfile::tempdir().unwrap();
    write_proto(folder.path(), proto);
    let set = protox::compile(["shop.proto"], [folder.path()]).unwrap_or_else(|e| panic!("{e:?}"));
    DescriptorPool::from_file_descriptor_set(set).unwrap()
}

/// Writes such a file into a folder, as `shop.proto`.
pub fn write_proto(folder: &Path, proto: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("shop.proto"), proto).unwrap();
}

/// A message by its text format.
pub fn message(pool: &DescriptorPool, name: &str, text: &str) -> DynamicMessage {
    let descriptor: MessageDescriptor = pool.get_message_by_name(name).unwrap_or_else(|| panic!("no {name}"));
    DynamicMessage::parse_text_format(descriptor, text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// The same, encoded.
pub fn bytes(pool: &DescriptorPool, name: &str, text: &str) -> Bytes {
    message(pool, name, text).encode_to_vec().into()
}
