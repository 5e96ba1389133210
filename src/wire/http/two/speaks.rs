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

/// So often is a server asked that says nothing: it may be busy starting, or wait for ever for more.
const TRIES: u8 = 3;

/// What is known of servers.
#[derive(Debug, Default)]
pub struct Speakers(Mutex<HashMap<Endpoint, Known>>);

/// What a server has said.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// It answered: in HTTP/2, or in something else.
    Answered(bool),
    /// It could not be reached, or gave no answer in time, so often.
    Silent(u8),
}

impl Speakers {
    /// Whether the server there speaks HTTP/2. Its answer is final; its silence is a no this once, and for good the third time.
    pub async fn speaks(&self, to: &Endpoint, most: Duration) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(to).copied();
        let silent = match known {
            Some(Known::Answered(speaks)) => return speaks,
            Some(Known::Silent(TRIES..)) => return false,
            Some(Known::Silent(times)) => times,
            None => 0,
        };
        let answer = timeout(PATIENCE.min(most), ask(to)).await.ok().flatten();
        let known = answer.map_or(Known::Silent(silent + 1), Known::Answered);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(to.clone(), known);
        answer.unwrap_or(false)
    }

    /// Forgets what was learned of the server there.
    pub fn forget(&self, to: &Endpoint) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(to);
    }
}

/// What it answers; none where it is not there. Whoever ends the connection has answered.
async fn ask(to: &Endpoint) -> Option<bool> {
    let mut stream = TcpStream::connect((to.host.as_str(), to.port)).await.ok()?;
    let mut frame = [0; 9];
    if stream.write_all(HELLO).await.is_err() || stream.read_exact(&mut frame).await.is_err() {
        return Some(false);
    }
    // A settings frame on stream 0 that is no acknowledgement.
    let [_, _, length, kind, flags, stream @ ..] = frame;
    Some(kind == 4 && flags == 0 && length % 6 == 0 && stream == [0; 4])
}
