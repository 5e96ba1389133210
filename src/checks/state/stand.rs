//! Who stands where: the controls and the checkpoints of a stage, each on stores of its own, and what becomes of them when the
//! release takes its turn.
//!
//! All take the same calls at the same time, so that ids and clocks go on alike. Between the second and the third pass nobody
//! moves; between the first and the second each does what its checkpoint is there for, and each control what comes nearest to it
//! without the other build: it is restarted, or a second one is started beside it.

use super::point::Point;
use super::roads::{self, Blocked};
use super::tally::{Raw, Road, Up};
use crate::checks::seam::{CheckError, Job};
use crate::fleet::{Place, Server, Standing};
use crate::model::Side;

/// What a stand is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Role {
    /// Controls: restarted at the turn, or joined by a second one; or, where nobody moves, the one and its twin.
    Control(Side, Nth),
    /// C2.
    Live,
    /// C3.
    Fresh,
    /// C4.
    Early,
    /// C5: OLD first, then NEW beside it.
    Both,
    /// C5: NEW first, then OLD beside it.
    Beside,
    /// C6: OLD first, and NEW in its place, where both can't use the store at once.
    After,
    /// C6 and C7: NEW alone, then OLD on what it left.
    Back,
    /// The same with a down-migration in between, and up again at the end.
    Down,
}

/// Which of two controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Nth {
    First,
    Second,
}

/// The two kinds of stage: whether anybody is restarted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// OLD keeps its connections and prepared statements.
    Kept,
    /// Builds come and go.
    Turned,
}

/// Why nobody serves at a stand, and at which checkpoint that shows.
pub(super) enum Refusal {
    /// That side's build is not ready.
    Start(Point, Side, String),
    /// A migration failed.
    Migration(Point, crate::compare::Way, Blocked),
}

/// One of them.
pub(super) struct Stand {
    pub(super) role: Role,
    // Those who stand go before their place does.
    members: Vec<(Side, Standing)>,
    serving: usize,
    /// What was left before a down-migration.
    pub(super) before_down: Option<Place>,
    pub(super) place: Place,
    /// Nobody is there to answer.
    pub(super) gone: bool,
}

impl Role {
    /// Those of a stage of that kind. `of_new`: the calls are those of NEW's own clients, which only NEW takes.
    pub(super) fn of(kind: Kind, road: Road, of_new: bool) -> Vec<Self> {
        let migrates = road.up != Up::Nothing;
        let control = |side| [Self::Control(side, Nth::First), Self::Control(side, Nth::Second)];
        if kind == Kind::Kept {
            let wanted = migrates && road.shared && !of_new;
            return if wanted { [control(Side::Old).as_slice(), &[Self::Live]].concat() } else { Vec::new() };
        }
        // The clients' own side comes first: drive holds the others to it.
        let (home, away) = if of_new { (Side::New, Side::Old) } else { (Side::Old, Side::New) };
        let mut roles = [control(home), control(away)].concat();
        if migrates && !of_new {
            roles.push(Self::Fresh);
        }
        if road.up == Up::Commands && !of_new {
            roles.push(Self::Early);
        }
        if !of_new {
            roles.extend(if road.shared { [Self::Both, Self::Beside].as_slice() } else { &[Self::After] });
        }
        roles.push(Self::Back);
        if road.down {
            roles.push(Self::Down);
        }
        roles
    }

