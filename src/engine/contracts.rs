//! Two contracts to a run: no manifest, no builds.

use std::path::PathBuf;

use super::close::{Books, Heading, Terms as Judged};
use super::{Again, EngineError, Outcome, gate};
use crate::checks::contracts::{Told, compared};
use crate::checks::{CheckError, Outcome as CheckOutcome};
use crate::contract::Terms;
use crate::fleet::{FleetError, Texts};
use crate::manifest::{ContractAt, ContractKind, Gate};
use crate::model::{BuildFacts, Pair};
use crate::process::{Guardian, Launch};

/// Which contracts, and on which terms.
pub struct Contracts<'a> {
    /// Where they stand.
    pub at: Pair<ContractAt>,
    /// What a person calls them.
    pub labels: Pair<String>,
    /// What they are written in, where that is said.
    pub kind: Option<ContractKind>,
    /// The terms for each kind.
    pub terms: &'a dyn Fn(ContractKind) -> Terms,
    /// The folder that the paths of commits start at.
    pub folder: PathBuf,
    /// How straddle runs itself again, as the guardian, which runs git.
    pub launch: Launch,
    /// Today, `YYYY-MM-DD` in UTC.
    pub today: String,
    /// The command that shows it all again.
    pub again: String,
}

impl Contracts<'_> {
    /// Compares them. There is no run where one of them can't be read.
    pub async fn run(self) -> Result<Outcome, EngineError> {
        let is_committed = self.at.iter().any(|(_, at)| matches!(at, ContractAt::Git { .. }));
        let guardian = if is_committed {
            Some(Guardian::start(&self.launch).await.map_err(FleetError::from).map_err(CheckError::from)?)
        } else {
            None
        };
        let texts = Texts { folder: &self.folder, guardian: guardian.as_ref(), bench: None };
        let at = Pair::new(&self.at.old, &self.at.new);
        let comparison = compared(at, self.kind, self.terms, texts, "").await;
        if let Some(guardian) = &guardian {
            guardian.shutdown().await;
        }
        let mut told = Told::default();
        told.take(&comparison?);
        Ok(self.closed(told.outcome()))
    }

    fn closed(self, outcome: CheckOutcome) -> Outcome {
        let mut books = Books::default();
        books.take("contracts", outcome);
        let gate_of = Gate::default();
        let run = books.close(Heading {
            project: "contracts".to_owned(),
            seed: 0,
            builds: self.labels.map(|label| BuildFacts { label, ..BuildFacts::default() }),
            terms: Judged { today: self.today, gate: gate_of, accept: Vec::new(), has_state: false, is_whole: false },
            again: Again::Same(self.again),
            shard: None,
        });
        let exit = gate(&run, &gate_of, false);
        Outcome { run, exit, trouble: None }
    }
}
