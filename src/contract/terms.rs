//! On which terms two contracts are compared.

/// What is taken for granted of those who write and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Whether writers write only what their contract names.
    pub sender: Sender,
    /// What readers do with fields that they don't know.
    pub unknown_fields: UnknownFields,
    /// Which encodings of protobuf are in use.
    pub encoding: Encoding,
    /// Steps that comparing two schemas may take, before it is given up and unknown.
    pub steps: u64,
}

/// What a writer may write besides what its contract names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// Nothing.
    Closed,
    /// Whatever the contract does not exclude.
    Open,
}

/// What a reader does with fields that it doesn't know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownFields {
    /// Nothing.
    Ignored,
    /// It refuses the message, where its contract excludes them.
    Rejected,
}

/// How protobuf messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Either way.
    Both,
    /// By field number.
    Binary,
    /// By name.
    Json,
}

impl Terms {
    /// As services do that talk in JSON or protobuf: writers write what they know, readers ignore what they don't.
    pub const SERVICE: Self = Self {
        sender: Sender::Closed,
        unknown_fields: UnknownFields::Ignored,
        encoding: Encoding::Both,
        steps: 1_000_000,
    };

    /// As a bare JSON Schema reads: the set of its documents.
    pub const DOCUMENTS: Self = Self { sender: Sender::Open, unknown_fields: UnknownFields::Rejected, ..Self::SERVICE };
}
