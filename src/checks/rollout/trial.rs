//! Going back is tried: from a checkpoint all replicas that are NEW go back to OLD, on a copy of what is in the store by then.

use super::dance::Dance;
use super::ledger::Phase;
use super::live::Live;
use super::stand::{NoStand, Stand};
use crate::checks::seam::CheckError;
use crate::model::{Direction, Question, Side};

impl Dance<'_> {
    /// Begins sessions with NEW, starts OLD on a copy and goes on with them there, with those that are open besides, and with others
    /// after them.
    pub(super) async fn go_back(&mut self) -> Result<(), CheckError> {
        let rota = self.rota();
        let halves = self.live.halves(self.cast, &self.stand, &rota, &mut self.ledger).await;
        self.ledger.phase = Phase::Back;
        let back = Stand::back(self.job, &self.stand, self.ledger.is_migrated).await;
        let done = match back {
            Ok(back) => self.on(back, halves).await,
            Err(NoStand::Refused(service, why)) => {
                self.refused(&service, &why, Direction::NEW_TO_OLD);
                self.ledger.stage().back.get_or_insert_default();
                Ok(())
            }
            Err(NoStand::Own(why)) => {
                self.ledger.gap(&[Question::RollBack], &why);
                Ok(())
            }
            Err(NoStand::Other(error)) => Err(error),
        };
        self.ledger.phase = Phase::Serving;
        done
    }

    async fn on(&mut self, back: Stand, mut halves: Live) -> Result<(), CheckError> {
        self.ledger.stage().back.get_or_insert_default();
        let (mut live, parted) = (self.live.clone(), self.ledger.parted.clone());
        let rota = vec![(0, Side::Old)];
        halves.moved(self.cast, &back);
        halves.finish(self.cast, &back, &rota, &mut self.ledger).await;
        live.moved(self.cast, &back);
        live.play(self.cast, &back, &rota, self.cast.once(), &mut self.ledger).await;
        let lives = back.watch(&mut self.ledger);
        if let Some(how) = back.control_died() {
            self.ledger.gap(&[Question::RollBack], &format!("{how}, as it does without the other build"));
        } else if !lives {
            self.ledger.gap(&[Question::RollBack], "the old replica died, and no more was sent");
        }
        // The copies are gone, and with them what became of them.
        self.ledger.parted = parted;
        back.down(self.job).await
    }
}
