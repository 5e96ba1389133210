//! The calls of a recording, as a stage sends them: in their recorded order, up to so many.

use super::weigh::Judge;
use crate::checks::declared::is_left_out;
use crate::checks::seam::{CheckError, Job};
use crate::manifest::{Client, RecordingSpec};
use crate::model::{Exchange, Replay, Side};
use crate::traffic::Recording;

/// As many calls of a recording are sent: its first.
pub(super) const MOST: usize = 1_000;

/// What a stage sends.
pub(super) struct Calls<'a> {
    spec: Option<&'a RecordingSpec>,
    recording: Option<&'a Recording>,
    /// The service that takes them.
    pub(super) service: String,
    pub(super) exchanges: Vec<Exchange>,
    /// Made by NEW's own clients.
    pub(super) of_new: bool,
    pub(super) judge: Judge<'a>,
    /// There are more.
    pub(super) is_cut: bool,
}

impl<'a> Calls<'a> {
    /// None at all: who starts where is seen without.
    pub(super) fn none(job: &'a Job<'a>) -> Self {
        let service = job.manifest.services.first().map(|service| service.name.clone()).unwrap_or_default();
        let judge = Judge::new(job, None, Side::Old);
        Self { spec: None, recording: None, service, exchanges: Vec::new(), of_new: false, judge, is_cut: false }
    }

    /// Those of a recording.
    pub(super) fn of(job: &'a Job<'a>, spec: &'a RecordingSpec, recording: &'a Recording) -> Result<Self, CheckError> {
        let mut exchanges = Vec::new();
        let mut is_cut = false;
        for exchange in recording.exchanges()? {
            let exchange = exchange?;
            if is_left_out(job.manifest, &spec.service, &exchange.call) {
                continue;
            }
            if exchanges.len() == MOST {
                is_cut = true;
                break;
            }
            exchanges.push(exchange);
        }
        let of_new = spec.client == Client::New;
        let judge = Judge::new(job, Some(spec), if of_new { Side::New } else { Side::Old });
        let service = spec.service.clone();
        Ok(Self { spec: Some(spec), recording: Some(recording), service, exchanges, of_new, judge, is_cut })
    }

    /// Whose clients made them.
    pub(super) fn clients(&self) -> Side {
        if self.of_new { Side::New } else { Side::Old }
    }

    /// What they are called.
    pub(super) fn name(&self) -> Option<String> {
        self.spec.map(|spec| spec.name.clone())
    }

    /// Where in the recording something was seen.
    pub(super) fn replay(&self, exchange: Option<&Exchange>) -> Option<Replay> {
        let (spec, recording, exchange) = (self.spec?, self.recording?, exchange?);
        Some(Replay {
            recording: spec.name.clone(),
            digest: recording.digest.clone(),
            session: exchange.session,
            exchange: exchange.index,
        })
    }
}
