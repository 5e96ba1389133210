//! Command lines, as little of them as the chores need. The main type is [`Options`].

use crate::steps::Failure;

/// Words of which options are taken; what is left is the rest.
#[derive(Debug)]
pub struct Options(Vec<String>);

impl Options {
    /// These words.
    pub fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// Takes `--name VALUE` or `--name=VALUE`.
    pub fn value(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let joined = format!("{name}=");
        let Some(index) = self.0.iter().position(|word| word == name || word.starts_with(&joined)) else {
            return Ok(None);
        };
        let word = self.0.remove(index);
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if index == self.0.len() {
            return Err(format!("`{name}` needs a value").into());
        }
        Ok(Some(self.0.remove(index)))
    }

    /// Takes `--name`.
    pub fn flag(&mut self, name: &str) -> bool {
        let index = self.0.iter().position(|word| word == name);
        index.map(|index| self.0.remove(index)).is_some()
    }

    /// Whether `--name` or `--name=…` stands there; it is left.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|word| word.split('=').next() == Some(name))
    }

    /// What is left, as it stands.
    pub fn rest(self) -> Vec<String> {
        self.0
    }

    /// What is left, which are names.
    pub fn names(self) -> Result<Vec<String>, Failure> {
        match self.0.iter().find(|word| word.starts_with('-')) {
            Some(option) => Err(format!("`{option}` is no option of this chore").into()),
            None => Ok(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        Options::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn values_are_taken_in_both_ways_of_writing() {
        for line in ["a --dest here b", "a --dest=here b"] {
            let mut options = options(line);
            assert_eq!(options.value("--dest").ok().flatten().as_deref(), Some("here"));
            assert_eq!(options.rest(), ["a", "b"]);
        }
    }

    #[test]
    fn a_value_that_is_missing_is_an_error() {
        assert!(options("--dest").value("--dest").is_err());
    }

    #[test]
    fn what_is_no_option_is_not_taken_for_a_name() {
        assert!(options("json-server --wrote").names().is_err());
    }
}
