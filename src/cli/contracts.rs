//! `straddle contracts`: two contracts in both directions, without builds.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::failure::Failure;
use super::output;
use super::reports::Reports;
use super::surroundings::today;
use crate::contract::{Encoding, Sender, Terms, UnknownFields};
use crate::engine::{self, quoted};
use crate::manifest::{ContractAt, ContractKind};
use crate::model::Pair;
use crate::process::Launch;

/// Compare two contracts in both directions, without builds: OpenAPI, JSON Schema or protobuf
///
/// For each thing that one side may write, is all of it what the other side reads? OLD to NEW and NEW to OLD are answered
/// apart, each break with something that the one writes and the other refuses or misreads.
///
/// OLD and NEW are each a file, a folder, or git:REF:PATH in the repository of this folder.
#[derive(Debug, Args)]
#[command(after_help = "\
Example: straddle contracts git:latest-tag:api/openapi.yaml api/openapi.yaml")]
pub(super) struct Contracts {
    /// The contract of the build that serves today
    old: String,
    /// The contract of the build that is to replace it
    new: String,
    /// What they are written in, where it can't be told from the files
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// What readers do with fields that they don't know [default: ignored; a bare JSON Schema says itself what it refuses]
    #[arg(long, value_enum)]
    unknown_fields: Option<Unknown>,
    /// Whether writers write only what their contract names [default: closed; open for a bare JSON Schema, which is compared as the set of its documents]
    #[arg(long, value_enum)]
    sender: Option<Writes>,
    /// How protobuf messages are sent
    #[arg(long, value_enum, default_value_t = Wire::Both)]
    encoding: Wire,
    #[command(flatten)]
    reports: Reports,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// OpenAPI 3.0 and 3.1
    Openapi,
    /// JSON Schema, draft-04 to 2020-12
    JsonSchema,
    /// Protocol Buffers: .proto files, or a set of file descriptors
    Protobuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Unknown {
    /// Nothing
    Ignored,
    /// They refuse the message where the contract excludes them
    Rejected,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Writes {
    /// Only what it names
    Closed,
    /// Whatever it does not exclude
    Open,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Wire {
    /// Either way
    Both,
    /// By field number
    Binary,
    /// By name
    Json,
}

impl Contracts {
    pub fn run(self) -> Result<Exit, Failure> {
        self.reports.check()?;
        let at = Pair::new(place(&self.old)?, place(&self.new)?);
        let launch = Launch::detect()
            .map_err(|error| Failure::environment(format!("straddle can't find its own program: {error}")))?;
        let asked = engine::Contracts {
            at,
            labels: Pair::new(self.old.clone(), self.new.clone()),
            kind: self.kind.map(kind),
            terms: &|kind| self.terms(kind),
            folder: PathBuf::from("."),
            launch,
            today: today(),
            again: self.again(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::environment(format!("straddle can't start its threads: {error}")))?;
        let outcome = runtime.block_on(asked.run())?;
        let written = self.reports.write(&outcome.run);
        if let Some(files) = self.reports.files_alone() {
            output::say(&format!("{}: see {files}", super::job::word(outcome.run.verdict)));
        }
        Ok(Exit::of(outcome.exit).over(written))
    }

    fn terms(&self, kind: ContractKind) -> Terms {
        let usual = if kind == ContractKind::JsonSchema { Terms::DOCUMENTS } else { Terms::SERVICE };
        Terms {
            sender: self.sender.map_or(usual.sender, |sender| match sender {
                Writes::Closed => Sender::Closed,
                Writes::Open => Sender::Open,
            }),
            unknown_fields: self.unknown_fields.map_or(usual.unknown_fields, |unknown| match unknown {
                Unknown::Ignored => UnknownFields::Ignored,
                Unknown::Rejected => UnknownFields::Rejected,
            }),
            encoding: match self.encoding {
                Wire::Both => Encoding::Both,
                Wire::Binary => Encoding::Binary,
                Wire::Json => Encoding::Json,
            },
            ..usual
        }
    }

    /// The same command shows a finding again.
    fn again(&self) -> String {
        let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map_or_else(String::new, |value| value.get_name().to_owned())
        };
        let mut words = format!("straddle contracts {} {}", quoted(&self.old), quoted(&self.new));
        if let Some(kind) = &self.kind {
            words = format!("{words} --kind {}", name(&|| kind.to_possible_value()));
        }
        if let Some(unknown) = &self.unknown_fields {
            words = format!("{words} --unknown-fields {}", name(&|| unknown.to_possible_value()));
        }
        if let Some(sender) = &self.sender {
            words = format!("{words} --sender {}", name(&|| sender.to_possible_value()));
        }
        if !matches!(self.encoding, Wire::Both) {
            words = format!("{words} --encoding {}", name(&|| self.encoding.to_possible_value()));
        }
        words
    }
}

fn kind(kind: Kind) -> ContractKind {
    match kind {
        Kind::Openapi => ContractKind::OpenApi,
        Kind::JsonSchema => ContractKind::JsonSchema,
        Kind::Protobuf => ContractKind::Protobuf,
    }
}

/// A file, a folder, or `git:REF:PATH`.
fn place(text: &str) -> Result<ContractAt, Failure> {
    if let Some(committed) = text.strip_prefix("git:") {
        return match committed.split_once(':') {
            Some((reference, path)) if !reference.is_empty() => {
                Ok(ContractAt::Git { reference: reference.to_owned(), path: path.to_owned() })
            }
            _ => Err(Failure::usage(format!(
                "`{text}` names no path: write git:REF:PATH, as in git:v1.4.2:api/openapi.yaml"
            ))),
        };
    }
    let path = Path::new(text);
    if path.exists() {
        Ok(ContractAt::Path(path.to_owned()))
    } else {
        Err(Failure::usage(format!("there is no file or folder `{text}`; a contract in a commit is git:REF:PATH")))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{ContractAt, Contracts, place};
    use crate::contract::{Encoding, Sender, Terms, UnknownFields};
    use crate::manifest::ContractKind;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        contracts: Contracts,
    }

    fn line(args: &str) -> Contracts {
        Line::try_parse_from(args.split(' ')).unwrap_or_else(|error| panic!("{error}")).contracts
    }

    #[test]
    fn a_bare_schema_is_the_set_of_its_documents_unless_more_is_said() {
        let plain = line("contracts a b");
        assert_eq!(plain.terms(ContractKind::JsonSchema), Terms::DOCUMENTS);
        assert_eq!(plain.terms(ContractKind::OpenApi), Terms::SERVICE);
        let said = line("contracts a b --sender open --unknown-fields rejected --encoding json");
        let expected = Terms {
            sender: Sender::Open,
            unknown_fields: UnknownFields::Rejected,
            encoding: Encoding::Json,
            ..Terms::SERVICE
        };
        assert_eq!(said.terms(ContractKind::Protobuf), expected);
        assert_eq!(line("contracts a b --sender closed").terms(ContractKind::JsonSchema).sender, Sender::Closed);
    }

    #[test]
    fn the_same_command_shows_it_again() {
        for args in [
            "contracts a b",
            "contracts git:v1:a.proto b.proto --kind protobuf --unknown-fields rejected --sender open --encoding binary",
        ] {
            assert_eq!(line(args).again(), format!("straddle {args}"));
        }
        assert_eq!(line("contracts a b --report json").again(), "straddle contracts a b");
    }

    #[test]
    fn a_contract_stands_in_a_file_or_a_commit() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        assert!(matches!(place(here), Ok(ContractAt::Path(_))));
        let committed = ContractAt::Git { reference: "v1/x".to_owned(), path: "api/a.yaml".to_owned() };
        assert_eq!(place("git:v1/x:api/a.yaml").ok(), Some(committed));
        for bad in ["git:v1", "git::a", "not/there"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }
}
