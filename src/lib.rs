//! straddle finds out whether two versions of a service can serve at once, before a release does.
//!
//! The modules in layer order, each speaking only to those below it in this list; ARCHITECTURE.md is the map. (The empty lines
//! keep the formatter from sorting it.)

pub mod cli; // the command line: the only one that prints

pub mod engine; // manifest and checks to plan, events and run

pub mod report; // a run to bytes: pure

pub mod checks; // one folder a check

pub mod generate; // messages and calls that contracts allow

pub mod drive; // a session through an arrangement

pub mod compare; // observations to findings: pure

pub mod fleet; // builds to running servers

pub mod proxy; // passes traffic on as it is, and records it

pub mod store; // shared state: seed, copy, digest

pub mod traffic; // recordings: sessions, bindings, formats

pub mod contract; // what may be sent, compared in both directions

pub mod process; // every process that straddle starts, and the guardian that ends them

pub mod wire; // protocols: bytes to documents

pub mod manifest; // straddle.toml: what was asked for

pub mod model; // the words: sides, cells, calls, documents, findings, the run

pub use cli::main;
