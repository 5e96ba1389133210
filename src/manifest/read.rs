//! TOML against the form of a manifest: [`shape`](super::shape) says what may stand where, this holds a text against it.
//!
//! Unknown and missing keys, wrong types and malformed values are found here, for every section alike; what the values
//! mean to each other is the sections' own matter. Main type: [`Reader`].

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::Problems;
use super::excerpt::quoted;
use super::names::{NAMES, NUMBERED, Names};
use super::nearest::nearest;
use super::node::{Entry, Node, Span, Table, Value};
use super::placeholders::is_name_character;
use super::shape::{Key, Need, Section, Shape, listed};
use super::{CommandSpec, scalar, words};

/// Reads values by their shape and collects what is wrong with them.
pub(super) struct Reader<'p> {
    pub problems: &'p mut Problems,
}

/// Where a value stands, in the words of a message.
#[derive(Clone, Copy)]
struct Within<'a> {
    /// The key that holds it.
    key: &'a str,
    /// The table that the key is in: `[service.shop]`.
    title: &'a str,
    /// The way to the value: `service.shop.ready`.
    path: &'a str,
    /// How the key is written rightly: `ready = "/healthz"`.
    example: &'a str,
}

type RawTable<'i> = DeTable<'i>;

impl Reader<'_> {
    /// The whole manifest.
    pub(super) fn root(&mut self, raw: &RawTable<'_>, section: &Section) -> Table {
        self.section(raw, 0..0, section, "", "the manifest".to_owned())
    }

    fn section(&mut self, raw: &RawTable<'_>, span: Span, section: &Section, path: &str, title: String) -> Table {
        let mut table = Table { span, title, entries: Vec::new() };
        for (key, value) in in_order(raw) {
            let name: &str = key.get_ref();
            let Some(known) = section.keys.iter().find(|known| known.name == name) else {
                let meant = self.unknown_key(name, key.span(), section, &table.title);
                if let Some(meant) = meant.filter(|meant| !raw.contains_key(*meant)) {
                    // It is there, though misspelt: nobody is to be told that it is missing too.
                    table.entries.push(Entry {
                        key: meant.to_owned(),
                        key_span: key.span(),
                        node: None,
                        written: true,
                    });
                }
                continue;
            };
            let way = join(path, name);
            let within = Within { key: name, title: &table.title, path: &way, example: &known.example() };
            let node = self.value(value.get_ref(), value.span(), &known.shape, within);
            table.entries.push(Entry { key: name.to_owned(), key_span: key.span(), node, written: true });
        }
        for key in section.keys {
            if table.is_written(key.name) {
                continue;
            }
            match key.need {
                Need::Optional => {}
                Need::Required => self.missing_key(key, &table, path),
                Need::Default(text) => self.default(key, text, &mut table, path),
            }
        }
        table
    }

    fn default(&mut self, key: &Key, text: &str, table: &mut Table, path: &str) {
        let node = DeValue::parse(text).ok().and_then(|value| {
            let path = join(path, key.name);
            let within = Within { key: key.name, title: &table.title, path: &path, example: text };
            self.value(value.get_ref(), table.span.clone(), &key.shape, within)
        });
        let key_span = table.span.clone();
        table.entries.push(Entry { key: key.name.to_owned(), key_span, node, written: false });
    }

    fn value(&mut self, raw: &DeValue<'_>, span: Span, shape: &Shape, within: Within<'_>) -> Option<Node> {
        let value = match (shape, raw) {
            (Shape::Section(section), DeValue::Table(table)) => {
                Value::Table(self.section(table, span.clone(), section, within.path, format!("`[{}]`", within.path)))
            }
            (Shape::Either(_, section), DeValue::Table(table)) => {
                Value::Table(self.section(table, span.clone(), section, within.path, format!("`{}`", within.path)))
            }
            (Shape::Either(text, _), DeValue::String(_)) => return self.value(raw, span, text, within),
            (Shape::Named(item), DeValue::Table(table)) => {
                Value::Table(self.named(table, span.clone(), item, within, &NAMES))
            }
            (Shape::Numbered(item), DeValue::Table(table)) => {
                Value::Table(self.named(table, span.clone(), item, within, &NUMBERED))
            }
            (Shape::Env, DeValue::Table(table)) => Value::Table(self.env(table, span.clone(), within)),
            (Shape::List(item) | Shape::Some(item), DeValue::Array(items)) => {
                if items.is_empty() && matches!(shape, Shape::Some(_)) {
                    self.bad(&span, within, "it must not be empty");
                    return None;
                }
                let items = items.iter().filter_map(|raw| self.item(raw, item, within));
                Value::List(items.collect())
            }
            (Shape::Command, DeValue::Table(table)) => Value::Command(self.shell(table, span.clone(), within)?),
            (Shape::Flag, DeValue::Boolean(flag)) => Value::Flag(*flag),
            (Shape::Count(most), DeValue::Integer(number)) => {
                let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
                let Some(number) = number.filter(|number| (1..=*most).contains(number)) else {
                    self.bad(&span, within, &format!("it must be {}", shape.noun()));
                    return None;
                };
                Value::Count(number)
            }
            (Shape::Share, DeValue::Float(_) | DeValue::Integer(_)) => {
                let number = raw
                    .as_float()
                    .map_or_else(|| raw.as_integer().map_or("", |number| number.as_str()), |number| number.as_str());
                let Some(number) = number.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number)) else {
                    self.bad(&span, within, "it must be from 0 to 1");
                    return None;
                };
                Value::Share(number)
            }
            (Shape::Date, DeValue::Datetime(date)) => return self.text(&date.to_string(), span, shape, within),
            (_, DeValue::String(text)) if takes_text(shape) => return self.text(text, span, shape, within),
            _ => {
                self.wrong_type(raw, &span, shape, within);
                return None;
            }
        };
        Some(Node { span, value })
    }

    fn item(&mut self, raw: &Spanned<DeValue<'_>>, shape: &Shape, within: Within<'_>) -> Option<Node> {
        match (shape, raw.get_ref()) {
            (Shape::Section(section), DeValue::Table(table)) => {
                let title = format!("`[[{}]]`", within.path);
                let table = self.section(table, raw.span(), section, within.path, title);
                Some(Node { span: raw.span(), value: Value::Table(table) })
            }
            (_, value) => self.value(value, raw.span(), shape, within),
        }
    }

    fn named(&mut self, raw: &RawTable<'_>, span: Span, item: &Shape, within: Within<'_>, names: &Names) -> Table {
        let mut table = Table { span, title: format!("`[{}]`", within.path), entries: Vec::new() };
        for (key, value) in in_order(raw) {
            let name: &str = key.get_ref();
            if !(names.fit)(name) {
                self.problems.push(
                    "manifest::bad-value",
                    key.span(),
                    format!("{} in {} is no name", quoted(name), table.title),
                    names.help,
                );
            }
            let way = join(within.path, name);
            let inner = Within { key: name, title: &table.title, path: &way, example: &format!("[{way}]") };
            let node = match value.get_ref() {
                DeValue::Table(_) => self.value(value.get_ref(), value.span(), item, inner),
                other => {
                    let message = format!("{} in {} is {}, not a table", quoted(name), table.title, kind(other));
                    let help =
                        format!("every key here is a name with a table of its own: write `[{}.NAME]`", within.path);
                    self.problems.push("manifest::wrong-type", value.span(), message, help);
                    None
                }
            };
            table.entries.push(Entry { key: name.to_owned(), key_span: key.span(), node, written: true });
        }
        table
    }

    fn env(&mut self, raw: &RawTable<'_>, span: Span, within: Within<'_>) -> Table {
        let mut table = Table { span, title: format!("`[{}]`", within.path), entries: Vec::new() };
        for (key, value) in in_order(raw) {
            let name: &str = key.get_ref();
            if name.is_empty() || name.contains(['=', '\0']) {
                self.problems.push(
                    "manifest::bad-value",
                    key.span(),
                    format!("{} in {} can't be the name of an environment variable", quoted(name), table.title),
                    "such a name is not empty and holds no `=`",
                );
            }
            let node = match value.get_ref() {
                DeValue::String(text) if !text.contains('\0') => {
                    Some(Node { span: value.span(), value: Value::Text(text.to_string()) })
                }
                DeValue::String(_) => {
                    self.nul(value.span(), name, &table.title);
                    None
                }
                other => {
                    self.problems.push(
                        "manifest::wrong-type",
                        value.span(),
                        format!("{} in {} is {}, not a string", quoted(name), table.title, kind(other)),
                        format!("environment variables are text: write it in quotes, `{name} = \"…\"`"),
                    );
                    None
                }
            };
            table.entries.push(Entry { key: name.to_owned(), key_span: key.span(), node, written: true });
        }
        table
    }

    fn shell(&mut self, raw: &RawTable<'_>, span: Span, within: Within<'_>) -> Option<CommandSpec> {
        const SHELL: Section = Section {
            name: "shell",
            doc: "A command for the shell.",
            keys: &[Key::required("sh", Shape::Text, "What `sh -c` runs.")],
        };
        let table = self.section(raw, span, &SHELL, within.path, format!("`{}`", within.path));
        table.text("sh").map(|text| CommandSpec::Sh(text.to_owned()))
    }

    fn text(&mut self, text: &str, span: Span, shape: &Shape, within: Within<'_>) -> Option<Node> {
        let value = self.text_value(text, &span, shape, within)?;
        Some(Node { span, value })
    }

    fn text_value(&mut self, text: &str, span: &Span, shape: &Shape, within: Within<'_>) -> Option<Value> {
        if text.contains('\0') {
            self.nul(span.clone(), within.key, within.title);
            return None;
        }
        if let Shape::Choice(words) = shape
            && !words.contains(&text)
        {
            let meant = nearest(text, words.iter().copied()).map(|word| format!("did you mean `{word}`? "));
            self.problems.push(
                "manifest::bad-value",
                span.clone(),
                format!("{} is no value of `{}` in {}", quoted(text), within.key, within.title),
                format!("{}it must be {}", meant.unwrap_or_default(), shape.noun()),
            );
            return None;
        }
        if text.trim().is_empty() {
            self.bad(span, within, "it must not be empty");
            return None;
        }
        let kept = || Value::Text(text.to_owned());
        let value = match shape {
            Shape::Word if text.chars().all(is_name_character) => Ok(kept()),
            Shape::Word => Err("a name has letters, digits, `-` and `_`".to_owned()),
            Shape::Duration => scalar::duration(text).map(Value::Duration),
            Shape::Percent => scalar::percent(text).map(Value::Share),
            Shape::Date => scalar::date(text).map(Value::Text),
            Shape::Direction => scalar::direction(text).map(Value::Direction),
            Shape::At => text.parse().map(Value::At).map_err(|_| {
                "it must be `status`, `reply`, `header NAME`, `cookie NAME`, `query NAME`, `path N` or a path in the body"
                    .to_owned()
            }),
            Shape::Target => scalar::target(text).map(|()| kept()),
            Shape::GitRef => scalar::git_ref(text).map(|()| kept()),
            Shape::Url => scalar::base_url(text).map(|(url, _)| Value::Text(url)),
            Shape::Regex => regex::Regex::new(text).map(|_| kept()).map_err(|error| regex_reason(&error)),
            Shape::Command => words::split(text).map(|words| Value::Command(CommandSpec::Words(words))),
            _ => Ok(kept()),
        };
        value.map_err(|reason| self.bad(span, within, &reason)).ok()
    }

    /// Reports it, and says which key was meant.
    fn unknown_key(&mut self, name: &str, span: Span, section: &Section, title: &str) -> Option<&'static str> {
        let meant = nearest(name, section.keys.iter().map(|key| key.name));
        let takes_it =
            |key: &&Key| matches!(&key.shape, Shape::Section(inner) if inner.keys.iter().any(|key| key.name == name));
        let deeper: Vec<_> = section.keys.iter().filter(takes_it).map(|key| key.name).collect();
        let question = match meant {
            _ if !deeper.is_empty() => format!("it belongs into {}: ", listed(deeper.into_iter())),
            Some(key) => format!("did you mean `{key}`? "),
            None => String::new(),
        };
        self.problems.push(
            "manifest::unknown-key",
            span,
            format!("{} is no key of {title}", quoted(name)),
            format!("{question}{title} takes {}", section.key_list()),
        );
        meant
    }

    fn missing_key(&mut self, key: &Key, table: &Table, path: &str) {
        let way = join(path, key.name);
        let help = match &key.shape {
            // A section of its own is written with a header; in an inline table nobody has got this far.
            Shape::Section(_) => format!("add a section `[{way}]`"),
            Shape::Named(_) | Shape::Numbered(_) => format!("add a section `[{way}.NAME]`"),
            _ => format!("add `{}`", key.example()),
        };
        let help = format!("{help}: {}", key.doc);
        let message = format!("`{}` is missing in {}", key.name, table.title);
        self.problems.push("manifest::missing-key", table.span.clone(), message, help);
    }

    fn wrong_type(&mut self, raw: &DeValue<'_>, span: &Span, shape: &Shape, within: Within<'_>) {
        self.problems.push(
            "manifest::wrong-type",
            span.clone(),
            format!("`{}` in {} is {}, not {}", within.key, within.title, kind(raw), shape.noun()),
            format!("write `{}`", within.example),
        );
    }

    fn bad(&mut self, span: &Span, within: Within<'_>, reason: &str) {
        self.problems.push(
            "manifest::bad-value",
            span.clone(),
            format!("`{}` in {} can't be used: {reason}", within.key, within.title),
            format!("write, for example, `{}`", within.example),
        );
    }

    fn nul(&mut self, span: Span, key: &str, title: &str) {
        self.problems.push(
            "manifest::bad-value",
            span,
            format!("{} in {title} holds a NUL character", quoted(key)),
            "no file name, command or environment variable can hold one: take it out",
        );
    }
}

fn takes_text(shape: &Shape) -> bool {
    !matches!(
        shape,
        Shape::Flag
            | Shape::Count(_)
            | Shape::Share
            | Shape::List(_)
            | Shape::Some(_)
            | Shape::Section(_)
            | Shape::Named(_)
            | Shape::Numbered(_)
            | Shape::Env
    )
}

fn kind(raw: &DeValue<'_>) -> &'static str {
    match raw {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The last line of a regex error says what is wrong; the others draw a picture of it.
fn regex_reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default().trim();
    format!(
        "as a regular expression it has an {}",
        last.strip_prefix("error: ").map_or(last.to_owned(), |reason| format!("error, {reason}"))
    )
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The entries as the file has them: the parser sorts by name.
fn in_order<'r, 'i>(raw: &'r RawTable<'i>) -> Vec<(&'r Spanned<DeString<'i>>, &'r Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = raw.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
