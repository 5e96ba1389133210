//! A method as its caller and the server know it.
//!
//! Main type: [`Call`].

use prost_reflect::MethodDescriptor;

use super::hit::Ends;
use super::meeting::Context;
use super::schema::Schema;
use crate::contract::Position;

/// A method that a client calls.
pub struct Call<'a> {
    /// What the request goes through: the client writes, the server reads.
    pub request: &'a Context<'a>,
    /// What the reply goes through: the server writes, the client reads.
    pub reply: &'a Context<'a>,
    /// As the client knows it.
    pub client: MethodDescriptor,
    /// As the server knows it, if it does.
    pub server: Option<MethodDescriptor>,
}

impl Call<'_> {
    /// `shop.v1.Shop/Get`.
    pub fn subject(&self) -> String {
        subject(&self.client)
    }

    /// The server's method of that name in a service of that name, under another package.
    pub fn moved_to(&self) -> Option<String> {
        if self.server.is_some() {
            return None;
        }
        let mut services = self.request.schemas.reader.files().flat_map(|file| file.services().collect::<Vec<_>>());
        services.find_map(|service| {
            let is_it = service.name() == self.client.parent_service().name();
            let method = is_it.then(|| service.methods().find(|method| method.name() == self.client.name()))??;
            Some(subject(&method))
        })
    }

    /// Where it stands.
    pub fn positions(&self) -> Ends<Option<Position>> {
        let place = |schema: &Schema, method: &MethodDescriptor| schema.position(&method.parent_file(), method.path());
        Ends {
            writer: place(self.request.schemas.writer, &self.client),
            reader: self.server.as_ref().and_then(|method| place(self.request.schemas.reader, method)),
        }
    }
}

/// A method's path, without the slash that leads it.
pub fn subject(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}
