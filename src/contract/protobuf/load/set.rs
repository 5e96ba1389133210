//! A binary `FileDescriptorSet`: what `protoc --descriptor_set_out` writes.

use std::path::Path;

use prost::Message;
use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::FileDescriptorSet;

use super::entries::wrong_entry;
use crate::contract::{ContractError, Position};

/// The endings that files of this kind have.
pub const ENDINGS: &[&str] = &[".fds", ".binpb", ".desc", ".pb", ".protoset"];

/// Whether a file holds a set rather than a `.proto`'s text.
pub fn is_set(path: &str, bytes: &[u8]) -> bool {
    if Path::new(path).extension().is_some_and(|ending| ending == "proto") {
        return false;
    }
    // Field 1, length-delimited: a file. No text starts with a line feed followed by anything but text.
    ENDINGS.iter().any(|ending| path.ends_with(ending))
        || (bytes.first() == Some(&0x0a) && FileDescriptorSet::decode(bytes).is_ok_and(|set| !set.file.is_empty()))
}

/// Reads a set; the names of its own files come with it.
pub fn load(path: &str, bytes: &[u8]) -> Result<(DescriptorPool, Vec<String>), ContractError> {
    let wrong =
        |what: String| ContractError::Wrong { at: Position { file: path.to_owned(), line: 0, column: 0 }, what };
    let set = FileDescriptorSet::decode(bytes).map_err(|error| {
        wrong(format!(
            "not a FileDescriptorSet ({error}): give what `protoc --include_imports --descriptor_set_out` writes"
        ))
    })?;
    if set.file.is_empty() {
        return Err(wrong("the FileDescriptorSet holds no file: was it written without an input?".to_owned()));
    }
    for file in &set.file {
        if file.syntax() == "editions" {
            return Err(wrong(format!(
                "`{}` is written in an edition, which can't be read yet: give proto2 or proto3 descriptors, or leave it out",
                file.name()
            )));
        }
        if !matches!(file.syntax(), "" | "proto2" | "proto3") {
            return Err(wrong(format!("the syntax of `{}` is none that is known: is the file damaged?", file.name())));
        }
        if let Some(entry) = wrong_entry(file) {
            let name = file.name();
            return Err(wrong(format!(
                "`{entry}` in `{name}` says it is a map's entry and is not: is the file damaged?"
            )));
        }
        if let Some(missing) =
            file.dependency.iter().find(|wanted| !set.file.iter().any(|other| other.name() == wanted.as_str()))
            && !super::is_well_known(missing)
        {
            return Err(wrong(format!(
                "`{}` imports `{missing}`, which the set lacks: write it with `protoc --include_imports`",
                file.name()
            )));
        }
    }
    let mut pool = DescriptorPool::new();
    super::add_well_known(&mut pool, &set).map_err(|error| wrong(error.to_string()))?;
    pool.decode_file_descriptor_set(bytes).map_err(|error| wrong(error.to_string()))?;
    let own = set.file.iter().map(|file| file.name().to_owned()).filter(|name| !super::is_well_known(name)).collect();
    Ok((pool, own))
}
