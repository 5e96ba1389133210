//! The first check of `docs/first-check.md`, done as it is written there.
//!
//! A block with a file's name after its language is that file; `sh` blocks are run in order; `sh exit N` says with which exit
//! code; `text in the output` what the last command has said; `record` is ended as a person would after `client`.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{eventually, has_program, require};

const PORT: &str = "127.0.0.1:8080";

/// The blocks of a page: what stands after the fence, and the text.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("```").filter(|name| !name.is_empty()) {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((name, text.join("\n") + "\n"));
        }
    }
    blocks
}

fn shell(folder: &Path, text: &str) -> Command {
    let mut command = Command::new("sh");
    let straddle = Path::new(env!("CARGO_BIN_EXE_straddle")).parent().unwrap_or_else(|| panic!("no folder"));
    let path = format!("{}:{}", straddle.display(), std::env::var("PATH").unwrap_or_default());
    command.current_dir(folder).env("PATH", path).arg("-ec").arg(text);
    command
}

/// A port that nobody has now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.unwrap_or_else(|e| panic!("{e}")).port()
}

#[test]
fn the_first_check_goes_as_its_page_says() {
    for program in ["python3", "curl"] {
        if !require(program, || has_program(program, "--version")) {
            return;
        }
    }
    let page = include_str!("../../docs/first-check.md");
    let free = free_port();
    let page = page.replace(PORT, &format!("127.0.0.1:{free}"));
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let folder = folder.path();
    let (mut recording, mut said, mut ran) = (None::<Child>, String::new(), 0);
    for (name, text) in blocks(&page) {
        match name {
            "sh record" => {
                let child = shell(folder, &format!("exec {}", text.trim())).stderr(Stdio::null()).spawn();
                recording = Some(child.unwrap_or_else(|e| panic!("{e}")));
                eventually("the proxy listens", || std::net::TcpStream::connect(("127.0.0.1", free)).is_ok());
            }
            "sh client" => {
                let status = shell(folder, &text).stdout(Stdio::null()).status();
                assert!(status.is_ok_and(|status| status.success()), "{text}");
                let mut child = recording.take().unwrap_or_else(|| panic!("nothing records"));
                let pid = rustix::process::Pid::from_child(&child);
                rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap_or_else(|e| panic!("{e}"));
                let status = child.wait().unwrap_or_else(|e| panic!("{e}"));
                assert!(status.success(), "{status}");
            }
            "text in the output" => {
                for line in text.lines() {
                    let squeezed: Vec<&str> = line.split_whitespace().collect();
                    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
                    assert!(words.contains(&squeezed.join(" ")), "{line} is not in:\n{said}");
                }
            }
            _ if name == "sh" || name.starts_with("sh exit ") => {
                let expected = name.strip_prefix("sh exit ").map_or(0, |code| code.parse().unwrap_or(-1));
                let output = shell(folder, &text).output().unwrap_or_else(|e| panic!("{e}"));
                said = String::from_utf8_lossy(&output.stdout).into_owned();
                let err = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(expected), "{text}{said}{err}");
                ran += 1;
            }
            _ => {
                let (_, file) = name.split_once(' ').unwrap_or_else(|| panic!("a block without a name: {name}"));
                let file = folder.join(file);
                std::fs::create_dir_all(file.parent().unwrap_or(folder)).unwrap_or_else(|e| panic!("{e}"));
                std::fs::write(file, text).unwrap_or_else(|e| panic!("{e}"));
            }
        }
    }
    assert_eq!(ran, 4);
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = |folder: &Path| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut pages: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        pages.retain(|page| page.extension().is_some_and(|end| end == "md"));
        pages
    };
    let mut followed = 0;
    for page in pages(root).into_iter().chain(pages(&root.join("docs"))) {
        let text = std::fs::read_to_string(&page).unwrap_or_else(|e| panic!("{e}"));
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = link.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let to = page.parent().unwrap_or(root).join(file);
            assert!(to.exists(), "{} links to {link}, which is not there", page.display());
            followed += 1;
        }
    }
    assert!(followed > 20, "only {followed} links");
}
