//! HTTP/2's fields and what recordings and HTTP/1.1 have for them.

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Uri, request};

use crate::model::{Body, Call, HttpVersion, Metadata, Via};
use crate::proxy::http1::members;
use crate::wire::http::block::latin1;

/// The call, as it is recorded: `:authority` as `Host`, before all that was sent as headers.
pub(super) fn call(parts: &request::Parts) -> Call {
    let mut metadata = Metadata::new();
    if !parts.headers.contains_key(http::header::HOST)
        && let Some(authority) = parts.uri.authority()
    {
        metadata.push("host", authority.as_str());
    }
    for (name, value) in &parts.headers {
        metadata.push(name.as_str(), latin1(value.as_bytes()));
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    Call { method: parts.method.to_string(), target: target.to_owned(), metadata, body: Body::Empty }
}

/// Over which connection it came.
pub(super) fn via(connection: &str) -> Via {
    Via { connection: Some(connection.to_owned()), http: HttpVersion::Http2 }
}

/// Fields as they are recorded.
pub(super) fn metadata(fields: &HeaderMap) -> Metadata {
    fields.iter().map(|(name, value)| (name.as_str(), latin1(value.as_bytes()))).collect()
}

/// How many bytes they take, about.
pub(super) fn size(fields: &HeaderMap) -> usize {
    // What a field counts for beside its bytes (RFC 9113, 6.5.2).
    const EACH: usize = 32;
    fields.iter().map(|(name, value)| name.as_str().len() + value.len() + EACH).sum()
}

/// Puts another host into a request.
pub(super) fn set_host(parts: &mut request::Parts, host: &str) {
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    // What is no authority was refused when it was given.
    uri.authority = host.parse().ok().or(uri.authority);
    parts.uri = Uri::from_parts(uri).unwrap_or_default();
    if let (Some(there), Ok(host)) = (parts.headers.get_mut(http::header::HOST), HeaderValue::from_str(host)) {
        *there = host;
    }
}

/// The headers of an HTTP/1.1 reply, or its trailers, as HTTP/2 has them: without those that belong to one connection (RFC 9113,
/// 8.2.2). None where one of them has a form that HTTP/2 does not know.
pub(super) fn from_http1(headers: &Metadata) -> Option<HeaderMap> {
    const OF_THE_CONNECTION: [&str; 6] =
        ["connection", "proxy-connection", "keep-alive", "te", "transfer-encoding", "upgrade"];
    let named = members(headers, "connection");
    let mut fields = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        let name = name.to_ascii_lowercase();
        if OF_THE_CONNECTION.contains(&name.as_str()) || named.contains(&name) {
            continue;
        }
        let bytes: Vec<u8> = value.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
        fields.try_append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(&bytes).ok()?).ok()?;
    }
    Some(fields)
}

/// The headers of an HTTP/2 request or its trailers as lines of HTTP/1.1, without the empty one: cookies in one line (RFC 9113,
/// 8.2.3), and no `TE`, which would speak of the client's own connection.
pub(super) fn to_http1(fields: &HeaderMap, lines: &mut Vec<u8>) {
    let mut cookies: Vec<&[u8]> = Vec::new();
    for (name, value) in fields {
        match name.as_str() {
            "cookie" => cookies.push(value.as_bytes()),
            "te" | "host" => {}
            other => line(lines, other, value.as_bytes()),
        }
    }
    if !cookies.is_empty() {
        line(lines, "cookie", &cookies.join(&b"; "[..]));
    }
}

pub(super) fn line(lines: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        lines.extend_from_slice(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_recorded_as_the_host() {
        let request = http::Request::get("http://shop.test/a?b=1").header("x", "1").body(()).unwrap();
        let call = call(&request.into_parts().0);
        assert_eq!((call.method.as_str(), call.target.as_str()), ("GET", "/a?b=1"));
        assert_eq!(call.metadata.iter().collect::<Vec<_>>(), [("host", "shop.test"), ("x", "1")]);
    }

    #[test]
    fn headers_of_one_connection_stay_on_it() {
        let all = [("Connection", "close, X-Hop"), ("x-hop", "1"), ("Transfer-Encoding", "chunked"), ("ETag", "\"a\"")];
        let fields = from_http1(&all.into_iter().collect()).unwrap();
        assert_eq!(metadata(&fields).iter().collect::<Vec<_>>(), [("etag", "\"a\"")]);
    }

    #[test]
    fn crumbs_of_cookies_become_one_line() {
        let mut fields = HeaderMap::new();
        for (name, value) in [("cookie", "a=1"), ("x", "2"), ("cookie", "b=3"), ("te", "trailers")] {
            fields.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut lines = Vec::new();
        to_http1(&fields, &mut lines);
        assert_eq!(String::from_utf8(lines).unwrap(), "x: 2\r\ncookie: a=1; b=3\r\n");
    }

    #[test]
    fn another_host_goes_where_the_authority_stands() {
        let request = http::Request::get("http://127.0.0.1:1/a").header("host", "127.0.0.1:1").body(()).unwrap();
        let mut parts = request.into_parts().0;
        set_host(&mut parts, "shop.test");
        assert_eq!(parts.uri.to_string(), "http://shop.test/a");
        assert_eq!(parts.headers["host"], "shop.test");
    }
}
