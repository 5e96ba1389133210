//! What the command line says in a manifest's words: sources (`--old git:v1`), and two URLs in place of a manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::Problems;
use super::excerpt::quoted;
use super::{
    BuildSpec, Client, CompareSpec, Gate, GeneratedSpec, Manifest, ManifestError, RecordingSpec, ReplaySpec, Service,
    SourceSpec, scalar,
};
use crate::model::Pair;

/// A text that names no source; says why, and how one is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write `git:REF`, `path:DIR` or `url:http://HOST:PORT`")]
pub struct SourceError(String);

/// What `--old` and `--new` take. A folder is relative to the current one, as everywhere on a command line; a ref is of the
/// manifest's own repository, which an empty `repo` stands for until [`load_with`](super::load_with) knows it.
impl FromStr for SourceSpec {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (kind, value) = text.split_once(':').ok_or_else(|| SourceError("this names no source".to_owned()))?;
        if value.is_empty() {
            return Err(SourceError(format!("nothing follows `{kind}:`")));
        }
        match kind {
            "git" => match scalar::git_ref(value) {
                Ok(()) => Ok(Self::Git { repo: PathBuf::new(), reference: value.to_owned() }),
                Err(reason) => Err(SourceError(format!("this can't be a git ref: {reason}"))),
            },
            "path" => match std::path::absolute(value) {
                Ok(path) if path.is_dir() => Ok(Self::Path(path)),
                _ => Err(SourceError(format!("there is no folder {}", quoted(value)))),
            },
            "image" => Ok(Self::Image(value.to_owned())),
            "url" => match scalar::base_url(value) {
                Ok((url, _)) => Ok(Self::Url(url)),
                Err(reason) => Err(SourceError(format!("this is no base URL: {reason}"))),
            },
            _ => Err(SourceError(format!("{} is no kind of source", quoted(kind)))),
        }
    }
}

impl Manifest {
    /// What `straddle replay OLD_URL NEW_URL FILE…` stands for: one service of two running builds.
    ///
    /// A host that is named on the command line is meant, so that none but loopback need be allowed.
    pub fn for_urls(
        old_url: &str,
        new_url: &str,
        recordings: &[PathBuf],
        client: Client,
        writes: bool,
    ) -> Result<Self, ManifestError> {
        let here = Path::new("straddle.toml");
        let file = std::path::absolute(here).map_err(|error| {
            let message = format!("the current folder is not known: {error}");
            ManifestError::of_file("manifest::unreadable", here, message, "change to a folder that exists".to_owned())
        })?;
        let folder = file.parent().unwrap_or(&file).to_owned();
        let builds = Pair::new(running("OLD_URL", old_url, writes)?, running("NEW_URL", new_url, writes)?);
        let service = Service {
            name: "service".to_owned(),
            ready: None,
            ready_timeout: std::time::Duration::from_secs(30),
            stop_timeout: std::time::Duration::from_secs(10),
            ports: vec!["http".to_owned()],
            builds,
        };
        let recordings = recordings.iter().map(|path| recording(path, &folder, client)).collect::<Result<_, _>>()?;
        Ok(Self {
            file,
            folder,
            project: "replay".to_owned(),
            services: vec![service],
            states: Vec::new(),
            recordings,
            secrets: BTreeMap::new(),
            replay: ReplaySpec::default(),
            contracts: Vec::new(),
            generated: GeneratedSpec::of(Path::new(".")),
            assets: None,
            messages: BTreeMap::new(),
            rollout: None,
            canary: None,
            compare: CompareSpec::default(),
            accept: Vec::new(),
            gate: Gate::default(),
        })
    }
}

fn running(argument: &str, url: &str, writes: bool) -> Result<BuildSpec, ManifestError> {
    let (url, _) = scalar::base_url(url).map_err(|reason| {
        let mut problems = Problems::default();
        let help = "write where the build is running: `http://127.0.0.1:8080`";
        problems.push("manifest::argument", 0..url.len(), format!("this is no base URL: {reason}"), help);
        problems.into_error(Path::new(argument), url)
    })?;
    Ok(BuildSpec {
        source: SourceSpec::Url(url),
        label: None,
        build: None,
        run: None,
        env: BTreeMap::new(),
        writes,
        allow_remote: true,
    })
}

