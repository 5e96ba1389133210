//! Questions to a git repository, asked of the `git` program.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::fleet::FleetError;
use crate::process::{Guardian, ProcessError, Program, Spec, run_to_end};

/// How long git may take. A checkout of a large repository, filters and all, is the longest that is asked of it.
const LIMIT: Duration = Duration::from_mins(10);
/// Set where straddle runs from a git hook; they would make git look at the hook's repository, whatever the folder.
const OF_A_HOOK: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX"];
/// As many lines of git's as an error shows.
const SHOWN: usize = 20;

/// What stands for the newest tag before HEAD.
const LATEST_TAG: &str = "latest-tag";

/// A repository, or a folder that may lie in one.
pub(super) struct Repository<'a> {
    pub(super) guardian: &'a Guardian,
    pub(super) folder: &'a Path,
}

/// What git answered.
pub(super) struct Answer {
    /// Whether it ended with success.
    pub(super) ok: bool,
    /// What it wrote to its output, trimmed at the end.
    pub(super) out: String,
    /// The last lines of all that it wrote.
    pub(super) lines: Vec<String>,
}

impl Repository<'_> {
    /// Runs `git ARGS` in the folder.
    pub(super) async fn ask(&self, args: &[&str]) -> Result<Answer, FleetError> {
        self.ask_with(args, &[]).await
    }

    /// The same, with more in its environment.
    pub(super) async fn ask_with(&self, args: &[&str], more: &[(&str, &str)]) -> Result<Answer, FleetError> {
        let name = format!("`git {}`", args.first().copied().unwrap_or_default());
        // The hooks of a project are for its people, not for a checkout that nobody sees.
        let words = ["git", "-c", "core.hooksPath=/dev/null"].iter().chain(args);
        let env = [("GIT_OPTIONAL_LOCKS", "0"), ("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")];
        let is_set = |name: &str| more.iter().any(|(set, _)| *set == name);
        let spec = Spec {
            env: env.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            without: OF_A_HOOK.iter().filter(|name| !is_set(name)).map(|name| (*name).to_owned()).collect(),
            capture_stdout: true,
            ..Spec::new(name, Program::words(words), self.folder)
        };
        let finished = match run_to_end(self.guardian, spec, LIMIT).await {
            Err(ProcessError::NoProgram { .. }) => return Err(FleetError::NoGit),
            other => other?,
        };
        Ok(Answer {
            ok: finished.exit.success(),
            out: String::from_utf8_lossy(&finished.stdout).trim_end().to_owned(),
            lines: finished.log.tail(SHOWN),
        })
    }

    /// What `git ARGS` writes, where a failure is one of git's or of the repository.
    pub(super) async fn must(&self, args: &[&str]) -> Result<String, FleetError> {
        let answer = self.ask(args).await?;
        if answer.ok {
            return Ok(answer.out);
        }
        Err(FleetError::Git { repo: self.folder.to_owned(), command: args.join(" "), lines: answer.lines })
    }

    /// The whole hash of the commit that `reference` names.
    pub(super) async fn commit(&self, reference: &str) -> Result<String, FleetError> {
        let none = |why: &str| FleetError::NoRef {
            repo: self.folder.to_owned(),
            reference: reference.to_owned(),
            why: why.to_owned(),
        };
        if reference.is_empty() || reference.starts_with('-') {
            return Err(none("a ref is a branch, a tag or a commit, and begins with no dash"));
        }
        let answer =
            self.ask(&["rev-parse", "--verify", "--end-of-options", &format!("{reference}^{{commit}}")]).await?;
        match answer.out.lines().last() {
            Some(commit) if answer.ok => Ok(commit.to_owned()),
            _ => {
                let said = answer.lines.last().map(|line| line.trim_start_matches("fatal: ").to_owned());
                Err(none(&said.unwrap_or_else(|| "git doesn't know it".to_owned())))
            }
        }
    }

    /// The ref that is meant by what was asked for.
    pub(super) async fn meant(&self, reference: &str) -> Result<String, FleetError> {
        if reference == LATEST_TAG { self.latest_tag().await } else { Ok(reference.to_owned()) }
    }

    /// The newest tag in the history of HEAD. Where HEAD itself is tagged, it is the release that is to be checked, and the one
    /// that serves today is the one before.
    async fn latest_tag(&self) -> Result<String, FleetError> {
        let of_head = self.ask(&["describe", "--tags", "--exact-match", "HEAD"]).await?;
        let from = if of_head.ok { "HEAD^" } else { "HEAD" };
        let answer = self.ask(&["describe", "--tags", "--abbrev=0", from]).await?;
        if answer.ok && !answer.out.is_empty() {
            return Ok(answer.out);
        }
        Err(FleetError::NoTag { repo: self.folder.to_owned() })
    }

    /// Where the repository keeps its own files, the same for all its worktrees, and where in its tree this folder lies.
    pub(super) async fn place(&self) -> Result<(PathBuf, String), FleetError> {
        let out = self.must(&["rev-parse", "--path-format=absolute", "--git-common-dir", "--show-prefix"]).await?;
        let mut lines = out.lines();
        let common = PathBuf::from(lines.next().unwrap_or_default());
        Ok((common, lines.next().unwrap_or_default().to_owned()))
    }
}
