//! The reader of a page.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use lol_html::html_content::{Element, EndTag, TextChunk, TextType};
use lol_html::{DocumentContentHandlers, ElementContentHandlers, HtmlRewriter, MemorySettings, Selector, Settings};

use super::entities::{decode, decode_attribute};
use crate::model::Document;

/// The most fields and the most links to take from one page.
const MAX_TAKEN: usize = 20_000;
/// What the tokeniser may hold at once, in bytes: a page is streamed through it.
const MAX_MEMORY: usize = 32 << 20;

/// What `html` has for a later request. A page that ends early, or is none, gives what there was until then.
pub fn read(html: &str) -> Document {
    let page = Rc::new(RefCell::new(Page::default()));
    tokenise(html, &page);
    let mut page = page.borrow_mut();
    page.end_text();
    page.end_select();
    Document::Fields(vec![
        ("forms".into(), Document::Fields(std::mem::take(&mut page.fields))),
        ("links".into(), Document::List(std::mem::take(&mut page.links))),
    ])
}

fn tokenise(html: &str, page: &Rc<RefCell<Page>>) {
    let Ok(every) = "*".parse::<Selector>() else { return };
    let of_elements = Rc::clone(page);
    let of_text = Rc::clone(page);
    let settings = Settings::new()
        .append_element_content_handler((
            Cow::Owned(every),
            ElementContentHandlers::default().element(move |element: &mut Element<'_, '_>| {
                visit(&of_elements, element);
                Ok(())
            }),
        ))
        .append_document_content_handler(DocumentContentHandlers::default().text(move |text: &mut TextChunk<'_>| {
            of_text.borrow_mut().text(text);
            Ok(())
        }))
        .with_memory_settings(MemorySettings::new().with_max_allowed_memory_usage(MAX_MEMORY))
        .with_strict(false);
    let mut tokens = HtmlRewriter::new(settings, |_: &[u8]| {});
    // What could not be read any further is left out.
    let _ = tokens.write(html.as_bytes()).and_then(|()| tokens.end());
}

fn visit(page: &Rc<RefCell<Page>>, element: &mut Element<'_, '_>) {
    let tag = element.tag_name();
    page.borrow_mut().element(&tag, element);
    if matches!(tag.as_str(), "option" | "select")
        && let Some(handlers) = element.end_tag_handlers()
    {
        let page = Rc::clone(page);
        handlers.push(Box::new(move |end: &mut EndTag<'_>| {
            let mut page = page.borrow_mut();
            page.end_text();
            if end.name() == "select" {
                page.end_select();
            }
            Ok(())
        }));
    }
}

/// What has been taken from a page so far.
#[derive(Default)]
struct Page {
    fields: Vec<(Box<str>, Document)>,
    links: Vec<Document>,
    select: Option<Select>,
    text: Option<Text>,
}

/// A select whose options are coming.
struct Select {
    name: Option<String>,
    first: Option<String>,
    chosen: Vec<String>,
    several: bool,
}

/// An element whose value is its text.
enum Text {
    Area { name: String, text: String },
    Option { value: Option<String>, selected: bool, text: String },
}

impl Page {
    fn element(&mut self, tag: &str, element: &Element<'_, '_>) {
        // An option's text may be marked up; all else ends what was open.
        if self.text.is_some() && (tag == "option" || matches!(self.text, Some(Text::Area { .. }))) {
            self.end_text();
        }
        let attribute = |name: &str| element.get_attribute(name).map(|value| decode_attribute(&value).into_owned());
        let live = |attribute: Option<String>| attribute.filter(|_| !element.has_attribute("disabled"));
        let name = attribute("name").filter(|name| !name.is_empty());
        match tag {
            "input" => {
                let kind = attribute("type").unwrap_or_default().to_ascii_lowercase();
                let value = match kind.as_str() {
                    "checkbox" | "radio" if element.has_attribute("checked") => {
                        Some(attribute("value").unwrap_or_else(|| "on".to_owned()))
                    }
                    "checkbox" | "radio" | "file" | "image" | "reset" => None,
                    _ => Some(attribute("value").unwrap_or_default()),
                };
                self.field(live(name), value);
            }
            "button" => self.field(live(name), attribute("value")),
            "textarea" => self.text = live(name).map(|name| Text::Area { name, text: String::new() }),
            "select" => {
                self.end_select();
                let several = element.has_attribute("multiple");
                self.select = Some(Select { name: live(name), first: None, chosen: Vec::new(), several });
            }
            "option" => {
                let selected = element.has_attribute("selected");
                self.text = Some(Text::Option { value: attribute("value"), selected, text: String::new() });
            }
            "meta" if name.as_deref().is_some_and(is_token_name) => self.field(name, attribute("content")),
            "a" | "area" => self.link(attribute("href")),
            "form" => self.link(attribute("action")),
            "iframe" | "frame" => self.link(attribute("src")),
            "link" if attribute("rel").is_some_and(|rel| is_navigation(&rel)) => self.link(attribute("href")),
            _ => {}
        }
    }

    fn text(&mut self, chunk: &TextChunk<'_>) {
        match (&mut self.text, chunk.text_type()) {
            (Some(Text::Area { text, .. }), TextType::RCData) | (Some(Text::Option { text, .. }), TextType::Data) => {
                text.push_str(chunk.as_str());
            }
            (Some(Text::Area { .. }), _) => self.end_text(),
            _ => {}
        }
    }

    fn end_text(&mut self) {
        match self.text.take() {
            Some(Text::Area { name, text }) => {
                // A line break right after the tag is not part of the text.
                let text = text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n')).unwrap_or(&text);
                self.field(Some(name), Some(decode(text).into_owned()));
            }
            Some(Text::Option { value, selected, text }) => {
                let Some(select) = &mut self.select else { return };
                let value =
                    value.unwrap_or_else(|| decode(&text).split_ascii_whitespace().collect::<Vec<_>>().join(" "));
                if selected {
                    select.chosen.push(value);
                } else if select.first.is_none() {
                    select.first = Some(value);
                }
            }
            None => {}
        }
    }

    fn end_select(&mut self) {
        let Some(Select { name, first, mut chosen, several }) = self.select.take() else { return };
        if !several {
            // The last that says so is selected; where none does, the first.
            chosen = chosen.pop().or(first).into_iter().collect();
        }
        for value in chosen {
            self.field(name.clone(), Some(value));
        }
    }

    fn field(&mut self, name: Option<String>, value: Option<String>) {
        if let (Some(name), Some(value), true) = (name, value, self.fields.len() < MAX_TAKEN) {
            self.fields.push((name.into(), Document::text(value)));
        }
    }

    fn link(&mut self, target: Option<String>) {
        let Some(target) = target else { return };
        let target = target.trim_matches(|c: char| c.is_ascii_whitespace());
        if is_followed(target) && self.links.len() < MAX_TAKEN {
            self.links.push(Document::text(target));
        }
    }
}

/// Whether a browser would ask a server for `target`.
fn is_followed(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    });
    let by_http =
        scheme.is_none_or(|scheme| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    !target.is_empty() && !target.starts_with('#') && by_http
}

/// Whether a `meta` of that name holds a token which scripts put into requests.
fn is_token_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["csrf", "xsrf", "authenticity", "nonce"].iter().any(|word| name.contains(word))
}

fn is_navigation(rel: &str) -> bool {
    rel.split_ascii_whitespace().any(|word| {
        ["next", "prev", "previous", "first", "last", "canonical"].iter().any(|r| word.eq_ignore_ascii_case(r))
    })
}
