//! What large contracts cost: an API in one text of many megabytes, and a folder of many `.proto` files.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Figure;
use crate::watched::{Watched, watched};

#[path = "../../xtask/src/protos/text.rs"]
mod protos;

/// As many files as the largest public collection of services has.
const FILES: usize = 900;
/// Operations, and schemas as many: some twenty megabytes of JSON.
const OPERATIONS: usize = 16_000;
/// Nothing breaks, or something does; nothing else is wrong.
const COMPARED: [Option<i32>; 2] = [Some(0), Some(1)];

pub fn figures() -> Vec<Figure> {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    for (side, later) in [("old", false), ("new", true)] {
        for (path, text) in protos::files(FILES, 1, later) {
            let path = folder.path().join(side).join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap_or_else(|e| panic!("{e}"));
            fs::write(path, text).unwrap_or_else(|e| panic!("{e}"));
        }
        fs::write(folder.path().join(format!("{side}.json")), api(later)).unwrap_or_else(|e| panic!("{e}"));
    }
    let compared = |old: &str, new: &str| {
        let cost = watched(&["contracts", old, new], folder.path());
        assert!(COMPARED.contains(&cost.status.code()), "{}: {}", cost.status, cost.said);
        cost
    };
    let Watched { cpu, peak, .. } = compared("old", "new");
    let api = compared("old.json", "new.json");
    vec![
        Figure::at_most("contracts of 900 .proto files: CPU", cpu, 3.0, "s"),
        Figure::at_most("contracts of 900 .proto files: peak memory", peak, 500.0, "MB"),
        Figure::at_most("contracts of 20 MB of OpenAPI: CPU", api.cpu, 15.0, "s"),
    ]
}

/// An API of many operations, of which a few schemas are other ones later.
fn api(later: bool) -> String {
    let mut paths = String::new();
    let mut schemas = String::new();
    for number in 0..OPERATIONS {
        let comma = if number == 0 { "" } else { "," };
        let schema = format!(r##"{{"$ref": "#/components/schemas/Order{number}"}}"##);
        let content = format!(r#"{{"application/json": {{"schema": {schema}}}}}"#);
        let _ = write!(
            paths,
            r##"{comma}"/orders{number}/{{id}}": {{"post": {{"summary": "Changes one of the orders of kind {number}, and gives it back", "operationId": "change{number}", "parameters": [{{"name": "id", "in": "path", "required": true, "schema": {{"type": "string", "minLength": 1}}}}, {{"name": "limit", "in": "query", "schema": {{"type": "integer", "minimum": 1, "maximum": 100}}}}], "requestBody": {{"required": true, "content": {content}}}, "responses": {{"200": {{"description": "as it is now", "content": {content}}}, "default": {{"description": "why it was refused", "content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/Problem"}}}}}}}}}}}}}}"##
        );
        let state = if later && number % 1_000 == 0 { r#"["open", "paid", "sent"]"# } else { r#"["open", "paid"]"# };
        let _ = write!(
            schemas,
            r##"{comma}"Order{number}": {{"type": "object", "description": "An order of kind {number}, with its lines and all that is known of who pays for it", "required": ["id", "state"], "properties": {{"id": {{"type": "string", "readOnly": true}}, "state": {{"type": "string", "enum": {state}}}, "total": {{"type": "number", "minimum": 0}}, "lines": {{"type": "array", "items": {{"$ref": "#/components/schemas/Order{}"}}}}, "note": {{"type": "string", "maxLength": 200, "description": "Whatever was written on it"}}, "tags": {{"type": "object", "additionalProperties": {{"type": "string"}}}}}}}}"##,
            number - number % 10
        );
    }
    format!(
        r#"{{"openapi": "3.0.3", "info": {{"title": "Shop", "version": "1"}}, "paths": {{{paths}}}, "components": {{"schemas": {{{schemas}, "Problem": {{"type": "object", "required": ["title"], "properties": {{"title": {{"type": "string"}}}}}}}}}}}}"#
    )
}
