//! Descriptors: what the messages of a service's methods consist of.

use std::fmt;

use prost_reflect::{DescriptorPool, MethodDescriptor};

/// The descriptors of one version of a service. Cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Descriptors(DescriptorPool);

impl fmt::Debug for Descriptors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services = self.0.services();
        out.debug_list().entries(services.map(|service| service.full_name().to_owned())).finish()
    }
}

impl Descriptors {
    /// Those of that pool.
    pub fn new(pool: DescriptorPool) -> Self {
        Self(pool)
    }

    /// The pool.
    pub fn pool(&self) -> &DescriptorPool {
        &self.0
    }

    /// The method that a path names: `/shop.v1.Shop/Get`.
    pub fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        self.0.get_service_by_name(service)?.methods().find(|known| known.name() == method)
    }
}

/// By what a message is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The descriptors of who reads it.
    pub reader: Descriptors,
    /// Those of who wrote it, where they are known. A field that stands at its default is not written: whether it is there at
    /// all only they can tell.
    pub writer: Option<Descriptors>,
}

impl Reading {
    /// Of one who reads what its own kind wrote.
    pub fn own(descriptors: &Descriptors) -> Self {
        Self { reader: descriptors.clone(), writer: Some(descriptors.clone()) }
    }
}
