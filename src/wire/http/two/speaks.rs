//! Whether a server speaks HTTP/2: it is sent the preface, and answers with its settings or with something else.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::Endpoint;

/// The preface and empty settings (RFC 9113, 3.4).
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// How long its answer may take. A server that doesn't speak it may wait for more of what it takes for a request.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is known of servers.
#[derive(Debug, Default)]
pub(in crate::wire::http) struct Speakers(Mutex<HashMap<Endpoint, bool>>);

impl Speakers {
    /// Whether the server there speaks HTTP/2. It is asked once.
    pub async fn speaks(&self, to: &Endpoint, most: Duration) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(to).copied();
        if let Some(known) = known {
            return known;
        }
        let speaks = timeout(PATIENCE.min(most), ask(to)).await.ok().flatten().unwrap_or(false);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(to.clone(), speaks);
        speaks
    }

    /// Forgets what was learned of the server there.
    pub fn forget(&self, to: &Endpoint) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(to);
    }
}

async fn ask(to: &Endpoint) -> Option<bool> {
    let mut stream = TcpStream::connect((to.host.as_str(), to.port)).await.ok()?;
    stream.write_all(HELLO).await.ok()?;
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.ok()?;
    // A settings frame on stream 0 that is no acknowledgement.
    let [_, _, length, kind, flags, stream @ ..] = frame;
    Some(kind == 4 && flags == 0 && length % 6 == 0 && stream == [0; 4])
}
