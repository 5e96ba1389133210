//! The descriptors of a running server, asked for by reflection: `grpc.reflection.v1`, or `v1alpha` where it knows only that.
//!
//! What comes back is a `FileDescriptorSet`, as `protoc --descriptor_set_out` writes one, of all services and what they import.
//! Bounded in files, rounds and bytes, whatever a server names.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use prost::encoding::{WireType, encode_key, encode_varint};

use super::client::{Answered, Terms, ask, call};
use super::read::raw::{self, Raw};
use crate::model::{Code, Ending, Fault};
use crate::wire::http::Http;
use crate::wire::{Endpoint, Limits};

/// The services by which servers describe themselves, the newer first.
const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/// Fields of a request.
const FILE_BY_NAME: u32 = 3;
const FILE_OF_SYMBOL: u32 = 4;
const LIST_SERVICES: u32 = 7;
/// No server has more files than this, or imports that lie deeper than so many rounds of asking.
const MOST_FILES: usize = 5_000;
const MOST_ROUNDS: usize = 64;

/// Why a server can't be asked for its descriptors.
#[derive(Debug, thiserror::Error)]
pub enum ReflectionError {
    /// It gave no reply.
    #[error("the server gives no reply to gRPC reflection: {0}")]
    Fault(Fault),
    /// It has no reflection.
    #[error("the server has no gRPC reflection: turn it on, or give the `.proto` files or a descriptor set by `path`")]
    Missing,
    /// It refuses to answer.
    #[error("the server refuses gRPC reflection: {code}{}", message(.said))]
    Refused {
        /// The status.
        code: Code,
        /// What it says.
        said: String,
    },
    /// What it answers is no description.
    #[error("the server's gRPC reflection can't be read: {0}")]
    Unreadable(String),
}

fn message(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(", {said}") }
}

/// All that the server there says of its services: an encoded `FileDescriptorSet`.
pub async fn reflect(http: &Http, to: &Endpoint, limits: &Limits) -> Result<Bytes, ReflectionError> {
    for path in PATHS {
        let server = Server { http, to, limits, path };
        match server.describe().await {
            Err(ReflectionError::Missing) => {}
            described => return described,
        }
    }
    Err(ReflectionError::Missing)
}

struct Server<'a> {
    http: &'a Http,
    to: &'a Endpoint,
    limits: &'a Limits,
    path: &'a str,
}

impl Server<'_> {
    async fn describe(&self) -> Result<Bytes, ReflectionError> {
        let listed = self.ask(&[(LIST_SERVICES, String::new())]).await?;
        let services = listed.services;
        let mut files: BTreeMap<String, Bytes> = BTreeMap::new();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<(u32, String)> = services.into_iter().map(|name| (FILE_OF_SYMBOL, name)).collect();
        for _ in 0..MOST_ROUNDS {
            if open.is_empty() {
                return Ok(set(&files));
            }
            let came = self.ask(&open).await?;
            for bytes in came.files {
                let file = File::read(&bytes).map_err(ReflectionError::Unreadable)?;
                asked.extend(file.imports);
                files.insert(file.name, bytes);
            }
            if files.len() > MOST_FILES {
                return Err(ReflectionError::Unreadable(format!("more than {MOST_FILES} files")));
            }
            let missing = asked.iter().filter(|name| !files.contains_key(*name));
            let next: Vec<(u32, String)> = missing.map(|name| (FILE_BY_NAME, name.clone())).collect();
            if next == open {
                let names: Vec<&str> = next.iter().map(|(_, name)| name.as_str()).collect();
                return Err(ReflectionError::Unreadable(format!("it does not give {}", names.join(", "))));
            }
            open = next;
        }
        Err(ReflectionError::Unreadable("imports without an end".to_owned()))
    }

    /// Asks all of that in one stream.
    async fn ask(&self, questions: &[(u32, String)]) -> Result<Came, ReflectionError> {
        let questions: Vec<Bytes> = questions.iter().map(|(field, name)| text(*field, name)).collect();
        let call = call(self.path, &questions, &Terms::default());
        let answered = ask(self.http, self.to, &call, true, self.limits).await.map_err(ReflectionError::Fault)?;
        let Ending { code, message: said, .. } = answered.ending(None);
        match code {
            Code::OK => {}
            Code::UNIMPLEMENTED => return Err(ReflectionError::Missing),
            code => return Err(ReflectionError::Refused { code, said }),
        }
        Came::read(&answered)
    }
}

/// What answers bring.
#[derive(Default)]
struct Came {
    services: Vec<String>,
    files: Vec<Bytes>,
}

impl Came {
    fn read(answered: &Answered) -> Result<Self, ReflectionError> {
        let mut came = Self::default();
        let (messages, trouble) = answered.messages();
        if let Some(trouble) = trouble {
            return Err(ReflectionError::Unreadable(trouble));
        }
        for message in messages {
            let read = raw::each(&message, |number, value| match (number, value) {
                (4, Raw::Bytes(files)) => each_bytes(files, 1, |file| came.files.push(Bytes::copy_from_slice(file))),
                (6, Raw::Bytes(services)) => {
                    let mut names = Vec::new();
                    each_bytes(services, 1, |service| names.push(service))?;
                    for service in names {
                        each_bytes(service, 1, |name| came.services.push(String::from_utf8_lossy(name).into_owned()))?;
                    }
                    Ok(())
                }
                (7, Raw::Bytes(error)) => {
                    let mut said = String::from("it gives an error and no word of it");
                    each_bytes(error, 2, |text| said = String::from_utf8_lossy(text).into_owned())?;
                    Err(said)
                }
                _ => Ok(()),
            });
            read.map_err(ReflectionError::Unreadable)?;
        }
        Ok(came)
    }
}

/// A file's name and what it imports.
#[derive(Default)]
struct File {
    name: String,
    imports: Vec<String>,
}

impl File {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        let mut file = Self::default();
        raw::each(bytes, |number, value| {
            match (number, value) {
                (1, Raw::Bytes(name)) => file.name = String::from_utf8_lossy(name).into_owned(),
                (3, Raw::Bytes(import)) => file.imports.push(String::from_utf8_lossy(import).into_owned()),
                _ => {}
            }
            Ok(())
        })?;
        Ok(file)
    }
}

/// The values of one field that are bytes.
fn each_bytes<'a>(message: &'a [u8], field: u32, mut found: impl FnMut(&'a [u8])) -> Result<(), String> {
    raw::each(message, |number, value| {
        if let (true, Raw::Bytes(bytes)) = (number == field, value) {
            found(bytes);
        }
        Ok(())
    })
}

/// A message of one field of text.
fn text(field: u32, text: &str) -> Bytes {
    let mut message = Vec::new();
    put(&mut message, field, text.as_bytes());
    message.into()
}

fn set(files: &BTreeMap<String, Bytes>) -> Bytes {
    let mut set = Vec::new();
    for file in files.values() {
        put(&mut set, 1, file);
    }
    set.into()
}

fn put(message: &mut Vec<u8>, field: u32, bytes: &[u8]) {
    encode_key(field, WireType::LengthDelimited, message);
    encode_varint(bytes.len() as u64, message);
    message.extend_from_slice(bytes);
}
