//! Cases as a recording, which replays like any other: its calls have no replies, and are bound to those that give them values.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::checks::replaying::Surfaces;
use crate::checks::seam::CheckError;
use crate::generate::calls::{Calls, Case};
use crate::manifest::{Client, RecordingSpec};
use crate::model::secret::Secrets;
use crate::model::{At, Binding, Call, Document, Exchange, Place, Producer, Via};
use crate::traffic::{Recording, Writer};

/// Cases, by the session that each is sent as.
pub(super) type Cases = BTreeMap<u64, Case>;

/// Cases as a recording.
pub(super) struct Written {
    pub(super) spec: RecordingSpec,
    pub(super) recording: Recording,
    /// What each exchange is called.
    pub(super) surfaces: Surfaces,
    /// Of each exchange the session and the step there.
    steps: BTreeMap<u64, (u64, usize)>,
}

/// Where such recordings are kept, and whose they are.
pub(super) struct Room<'a> {
    pub(super) folder: &'a Path,
    pub(super) service: &'a str,
    pub(super) client: Client,
    /// What all calls carry besides.
    pub(super) headers: &'a [(String, String)],
    /// What fills the placeholders in that.
    pub(super) secrets: &'a Secrets,
}

impl Room<'_> {
    /// Writes them; `name` is what reports call the recording.
    pub(super) fn write(&self, name: &str, calls: &Calls, cases: &Cases) -> Result<Written, CheckError> {
        let file = self.file(name);
        let mut writer = Writer::create(&file, false)?;
        let (mut surfaces, mut steps) = (Surfaces::new(), BTreeMap::new());
        let mut index = 0;
        for (session, case) in cases {
            let first = index;
            for (number, step) in case.steps.iter().enumerate() {
                let Some(mut call) = calls.call(step) else { continue };
                for (name, value) in self.headers {
                    // What the case itself says is what it is about.
                    if !call.metadata.has(name) {
                        call.metadata.push(name.clone(), value.clone());
                    }
                }
                let taken = step.takes.iter().map(|taken| Binding {
                    at: taken.at.clone(),
                    value: value(&call, &taken.at),
                    from: vec![Producer { exchange: first + taken.from as u64, at: taken.given.clone() }],
                });
                let bindings = taken.collect();
                let later = case.steps.iter().skip(number + 1).flat_map(|step| &step.takes);
                let mut used: Vec<Place> =
                    later.filter(|taken| taken.from == number).map(|taken| taken.given.clone()).collect();
                used.sort();
                used.dedup();
                writer.push(&Exchange {
                    index,
                    session: *session,
                    last: number + 1 == case.steps.len(),
                    offset_ms: index,
                    call,
                    reply: None,
                    bindings,
                    used,
                    via: Via::default(),
                })?;
                surfaces.insert(index, step.surface.clone());
                steps.insert(index, (*session, number));
                index += 1;
            }
        }
        writer.finish()?;
        let (name, service) = (name.to_owned(), self.service.to_owned());
        let recording = Recording::open(&file)?.given(self.secrets);
        let spec = RecordingSpec { file, name, service, client: self.client };
        Ok(Written { spec, recording, surfaces, steps })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{}.jsonl", name.replace('/', "-")))
    }
}

impl Written {
    /// The case that an exchange is of, up to that exchange.
    pub(super) fn case(&self, cases: &Cases, exchange: u64) -> Option<Case> {
        let (session, step) = self.steps.get(&exchange)?;
        let mut case = cases.get(session)?.clone();
        case.steps.truncate(step + 1);
        Some(case)
    }
}

/// What stands at a place of a call, to be replaced by what a reply gives.
fn value(call: &Call, place: &Place) -> String {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    match &place.at {
        At::Segment(number) => call.path().split('/').skip(1).nth(*number).map(decoded).unwrap_or_default(),
        At::Query(name, number) => {
            let pairs =
                call.query().into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.split_once('='));
            pairs
                .filter(|(key, _)| decoded(key) == *name)
                .map(|(_, text)| decoded(text))
                .nth(*number)
                .unwrap_or_default()
        }
        At::Header(name) => call.metadata.get(name).unwrap_or_default().to_owned(),
        At::Cookie(name) => {
            let pairs = call
                .metadata
                .all("cookie")
                .flat_map(|header| header.split(';'))
                .filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| key.trim() == name).map(|(_, text)| text.to_owned()).next().unwrap_or_default()
        }
        At::Body(path) => {
            let document = crate::wire::carried(call, None);
            document.document().at(path).and_then(Document::as_scalar_text).unwrap_or_default().to_owned()
        }
        At::Status | At::Reply | At::Link(_) => String::new(),
    }
}
