//! Every framing, every fault and hostile replies (`replies`); connections, time and the pool (`client`).

mod client;
mod replies;
mod server;
