//! A server that does what its script says, byte for byte.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::wire::Endpoint;

/// What the server does next on a connection. After the last step it closes.
#[derive(Debug, Clone)]
pub enum Step {
    /// Reads a request: its head, and as much body as its length says.
    Read,
    /// Sends bytes.
    Send(&'static [u8]),
    /// Sends bytes over and over, with a pause after each time, until the client is gone.
    Repeat(&'static [u8], Duration),
    /// Says nothing for so long.
    Pause(Duration),
    /// Keeps the connection open until the client closes.
    Hold,
    /// Breaks the connection off instead of closing it.
    Reset,
}

/// A running server.
pub struct Server {
    pub endpoint: Endpoint,
    requests: Arc<Mutex<Vec<String>>>,
    played: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts a server that takes one connection for each script; what comes after the last is refused.
    pub async fn start(connections: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::new("127.0.0.1", listener.local_addr().unwrap().port());
        let requests = Arc::default();
        let seen = Arc::clone(&requests);
        let (done, played) = watch::channel(0);
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            for steps in connections {
                let (stream, _) = listener.accept().await.unwrap();
                open.spawn(play(stream, steps, Arc::clone(&seen), done.clone()));
            }
            drop(listener);
            while let Some(played) = open.join_next().await {
                played.unwrap();
            }
        });
        Self { endpoint, requests, played, task }
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until so many steps have been done on all connections together; closing one is a step too.
    pub async fn has_played(&self, steps: usize) {
        let mut played = self.played.clone();
        let enough = played.wait_for(|done| *done >= steps);
        tokio::time::timeout(Duration::from_secs(10), enough).await.expect("the script goes on").unwrap();
    }

    /// Waits until all connections have been played, and passes on what went wrong on the server's side.
    pub async fn finish(self) -> Vec<String> {
        tokio::time::timeout(Duration::from_secs(10), self.task).await.expect("not all connections were made").unwrap();
        self.requests.lock().unwrap().clone()
    }
}

async fn play(mut stream: TcpStream, steps: Vec<Step>, seen: Arc<Mutex<Vec<String>>>, done: watch::Sender<usize>) {
    for step in steps {
        // A client that has gone away is no trouble of the server's.
        match step {
            Step::Read => match read(&mut stream).await {
                Some(request) => seen.lock().unwrap().push(request),
                None => return,
            },
            Step::Send(bytes) => drop(stream.write_all(bytes).await),
            Step::Repeat(bytes, pause) => {
                while stream.write_all(bytes).await.is_ok() {
                    tokio::time::sleep(pause).await;
                }
            }
            Step::Pause(pause) => tokio::time::sleep(pause).await,
            Step::Hold => while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {},
            Step::Reset => stream.set_zero_linger().unwrap(),
        }
        done.send_modify(|steps| *steps += 1);
    }
    drop(stream);
    done.send_modify(|steps| *steps += 1);
}

async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    loop {
        if let Some(end) = memmem::find(&request, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if request.len() >= end + 4 + length {
                return Some(request.iter().map(|&byte| char::from(byte)).collect());
            }
        }
        if !matches!(stream.read_buf(&mut request).await, Ok(1..)) {
            return None;
        }
    }
}
