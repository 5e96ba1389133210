//! Goldens: texts that are kept in `snapshots/`, flat.

use std::path::Path;

/// Holds `text` against the golden of that name in `snapshots/`; `cargo xtask bless` updates it.
pub fn golden(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
