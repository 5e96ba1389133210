//! `--old SPEC`, `--new SPEC`, `--self SIDE`: other builds than the manifest's.

use clap::Args;

use crate::manifest::SourceSpec;
use crate::model::{Pair, Side};

/// Which builds stand up, where not the manifest's.
#[derive(Debug, Clone, Args)]
pub(super) struct Builds {
    /// The old build, in place of the manifest's: git:REF, path:DIR or url:http://…; the commands stay
    #[arg(long, value_name = "SPEC")]
    pub old: Option<SourceSpec>,
    /// The new build, likewise; git:latest-tag is the newest tag before HEAD
    #[arg(long, value_name = "SPEC")]
    pub new: Option<SourceSpec>,
    /// That side as both: whatever is found then is a false alarm
    #[arg(long = "self", value_name = "old|new", value_parser = side)]
    pub self_side: Option<Side>,
}

impl Builds {
    /// The sources that replace the manifest's.
    pub fn sources(&self) -> Pair<Option<SourceSpec>> {
        Pair::new(self.old.clone(), self.new.clone())
    }
}

pub(super) fn side(text: &str) -> Result<Side, String> {
    Side::BOTH.into_iter().find(|side| side.as_str() == text).ok_or_else(|| "it is old or new".to_owned())
}
