//! Input that is no manifest at all, and every input: a clear error and never a panic.

use proptest::prelude::*;

use super::accepted::WHOLE;
use super::refused::golden;
use super::{Folder, SERVICE};
use crate::manifest::load;

#[test]
fn a_file_that_is_no_manifest_is_refused_by_what_it_is() {
    let folder = Folder::new();
    let refuse = |path: &std::path::Path| folder.without_name(&load(path).unwrap_err().to_string());
    golden("absent", &refuse(&folder.file()));
    golden("folder", &refuse(&folder.path().join("api")));
    std::fs::write(folder.file(), b"[project]\nname = \"caf\xe9\"\n").unwrap();
    golden("encoding", &refuse(&folder.file()));
    std::fs::write(folder.file(), "# long\n".repeat(2_000_000)).unwrap();
    golden("long", &refuse(&folder.file()));
}

#[test]
fn a_text_that_nests_without_end_is_refused() {
    for (open, close) in [("[", "]"), ("{a=", "}"), ("[{a=", "}]")] {
        for text in
            [format!("a = {}", open.repeat(100_000)), format!("a = {}1{}", open.repeat(1000), close.repeat(1000))]
        {
            assert!(Folder::new().refuse(&text).contains("no TOML"));
        }
    }
    assert!(Folder::new().refuse(&format!("{}b = 1", "a.".repeat(100_000))).contains("no TOML"));
}

#[test]
fn of_very_many_problems_the_first_are_told() {
    let keys: String = (0..10_000).map(|number| format!("x{number} = 1\n")).collect();
    let error = Folder::new().parse(&format!("{keys}{SERVICE}")).unwrap_err();
    assert_eq!(error.problems().len(), 50);
    assert_eq!(error.problems()[49].position(), Some((50, 1)));
    assert!(error.to_string().ends_with("and 9950 more"));
}

#[test]
fn miette_draws_the_same_error() {
    let folder = Folder::new();
    let error = folder.parse(&SERVICE.replace("ready =", "redy =")).unwrap_err();
    let mut drawn = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut drawn, &error).unwrap();
    golden("drawn", &folder.without_name(&drawn));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[\\[\\]{}='\"a-z.\n\\\\ 0-9]{0,200}") {
        let _ = Folder::new().parse(&text);
    }

    #[test]
    fn no_mutation_of_a_manifest_panics(
        edits in prop::collection::vec((0..WHOLE.len(), 0..40_usize, "[\\[\\]{}='\"a-zé.\n\\\\ 0-9-]{0,8}"), 1..4),
    ) {
        let mut text = WHOLE.to_owned();
        for (at, length, put) in edits {
            let end = (at + length).min(text.len());
            if at <= end && text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, &put);
            }
        }
        if let Err(error) = Folder::new().parse(&text) {
            let shown = error.to_string();
            prop_assert!(error.problems().iter().all(|problem| problem.position().is_some()), "{}", shown);
        }
    }
}
