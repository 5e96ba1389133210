//! `json`: the run as it is, pretty, in the order of its fields. Public: it changes only by addition, and
//! `contracts/report.schema.json` says what it holds.

use super::{Renderer, Style};
use crate::model::Run;

/// See the module.
pub(super) struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, run: &Run, _: &Style) -> String {
        // Writing to memory can't fail, and a `Run` has neither maps with odd keys nor a `Serialize` of its own.
        let mut text = serde_json::to_string_pretty(run).unwrap_or_default();
        text.push('\n');
        text
    }
}
