//! A call as HTTP/2 has it.

use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, Request, Uri, Version};

use crate::model::Call;
use crate::wire::Endpoint;
use crate::wire::http::request::{belongs_to_the_connection, on_the_wire, options};

/// The head of `call`, whose body has that length; none where HTTP/2 can't say it as it was recorded.
pub(in crate::wire::http) fn sayable(to: &Endpoint, call: &Call, body: usize) -> Option<Request<()>> {
    let target = PathAndQuery::try_from(call.target.as_str()).ok().filter(|target| target.as_str() == call.target)?;
    let authority =
        call.metadata.get("host").filter(|host| !host.is_empty()).map_or_else(|| to.to_string(), str::to_owned);
    let uri = Uri::builder().scheme("http").authority(authority).path_and_query(target).build().ok()?;
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(call.method.as_bytes()).ok()?;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_2;
    let named = options(call);
    let mut framed = false;
    for (name, value) in call.metadata.iter() {
        let value = if name.eq_ignore_ascii_case("content-length") {
            if std::mem::replace(&mut framed, true) {
                continue;
            }
            HeaderValue::from(body)
        } else if name.eq_ignore_ascii_case("host")
            || name.eq_ignore_ascii_case("transfer-encoding")
            || belongs_to_the_connection(name, value, &named)
        {
            continue;
        } else {
            HeaderValue::from_bytes(&on_the_wire(value.trim())).ok()?
        };
        request.headers_mut().try_append(HeaderName::from_bytes(name.as_bytes()).ok()?, value).ok()?;
    }
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Body;

    fn check(target: &str, headers: &[(&str, &str)], expected: Option<&str>) {
        let call = Call {
            method: "POST".to_owned(),
            target: target.to_owned(),
            metadata: headers.iter().copied().collect(),
            body: Body::Empty,
        };
        let shown = sayable(&Endpoint::new("::1", 80), &call, 3).map(|request| {
            let headers = request.headers().iter().map(|(name, value)| {
                format!("|{name}: {}", value.as_bytes().iter().map(|&byte| char::from(byte)).collect::<String>())
            });
            format!("{} {}{}", request.method(), request.uri(), headers.collect::<String>())
        });
        assert_eq!(shown.as_deref(), expected);
    }

    #[test]
    fn a_call_goes_out_as_recorded_but_for_what_belongs_to_a_connection() {
        check(
            "/a%2Fb//c/../d?x=1&&y",
            &[("HOST", "shop.test"), ("B", " 1"), ("Connection", "x-hop"), ("X-Hop", "1"), ("TE", "trailers")],
            Some("POST http://shop.test/a%2Fb//c/../d?x=1&&y|b: 1|te: trailers"),
        );
        check(
            "/",
            &[("Cookie", "a=1"), ("A", "é"), ("Cookie", "b=2")],
            Some("POST http://[::1]:80/|cookie: a=1|cookie: b=2|a: é"),
        );
        check(
            "/",
            &[("Content-Length", "9"), ("Transfer-Encoding", "chunked")],
            Some("POST http://[::1]:80/|content-length: 3"),
        );
        check(
            "*",
            &[(":authority", "x"), ("Upgrade", "h2c"), ("Expect", "100-continue")],
            Some("POST http://[::1]:80*"),
        );
    }

    #[test]
    fn what_http_2_would_say_otherwise_is_not_said() {
        check("/a#b", &[], None);
        check("/a b", &[], None);
        check("/", &[("Host", "a b")], None);
    }
}
