//! Pages in, fields and links out.

use proptest::prelude::*;

use super::*;
use crate::model::Document;
use crate::wire::json;

fn check(html: &str, forms: &str, links: &str) {
    let read = read(html);
    let shown = |name: &str| json::to_string(read.field(name).unwrap_or(&Document::Null));
    assert_eq!((shown("forms").as_str(), shown("links").as_str()), (forms, links), "{html}");
}

fn check_forms(html: &str, forms: &str) {
    check(html, forms, "[]");
}

#[test]
fn a_forms_fields_have_the_values_that_a_browser_would_send() {
    check_forms("<input type=hidden name=csrf value='a&amp;b'>", r#"{"csrf":"a&b"}"#);
    check_forms(
        "<INPUT NAME=a VALUE=1><input name=a value=2><input name=b><input value=x>",
        r#"{"a":"1","a":"2","b":""}"#,
    );
    check_forms(
        "<input type=checkbox name=a><input type=checkbox name=b checked><input type=radio name=c value=1>\
         <input type=RADIO name=c value=2 checked>",
        r#"{"b":"on","c":"2"}"#,
    );
    check_forms("<input type=file name=a><input type=reset name=b value=x><input disabled name=c value=x>", "{}");
    check_forms("<button name=go value=now>Go</button><button name=none>x</button>", r#"{"go":"now"}"#);
    check_forms(
        "<textarea name=t>\n a &lt;b&gt; <i>no markup</i>\n</textarea>after",
        r#"{"t":" a <b> <i>no markup</i>\n"}"#,
    );
    check_forms("<textarea name=t>&copy=1</textarea>", r#"{"t":"©=1"}"#);
    check_forms("<textarea name=t></textarea><title>x</title>", r#"{"t":""}"#);
    check_forms("<textarea name=t>until the end", r#"{"t":"until the end"}"#);
    check_forms("<meta name=csrf-token content=abc><meta name=viewport content=x>", r#"{"csrf-token":"abc"}"#);
}

#[test]
fn a_select_has_the_value_of_its_chosen_option() {
    check_forms(
        "<select name=s><option value=1>one</option><option value=2 selected>two</option></select>",
        r#"{"s":"2"}"#,
    );
    check_forms(
        "<select name=s><option>o&amp;ne <b>x</b>\n</option><option value=2>two</select>after",
        r#"{"s":"o&ne x"}"#,
    );
    check_forms("<select name=s><option>one<option selected>two</select> after", r#"{"s":"two"}"#);
    check_forms(
        "<select name=s multiple><option>a<option selected>b<option selected>c</select>",
        r#"{"s":"b","s":"c"}"#,
    );
    check_forms("<select name=s multiple><option>a</select><select name=empty></select>", "{}");
    check_forms("<select name=s><option value=1>until the end", r#"{"s":"1"}"#);
}

#[test]
fn links_are_what_a_person_can_follow() {
    check(
        "<a href='/a?x=1&amp;y=2'>a</a><a>none</a><form action=/f></form><iframe src=/i></iframe><area href=\" /m\n\">\
         <link rel='Next' href=/n><link rel=stylesheet href=/s.css><script src=/s.js></script><img src=/i.png>",
        "{}",
        r#"["/a?x=1&y=2","/f","/i","/m","/n"]"#,
    );
    check(
        "<a href='#top'>t</a><a href='javascript:x()'>j</a><a href=mailto:a@b>m</a><a href=data:,x>d</a><a href=''>e</a>\
         <a href=HTTPS://x/y>h</a><a href=a:b/c>s</a><a href='./a:b'>p</a>",
        "{}",
        r#"["HTTPS://x/y","./a:b"]"#,
    );
}

#[test]
fn markup_in_scripts_comments_and_styles_is_no_markup() {
    check(
        "<script>let x = '<a href=/no><input name=no>';</script><!-- <a href=/no> --><style><a href=/no></style>\
         <a href=/yes>",
        "{}",
        r#"["/yes"]"#,
    );
}

#[test]
fn entities_are_decoded_as_browsers_do() {
    for (written, expected) in [
        ("&quot;&#39;&#x27;&apos;&lt;&gt;&amp;", "\"'''<>&"),
        ("&eacute;&Eacute;&nbsp;&copy;", "éÉ\u{a0}©"),
        ("?a=1&copy=2&lt3&amp", "?a=1&copy=2&lt3&"),
        ("&unknown;&;&&#;&#x;&", "&unknown;&;&&#;&#x;&"),
        ("&#0;&#1114112;&#99999999999;&#xD800;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
        ("&#65B&#x2F;&sol;", "AB//"),
        ("&é", "&é"),
    ] {
        let document = read(&format!("<input name=n value=\"{}\">", written.replace('"', "&quot;")));
        let value = document.field("forms").and_then(|forms| forms.field("n"));
        assert_eq!(value, Some(&Document::text(expected)), "{written}");
    }
}

#[test]
fn a_page_without_bounds_is_bounded() {
    let document = read(&"<a href=/x><input name=n>".repeat(30_000));
    assert_eq!(document.leaves(), 40_000);
    check(&format!("{}<a href=/deep>", "<div>".repeat(20_000)), "{}", r#"["/deep"]"#);
    check(&format!("<a href=/before><a {}", "x=y ".repeat(100_000)), "{}", r#"["/before"]"#);
}

proptest! {
    #[test]
    fn no_text_panics(html in "(<(input|a|select|option|textarea|/select|/option|script|svg|!--)( (name|href|value|type)=[a-z'\"&;#]{0,4}){0,2}[> ]|[a-z&;#<>\"']|\\PC){0,20}") {
        let _ = read(&html);
    }
}
