//! The form of a manifest as data: which sections there are, which keys they take, and what each key holds.
//!
//! The parser ([`read`](super::read)) and the JSON Schema ([`schema`](super::schema)) both live on this one table, so
//! that they can't drift apart. The sections themselves stand in [`sections`](super::sections), each beside what reads it.
//! Main types: [`Section`], [`Key`], [`Shape`].

/// A table with known keys.
#[derive(Debug)]
pub(super) struct Section {
    /// What the schema calls it.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// What it takes.
    pub keys: &'static [Key],
}

/// A key of a section.
#[derive(Debug)]
pub(super) struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether it has to be there.
    pub need: Need,
    /// What it is for.
    pub doc: &'static str,
}

/// Whether a key has to be there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Need {
    /// It has to.
    Required,
    /// It hasn't, and means something by its absence.
    Optional,
    /// Where it is absent, this stands for it: a value that is TOML and JSON alike.
    Default(&'static str),
}

/// What a key holds.
#[derive(Debug)]
pub(super) enum Shape {
    /// Any text that is not empty.
    Text,
    /// A word for use in placeholders: letters, digits, `-` and `_`.
    Word,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number from 1 up to this.
    Count(u64),
    /// A number from 0 to 1.
    Share,
    /// `"10%"`
    Percent,
    /// `"30s"`
    Duration,
    /// `2026-12-31`
    Date,
    /// `"old->new"`
    Direction,
    /// A place in a reply: `"$.items[].id"`.
    At,
    /// A request target: `"/healthz"`.
    Target,
    /// A git ref.
    GitRef,
    /// A regular expression.
    Regex,
    /// `http://HOST:PORT`
    Url,
    /// A command: text that is split into words, or `{ sh = "…" }`.
    Command,
    /// A list.
    List(&'static Shape),
    /// A list that is not empty.
    Some(&'static Shape),
    /// A table with known keys.
    Section(&'static Section),
    /// A table whose keys are names and whose values are all of one shape.
    Named(&'static Shape),
    /// The same, where a name may end in `#` and a number: the second of that name, and so on.
    Numbered(&'static Shape),
    /// A table of environment variables.
    Env,
    /// The first where it is text, the second where it is a table.
    Either(&'static Shape, &'static Section),
}

impl Key {
    /// A key that has to be there.
    pub(super) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Required, doc }
    }

    /// A key that may be absent.
    pub(super) const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Optional, doc }
    }

    /// A key that has this value where it is absent.
    pub(super) const fn defaulted(name: &'static str, shape: Shape, value: &'static str, doc: &'static str) -> Self {
        Self { name, shape, need: Need::Default(value), doc }
    }
}

impl Key {
    /// How it is written: with its default, where that says something.
    pub(super) fn example(&self) -> String {
        let value = match self.need {
            Need::Default(value) if !matches!(value, "{}" | "[]" | "0.0") => value.to_owned(),
            _ => self.shape.example(),
        };
        format!("{} = {value}", self.name)
    }
}

impl Section {
    /// The names of its keys for a message: `` `git`, `path` ``.
    pub(super) fn key_list(&self) -> String {
        listed(self.keys.iter().map(|key| key.name))
    }
}

impl Shape {
    /// What it is, with its article.
    pub(super) fn noun(&self) -> String {
        match self {
            Self::Text => "a string".to_owned(),
            Self::Word => "a name".to_owned(),
            Self::Choice(words) => format!("one of {}", listed(words.iter().copied())),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Count(most) if *most == u64::MAX => "a whole number from 1".to_owned(),
            Self::Count(most) => format!("a whole number from 1 to {most}"),
            Self::Share => "a number from 0 to 1".to_owned(),
            Self::Percent => "a percentage in quotes".to_owned(),
            Self::Duration => "a duration in quotes".to_owned(),
            Self::Date => "a date".to_owned(),
            Self::Direction => "a direction".to_owned(),
            Self::At => "a place".to_owned(),
            Self::Target => "a path on the server".to_owned(),
            Self::GitRef => "a git ref".to_owned(),
            Self::Regex => "a regular expression".to_owned(),
            Self::Url => "a base URL".to_owned(),
            Self::Command => "a command".to_owned(),
            Self::List(_) | Self::Some(_) => "a list".to_owned(),
            Self::Section(section) => format!("a table of {}", section.key_list()),
            Self::Named(_) | Self::Numbered(_) => "a table of names".to_owned(),
            Self::Env => "a table of environment variables".to_owned(),
            Self::Either(text, section) => format!("{} or a table of {}", text.noun(), section.key_list()),
        }
    }

    /// How a value of it is written.
    pub(super) fn example(&self) -> String {
        match self {
            Self::Text | Self::Word => "\"…\"".to_owned(),
            Self::Choice(words) => format!("\"{}\"", words.first().copied().unwrap_or_default()),
            Self::Flag => "true".to_owned(),
            Self::Count(_) => "4".to_owned(),
            Self::Share => "0.8".to_owned(),
            Self::Percent => "\"10%\"".to_owned(),
            Self::Duration => "\"30s\"".to_owned(),
            Self::Date => "2026-12-31".to_owned(),
            Self::Direction => "\"old->new\"".to_owned(),
            Self::At => "\"$.items[].id\"".to_owned(),
            Self::Target => "\"/healthz\"".to_owned(),
            Self::GitRef => "\"v1.4.2\"".to_owned(),
            Self::Regex => "\"listening on\"".to_owned(),
            Self::Url => "\"http://127.0.0.1:8080\"".to_owned(),
            Self::Command => "\"target/release/shop --port {port}\"".to_owned(),
            Self::List(item) | Self::Some(item) => format!("[{}]", item.example()),
            Self::Section(section) => section.example(),
            Self::Named(item) | Self::Numbered(item) => format!("{{ NAME = {} }}", item.example()),
            Self::Env => "{ LOG = \"info\" }".to_owned(),
            Self::Either(text, _) => text.example(),
        }
    }
}

impl Section {
    /// How one of it is written on a line: with what it requires, else with its first key.
    fn example(&self) -> String {
        let required = self.keys.iter().filter(|key| matches!(key.need, Need::Required));
        let mut parts: Vec<_> = required.map(Key::example).collect();
        if parts.is_empty() {
            parts.extend(self.keys.first().map(Key::example));
        }
        format!("{{ {} }}", parts.join(", "))
    }
}

/// Words for a message: `` `git`, `path` ``.
pub(super) fn listed<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
