//! By what messages of remote procedures are read: the descriptors of each service, in both versions.

use std::collections::BTreeMap;

use crate::model::Side;
use crate::wire::grpc::{Descriptors, Reading};

/// The descriptors that contracts give.
#[derive(Debug, Clone, Default)]
pub struct Readings(BTreeMap<(String, Side), Descriptors>);

impl Readings {
    /// Notes what a service's messages consist of in that version.
    pub fn insert(&mut self, service: &str, side: Side, descriptors: Descriptors) {
        self.0.insert((service.to_owned(), side), descriptors);
    }

    /// As clients of one side read what a server of the other writes; none where nobody says what they read.
    pub(super) fn between(&self, service: &str, clients: Side, server: Side) -> Option<Reading> {
        let of = |side: Side| self.0.get(&(service.to_owned(), side)).cloned();
        Some(Reading { reader: of(clients)?, writer: of(server) })
    }
}
