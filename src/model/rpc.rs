//! How a remote procedure call ended: gRPC's status, which stands beside HTTP's.

use std::fmt;

use super::Document;

/// Whether a payload of that type is messages of a remote procedure: gRPC with any codec, and gRPC-Web but where it is in base64.
pub fn is_rpc(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let rest = media.strip_prefix("application/grpc").map(|rest| rest.strip_prefix("-web").unwrap_or(rest));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
}

/// gRPC's status code, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u32);

impl Code {
    /// It went well.
    pub const OK: Self = Self(0);
    /// Nobody says what went wrong.
    pub const UNKNOWN: Self = Self(2);
    /// The caller may not.
    pub const PERMISSION_DENIED: Self = Self(7);
    /// The server has no such method.
    pub const UNIMPLEMENTED: Self = Self(12);
    /// The server is broken.
    pub const INTERNAL: Self = Self(13);
    /// The server can't be reached, or is too busy.
    pub const UNAVAILABLE: Self = Self(14);
    /// Nobody knows the caller.
    pub const UNAUTHENTICATED: Self = Self(16);

    /// Whether the call went well.
    pub fn is_ok(self) -> bool {
        self == Self::OK
    }

    /// Whether the server is at fault, as HTTP's codes from 500 on say it: `UNKNOWN`, `DEADLINE_EXCEEDED`, `INTERNAL`,
    /// `UNAVAILABLE` and `DATA_LOSS`.
    pub fn is_fault(self) -> bool {
        matches!(self.0, 2 | 4 | 13 | 14 | 15)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 17] = [
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED",
        ];
        match NAMES.get(self.0 as usize) {
            Some(name) => out.write_str(name),
            None => write!(out, "code {}", self.0),
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// The code, as a client sees it: also where the server gave none and HTTP's stands in for it.
    pub code: Code,
    /// What the server says of it, or what is wrong with the reply.
    pub message: String,
    /// The details: a list, each with its `@type`. Empty where there are none.
    pub details: Vec<Document>,
}

impl Ending {
    /// It went well, and nobody says more.
    pub fn ok() -> Self {
        Self { code: Code::OK, message: String::new(), details: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_told_whatever_its_codec() {
        for (media, expected) in [
            ("application/grpc", true),
            ("Application/gRPC+proto; x=y", true),
            ("application/grpc-web+proto", true),
            ("application/grpc-web-text", false),
            ("application/grpcx", false),
            ("application/json", false),
        ] {
            assert_eq!(is_rpc(media), expected, "{media}");
        }
    }

    #[test]
    fn a_code_has_the_name_that_its_clients_know() {
        for (code, name) in
            [(0, "OK"), (5, "NOT_FOUND"), (12, "UNIMPLEMENTED"), (16, "UNAUTHENTICATED"), (17, "code 17")]
        {
            assert_eq!(Code(code).to_string(), name);
        }
    }
}
