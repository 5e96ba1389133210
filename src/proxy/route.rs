//! Which upstream a call goes to. The one place that decides it.

use crate::wire::Endpoint;

/// Where calls go, and under which name.
#[derive(Debug, Clone)]
pub struct Route {
    /// Where the target listens.
    pub target: Endpoint,
    /// What stands in `Host` instead of what the client sent, where that is asked for.
    ///
    /// Without it the client's own goes on: absolute links then lead back to the proxy, and checks that hold `Origin`
    /// against `Host` see what they would see without a proxy.
    pub host: Option<String>,
}

impl Route {
    /// To that target, with the client's own `Host`.
    pub fn to(target: Endpoint) -> Self {
        Self { target, host: None }
    }
}
