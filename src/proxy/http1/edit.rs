//! The few changes that a request's head may need on its way, line by line, all other bytes as they are.

use super::head::RequestHead;
use crate::wire::http::block::latin1;

/// The head with `Host` as `host` says, where it does, and without an offer to go on in HTTP/2: the proxy itself takes that up
/// or leaves it, since a target which took it up would take all that follows out of the recording. None where it needs neither.
pub(in crate::proxy) fn edited(block: &[u8], head: &RequestHead, host: Option<&str>) -> Option<Vec<u8>> {
    let offers = offers_http2(head);
    if host.is_none() && !offers {
        return None;
    }
    let mut out = Vec::with_capacity(block.len() + 64);
    let mut first = true;
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        let blank = line == b"\r\n";
        let name = latin1(line.split(|byte| *byte == b':').next().unwrap_or_default()).to_ascii_lowercase();
        match name.as_str() {
            _ if first || blank => out.extend_from_slice(line),
            "host" if host.is_some() => {
                out.extend_from_slice(&line[..=name.len()]);
                out.extend([b" ", host.unwrap_or_default().as_bytes(), b"\r\n"].concat());
            }
            "upgrade" | "http2-settings" if offers => {}
            "connection" if offers => {
                let value = latin1(&line[name.len() + 1..]);
                let kept: Vec<&str> =
                    value.split(',').map(str::trim).filter(|option| !is_of_the_offer(option)).collect();
                if !kept.is_empty() {
                    out.extend_from_slice(&line[..=name.len()]);
                    out.extend_from_slice(format!(" {}\r\n", kept.join(", ")).as_bytes());
                }
            }
            _ => out.extend_from_slice(line),
        }
        first &= blank;
    }
    Some(out)
}

/// Whether the client would go on in HTTP/2 (RFC 7540, 3.2), and in nothing else.
pub(in crate::proxy) fn offers_http2(head: &RequestHead) -> bool {
    head.asks_for().is_some_and(|protocols| protocols == "h2c")
}

fn is_of_the_offer(option: &str) -> bool {
    option.eq_ignore_ascii_case("upgrade") || option.eq_ignore_ascii_case("http2-settings")
}
