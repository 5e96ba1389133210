//! What places are called, so that two of them can agree: `/posts/7`, `postId`, `post_id`, and `id` within `posts` are
//! all `postid`.

/// Fields that name the thing which they stand in.
const OWN: [&str; 9] = ["id", "uuid", "guid", "slug", "code", "number", "ref", "key", "handle"];
/// Fields that only wrap what was asked for.
const ENVELOPES: [&str; 24] = [
    "data",
    "items",
    "item",
    "results",
    "result",
    "rows",
    "row",
    "records",
    "record",
    "content",
    "entries",
    "list",
    "values",
    "nodes",
    "node",
    "edges",
    "edge",
    "hits",
    "embedded",
    "objects",
    "object",
    "payload",
    "attributes",
    "response",
];
/// Where a next page begins, in the words of different APIs.
const CURSORS: [&str; 14] = [
    "cursor",
    "next",
    "nextcursor",
    "endcursor",
    "after",
    "startingafter",
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "continuation",
    "continuationtoken",
    "marker",
    "nextmarker",
    "bookmark",
];
/// Names that a client makes up its mind about: no reply gives their small values out.
const CHOSEN: [&str; 26] = [
    "page", "perpage", "limit", "offset", "size", "pagesize", "count", "sort", "order", "orderby", "sortby", "dir",
    "q", "query", "search", "filter", "fields", "include", "expand", "embed", "format", "lang", "locale", "start",
    "end", "skip",
];
/// English words that only end like an identifier.
const NO_IDS: [&str; 14] = [
    "paid", "unpaid", "prepaid", "valid", "invalid", "grid", "void", "avoid", "android", "solid", "hybrid", "liquid",
    "rapid", "said",
];
/// Names whose values identify something even where they are words.
const STRONG: [&str; 7] = ["cursor", "token", "etag", "uuid", "guid", "slug", "sid"];
/// Names whose values identify something where they hold a digit.
const WEAK: [&str; 12] =
    ["version", "lockversion", "rev", "revision", "nonce", "key", "code", "ref", "number", "otp", "pin", "ticket"];

/// Ends a name that is an identifier's where the other place says that it is.
const PERHAPS: &str = "?id";

/// The names of a field or parameter called `name` in a thing called `thing` (its container or resource, as written).
pub(super) fn of_field(name: &str, thing: Option<&str>) -> Vec<String> {
    let name = flat(name);
    if CHOSEN.contains(&name.as_str()) {
        return Vec::new();
    }
    if CURSORS.contains(&name.as_str()) {
        return vec!["cursor".to_owned()];
    }
    if OWN.contains(&name.as_str()) {
        let mut names: Vec<String> = thing.map(of_thing).into_iter().collect();
        if name != "id" {
            names.push(name);
        }
        return names;
    }
    // `post: 7` may well mean the post with that id, but only the other place can say so.
    let perhaps = format!("{name}{PERHAPS}");
    if singular(&name) == name { vec![name, perhaps] } else { vec![name] }
}

/// The name of what identifies one of `things`: `posts` gives `postid`.
pub(super) fn of_thing(things: &str) -> String {
    let things = things.split('.').next().unwrap_or_default();
    format!("{}id", singular(&flat(things)))
}

/// Whether a field only wraps what was asked for.
pub(super) fn is_envelope(name: &str) -> bool {
    ENVELOPES.contains(&flat(name).as_str())
}

/// Whether two places agree by their names that `value` goes from one to the other.
pub(super) fn agree(one: &[String], other: &[String], value: &str) -> bool {
    let meets = |names: &[String], name: &str| {
        names.iter().any(|other| {
            other == name || other.strip_suffix(PERHAPS).is_some_and(|of| name.strip_suffix("id") == Some(of))
        })
    };
    let surely = |names: &[String], others: &[String]| {
        let sure = names.iter().filter(|name| !name.ends_with(PERHAPS));
        sure.into_iter().any(|name| meets(others, name) && identifies(name, value))
    };
    surely(one, other) || surely(other, one)
}

fn identifies(name: &str, value: &str) -> bool {
    let id = name.len() > 2 && name.ends_with("id") && !NO_IDS.contains(&name);
    id || STRONG.iter().any(|strong| name.ends_with(strong))
        || (WEAK.contains(&name) && value.contains(|c: char| c.is_ascii_digit()))
}

/// Lower case, letters and digits only, without a header's `X-`.
fn flat(name: &str) -> String {
    let name = name.strip_prefix("X-").or_else(|| name.strip_prefix("x-")).unwrap_or(name);
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn singular(name: &str) -> String {
    let stem = |end: &str| name.strip_suffix(end).filter(|stem| stem.len() >= 2);
    if let Some(stem) = stem("ies") {
        return format!("{stem}y");
    }
    for end in ["ses", "xes", "ches", "shes", "zes"] {
        if name.ends_with(end) && name.len() > end.len() + 1 && end != "ses" {
            return name[..name.len() - 2].to_owned();
        }
    }
    if name.ends_with("sses") || name.ends_with("uses") {
        return name[..name.len() - 2].to_owned();
    }
    match stem("s") {
        Some(stem) if !stem.ends_with('s') && !stem.ends_with('u') => stem.to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: (&str, Option<&str>), other: (&str, Option<&str>), value: &str, expected: bool) {
        let agreed = agree(&of_field(one.0, one.1), &of_field(other.0, other.1), value);
        assert_eq!(agreed, expected, "{one:?} and {other:?} for {value}");
    }

    #[test]
    fn names_that_mean_the_same_agree() {
        check(("post_id", None), ("id", Some("posts")), "7", true);
        check(("postId", None), ("post-id", None), "7", true);
        check(("post", None), ("id", Some("posts")), "7", true);
        check(("id", Some("posts")), ("id", Some("post")), "7", true);
        check(("_next", None), ("next", None), "100", true);
        check(("after", None), ("endCursor", None), "100", true);
        check(("ids", Some("posts")), ("postIds", None), "7", false);
        check(("version", None), ("version", None), "3", true);
        assert_eq!(of_thing("categories"), "categoryid");
        assert_eq!(of_thing("boxes"), "boxid");
        assert_eq!(of_thing("addresses"), "addressid");
        assert_eq!(of_thing("statuses"), "statusid");
        assert_eq!(of_thing("book.json"), "bookid");
    }

    #[test]
    fn names_that_mean_something_else_do_not() {
        check(("_page", None), ("id", Some("posts")), "2", false);
        check(("page", None), ("page", None), "2", false);
        check(("limit", None), ("limit", None), "10", false);
        check(("status", None), ("status", None), "published", false);
        check(("paid", None), ("paid", None), "1", false);
        check(("id", Some("posts")), ("id", Some("comments")), "7", false);
        check(("version", None), ("version", None), "latest", false);
        check(("id", None), ("id", None), "7", false);
    }
}