fn recording(path: &Path, folder: &Path, client: Client) -> Result<RecordingSpec, ManifestError> {
    let file = folder.join(path);
    if !file.is_file() {
        return Err(ManifestError::of_file(
            "manifest::missing-file",
            path,
            "there is no such recording".to_owned(),
            "name a recording, HAR or GoReplay file".to_owned(),
        ));
    }
    Ok(RecordingSpec { file, name: path.display().to_string(), service: "service".to_owned(), client })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_source(text: &str, expected: Result<SourceSpec, &str>) {
        const FORMS: &str = "; write `git:REF`, `path:DIR` or `url:http://HOST:PORT`";
        let found: Result<SourceSpec, _> = text.parse().map_err(|error: SourceError| error.to_string());
        assert_eq!(found, expected.map_err(|reason| format!("{reason}{FORMS}")), "{text}");
    }

    fn check_error(result: Result<impl std::fmt::Debug, ManifestError>, expected: &str) {
        let error = result.map_or_else(|error| format!("{error:#}"), |good| format!("{good:?}"));
        assert_eq!(error, expected);
    }

    #[test]
    fn the_command_line_names_sources() {
        let temporary = std::env::temp_dir();
        check_source("git:v1.4.2", Ok(SourceSpec::Git { repo: PathBuf::new(), reference: "v1.4.2".to_owned() }));
        check_source(&format!("path:{}", temporary.display()), Ok(SourceSpec::Path(temporary)));
        check_source("image:shop:1.4", Ok(SourceSpec::Image("shop:1.4".to_owned())));
        check_source("url:http://[::1]:80/", Ok(SourceSpec::Url("http://[::1]:80".to_owned())));
    }

    #[test]
    fn what_is_no_source_says_what_one_is() {
        check_source("", Err("this names no source"));
        check_source("v1", Err("this names no source"));
        check_source("git:", Err("nothing follows `git:`"));
        check_source("hg:tip", Err("`hg` is no kind of source"));
        check_source("path:no/such", Err("there is no folder `no/such`"));
        let dash = "this can't be a git ref: it begins with a dash, which git would take for an option";
        check_source("git:--upload-pack=x", Err(dash));
        check_source("url:ftp://x", Err("this is no base URL: it must begin with `http://` or `https://`"));
        check_source("http://127.0.0.1:1", Err("`http` is no kind of source"));
    }

    #[test]
    fn two_urls_make_a_manifest_without_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap_or_else(|error| panic!("{error}"));
        let recordings = [file.path().to_owned()];
        let made =
            Manifest::for_urls("http://127.0.0.1:1/", "http://staging.example.com", &recordings, Client::Any, true);
        let made = made.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(made.project, "replay");
        assert_eq!(made.services[0].builds.old.source, SourceSpec::Url("http://127.0.0.1:1".to_owned()));
        assert!(made.services[0].builds.new.writes && made.services[0].builds.new.allow_remote);
        assert_eq!(made.recordings[0].file, file.path());
        assert_eq!(made.recordings[0].service, made.services[0].name);
    }

    #[test]
    fn a_url_or_a_recording_that_is_none_is_refused() {
        let made = |old: &str, recording: &str| {
            Manifest::for_urls(old, "http://localhost:2", &[PathBuf::from(recording)], Client::Any, false)
        };
        check_error(
            made("localhost:1", "x.har"),
            "OLD_URL:1:1: this is no base URL: it must begin with `http://` or `https://`\n  |\n1 | localhost:1\n  | \
             ^^^^^^^^^^^\n  = help: write where the build is running: `http://127.0.0.1:8080`",
        );
        check_error(
            made("http://localhost:1", "no/such.har"),
            "no/such.har: there is no such recording\n  = help: name a recording, HAR or GoReplay file",
        );
    }
}
