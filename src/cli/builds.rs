//! `--old SPEC`, `--new SPEC`, `--self SIDE`: other builds than the manifest's.

use std::path::PathBuf;

use clap::Args;

use crate::manifest::SourceSpec;
use crate::model::{Pair, Side};

/// Which builds stand up, where not the manifest's.
#[derive(Debug, Clone, Args)]
pub(super) struct Builds {
    /// The old build, in place of the manifest's: git:REF, path:DIR or url:http://…; the commands stay
    #[arg(long, value_name = "SPEC", value_parser = source)]
    pub old: Option<SourceSpec>,
    /// The new build, likewise; git:latest-tag is the newest tag before HEAD
    #[arg(long, value_name = "SPEC", value_parser = source)]
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

/// A source as a command line names it. A repository without a path is the manifest's own.
fn source(text: &str) -> Result<SourceSpec, String> {
    let bad = || "a build is git:REF, path:DIR or url:http://HOST:PORT".to_owned();
    let (kind, rest) = text.split_once(':').ok_or_else(bad)?;
    if rest.is_empty() {
        return Err(bad());
    }
    match kind {
        "git" if rest.starts_with('-') => Err(format!("`{rest}` begins with a dash, as no git ref does")),
        "git" => Ok(SourceSpec::Git { repo: PathBuf::new(), reference: rest.to_owned() }),
        "path" => match std::path::absolute(rest) {
            Ok(path) if path.is_dir() => Ok(SourceSpec::Path(path)),
            _ => Err(format!("there is no folder `{rest}`")),
        },
        "url" => base_url(rest).map(SourceSpec::Url),
        "http" | "https" => Err(format!("write url:{text}")),
        "image" => Ok(SourceSpec::Image(rest.to_owned())),
        _ => Err(bad()),
    }
}

/// The address of a running build.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    match text.split_once("://") {
        Some(("http" | "https", rest)) if !rest.is_empty() && !rest.starts_with('/') => Ok(text.to_owned()),
        _ => Err("the address of a running build is http://HOST:PORT".to_owned()),
    }
}

fn side(text: &str) -> Result<Side, String> {
    Side::BOTH.into_iter().find(|side| side.as_str() == text).ok_or_else(|| "it is old or new".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::source;
    use crate::manifest::SourceSpec;

    #[test]
    fn a_source_is_named_with_its_kind() {
        assert_eq!(source("git:v1"), Ok(SourceSpec::Git { repo: PathBuf::new(), reference: "v1".to_owned() }));
        assert_eq!(source("url:http://[::1]:80"), Ok(SourceSpec::Url("http://[::1]:80".to_owned())));
        assert_eq!(source("image:shop:2"), Ok(SourceSpec::Image("shop:2".to_owned())));
        assert!(matches!(source("path:src"), Ok(SourceSpec::Path(path)) if path.is_absolute()));
    }

    #[test]
    fn what_is_no_source_says_what_one_is() {
        for bad in [
            "",
            "v1",
            "git:",
            "git:--upload-pack=x",
            "path:/no/such/folder",
            "http://x",
            "url:x",
            "url:ftp://x",
            "svn:1",
        ] {
            assert!(source(bad).is_err(), "{bad}");
        }
    }
}
