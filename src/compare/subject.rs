//! The name of a surface: `GET /orders/{}`, or of a remote procedure `shop.v1.Shop/Get`.

use super::shape::{is_long_token, is_uuid};
use crate::model::Call;
use crate::model::secret::has_placeholder;

/// Names the operation that a call is of. A segment of its path is `{}` where it is a number, a uuid, a long token or a
/// credential, or where `made_anew` says that it is bound to a value that was made anew: never by counting, so that names stay.
pub fn subject(call: &Call, made_anew: impl Fn(usize) -> bool) -> String {
    if let Some(path) = call.procedure() {
        return path.strip_prefix('/').unwrap_or(path).to_owned();
    }
    let mut name = format!("{} ", call.method);
    for (index, segment) in call.path().split('/').skip(1).enumerate() {
        name.push('/');
        let number = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
        if number || has_placeholder(segment) || is_uuid(segment) || is_long_token(segment) || made_anew(index) {
            name.push_str("{}");
        } else {
            name.push_str(segment);
        }
    }
    if name.ends_with(' ') {
        name.push_str(call.path());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(target: &str, expected: &str) {
        let call = Call { method: "GET".to_owned(), target: target.to_owned(), ..Call::default() };
        assert_eq!(subject(&call, |index| index == 1 && target.ends_with("VykzkWP")), expected);
    }

    #[test]
    fn made_up_segments_have_no_name() {
        check("/", "GET /");
        check("/orders?page=2", "GET /orders");
        check("/orders/17", "GET /orders/{}");
        check("/posts/VykzkWP", "GET /posts/{}");
        check("/posts/words", "GET /posts/words");
        check("/x/0b5e6f0e-8a0f-4d7e-9c58-0f6a7f0b8a11/y", "GET /x/{}/y");
        check("/-/static/datasette-manager.js", "GET /-/static/datasette-manager.js");
        check("/reset/{secret:reset#1}?x={secret:x#1}", "GET /reset/{}");
        check("*", "GET *");
    }

    #[test]
    fn a_remote_procedure_has_its_own_name() {
        for (content_type, expected) in
            [("application/grpc", "shop.v1.Shop/Get"), ("text/plain", "POST /shop.v1.Shop/Get")]
        {
            let (method, target) = ("POST".to_owned(), "/shop.v1.Shop/Get".to_owned());
            let metadata = [("content-type", content_type)].into_iter().collect();
            assert_eq!(subject(&Call { method, target, metadata, ..Call::default() }, |_| false), expected);
        }
    }
}