    /// What logs call it.
    fn word(self) -> &'static str {
        match self {
            Self::Control(_, Nth::First) => "control",
            Self::Control(_, Nth::Second) => "twin",
            Self::Live => "C2",
            Self::Fresh => "C3",
            Self::Early => "C4",
            Self::Both | Self::Beside => "C5",
            Self::After => "C6",
            Self::Back => "C7",
            Self::Down => "C7 down",
        }
    }

    /// The checkpoint that a pass shows, and whose reply is looked at; none where it shows nothing that a control doesn't.
    pub(super) fn shows(self, pass: u8) -> Option<(Point, Side)> {
        match (self, pass) {
            (Self::Live, 2..) => Some((Point::C2, Side::Old)),
            (Self::Fresh, _) => Some((Point::C3, Side::Old)),
            (Self::Early, 1) => Some((Point::C4, Side::New)),
            (Self::Both, 2 | 3) => Some((Point::C5, Side::New)),
            (Self::Both, 4) | (Self::Beside, 2..) => Some((Point::C5, Side::Old)),
            (Self::After, 2 | 3) => Some((Point::C6, Side::New)),
            (Self::Back, 2..) => Some((Point::C7Code, Side::Old)),
            (Self::Down, 2..) => Some((Point::C7Down, Side::Old)),
            _ => None,
        }
    }

    /// Whether that was seen there.
    pub(super) fn showed(self, raw: &Raw) -> bool {
        if let Some((pass, _)) = raw.moment {
            return self.shows(pass) == Some((raw.point, raw.side));
        }
        match raw.point {
            Point::C0 | Point::C1 => false,
            Point::C2 => self == Self::Live,
            Point::C3 => self == Self::Fresh,
            Point::C4 => self == Self::Early,
            Point::C5 => matches!(self, Self::Both | Self::Beside),
            Point::C6 => matches!(self, Self::After | Self::Control(Side::New, _)),
            Point::C7Code | Point::C7Restore => self == Self::Back,
            Point::C7Down | Point::C8 => self == Self::Down,
        }
    }

    /// Whether NEW's replies are looked at there.
    pub(super) fn asks_new(self) -> bool {
        matches!(self, Self::Both | Self::After | Self::Early)
    }

    /// Whether a second one comes beside the first.
    pub(super) fn is_joined(self) -> bool {
        matches!(self, Self::Both | Self::Beside | Self::Fresh)
    }

    fn begins_with(self) -> Side {
        match self {
            Self::Control(side, _) => side,
            Self::Live | Self::Fresh | Self::Both | Self::After => Side::Old,
            Self::Early | Self::Beside | Self::Back | Self::Down => Side::New,
        }
    }
}

impl Stand {
    /// Opens one: its stores, and who stands there first.
    pub(super) async fn open(job: &Job<'_>, road: Road, role: Role) -> Result<(Self, Option<Refusal>), CheckError> {
        let is_migrated = match role {
            Role::Control(side, _) => side == Side::New,
            Role::Live | Role::Early | Role::Both | Role::After => false,
            Role::Fresh | Role::Beside | Role::Back | Role::Down => true,
        };
        let side = if is_migrated && road.up == Up::Commands { Side::New } else { Side::Old };
        let place = job.bench.place(side).await?;
        let mut stand = Self { role, members: Vec::new(), serving: 0, before_down: None, place, gone: false };
        if role == Role::Fresh
            && road.up == Up::Start
            && let Err(blocked) = roads::up(&stand.place, road).await?
        {
            stand.gone = true;
            return Ok((stand, Some(Refusal::Migration(Point::C3, crate::compare::Way::Up, blocked))));
        }
        let point = match role {
            Role::Fresh => Point::C3,
            Role::Early => Point::C4,
            _ if role.begins_with() == Side::New => Point::C6,
            _ => Point::C0,
        };
        let refusal = stand.start(role.begins_with(), point).await?;
        Ok((stand, refusal))
    }

