//! How calls, replies and what else a pass keeps are written down: lengths and bytes, nothing to parse.
//!
//! What was written is read by the same process, so the format has no version; a record that makes no sense can only
//! be a damaged disk, and reads as empty.

use bytes::{Buf as _, Bytes};

use crate::model::{Body, Call, HttpVersion, Metadata, Reply, Via};

/// Writes a record.
#[derive(Debug, Default)]
pub(in crate::traffic) struct Encoder(pub(in crate::traffic) Vec<u8>);

impl Encoder {
    pub(in crate::traffic) fn clear(&mut self) {
        self.0.clear();
    }

    pub(in crate::traffic) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// A number, so that greater ones sort behind smaller ones.
    pub(in crate::traffic) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    /// A number of four bytes, sorting alike.
    pub(in crate::traffic) fn small(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    pub(in crate::traffic) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(in crate::traffic) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(in crate::traffic) fn call(&mut self, call: &Call, via: &Via) {
        self.text(&call.method);
        self.text(&call.target);
        self.metadata(&call.metadata);
        self.body(&call.body);
        self.byte(match via.http {
            HttpVersion::Http10 => 0,
            HttpVersion::Http11 => 1,
            HttpVersion::Http2 => 2,
        });
        self.byte(u8::from(via.connection.is_some()));
        self.text(via.connection.as_deref().unwrap_or_default());
    }

    pub(in crate::traffic) fn reply(&mut self, reply: &Reply) {
        self.number(reply.status.into());
        self.metadata(&reply.metadata);
        self.body(&reply.body);
        self.metadata(&reply.trailers);
    }

    fn metadata(&mut self, metadata: &Metadata) {
        self.number(metadata.len() as u64);
        for (name, value) in metadata.iter() {
            self.text(name);
            self.text(value);
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Unknown => self.byte(0),
            Body::Empty => self.byte(1),
            Body::Frames(frames) => {
                self.byte(2);
                self.number(frames.len() as u64);
                for frame in frames {
                    self.bytes(frame);
                }
            }
        }
    }
}

/// Reads a record in the order in which it was written.
#[derive(Debug)]
pub(in crate::traffic) struct Decoder(pub(in crate::traffic) Bytes);

impl Decoder {
    pub(in crate::traffic) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::traffic) fn byte(&mut self) -> u8 {
        self.fixed().map_or(0, |[byte]| byte)
    }

    pub(in crate::traffic) fn number(&mut self) -> u64 {
        self.fixed().map_or(0, u64::from_be_bytes)
    }

    pub(in crate::traffic) fn small(&mut self) -> u32 {
        self.fixed().map_or(0, u32::from_be_bytes)
    }

    pub(in crate::traffic) fn bytes(&mut self) -> Bytes {
        let length = usize::try_from(self.number()).unwrap_or(usize::MAX);
        self.take(length)
    }

    pub(in crate::traffic) fn text(&mut self) -> String {
        let length = usize::try_from(self.number()).unwrap_or(usize::MAX).min(self.0.len());
        let text = String::from_utf8_lossy(&self.0[..length]).into_owned();
        self.0.advance(length);
        text
    }

    pub(in crate::traffic) fn call(&mut self) -> (Call, Via) {
        let call = Call { method: self.text(), target: self.text(), metadata: self.metadata(), body: self.body() };
        let http = match self.byte() {
            0 => HttpVersion::Http10,
            2 => HttpVersion::Http2,
            _ => HttpVersion::Http11,
        };
        let has = self.byte() == 1;
        let connection = self.text();
        (call, Via { connection: has.then_some(connection), http })
    }

    pub(in crate::traffic) fn reply(&mut self) -> Reply {
        let status = u16::try_from(self.number()).unwrap_or_default();
        Reply { status, metadata: self.metadata(), body: self.body(), trailers: self.metadata() }
    }

    fn metadata(&mut self) -> Metadata {
        let mut metadata = Metadata::new();
        for _ in 0..self.number() {
            if self.is_empty() {
                break;
            }
            metadata.push(self.text(), self.text());
        }
        metadata
    }

    fn body(&mut self) -> Body {
        match self.byte() {
            0 => Body::Unknown,
            2 => {
                let mut frames = Vec::new();
                for _ in 0..self.number() {
                    if self.is_empty() {
                        break;
                    }
                    frames.push(self.bytes());
                }
                Body::Frames(frames)
            }
            _ => Body::Empty,
        }
    }

    /// So many bytes, without a share in all of them. None where there are fewer, which then are gone.
    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let fixed = self.0.first_chunk().copied();
        self.0.advance(N.min(self.0.len()));
        fixed
    }

    fn take(&mut self, length: usize) -> Bytes {
        self.0.split_to(length.min(self.0.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_and_its_reply_come_back_as_they_were() {
        let metadata = Metadata::from_iter([("A", "1"), ("a", ""), ("ü", "\n")]);
        for body in
            [Body::Unknown, Body::Empty, Body::Frames(vec![]), Body::Frames(vec![Bytes::new(), vec![0xff, 0].into()])]
        {
            for connection in [None, Some(String::new()), Some("7".to_owned())] {
                let call =
                    Call { method: "GET".into(), target: "/ü".into(), metadata: metadata.clone(), body: body.clone() };
                let reply =
                    Reply { status: 999, metadata: metadata.clone(), body: body.clone(), trailers: metadata.clone() };
                let via = Via { connection, http: HttpVersion::Http2 };
                let mut encoder = Encoder::default();
                encoder.call(&call, &via);
                encoder.reply(&reply);
                let mut decoder = Decoder(encoder.0.into());
                assert_eq!(decoder.call(), (call, via));
                assert_eq!(decoder.reply(), reply);
                assert!(decoder.is_empty());
            }
        }
    }

    #[test]
    fn a_record_that_makes_no_sense_is_no_panic() {
        let mut decoder = Decoder(vec![0xff; 40].into());
        assert_eq!(decoder.call().0.body, Body::Unknown);
        assert_eq!(decoder.reply().status, 0);
    }
}
