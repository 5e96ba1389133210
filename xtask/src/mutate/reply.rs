//! A reply as a change sees it. The main type is [`Reply`].

use serde_json::{Value, json};

/// A reply with its transfer and content encodings taken off.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Headers in their order and case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The media type, parameters off.
    pub fn media(&self) -> String {
        let media = self.header("content-type").unwrap_or_default();
        media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body, where it is text.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }

    /// Whether the body says that it is JSON.
    pub fn is_json(&self) -> bool {
        let media = self.media();
        media == "application/json" || media.ends_with("+json")
    }

    /// Whether the reply refuses.
    pub fn fails(&self) -> bool {
        self.status >= 400
    }

    /// Into a capture.
    pub fn to_json(&self) -> Value {
        json!({ "status": self.status, "headers": self.headers, "body": String::from_utf8_lossy(&self.body) })
    }

    /// Out of a capture, or of a recording whose body is text.
    pub fn from_json(value: &Value) -> Option<Self> {
        let headers = value["headers"].as_array()?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let body = value["body"].as_str().or_else(|| value["body"]["text"].as_str()).unwrap_or_default();
        Some(Self {
            status: u16::try_from(value["status"].as_u64()?).ok()?,
            headers: headers.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
            body: body.as_bytes().to_vec(),
        })
    }
}
