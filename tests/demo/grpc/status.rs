//! How a call ends: a code, a message and, where there is something to point at, details as `google.rpc.Status` carries them.
//! Its main type is [`Status`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{HeaderMap, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost::Message;

use crate::database::Trouble;

/// What a status message can't hold as it is.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// How a call ended.
#[derive(Debug, Clone)]
pub struct Status {
    code: u32,
    message: String,
    detail: Option<Any>,
}

impl Status {
    /// The field is one that nobody can act on.
    pub fn invalid_argument(field: &str, why: &str) -> Self {
        let violation = FieldViolation { field: field.to_owned(), description: why.to_owned() };
        let detail = Any::of("google.rpc.BadRequest", &BadRequest { field_violations: vec![violation] });
        Self { detail: Some(detail), ..Self::bare(3, &format!("{field}: {why}")) }
    }

    /// It took too long.
    pub fn deadline_exceeded() -> Self {
        Self::bare(4, "the deadline has passed")
    }

    /// There is no such thing.
    pub fn not_found(kind: &str, name: &str) -> Self {
        let resource = ResourceInfo { resource_type: kind.to_owned(), resource_name: name.to_owned() };
        Self {
            detail: Some(Any::of("google.rpc.ResourceInfo", &resource)),
            ..Self::bare(5, &format!("there is no such {kind}"))
        }
    }

    /// Something is longer than anybody wants to read.
    pub fn resource_exhausted(why: &str) -> Self {
        Self::bare(8, why)
    }

    /// It can't be done as things stand.
    pub fn failed_precondition(kind: &str, subject: &str, why: &str) -> Self {
        let violation =
            PreconditionViolation { kind: kind.to_owned(), subject: subject.to_owned(), description: why.to_owned() };
        let detail = Any::of("google.rpc.PreconditionFailure", &PreconditionFailure { violations: vec![violation] });
        Self { detail: Some(detail), ..Self::bare(9, why) }
    }

    /// Nobody serves that here, or not in that way.
    pub fn unimplemented(why: &str) -> Self {
        Self::bare(12, why)
    }

    /// What came can't be read, or what is there can't be used.
    pub fn internal(why: &str) -> Self {
        Self::bare(13, why)
    }

    /// How a call ended, as trailers.
    pub fn trailers(ended: &Result<(), Self>) -> HeaderMap {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from(ended.as_ref().err().map_or(0, |status| status.code)));
        let Err(status) = ended else { return trailers };
        let message = utf8_percent_encode(&status.message, ESCAPED).to_string();
        if let Ok(message) = HeaderValue::from_str(&message) {
            trailers.insert("grpc-message", message);
        }
        if let Some(detail) = &status.detail {
            let (code, message) = (i32::try_from(status.code).unwrap_or_default(), status.message.clone());
            let whole = Whole { code, message, details: vec![detail.clone()] };
            if let Ok(whole) = HeaderValue::from_str(&STANDARD_NO_PAD.encode(whole.encode_to_vec())) {
                trailers.insert("grpc-status-details-bin", whole);
            }
        }
        trailers
    }

    fn bare(code: u32, message: &str) -> Self {
        Self { code, message: message.to_owned(), detail: None }
    }
}

impl From<Trouble> for Status {
    fn from(error: Trouble) -> Self {
        Self::internal(&error.to_string())
    }
}

/// `google.rpc.Status`
#[derive(Clone, PartialEq, prost::Message)]
struct Whole {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, prost::Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

impl Any {
    fn of(name: &str, message: &impl Message) -> Self {
        Self { type_url: format!("type.googleapis.com/{name}"), value: message.encode_to_vec() }
    }
}

/// `google.rpc.BadRequest`
#[derive(Clone, PartialEq, prost::Message)]
struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    field_violations: Vec<FieldViolation>,
}

/// What is wrong with a field.
#[derive(Clone, PartialEq, prost::Message)]
struct FieldViolation {
    #[prost(string, tag = "1")]
    field: String,
    #[prost(string, tag = "2")]
    description: String,
}

/// `google.rpc.ResourceInfo`
#[derive(Clone, PartialEq, prost::Message)]
struct ResourceInfo {
    #[prost(string, tag = "1")]
    resource_type: String,
    #[prost(string, tag = "2")]
    resource_name: String,
}

/// `google.rpc.PreconditionFailure`
#[derive(Clone, PartialEq, prost::Message)]
struct PreconditionFailure {
    #[prost(message, repeated, tag = "1")]
    violations: Vec<PreconditionViolation>,
}

/// What stands in the way.
#[derive(Clone, PartialEq, prost::Message)]
struct PreconditionViolation {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    subject: String,
    #[prost(string, tag = "3")]
    description: String,
}
