//! Files of a commit, without a build: what a contract is made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::repository::Repository;
use crate::contract::Tree;
use crate::fleet::FleetError;
use crate::process::Guardian;

/// Files of a commit are held in memory, up to this many bytes together.
const LARGEST: u64 = 256 << 20;

/// Which files are taken along with the one that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those of its kind in its own folder and below.
    Folder,
    /// Those of its kind in all of the repository.
    Repository,
}

/// What stands at `path` in a commit of the repository that `folder` lies in, by a path from that folder: a file with those of
/// its kind that it may refer to, or a folder whole. Gives the files, and the path that it has among them; a folder's is empty.
pub async fn committed(
    guardian: &Guardian,
    folder: &Path,
    reference: &str,
    path: &str,
    reach: Reach,
) -> Result<(Tree, String), FleetError> {
    let repository = Repository { guardian, folder };
    let reference = repository.meant(reference).await?;
    let commit = repository.commit(&reference).await?;
    let (_, prefix) = repository.place().await?;
    let asked =
        || FleetError::NotCommitted { repo: folder.to_owned(), reference: reference.clone(), path: path.to_owned() };
    let full = inside(&prefix, path).ok_or_else(asked)?;
    let kind = repository.ask(&["cat-file", "-t", &format!("{commit}:{full}")]).await?;
    let is_folder = match kind.out.as_str() {
        "tree" => true,
        "blob" => false,
        _ => return Err(asked()),
    };
    let held = tempfile::tempdir().map_err(FleetError::io("making", Path::new("a temporary folder")))?;
    guardian.cleanup_on_exit(held.path())?;
    let (tree, index) = (held.path().join("tree"), held.path().join("index"));
    fs::create_dir(&tree).map_err(FleetError::io("making", &tree))?;
    let work_tree = format!("--work-tree={}", tree.display());
    let wanted = wanted(&full, is_folder, reach);
    let mut words = vec![work_tree.as_str(), "checkout", "--quiet", &commit, "--"];
    words.extend(wanted.iter().map(String::as_str));
    // An index of its own: nothing of the repository changes but its store of objects, if a filter asks for that.
    let answer = repository.ask_with(&words, &[("GIT_INDEX_FILE", &index.display().to_string())]).await?;
    if !answer.ok {
        let command = format!("checkout {commit} -- {full}");
        return Err(FleetError::Git { repo: folder.to_owned(), command, lines: answer.lines });
    }
    let root = if is_folder { tree.join(&full) } else { tree };
    let mut files = Files { files: BTreeMap::new(), left: LARGEST };
    match files.take(&root, "") {
        Ok(true) => {}
        Ok(false) => {
            return Err(FleetError::TooMuch { repo: folder.to_owned(), reference, path: full, limit: LARGEST });
        }
        Err(error) => return Err(FleetError::io("reading", &root)(error)),
    }
    guardian.keep(held.path())?;
    Ok((Tree::Held(files.files), if is_folder { String::new() } else { full }))
}

/// The path from the root of the repository; none where it leads out of it.
fn inside(prefix: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in prefix.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What git is to write out.
fn wanted(full: &str, is_folder: bool, reach: Reach) -> Vec<String> {
    let itself = format!(":(top,literal){full}");
    if is_folder {
        return vec![itself];
    }
    let (folder, name) = full.rsplit_once('/').unwrap_or(("", full));
    // Only what is of its kind: a repository may hold much else. Git fails for what matches nothing, and each of these
    // matches the file itself; the pattern for texts is `json`, `yaml` and `yml`, and little besides.
    let alike = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("proto") => "*.proto",
        Some("json" | "yaml" | "yml") => "*.[jy][sam][oml]*",
        _ => return vec![itself],
    };
    let folder = if reach == Reach::Repository { "" } else { folder };
    let escaped: String =
        folder.chars().flat_map(|c| if "*?[]\\".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
    let lead = if escaped.is_empty() { String::new() } else { format!("{escaped}/") };
    vec![itself, format!(":(top,glob){lead}**/{alike}")]
}

struct Files {
    files: BTreeMap<String, Vec<u8>>,
    left: u64,
}

impl Files {
    /// Takes in all that stands in a folder; whether it was no more than is held. Links lead to what is no part of the commit.
    fn take(&mut self, folder: &Path, prefix: &str) -> std::io::Result<bool> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if !self.take(&entry.path(), &path)? {
                    return Ok(false);
                }
            } else if kind.is_file() {
                let length = entry.metadata()?.len();
                let Some(left) = self.left.checked_sub(length) else { return Ok(false) };
                self.left = left;
                self.files.insert(path, fs::read(entry.path())?);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, inside, wanted};

    #[test]
    fn a_path_stays_in_its_repository() {
        for (prefix, path, expected) in [
            ("", "api/a.yaml", Some("api/a.yaml")),
            ("shop/", "../common/./a.yaml", Some("common/a.yaml")),
            ("shop/", ".", Some("shop")),
            ("shop/", "../../a.yaml", None),
        ] {
            assert_eq!(inside(prefix, path).as_deref(), expected, "{prefix} {path}");
        }
    }

    #[test]
    fn only_what_a_contract_may_refer_to_is_written_out() {
        #[track_caller]
        fn check(full: &str, is_folder: bool, reach: Reach, expected: &[&str]) {
            assert_eq!(wanted(full, is_folder, reach), expected);
        }
        check("api", true, Reach::Folder, &[":(top,literal)api"]);
        check("api/a.fds", false, Reach::Folder, &[":(top,literal)api/a.fds"]);
        check("a[1]/b.proto", false, Reach::Folder, &[":(top,literal)a[1]/b.proto", ":(top,glob)a\\[1\\]/**/*.proto"]);
        check("b.proto", false, Reach::Folder, &[":(top,literal)b.proto", ":(top,glob)**/*.proto"]);
        check("api/a.yml", false, Reach::Repository, &[":(top,literal)api/a.yml", ":(top,glob)**/*.[jy][sam][oml]*"]);
    }
}
