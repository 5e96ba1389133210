//! What the command line says in a manifest's words: sources (`--old git:v1`), and two URLs in place of a manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::Problems;
use super::{
    BuildSpec, Client, CompareSpec, Gate, Manifest, ManifestError, RecordingSpec, ReplaySpec, Service, SourceSpec,
    scalar,
};
use crate::model::Pair;

/// How `--old` and `--new` are written.
const FORMS: &str = "write `git:REF`, `path:DIR`, `image:NAME` or `url:http://HOST:PORT`";

/// The source that `option` (`--old`) names, with paths relative to `folder`; `git:REF` is of that folder's repository.
pub fn source(option: &str, text: &str, folder: &Path) -> Result<SourceSpec, ManifestError> {
    let refuse = |from: usize, message: String, help: &str| {
        let mut problems = Problems::default();
        problems.push("manifest::argument", from..text.len(), message, help);
        problems.into_error(Path::new(option), text)
    };
    let Some((kind, value)) = text.split_once(':') else {
        return Err(refuse(0, "this names no source".to_owned(), FORMS));
    };
    let from = kind.len() + 1;
    if value.is_empty() {
        return Err(refuse(0, format!("nothing follows `{kind}:`"), FORMS));
    }
    match kind {
        "git" => match scalar::git_ref(value) {
            Ok(()) => Ok(SourceSpec::Git { repo: folder.to_owned(), reference: value.to_owned() }),
            Err(reason) => Err(refuse(from, format!("this can't be a git ref: {reason}"), FORMS)),
        },
        "path" => {
            let path = folder.join(value);
            if path.is_dir() {
                return Ok(SourceSpec::Path(path));
            }
            let message = format!("this leads to no folder: looked at `{}`", path.display());
            Err(refuse(from, message, "the path is relative to the folder of the manifest"))
        }
        "image" => Ok(SourceSpec::Image(value.to_owned())),
        "url" => match scalar::base_url(value) {
            Ok((url, _)) => Ok(SourceSpec::Url(url)),
            Err(reason) => Err(refuse(from, format!("this is no base URL: {reason}"), FORMS)),
        },
        _ => Err(refuse(0, format!("`{kind}` is no kind of source"), FORMS)),
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

    fn check_source(text: &str, expected: SourceSpec) {
        let folder = std::env::temp_dir();
        let found = source("--old", text, &folder).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found, expected);
    }

    fn check_error(result: Result<impl std::fmt::Debug, ManifestError>, expected: &str) {
        let error = result.map_or_else(|error| error.to_string(), |good| format!("{good:?}"));
        assert_eq!(error, expected);
    }

    #[test]
    fn the_command_line_names_sources() {
        let repo = std::env::temp_dir();
        check_source("git:v1.4.2", SourceSpec::Git { repo: repo.clone(), reference: "v1.4.2".to_owned() });
        check_source("path:.", SourceSpec::Path(repo.join(".")));
        check_source("image:shop:1.4", SourceSpec::Image("shop:1.4".to_owned()));
        check_source("url:http://staging.example.com/", SourceSpec::Url("http://staging.example.com".to_owned()));
    }

    #[test]
    fn a_source_that_is_none_is_refused_with_a_caret() {
        let folder = std::env::temp_dir();
        check_error(
            source("--old", "git:--upload-pack=x", &folder),
            "--old:1:5: this can't be a git ref: it begins with a dash, which git would take for an option\n  |\n\
             1 | git:--upload-pack=x\n  |     ^^^^^^^^^^^^^^^\n  \
             = help: write `git:REF`, `path:DIR`, `image:NAME` or `url:http://HOST:PORT`",
        );
        for text in ["", "v1", "git:", "hg:tip", "url:ftp://x", "path:no-such-folder"] {
            assert!(source("--new", text, &folder).is_err(), "{text}");
        }
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
