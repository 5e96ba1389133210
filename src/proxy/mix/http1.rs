//! A client's connection of HTTP/1.x, request by request.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

use super::BY;
use super::mixer::{Mix, stopped};
use super::passing::Passing;
use crate::proxy::http1::{Incoming, Refusal, RequestHead, close, reset};

/// How a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// After a reply, or without one: as its instance did it.
    Closed,
    /// Within a reply, so that it can't be taken for whole.
    Broken,
    /// With something that the client is to be told.
    Refused(Refusal),
}

/// The connection while it is served.
pub(super) struct Connection<'a> {
    pub incoming: Incoming<ReadHalf<'a>>,
    pub to: WriteHalf<'a>,
    /// A buffer for replies.
    pub spare: BytesMut,
    pub mix: &'a Arc<Mix>,
    pub number: u64,
    stopping: watch::Receiver<bool>,
}

/// Serves it until it ends. The bytes of its first request are in `buffer`.
pub(super) async fn serve(mut client: TcpStream, buffer: BytesMut, first: RequestHead, mix: &Arc<Mix>, number: u64) {
    let end = {
        let (from, to) = client.split();
        let (incoming, spare, stopping) = (Incoming::new(from, buffer), BytesMut::new(), mix.stopping());
        Connection { incoming, to, spare, mix, number, stopping }.run(first).await
    };
    match end {
        End::Closed => close(client, None).await,
        End::Refused(refusal) => close(client, Some(&refusal.bytes(BY))).await,
        End::Broken => reset(&client),
    }
}

impl Connection<'_> {
    async fn run(mut self, first: RequestHead) -> End {
        let mut head = first;
        loop {
            if let Err(end) = self.exchange(head).await {
                return end;
            }
            head = match self.next().await {
                Ok(head) => head,
                Err(end) => return end,
            };
        }
    }

    async fn next(&mut self) -> Result<RequestHead, End> {
        let limits = &self.mix.limits;
        let read = tokio::select! {
            biased;
            () = stopped(&mut self.stopping) => return Err(End::Closed),
            read = RequestHead::read(&mut self.incoming, limits) => read,
        };
        read.map_err(|no| match no.refusal(limits) {
            None => End::Closed,
            Some(refusal) => {
                Passing::bad_call(self.mix, self.number, "", &refusal);
                End::Refused(refusal)
            }
        })
    }
}
