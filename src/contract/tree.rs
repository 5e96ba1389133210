//! The files of a contract: a folder, or what was read from elsewhere.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use super::ContractError;

/// Where the texts of a contract are read from. Nothing outside it is ever opened.
#[derive(Debug, Clone)]
pub enum Tree {
    /// A folder of this machine.
    Folder(PathBuf),
    /// Files that are here already, by their paths: of a commit, or of a running build.
    Held(BTreeMap<String, Vec<u8>>),
}

/// Files of contracts beyond this are refused.
const LARGEST: u64 = 64 << 20;

impl Tree {
    /// One file by its path in the tree, with `/` between folders.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ContractError> {
        let outside = || ContractError::Outside { path: path.to_owned() };
        let missing = |error| ContractError::Unreadable { path: path.to_owned(), error };
        match self {
            Self::Held(files) => {
                files.get(path).cloned().ok_or_else(|| missing(io::Error::from(io::ErrorKind::NotFound)))
            }
            Self::Folder(folder) => {
                if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
                    return Err(outside());
                }
                let full = folder.join(path);
                // Where links lead to: within the folder, and nowhere else.
                let (root, full) =
                    (fs::canonicalize(folder).map_err(missing)?, fs::canonicalize(full).map_err(missing)?);
                if !full.starts_with(root) {
                    return Err(outside());
                }
                let facts = fs::metadata(&full).map_err(missing)?;
                if !facts.is_file() {
                    // What is no file may have no end.
                    return Err(missing(io::Error::new(io::ErrorKind::InvalidInput, "it is no file")));
                }
                let length = facts.len();
                if length > LARGEST {
                    return Err(ContractError::TooLarge { path: path.to_owned(), length, limit: LARGEST });
                }
                fs::read(full).map_err(missing)
            }
        }
    }

    /// The paths of all files with one of these endings, sorted; links to folders are not followed. A link to a file is one of
    /// them, wherever it leads: to read it may be refused, and to leave it out in silence would be worse.
    pub fn files(&self, endings: &[&str]) -> Result<Vec<String>, ContractError> {
        let is_wanted = |path: &str| endings.iter().any(|ending| path.ends_with(ending));
        let mut found = match self {
            Self::Held(files) => files.keys().filter(|path| is_wanted(path)).cloned().collect(),
            Self::Folder(folder) => {
                let mut found = Vec::new();
                walk(folder, "", &mut |path| {
                    if is_wanted(path) {
                        found.push(path.to_owned());
                    }
                })?;
                found
            }
        };
        found.sort();
        Ok(found)
    }
}

fn walk(folder: &Path, prefix: &str, seen: &mut dyn FnMut(&str)) -> Result<(), ContractError> {
    let here = || if prefix.is_empty() { folder.display().to_string() } else { prefix.to_owned() };
    let failed = |error| ContractError::Unreadable { path: here(), error };
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            // What a tool keeps for itself is no contract: `.git`, `node_modules` of a checkout.
            if !name.starts_with('.') && name != "node_modules" && name != "target" {
                walk(&entry.path(), &path, seen)?;
            }
        } else if entry.path().is_file() {
            seen(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Tree;

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_within_its_folder_and_not_out_of_it() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let api = folder.path().join("api");
        fs::create_dir_all(api.join("parts")).unwrap();
        fs::create_dir(folder.path().join("away")).unwrap();
        for (path, text) in [("secret.proto", "s"), ("api/parts/a.proto", "a"), ("away/b.proto", "b")] {
            fs::write(folder.path().join(path), text).unwrap();
        }
        for (link, target) in
            [("in.proto", "parts/a.proto"), ("out.proto", "../secret.proto"), ("near", "parts"), ("far", "../away")]
        {
            symlink(target, api.join(link)).unwrap();
        }
        symlink(&api, folder.path().join("other-name")).unwrap();
        for root in ["api", "other-name"] {
            let tree = Tree::Folder(folder.path().join(root));
            assert_eq!(tree.files(&[".proto"]).unwrap(), ["in.proto", "out.proto", "parts/a.proto"]);
            for path in ["in.proto", "near/a.proto", "parts/a.proto"] {
                assert_eq!(tree.read(path).unwrap(), b"a", "{path}");
            }
            for path in ["out.proto", "far/b.proto"] {
                let expected = format!("`{path}` lies outside of the contract: give the folder that holds both");
                assert_eq!(tree.read(path).unwrap_err().to_string(), expected);
            }
        }
    }

    #[test]
    fn a_folder_gives_its_files_and_nothing_outside_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("api/.git")).unwrap();
        for (path, text) in [("secret", "s"), ("api/b.proto", "b"), ("api/a.proto", "a"), ("api/.git/c.proto", "c")] {
            fs::write(folder.path().join(path), text).unwrap();
        }
        let tree = Tree::Folder(folder.path().join("api"));
        assert_eq!(tree.files(&[".proto"]).unwrap(), ["a.proto", "b.proto"]);
        assert_eq!(tree.read("b.proto").unwrap(), b"b");
        for (path, expected) in [
            ("../secret", "`../secret` lies outside of the contract: give the folder that holds both"),
            ("/etc/passwd", "`/etc/passwd` lies outside of the contract: give the folder that holds both"),
            ("c.proto", "`c.proto` can't be read: No such file or directory (os error 2)"),
        ] {
            assert_eq!(tree.read(path).unwrap_err().to_string(), expected);
        }
    }
}
