//! The descriptors of what is served, this side's own out of the text of its own contract. Nothing is read from disk. Its main
//! type is [`Services`].

use std::error::Error;

use prost_reflect::{DescriptorPool, MethodDescriptor};
use protox::Compiler;
use protox::file::{File, FileResolver};

use crate::contracts;
use crate::dialect::Dialect;

/// The contract's file.
const SHOP: &str = "shop.proto";
/// The file of the service that tells whether it serves.
const HEALTH: &str = "grpc/health/v1/health.proto";
/// As much of that as is served.
const HEALTH_TEXT: &str = r#"
syntax = "proto3";
package grpc.health.v1;
service Health {
  rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
}
message HealthCheckRequest {
  string service = 1;
}
message HealthCheckResponse {
  enum ServingStatus {
    UNKNOWN = 0;
    SERVING = 1;
    NOT_SERVING = 2;
  }
  ServingStatus status = 1;
}
"#;

/// What is served.
#[derive(Debug, Clone)]
pub struct Services(DescriptorPool);

impl Services {
    /// What that generation serves.
    pub fn of(dialect: Dialect) -> Result<Self, Box<dyn Error>> {
        let clean = if dialect.is_old() {
            include_str!("../../../contracts/demo/old/shop.proto")
        } else {
            include_str!("../../../contracts/demo/new/shop.proto")
        };
        let mut compiler =
            Compiler::with_file_resolver(Texts(contracts::text(clean, SHOP, dialect.side_name(), dialect.case_name())));
        compiler.open_files([SHOP, HEALTH])?;
        Ok(Self(compiler.descriptor_pool()))
    }

    /// The method of that path.
    pub fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        self.0.get_service_by_name(service)?.methods().find(|known| known.name() == method)
    }
}

/// The two files, the shop's with this text.
struct Texts(String);

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        match name {
            SHOP => File::from_source(name, &self.0),
            HEALTH => File::from_source(name, HEALTH_TEXT),
            _ => Err(protox::Error::file_not_found(name)),
        }
    }
}
