//! What comes back: headers, and the names of what went wrong.

use http::HeaderMap;

use crate::model::{Fault, Metadata};
use crate::wire::text::latin1;

/// Headers or trailers, in their order. A character a byte, as HTTP/1's are.
pub(super) fn metadata(headers: &HeaderMap) -> Metadata {
    headers.iter().map(|(name, value)| (name.as_str(), latin1(value.as_bytes()))).collect()
}

/// What an error of the connection or of one stream means to who called.
pub(super) fn fault(error: &h2::Error, in_reply: bool) -> Fault {
    let reason = || error.reason().map_or_else(|| "no reason".to_owned(), name);
    match error {
        _ if error.is_io() && in_reply => Fault::Truncated,
        _ if error.is_io() => Fault::Closed,
        _ if error.is_go_away() && error.is_remote() => {
            Fault::Broken(format!("the server ended the HTTP/2 connection: GOAWAY {}", reason()))
        }
        _ if error.is_reset() && error.is_remote() => {
            Fault::Broken(format!("the server broke the HTTP/2 stream off: RST_STREAM {}", reason()))
        }
        _ if error.reason().is_some() => Fault::Malformed(format!("HTTP/2 is broken: {}", reason())),
        _ => Fault::Malformed(format!("HTTP/2 is broken: {error}")),
    }
}

/// The protocol's own name of a reason (RFC 9113, 7).
fn name(reason: h2::Reason) -> String {
    const NAMES: [&str; 14] = [
        "NO_ERROR",
        "PROTOCOL_ERROR",
        "INTERNAL_ERROR",
        "FLOW_CONTROL_ERROR",
        "SETTINGS_TIMEOUT",
        "STREAM_CLOSED",
        "FRAME_SIZE_ERROR",
        "REFUSED_STREAM",
        "CANCEL",
        "COMPRESSION_ERROR",
        "CONNECT_ERROR",
        "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY",
        "HTTP_1_1_REQUIRED",
    ];
    let code = u32::from(reason);
    NAMES.get(code as usize).map_or_else(|| format!("error {code}"), |name| (*name).to_owned())
}