    /// The release takes its turn here.
    pub(super) async fn turn(&mut self, job: &Job<'_>, road: Road, kind: Kind) -> Result<Option<Refusal>, CheckError> {
        if self.gone {
            return Ok(None);
        }
        match self.role {
            Role::Control(..) if kind == Kind::Kept => Ok(None),
            Role::Control(side, Nth::Second) if road.shared => self.start(side, Point::C0).await,
            Role::Control(side, _) => {
                self.stop(job).await?;
                self.start(side, Point::C0).await
            }
            Role::Live => self.migrate(road, Point::C2).await,
            Role::Fresh if road.shared => {
                // That a second one does not come up leaves the first where it is.
                let refusal = self.start(Side::Old, Point::C3).await?;
                self.gone = false;
                Ok(refusal)
            }
            Role::Fresh => Ok(None),
            Role::Early => {
                self.stop(job).await?;
                self.gone = true;
                Ok(None)
            }
            Role::Both => match self.migrate(road, Point::C5).await? {
                None => self.start(Side::New, Point::C5).await,
                refusal => Ok(refusal),
            },
            Role::Beside => self.start(Side::Old, Point::C5).await,
            Role::After => {
                self.stop(job).await?;
                match self.migrate(road, Point::C6).await? {
                    None => self.start(Side::New, Point::C6).await,
                    refusal => Ok(refusal),
                }
            }
            Role::Back => {
                self.stop(job).await?;
                self.start(Side::Old, Point::C7Code).await
            }
            Role::Down => self.back(job).await,
        }
    }

    /// NEW goes, the down-migration takes its stores back, OLD comes.
    async fn back(&mut self, job: &Job<'_>) -> Result<Option<Refusal>, CheckError> {
        self.stop(job).await?;
        self.before_down = Some(self.place.copy().await?);
        if let Err(blocked) = roads::down(&self.place).await? {
            self.gone = true;
            return Ok(Some(Refusal::Migration(Point::C7Down, crate::compare::Way::Down, blocked)));
        }
        self.start(Side::Old, Point::C7Down).await
    }

    /// Before the last passes: who reads is not who wrote.
    pub(super) fn cross(&mut self) {
        let crosses = matches!(self.role, Role::Both | Role::Control(_, Nth::Second));
        if crosses && self.members.len() > 1 {
            self.serving = 0;
        }
    }

    /// After the way back, forward once more.
    pub(super) async fn again(&mut self, job: &Job<'_>, road: Road) -> Result<Option<Refusal>, CheckError> {
        if self.role != Role::Down || self.gone {
            return Ok(None);
        }
        self.stop(job).await?;
        if let Err(blocked) = roads::up(&self.place, road).await? {
            return Ok(Some(Refusal::Migration(Point::C8, crate::compare::Way::Again, blocked)));
        }
        self.start(Side::New, Point::C8).await
    }

    async fn migrate(&mut self, road: Road, point: Point) -> Result<Option<Refusal>, CheckError> {
        let done = roads::up(&self.place, road).await?;
        self.gone = done.is_err();
        Ok(done.err().map(|blocked| Refusal::Migration(point, crate::compare::Way::Up, blocked)))
    }

    async fn start(&mut self, side: Side, point: Point) -> Result<Option<Refusal>, CheckError> {
        match roads::start(&self.place, side, self.role.word()).await? {
            Ok(standing) => {
                self.members.push((side, standing));
                self.serving = self.members.len() - 1;
                Ok(None)
            }
            Err(why) => {
                self.gone = true;
                Ok(Some(Refusal::Start(point, side, why)))
            }
        }
    }

    /// All servers that stand here.
    pub(super) fn servers(&self) -> impl Iterator<Item = (Side, &Server)> {
        self.members.iter().flat_map(|(side, standing)| standing.servers.iter().map(move |server| (*side, server)))
    }

    /// The server of that service whose turn it is.
    pub(super) fn serving(&self, service: &str) -> Option<&Server> {
        let (_, standing) = self.members.get(self.serving)?;
        standing.servers.iter().find(|server| server.service == service)
    }

    /// Ends all who stand here.
    async fn stop(&mut self, job: &Job<'_>) -> Result<(), CheckError> {
        for (_, server) in self.servers() {
            server.endpoints.iter().for_each(|(_, endpoint)| job.protocol.hang_up(endpoint));
        }
        for (_, standing) in self.members.drain(..) {
            standing.take_down().await?;
        }
        Ok(())
    }

    /// Takes all of it down.
    pub(super) async fn down(mut self, job: &Job<'_>) -> Result<(), CheckError> {
        self.stop(job).await?;
        if let Some(before) = self.before_down.take() {
            before.remove().await?;
        }
        Ok(self.place.remove().await?)
    }
}
