//! Messages as they come and go: five bytes before each, one for compression and four for the length. What is compressed is
//! refused: nobody was told that it would be read. Its main types are [`Incoming`] and [`Outgoing`].

use bytes::{Buf, BufMut, Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Response};
use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor};

use super::status::Status;
use crate::app::set;
use crate::random;

/// The longest message that is read, in bytes: what servers of the field take by default.
const LONGEST: usize = 4 << 20;
/// The bytes before each message.
const HEAD: usize = 5;

/// The messages of a caller.
#[derive(Debug)]
pub struct Incoming {
    body: RecvStream,
    held: BytesMut,
    reads: MessageDescriptor,
}

impl Incoming {
    /// Those in that body.
    pub fn new(body: RecvStream, reads: MessageDescriptor) -> Self {
        Self { body, held: BytesMut::new(), reads }
    }

    /// The next one; none once the caller has said all.
    pub async fn next(&mut self) -> Result<Option<DynamicMessage>, Status> {
        loop {
            if let Some(bytes) = self.whole()? {
                let message = DynamicMessage::decode(self.reads.clone(), bytes);
                return message
                    .map(Some)
                    .map_err(|error| Status::internal(&format!("the message can't be read: {error}")));
            }
            match self.body.data().await {
                Some(Ok(data)) => {
                    // A peer that has gone needs no window any more.
                    let _ = self.body.flow_control().release_capacity(data.len());
                    self.held.extend_from_slice(&data);
                }
                Some(Err(error)) => return Err(Status::internal(&format!("the call broke off: {error}"))),
                None if self.held.is_empty() => return Ok(None),
                None => return Err(Status::internal("the last message is cut off")),
            }
        }
    }

    /// The message of a call that has one and no more.
    pub async fn only(&mut self) -> Result<DynamicMessage, Status> {
        let refused = || Status::unimplemented("this method takes one message");
        let message = self.next().await?.ok_or_else(refused)?;
        if self.next().await?.is_some() { Err(refused()) } else { Ok(message) }
    }

    /// A message that is all there.
    fn whole(&mut self) -> Result<Option<Bytes>, Status> {
        let Some(head) = self.held.first_chunk::<HEAD>() else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes([head[1], head[2], head[3], head[4]])).unwrap_or(usize::MAX);
        if head[0] != 0 {
            return Err(Status::unimplemented("compressed messages are not taken here"));
        }
        if length > LONGEST {
            return Err(Status::resource_exhausted("the message is longer than 4 MiB"));
        }
        if self.held.len() < HEAD + length {
            return Ok(None);
        }
        self.held.advance(HEAD);
        Ok(Some(self.held.split_to(length).freeze()))
    }
}

/// Where answers go. The headers go with the first of them, or with the end of a call that fails before there is any.
#[derive(Debug)]
pub struct Outgoing {
    respond: SendResponse<Bytes>,
    begun: Option<SendStream<Bytes>>,
}

impl Outgoing {
    /// To that caller. Whoever has gone misses all of it.
    pub fn new(respond: SendResponse<Bytes>) -> Self {
        Self { respond, begun: None }
    }

    /// Sends an answer.
    pub fn say(&mut self, message: &DynamicMessage) {
        let mut out = BytesMut::new();
        out.put_u8(0);
        // The store holds nothing that is longer.
        out.put_u32(u32::try_from(message.encoded_len()).unwrap_or(u32::MAX));
        out.extend_from_slice(&message.encode_to_vec());
        if let Some(stream) = self.begun() {
            let _ = stream.send_data(out.freeze(), false);
        }
    }

    /// Says how it ended.
    pub fn end(mut self, ended: &Result<(), Status>) {
        let trailers = Status::trailers(ended);
        if ended.is_err() && self.begun.is_none() {
            let _ = self.respond.send_response(head(trailers), true);
        } else if let Some(stream) = self.begun() {
            let _ = stream.send_trailers(trailers);
        }
    }

    fn begun(&mut self) -> Option<&mut SendStream<Bytes>> {
        if self.begun.is_none() {
            self.begun = self.respond.send_response(head(HeaderMap::new()), false).ok();
        }
        self.begun.as_mut()
    }
}

/// Headers with these among them, and the noise that is on every reply.
fn head(headers: HeaderMap) -> Response<()> {
    let mut head = Response::new(());
    *head.headers_mut() = headers;
    set(head.headers_mut(), "content-type", "application/grpc");
    set(head.headers_mut(), "x-request-id", &random::uuid());
    head
}
