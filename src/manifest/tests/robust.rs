//! Input that is no manifest at all, and every input: a clear error and never a panic.

use proptest::prelude::*;

use super::accepted::WHOLE;
use super::refused::golden;
use super::{Folder, SERVICE};
use crate::manifest::{load, placeholders};

#[test]
fn a_file_that_is_no_manifest_is_refused_by_what_it_is() {
    let folder = Folder::new();
    let refuse = |path: &std::path::Path| folder.without_name(&format!("{:#}", load(path).unwrap_err()));
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
    let keys = (0..10_000).map(|number| format!("x{number} = 1")).collect::<Vec<_>>().join("\n");
    let error = Folder::new().parse(&format!("{keys}\n{SERVICE}")).unwrap_err();
    assert_eq!(error.problems().len(), 50);
    assert_eq!(error.problems()[49].position(), Some((50, 1)));
    assert!(error.to_string().ends_with(" (and 9999 more)"));
    assert!(format!("{error:#}").ends_with("\n\nand 9950 more"));
}

#[test]
fn miette_draws_the_same_error() {
    let folder = Folder::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    let draw = |text: &str| {
        let mut drawn = String::new();
        handler.render_report(&mut drawn, &folder.parse(text).unwrap_err()).unwrap();
        folder.without_name(&drawn)
    };
    golden("drawn", &draw(&SERVICE.replace("ready =", "redy =")));
    golden("drawn-several", &draw(&SERVICE.replace("ready =", "redy =").replace("{port}", "{prot}")));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[\\[\\]{}='\"a-z.\n\\\\ 0-9]{0,200}") {
        let _ = Folder::new().parse(&text);
    }

    #[test]
    fn any_text_can_be_written_with_its_braces_doubled(text in "[{}$a-z.é ]{0,40}") {
        let doubled = text.replace('{', "{{").replace('}', "}}");
        prop_assert_eq!(placeholders::fill(&doubled, &|_| None), Ok(text.clone()));
        let _ = placeholders::fill(&text, &|_| None);
        let _ = placeholders::fill_sh(&text, &|_| None);
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
            let shown = format!("{error:#}");
            prop_assert!(!error.problems().is_empty());
            prop_assert!(error.problems().iter().all(|problem| problem.position().is_some()), "{}", shown);
        }
    }
}
