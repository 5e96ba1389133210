//! Effects: how many rows each table has gained in each arrangement, and whether OLD and NEW together left as many as either
//! does by itself.

use std::collections::BTreeMap;

use super::stand::Stand;
use crate::checks::seam::CheckError;
use crate::compare::{Hit, What, rules};
use crate::fleet::Standing;
use crate::model::{Direction, Pair, Rule, Side};

/// Rows by state and table.
type Rows = BTreeMap<(String, String), u64>;

/// By how many rows the tables have grown, those left out that have not.
pub(super) type Gained = BTreeMap<(String, String), i64>;

/// How many rows there are everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Effects {
    mixed: Rows,
    same: Pair<Rows>,
    alone: Pair<Rows>,
}

/// A table that OLD and NEW together left otherwise.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) state: String,
    pub(super) table: String,
    pub(super) rule: &'static Rule,
    pub(super) hit: Hit,
    pub(super) control: i64,
    pub(super) mixed: i64,
}

impl Stand {
    /// Counts the rows of all stores.
    pub(super) async fn effects(&self) -> Result<Effects, CheckError> {
        let rows = async |standing: &Standing| match standing.servers.first() {
            Some(server) => standing.rows(server).await,
            None => Ok(Rows::new()),
        };
        Ok(Effects {
            mixed: rows(self.mixed()).await?,
            same: Pair::new(rows(self.same(Side::Old)).await?, rows(self.same(Side::New)).await?),
            alone: Pair::new(rows(self.alone(Side::Old)).await?, rows(self.alone(Side::New)).await?),
        })
    }
}

impl Effects {
    /// What two of that kind have left since `before`.
    pub(super) fn gained(&self, before: &Self, side: Side) -> Gained {
        let (now, then) = (self.same.get(side), before.same.get(side));
        let all = now.keys().map(|key| (key.clone(), gained(now, then, key)));
        all.filter(|(_, rows)| *rows != 0).collect()
    }

    /// What two of a kind on one store left otherwise than one alone, since `before`.
    pub(super) fn troubles(&self, before: &Self) -> Pair<Vec<String>> {
        Pair::new(Side::Old, Side::New).map(|side| {
            let (two, one) = (self.same.get(side), self.alone.get(side));
            let differs = |key: &&(String, String)| {
                gained(two, before.same.get(side), key) != gained(one, before.alone.get(side), key)
            };
            let told = |key: &(String, String)| {
                format!(
                    "state {}: two {side} servers on one store leave {} more rows in {}, one alone {}",
                    key.0,
                    gained(two, before.same.get(side), key),
                    key.1,
                    gained(one, before.alone.get(side), key),
                )
            };
            two.keys().filter(differs).map(told).collect()
        })
    }

    /// What OLD and NEW together left otherwise than both controls did, since `before`.
    pub(super) fn found(&self, before: &Self, direction: Direction) -> Vec<Effect> {
        let found = |key: &(String, String)| {
            let [old, new] = [Side::Old, Side::New].map(|s| gained(self.same.get(s), before.same.get(s), key));
            let mixed = gained(&self.mixed, &before.mixed, key);
            if old != new || !self.same.new.contains_key(key) {
                return None;
            }
            let (rule, hit) = rules::beyond_replies(What::Effects { control: old, mixed }, direction)?;
            let (state, table) = key.clone();
            Some(Effect { state, table, rule, hit, control: old, mixed })
        };
        self.same.old.keys().filter_map(found).collect()
    }
}

/// By how many rows a table has grown.
fn gained(now: &Rows, before: &Rows, key: &(String, String)) -> i64 {
    let count = |rows: &Rows| rows.get(key).map_or(0, |rows| i64::try_from(*rows).unwrap_or(i64::MAX));
    count(now) - count(before)
}
