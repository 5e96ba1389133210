//! Whether the shop serves: `grpc.health.v1.Health/Check`.

use prost_reflect::{DynamicMessage, MessageDescriptor, Value};

use super::fields::{made, text};
use super::status::Status;
use crate::app::App;

/// How the service of that name is; the empty name stands for the server as a whole.
pub fn check(_: &App, gives: &MessageDescriptor, asked: &DynamicMessage) -> Result<DynamicMessage, Status> {
    let service = text(asked, "service");
    if !service.is_empty() && gives.parent_pool().get_service_by_name(&service).is_none() {
        return Err(Status::not_found("service", &service));
    }
    Ok(made(gives, [("status", Value::EnumNumber(1))]))
}
