//! Every framing, every fault and hostile replies (`replies`); connections, time and the pool (`client`),
//! streams that never end (`streams`), and HTTP/2 (`two`).

mod client;
mod replies;
mod server;
mod streams;
mod two;
