//! Folders and files that are in the way, and two runs at once.

use std::fs;

use super::{Project, said};

#[test]
fn two_runs_at_once_in_one_folder_both_end_well() {
    let project = Project::asked(&["/a", "/b"]).clients("any");
    let mut commands = [project.laid_out(), project.laid_out()];
    let ended = std::thread::scope(|scope| {
        let path = project.path();
        let running: Vec<_> = commands.iter_mut().map(|command| scope.spawn(move || said(command, path))).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect::<Vec<_>>()
    });
    for said in &ended {
        assert_eq!(said.exit, Some(0), "{}", said.text);
        assert_eq!(said.run["verdict"], "compatible", "last.json is whole");
    }
    assert_eq!(fs::read_dir(project.path().join(".straddle/runs")).unwrap().count(), 2);
}

#[test]
fn a_folder_that_cannot_be_written_is_exit_3_with_its_path() {
    // A file in its place, since root may write in any folder.
    let project = Project::asked(&["/a"]);
    fs::write(project.path().join(".straddle"), "").unwrap();
    project.ends(3, &[".straddle"]);

    let project = Project::asked(&["/a"]);
    fs::create_dir_all(project.path().join(".straddle/last.json")).unwrap();
    project.ends(3, &["can't write", "last.json"]);
}

#[test]
fn a_folder_whose_path_is_no_text_is_exit_3_and_says_so() {
    use std::os::unix::ffi::OsStrExt;
    let project = Project::asked(&["/a"]);
    project.laid_out();
    let folder = project.path().join(std::ffi::OsStr::from_bytes(b"not\xfftext"));
    fs::create_dir(&folder).unwrap();
    for file in ["straddle.toml", "traffic.har"] {
        fs::copy(project.path().join(file), folder.join(file)).unwrap();
    }
    let said = said(project.laid_out().current_dir(&folder), &folder);
    assert_eq!(said.exit, Some(3), "{}", said.text);
    assert!(said.text.contains("its path is not UTF-8"), "{}", said.text);
}

#[test]
fn the_death_of_the_guardian_is_exit_3_and_no_finding() {
    let project = Project::asked(&["/a", "/x", "/b"]).new_build("kills-the-guardian");
    let said = project.ends(3, &["straddle's guardian process has died", "run the check again"]);
    assert_eq!(said.run["findings"], serde_json::json!([]));
}

#[test]
fn a_report_that_cannot_be_written_is_exit_3_with_its_path() {
    let project = Project::asked(&["/a"]);
    fs::write(project.path().join("file"), "").unwrap();
    let said = project.check(&["--report", "json=file/report.json"]);
    assert_eq!(said.exit, Some(3), "{}", said.text);
    assert!(said.text.contains("can't write file/report.json"), "{}", said.text);
}

#[test]
fn a_missing_file_is_exit_2_at_its_line() {
    let project =
        Project::asked(&["/a"]).more("[[recording]]\nfile = \"gone.har\"\nservice = \"s\"\nclient = \"new\"\n");
    project.ends(2, &["gone.har", "straddle.toml:"]);
    let project = Project::asked(&["/a"]).new_lines("path = \"gone\"\nrun = \"true\"\n");
    let said = project.check(&[]);
    assert_eq!(said.exit, Some(2), "{}", said.text);
    assert!(said.text.contains("gone"), "{}", said.text);
}
