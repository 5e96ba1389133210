//! Builds: what is made of a folder and of a commit, how often, and what is said when it can't be.

use straddle::manifest::{CommandSpec, SourceSpec};
use straddle::model::Side;

use crate::support::project::{Project, commit, git};

#[tokio::test]
async fn a_build_command_that_fails_shows_its_last_twenty_lines() {
    let error = Project::new().build("seq 1 30; echo no compiler >&2; exit 2").error().await;
    assert!(error.contains("the old build of service `shop` failed, exit code 2: `seq 1 30; echo"), "{error}");
    assert!(!error.contains("\n  11\n") && error.ends_with("\n  30\n  no compiler"), "{error}");
}

#[tokio::test]
async fn a_folder_and_a_program_that_are_not_there_are_named() {
    let project = Project::new().source(Side::Old, SourceSpec::Path("/nowhere/shop".into()));
    assert!(project.error().await.contains("old build of service `shop` has no folder /nowhere/shop"));
    let project = Project::new().both(|build| build.run = Some(CommandSpec::Words(vec!["no-such-program".into()])));
    assert!(project.error().await.contains("`no-such-program`"));
}

#[tokio::test]
async fn an_image_is_unavailable_by_name() {
    let project = Project::new().source(Side::New, SourceSpec::Image("shop:1".to_owned()));
    assert!(project.error().await.contains("an `image` build is not in this release"));
}

#[tokio::test]
async fn refs_that_are_none_are_refused_with_the_reason() {
    let project = Project::new();
    commit(project.path(), "1");
    let project = project.git("v9");
    assert!(project.error().await.contains("`v9` is no commit of"));
    let error = project.git("--output=/tmp/x").error().await;
    assert!(error.contains("`--output=/tmp/x` is no commit of") && error.contains("begins with no dash"), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_no_repository_is_named() {
    let error = Project::new().git("main").error().await;
    assert!(error.contains("`main` is no commit of") && error.contains("not a git repository"), "{error}");
}

#[tokio::test]
async fn a_dirty_repository_gives_the_commit_and_not_what_lies_in_it() {
    let project = Project::new();
    let first = commit(project.path(), "1");
    git(project.path(), &["tag", "v1"]);
    let second = commit(project.path(), "2");
    std::fs::write(project.path().join("version"), "3, not committed").unwrap();
    let project = project.git("v1").build("cat version");
    let prepared = project.prepare().await.unwrap();
    let old = &prepared.builds.old.all()[0];
    let tree = old.site.folder().unwrap();
    assert_eq!(std::fs::read_to_string(tree.join("version")).unwrap(), "1");
    let (facts, new) = (prepared.builds.old.facts(), prepared.builds.new.facts());
    assert_eq!((facts.label.as_str(), facts.commit, facts.dirty), ("v1", Some(first), false));
    assert_eq!((new.label.as_str(), new.commit, new.dirty), ("working tree", Some(second), true));
}

#[tokio::test]
async fn a_clean_working_tree_is_not_made_dirty_by_the_run() {
    let project = Project::new();
    commit(project.path(), "1");
    let prepared = project.prepare().await.unwrap();
    assert!(!prepared.builds.new.facts().dirty);
}

#[tokio::test]
async fn a_folder_below_a_repository_that_does_not_track_it_has_no_commit() {
    let project = Project::new();
    commit(project.path(), "1");
    let below = project.path().join("below");
    std::fs::create_dir(&below).unwrap();
    let project = project.source(Side::New, SourceSpec::Path(below));
    let facts = project.prepare().await.unwrap().builds.new.facts();
    assert_eq!((facts.label.as_str(), facts.commit, facts.dirty), ("below", None, false));
}

#[tokio::test]
async fn the_latest_tag_is_the_newest_before_head_and_none_is_an_error() {
    let project = Project::new().git("latest-tag");
    commit(project.path(), "1");
    assert!(project.error().await.contains("`latest-tag` finds no tag before HEAD"));
    git(project.path(), &["tag", "v1"]);
    commit(project.path(), "2");
    git(project.path(), &["tag", "v2"]);
    assert_eq!(project.prepare().await.unwrap().builds.old.facts().label, "v1", "HEAD is v2 itself");
    commit(project.path(), "3");
    assert_eq!(project.prepare().await.unwrap().builds.old.facts().label, "v2");
}

#[tokio::test]
async fn a_build_in_a_folder_of_a_repository_runs_in_that_folder_of_the_checkout() {
    let project = Project::new();
    git(project.path(), &["init", "--quiet", "--initial-branch=main"]);
    std::fs::create_dir_all(project.path().join("services/shop")).unwrap();
    std::fs::write(project.path().join("services/shop/here"), "").unwrap();
    git(project.path(), &["add", "services"]);
    git(project.path(), &["commit", "--quiet", "-m", "1"]);
    let repo = project.path().join("services/shop");
    let source = SourceSpec::Git { repo, reference: "main".to_owned() };
    let mut project = project.source(Side::Old, source);
    project.manifest.services[0].builds.old.build = Some(CommandSpec::Sh("test -e here".to_owned()));
    let prepared = project.prepare().await.unwrap();
    assert!(prepared.builds.old.all()[0].site.folder().unwrap().ends_with("tree/services/shop"));
}

#[tokio::test]
async fn two_runs_that_share_the_cache_build_a_commit_once() {
    let project = Project::new();
    commit(project.path(), "1");
    let builds = project.path().join("builds");
    let mut project = project.git("main");
    let script = format!("sleep 0.3; echo built >> {}", builds.display());
    project.manifest.services[0].builds.old.build = Some(CommandSpec::Sh(script));
    let (first, second) = tokio::join!(project.prepare(), project.prepare());
    assert_eq!(first.unwrap().builds.old, second.unwrap().builds.old);
    assert_eq!(std::fs::read_to_string(&builds).unwrap(), "built\n");
    assert_eq!(project.builds_run(), 1);
    project.prepare().await.unwrap();
    assert_eq!(project.builds_run(), 1, "a third run finds it built");
}

#[tokio::test]
async fn a_git_build_that_failed_is_made_again_from_nothing() {
    let project = Project::new();
    commit(project.path(), "1");
    let project = project.git("main").build("test ! -e half && touch half && exit 1");
    for _ in 0..2 {
        assert!(project.error().await.contains("exit code 1: `test ! -e half"));
    }
    let project = project.build("test ! -e half");
    project.prepare().await.unwrap();
}
