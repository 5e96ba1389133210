//! Links of a page, by the template that a recording keeps of them.

use regex::Regex;

use super::secret::fragment;

/// What may stand where a template leaves a value open: what ends no segment and no value, or what redaction put there.
const VALUE: &str = r"(?:\{secret:[^}]*\}|[^/?&#])+";

/// Scheme and host off: what a request line would have. Relative references stay relative; the fragment goes.
pub fn origin_form(url: &str) -> &str {
    let url = &url[..fragment(url).unwrap_or(url.len())];
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    let rest = match &lower {
        scheme if scheme.starts_with("http://") => &url[7..],
        scheme if scheme.starts_with("https://") => &url[8..],
        scheme if scheme.starts_with("//") => &url[2..],
        _ => return url,
    };
    rest.find(['/', '?']).map_or("/", |at| &rest[at..])
}

/// What stands at `{}` in a link that fits the template, as it is written there, and whether that is in the link's query.
/// `{*}` stands for any other value. A value ends before `/`, `?`, `&` and `#`.
pub fn link_value<'l>(template: &str, link: &'l str) -> Option<(&'l str, bool)> {
    let target = origin_form(link);
    if !template.contains('{') {
        return (template == target).then_some((target, false));
    }
    let open = regex::escape(template).replace(r"\{\*\}", VALUE);
    let pattern = open.replacen(r"\{\}", &format!("({VALUE})"), 1);
    let value = Regex::new(&format!("^(?:{pattern})$")).ok()?.captures(target)?.get(1)?;
    Some((&target[value.range()], target[..value.start()].contains('?')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, link: &str, expected: Option<(&str, bool)>) {
        assert_eq!(link_value(template, link), expected, "{template} against {link}");
    }

    #[test]
    fn a_link_gives_the_value_that_its_template_leaves_open() {
        check("/orders?after={}", "/orders?after=abc", Some(("abc", true)));
        check("/orders?after={}", "/orders?after=abc&size=2", None);
        check("/orders/{}/pay", "/orders/7/pay", Some(("7", false)));
        check("/orders/{}/pay?csrf={*}", "http://shop.test/orders/7/pay?csrf=x1", Some(("7", false)));
        check("/reset?token={}", "/reset?token={secret:token#1}", Some(("{secret:token#1}", true)));
        check("/cart", "/cart", Some(("/cart", false)));
        check("/cart", "/cart/7", None);
    }

    #[test]
    fn an_origin_is_taken_off_and_a_relative_reference_stays() {
        for (url, form) in [
            ("http://a.test/b?c#d", "/b?c"),
            ("https://a.test", "/"),
            ("//a.test/b", "/b"),
            ("HTTP://a.test?x=1", "?x=1"),
            ("b/7", "b/7"),
            ("ü", "ü"),
        ] {
            assert_eq!(origin_form(url), form);
        }
    }
}
