//! Replies that never end, break off, lie, or try to write on somebody's screen.

use super::Project;

const SHORT: &str = "[replay]\ntimeout = \"700ms\"\n";

/// The new server answers `/x` in this manner, and old clients do not survive it, with one finding.
#[track_caller]
fn breaks(manner: &str, finding: &str, phrases: &[&str]) {
    let said = Project::asked(&["/a", "/x", "/b"]).new_build(manner).more(SHORT).ends(1, phrases);
    assert_eq!(said.findings(), [finding]);
    assert_eq!(said.run["checks"][0]["observations"], 3, "the calls after it are compared too");
}

/// The old server does so with its own clients: nothing can be said.
#[track_caller]
fn is_inconclusive(manner: &str, phrase: &str) {
    let said = Project::asked(&["/a", "/x", "/b"]).old_build(manner).more(SHORT).ends(4, &[phrase]);
    assert_eq!(said.findings(), [""; 0]);
    assert_eq!(said.run["answers"]["roll_forward"]["verdict"], "inconclusive");
}

#[test]
fn a_reply_that_never_ends_is_cut_by_the_timeout() {
    breaks("endless", "http/fault old->new GET /x at reply", &["the reply did not end within the time limit"]);
    is_inconclusive("endless", "the reply did not end within the time limit");
}

#[test]
fn a_reply_that_breaks_off_is_a_fault() {
    breaks("breaks-off", "http/fault old->new GET /x at reply", &["connection closed within the reply"]);
    is_inconclusive("breaks-off", "connection closed within the reply");
}

#[test]
fn a_reply_that_is_shorter_than_it_says_is_waited_for_until_the_timeout() {
    breaks("says-more", "http/fault old->new GET /x at reply", &["the reply did not end within the time limit"]);
}

#[test]
fn a_reply_that_is_longer_than_it_says_is_cut_and_its_rest_is_no_other_reply() {
    let said = Project::asked(&["/a", "/x", "/b"]).new_build("says-less").more(SHORT).ends(1, &["GET /x"]);
    assert!(said.findings().iter().all(|finding| finding.contains("GET /x")), "{:?}", said.findings());
}

#[test]
fn ten_thousand_levels_are_survived_on_either_side() {
    let said = Project::asked(&["/a", "/x", "/b"]).new_build("deep").ends(1, &["GET /x"]);
    assert!(said.findings().iter().all(|finding| finding.contains("GET /x")), "{:?}", said.findings());
    Project::asked(&["/a", "/x", "/b"]).old_build("deep").new_build("deep").ends(4, &["GET /x (old->new)"]);
}

#[test]
fn a_hundred_megabytes_are_not_held() {
    breaks("big", "http/fault old->new GET /x at reply", &["reply longer than 33554432 bytes"]);
}

#[test]
fn a_gigabyte_that_came_packed_is_not_held() {
    let said = Project::asked(&["/a", "/x", "/b"])
        .new_build("gzip")
        .ends(1, &["gzip that decodes to more than 33554432 bytes"]);
    assert!(said.findings().iter().all(|finding| finding.contains("GET /x")), "{:?}", said.findings());
}

#[test]
fn whatever_comes_is_held_in_less_than_300_megabytes() {
    for manner in ["zeros", "one-row", "noise"] {
        let project = Project::asked(&["/a", "/x", "/b"]).old_build(manner).new_build(manner);
        let (peak, exit) = project.peak();
        assert!(matches!(exit, Some(0 | 1 | 4)), "{manner}: {exit:?}");
        assert!((10_000_000..300_000_000).contains(&peak), "{manner}: {peak} bytes");
    }
}

#[test]
fn interim_replies_without_end_are_refused() {
    breaks("interim", "http/fault old->new GET /x at reply", &["not an HTTP reply"]);
}

#[test]
fn headers_without_end_are_refused() {
    breaks("headers", "http/fault old->new GET /x at reply", &["not an HTTP reply"]);
    is_inconclusive("headers", "not an HTTP reply");
}

#[test]
fn what_a_reply_holds_never_reaches_the_terminal_raw() {
    for manner in ["escapes", "escaped-values"] {
        for project in [
            Project::asked(&["/a", "/x"]).new_build(manner),
            Project::asked(&["/a", "/x"]).old_build(manner),
            Project::asked(&["/a", "/x"]).old_build(manner).new_build(manner),
        ] {
            let said = project.check(&["--report", "terminal", "--report", "junit=out.xml"]);
            assert!(matches!(said.exit, Some(1 | 4)), "{}", said.text);
            let junit = std::fs::read_to_string(project.path().join("out.xml")).unwrap();
            for text in [&said.text, &junit] {
                let raw = text.chars().find(|c| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}');
                assert_eq!(raw, None, "{text:?}");
            }
            assert!(!said.text.contains("straddle has a bug"), "{}", said.text);
        }
    }
}
