//! `[assets]`

use crate::manifest::AssetsSpec;
use crate::manifest::node::Table;
use crate::manifest::reading::Reading;
use crate::manifest::shape::{Key, Section, Shape};

pub(super) static ASSETS: Section = Section {
    name: "assets",
    doc: "Pages, and what they refer to across builds.",
    keys: &[
        Key::required("service", Shape::Text, "The service whose pages these are."),
        Key::defaulted("pages", Shape::Some(&Shape::Target), "[\"/\"]", "Where crawling begins."),
        Key::defaulted(
            "browser",
            Shape::Choice(&["auto", "off", "required"]),
            "\"auto\"",
            "Whether each page is loaded in a headless Chromium too.",
        ),
    ],
};

pub(super) fn read(table: &Table, reading: &mut Reading<'_>) -> Option<AssetsSpec> {
    let service = reading.service(table)?;
    Some(AssetsSpec { service, pages: table.texts("pages"), browser: table.text("browser")?.to_owned() })
}
