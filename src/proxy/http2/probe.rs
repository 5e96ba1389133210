//! Whether the target speaks HTTP/2 without TLS, by prior knowledge.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::proxy::http1::{Refusal, connect};
use crate::proxy::listen::Shared;

/// How an HTTP/2 client begins, and an empty SETTINGS frame after it (RFC 9113, 3.4).
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// The type of a SETTINGS frame.
const SETTINGS: u8 = 4;
/// How long a target has to answer: one that only speaks HTTP/1.1 may well wait for more.
const LIMIT: Duration = Duration::from_secs(2);

/// Asks the target, once: whoever speaks HTTP/2 answers with a SETTINGS frame.
pub(super) async fn speaks_http2(shared: &Shared) -> Result<bool, Refusal> {
    let ask = async {
        let mut stream = connect(shared).await?;
        let mut frame = [0; 9];
        let answer = async {
            stream.write_all(HELLO).await?;
            stream.read_exact(&mut frame).await
        };
        let answered = matches!(tokio::time::timeout(LIMIT, answer).await, Ok(Ok(_)));
        Ok(answered && frame[3] == SETTINGS && frame[5..] == [0; 4])
    };
    shared.speaks_http2.get_or_try_init(|| ask).await.copied()
}
