//! HTTP/2.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::net::TcpStream;

use super::http1::RequestHead;
use super::listen::Shared;

pub(super) async fn serve(_s: TcpStream, _b: BytesMut, _u: Option<RequestHead>, _shared: &Arc<Shared>, _name: &str) {}
