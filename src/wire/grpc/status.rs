//! How a call ended: what the reply says, or what its clients make of one that says nothing.
//!
//! Where there is no `grpc-status`, HTTP's stands in for it, by the table of the gRPC documents (http-grpc-status-mapping).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::percent_decode_str;

use super::descriptors::Reading;
use super::read;
use crate::model::{Code, Document, Ending, Metadata, Reply};

/// Deeper descriptions than this one has no client.
const MOST_DETAILS: usize = 100;

/// How the call ended that was answered so; `within` are trailers that stood in the body.
pub(super) fn ending(reply: &Reply, within: Option<&Metadata>, is_grpc: bool, reading: Option<&Reading>) -> Ending {
    let places = [Some(&reply.trailers), within, Some(&reply.metadata)];
    let get = |name: &str| places.into_iter().flatten().find_map(|place| place.get(name));
    let bare = |code, message: String| Ending { code, message, details: Vec::new() };
    let Some(status) = get("grpc-status") else {
        let (code, message) = without_status(reply, is_grpc);
        return bare(code, message);
    };
    let Ok(code) = status.trim().parse() else {
        return bare(Code::UNKNOWN, format!("`grpc-status` is `{}`, which is no number", status.escape_debug()));
    };
    let message = get("grpc-message").unwrap_or_default();
    Ending {
        code: Code(code),
        message: percent_decode_str(message).decode_utf8_lossy().into_owned(),
        details: get("grpc-status-details-bin").map(|text| details(text, reading)).unwrap_or_default(),
    }
}

/// Whether the reply says it at all.
pub(super) fn is_said(reply: &Reply, within: Option<&Metadata>) -> bool {
    let places = [Some(&reply.trailers), within, Some(&reply.metadata)];
    reply.status != 200 || places.into_iter().flatten().any(|place| place.has("grpc-status"))
}

fn without_status(reply: &Reply, is_grpc: bool) -> (Code, String) {
    let code = match reply.status {
        400 => Code::INTERNAL,
        401 => Code::UNAUTHENTICATED,
        403 => Code::PERMISSION_DENIED,
        404 => Code::UNIMPLEMENTED,
        429 | 502..=504 => Code::UNAVAILABLE,
        _ => Code::UNKNOWN,
    };
    let message = if reply.status != 200 {
        format!("HTTP status {}", reply.status)
    } else if is_grpc {
        "the reply ends without a `grpc-status`".to_owned()
    } else {
        let media = reply.metadata.get("content-type").unwrap_or("no content type");
        format!("the reply is no gRPC: {}", media.escape_debug())
    };
    (code, message)
}

/// The details of a `google.rpc.Status`; what is none stays bytes.
fn details(text: &str, reading: Option<&Reading>) -> Vec<Document> {
    // Several values of one name are joined by commas: only the first is a status.
    let first = text.split(',').next().unwrap_or_default().trim().trim_end_matches('=');
    let Ok(bytes) = STANDARD_NO_PAD.decode(first) else { return vec![Document::text(text)] };
    match read::details(&bytes, reading, MOST_DETAILS) {
        Ok(details) => details,
        Err(_) => vec![Document::Bytes(bytes.into())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, headers: &[(&str, &str)], trailers: &[(&str, &str)], code: &str, message: &str) {
        let (metadata, trailers) = (headers.iter().copied().collect(), trailers.iter().copied().collect());
        let reply = Reply { status, metadata, trailers, ..Reply::default() };
        let is_grpc = headers.iter().any(|(_, value)| value.starts_with("application/grpc"));
        let ending = ending(&reply, None, is_grpc, None);
        assert_eq!((ending.code.to_string().as_str(), ending.message.as_str()), (code, message), "{headers:?}");
    }

    #[test]
    fn the_status_stands_in_trailers_or_in_headers_that_are_alone() {
        let grpc = ("content-type", "application/grpc");
        check(200, &[grpc], &[("grpc-status", "0")], "OK", "");
        check(200, &[grpc, ("grpc-status", "5"), ("grpc-message", "no %C3%A9gg")], &[], "NOT_FOUND", "no égg");
        check(200, &[grpc], &[("grpc-status", "5"), ("grpc-message", "100%")], "NOT_FOUND", "100%");
        check(200, &[grpc], &[("grpc-status", "99")], "code 99", "");
        check(200, &[grpc], &[("grpc-status", "ok")], "UNKNOWN", "`grpc-status` is `ok`, which is no number");
    }

    #[test]
    fn a_reply_that_is_no_grpc_fails_as_its_clients_see_it() {
        let html = ("content-type", "text/html");
        check(200, &[html], &[], "UNKNOWN", "the reply is no gRPC: text/html");
        check(200, &[], &[], "UNKNOWN", "the reply is no gRPC: no content type");
        check(200, &[("content-type", "application/grpc")], &[], "UNKNOWN", "the reply ends without a `grpc-status`");
        for (status, code) in
            [(400, "INTERNAL"), (401, "UNAUTHENTICATED"), (404, "UNIMPLEMENTED"), (502, "UNAVAILABLE")]
        {
            check(status, &[html], &[], code, &format!("HTTP status {status}"));
        }
    }

    #[test]
    fn details_are_shown_by_their_type_and_never_lost() {
        // code 5, and one detail of type "t" with the value 08 01.
        for text in ["CAUaBwoBdBICCAE=", "CAUaBwoBdBICCAE"] {
            let shown = details(text, None);
            assert_eq!(shown.len(), 1);
            assert_eq!(shown[0].field("@type"), Some(&Document::text("t")));
            assert_eq!(shown[0].field("value"), Some(&Document::Bytes(vec![8, 1].into())));
        }
        assert_eq!(details("!", None), [Document::text("!")]);
        assert_eq!(details("/w", None), [Document::Bytes(vec![255].into())]);
    }
}
