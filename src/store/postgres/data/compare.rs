//! Two databases compared: table by table by their sums; where these differ, by the sums of shares of the rows; and of the
//! shares that differ row by row, in the order of their keys.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::super::data::{
    self, Change, Comparison, Gone, LONGEST, Retyped, RowDifference, TableComparison, ValueDifference,
};
use super::super::session::Session;
use super::catalog::{BEGIN, Column, Table, hash, sequences, tables};
use super::digest::sum;
use super::rows::{Row, Rows};

/// So many rows a share, about; and so many shares, at most.
const SHARE: u64 = 32;
const SHARES: u64 = 16 * 1024;

/// How the data of `after` differ from those of `before`.
pub(in super::super) async fn compare(before: &Session, after: &Session, shown: usize) -> Result<Comparison, String> {
    before.run(BEGIN).await?;
    after.run(BEGIN).await?;
    let is_new = before.version().await? >= 14;
    let (left, mut right) = (tables(before).await?, tables(after).await?);
    let mut comparison = Comparison::default();
    for (name, table) in left {
        let Some(other) = right.remove(&name) else {
            let (held, _) = sum(before, &table.from, "0::bigint").await?;
            comparison.tables_gone.push(Gone { name, held });
            continue;
        };
        let pair = Pairing::of(name, table, other, is_new);
        comparison.tables.push(pair.compare(before, after, shown).await?);
    }
    comparison.tables_new = right.into_keys().collect();
    comparison.sequences = data::sequences(&sequences(before).await?, &sequences(after).await?);
    before.run("COMMIT").await?;
    after.run("COMMIT").await?;
    Ok(comparison)
}

/// A table of both, in the columns that both have.
struct Pairing {
    name: String,
    left: Table,
    right: Table,
    /// Columns of both, each as it is in either.
    common: Vec<(Column, Column)>,
    is_new: bool,
}

/// What one side is asked.
struct Question<'a> {
    session: &'a Session,
    from: &'a str,
    hash: String,
    /// By what its rows are shared out: the same text or hash on both sides.
    share: String,
    key: String,
    values: String,
}

impl Pairing {
    fn of(name: String, left: Table, right: Table, is_new: bool) -> Self {
        let other = |column: &Column| right.columns.iter().find(|other| other.name == column.name).cloned();
        let common = left.columns.iter().filter_map(|column| Some((column.clone(), other(column)?))).collect();
        Self { name, left, right, common, is_new }
    }

    async fn compare(&self, before: &Session, after: &Session, shown: usize) -> Result<TableComparison, String> {
        let has = |table: &Table, column: &Column| table.columns.iter().any(|other| other.name == column.name);
        let names = |table: &Table| table.key().iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        let mut result = TableComparison { name: self.name.clone(), ..TableComparison::default() };
        result.columns_new =
            self.right.columns.iter().filter(|it| !has(&self.left, it)).map(|it| it.name.clone()).collect();
        for column in self.left.columns.iter().filter(|column| !has(&self.right, column)) {
            let rows = before.rows(&format!("SELECT {} FROM {}", column.count(), self.left.from), &[]).await?;
            let held = rows.first().map_or(0, |row| u64::try_from(row.get::<_, i64>(0)).unwrap_or_default());
            result.columns_gone.push(Gone { name: column.name.clone(), held });
        }
        let retyped = self.common.iter().filter(|(left, right)| left.declared != right.declared);
        result.columns_retyped = retyped
            .map(|(left, right)| Retyped {
                column: left.name.clone(),
                before: left.declared.clone(),
                after: right.declared.clone(),
            })
            .collect();
        if names(&self.left) == names(&self.right) {
            result.key = names(&self.left);
        } else if !self.left.key().is_empty() {
            result.shared_keys = self.shared_keys(after).await?;
        }
        let left = self.question(before, &self.left.from, &result.key, |pair| (&pair.0, &pair.1));
        let right = self.question(after, &self.right.from, &result.key, |pair| (&pair.1, &pair.0));
        let (sum_left, sum_right) =
            tokio::try_join!(sum(before, left.from, &left.hash), sum(after, right.from, &right.hash))?;
        (result.rows_before, result.rows_after) = (sum_left.0, sum_right.0);
        if sum_left != sum_right {
            self.read(&left, &right, shown, &mut result).await?;
        }
        Ok(result)
    }

    /// How many keys of the left one name several rows of the right one; none where that lacks one of their columns.
    async fn shared_keys(&self, after: &Session) -> Result<u64, String> {
        let key = self.left.key();
        let of_right = |name: &str| self.right.columns.iter().find(|column| column.name == name);
        let Some(columns) = key.iter().map(|column| of_right(&column.name)).collect::<Option<Vec<_>>>() else {
            return Ok(0);
        };
        let texts: Vec<String> = columns.into_iter().map(Column::text).collect();
        let groups = format!("SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1", self.right.from, texts.join(", "));
        let rows = after.rows(&format!("SELECT count(*) FROM ({groups}) x"), &[]).await?;
        Ok(rows.first().map_or(0, |row| u64::try_from(row.get::<_, i64>(0)).unwrap_or_default()))
    }

    fn question<'a>(
        &self,
        session: &'a Session,
        from: &'a str,
        key: &[String],
        side: impl Fn(&(Column, Column)) -> (&Column, &Column),
    ) -> Question<'a> {
        let of = |form: fn(&Column, &Column) -> String, wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
            let pairs = self.common.iter().map(&side).filter(|(column, _)| wanted(&column.name));
            pairs.map(|(column, other)| form(column, other)).collect()
        };
        let hashed = of(Column::hashed_as, &|_| true);
        let texts = of(Column::text_as, &|_| true);
        let hash = hash(&hashed, self.is_new);
        let shown: Vec<String> = texts.iter().map(|text| shortened(text)).collect();
        let values = format!("ARRAY[{}]::text[]", shown.join(", "));
        if key.is_empty() {
            let whole = format!("md5(ROW({})::text)", texts.join(", "));
            return Question { session, from, share: hash.clone(), hash, key: whole, values };
        }
        let key =
            format!("ROW({})::text", of(Column::text_as, &|name| key.iter().any(|known| known == name)).join(", "));
        Question { session, from, hash, share: format!("hashtextextended({key} COLLATE \"C\", 0)"), key, values }
    }

    async fn read(
        &self,
        left: &Question<'_>,
        right: &Question<'_>,
        shown: usize,
        result: &mut TableComparison,
    ) -> Result<(), String> {
        let rows = result.rows_before.max(result.rows_after);
        let shares = (rows / SHARE).next_power_of_two().clamp(1, SHARES);
        let (of_left, of_right) = tokio::try_join!(left.shares(shares), right.shares(shares))?;
        let differing: Vec<i32> = (0..i32::try_from(shares).unwrap_or(i32::MAX))
            .filter(|share| of_left.get(share) != of_right.get(share))
            .collect();
        let (mut left_rows, mut right_rows) = tokio::try_join!(
            left.differing(&differing, shares, result.key.is_empty()),
            right.differing(&differing, shares, result.key.is_empty())
        )?;
        loop {
            let (peeked_left, peeked_right) = tokio::try_join!(left_rows.peek(), right_rows.peek())?;
            let order = match (peeked_left, peeked_right) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => left.key.cmp(&right.key),
            };
            let before = if order == Ordering::Greater { None } else { left_rows.take() };
            let after = if order == Ordering::Less { None } else { right_rows.take() };
            self.told(before.as_ref(), after.as_ref(), shown, result);
        }
        left_rows.close().await?;
        right_rows.close().await
    }

    /// Counts what became of a row, and shows it while there is room.
    fn told(&self, before: Option<&Row>, after: Option<&Row>, shown: usize, result: &mut TableComparison) {
        let count = |row: Option<&Row>| row.map_or(0, |row| row.count);
        let (had, has) = (count(before), count(after));
        let mut values = Vec::new();
        let change = if result.key.is_empty() {
            let change = match had.cmp(&has) {
                Ordering::Equal => return,
                Ordering::Greater => Change::Lost,
                Ordering::Less => Change::Added,
            };
            *if change == Change::Lost { &mut result.lost } else { &mut result.added } += had.abs_diff(has);
            change
        } else if had > 0 && has > 0 {
            values = self.differing_values(before, after);
            if values.is_empty() {
                return;
            }
            for value in &values {
                *result.changed_by_column.entry(value.column.clone()).or_default() += 1;
            }
            result.changed += 1;
            Change::Changed
        } else if had > 0 {
            result.lost += 1;
            Change::Lost
        } else {
            result.added += 1;
            Change::Added
        };
        if !result.has_room(change, shown) {
            return;
        }
        if result.key.is_empty() {
            let side =
                |row: Option<&Row>, at: usize, column: &str| Some(data::value(column, row?.values.get(at)?.as_deref()));
            let (before, after) = if change == Change::Lost { (before, None) } else { (None, after) };
            let value = |(at, (column, _)): (usize, &(Column, Column))| ValueDifference {
                column: column.name.clone(),
                before: side(before, at, &column.name),
                after: side(after, at, &column.name),
            };
            values = self.common.iter().enumerate().map(value).collect();
        }
        let key = before.or(after).map(|row| self.key_of(row, &result.key)).unwrap_or_default();
        result.show(shown, RowDifference { change, key, values });
    }

    fn differing_values(&self, before: Option<&Row>, after: Option<&Row>) -> Vec<ValueDifference> {
        let (Some(before), Some(after)) = (before, after) else { return Vec::new() };
        let both = self.common.iter().zip(before.values.iter().zip(&after.values));
        let differing = both.filter(|(_, (before, after))| before != after);
        differing
            .map(|((column, _), (before, after))| ValueDifference {
                column: column.name.clone(),
                before: Some(data::value(&column.name, before.as_deref())),
                after: Some(data::value(&column.name, after.as_deref())),
            })
            .collect()
    }

    fn key_of(&self, row: &Row, key: &[String]) -> Vec<(String, String)> {
        let value = |name: &String| {
            let at = self.common.iter().position(|(column, _)| column.name == *name)?;
            Some((name.clone(), data::value(name, row.values.get(at)?.as_deref())))
        };
        key.iter().filter_map(value).collect()
    }
}

impl Question<'_> {
    /// The count and the sum of each share.
    async fn shares(&self, shares: u64) -> Result<BTreeMap<i32, (i64, String)>, String> {
        let sql = format!(
            "SELECT ({} & {})::int, count(*), sum({})::text FROM {} GROUP BY 1",
            self.share,
            shares - 1,
            self.hash,
            self.from
        );
        let rows = self.session.rows(&sql, &[]).await?;
        Ok(rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect())
    }

    /// The rows of these shares; equal ones once, where they are known by no key.
    async fn differing(&self, of: &[i32], shares: u64, grouped: bool) -> Result<Rows<'_>, String> {
        let list: Vec<String> = of.iter().map(i32::to_string).collect();
        let chosen = format!("({} & {})::int = ANY ('{{{}}}'::int[])", self.share, shares - 1, list.join(","));
        // Where most shares differ nothing is saved by choosing.
        let chosen = if of.len() as u64 * 2 > shares { "true".to_owned() } else { chosen };
        let (count, values, group) = if grouped {
            ("count(*)", format!("min({})", self.values), " GROUP BY 1")
        } else {
            ("1::bigint", self.values.clone(), "")
        };
        let Self { key, from, .. } = self;
        let sql = format!(
            "SELECT ({key}) COLLATE \"C\" AS k, {count}, {values} FROM {from} WHERE {chosen}{group} ORDER BY 1"
        );
        Rows::of(self.session, &sql).await
    }
}

/// A text short enough to be sent, in whose place no other has the same.
fn shortened(text: &str) -> String {
    let most = 4 * LONGEST;
    format!(
        "CASE WHEN octet_length({text}) > {most} THEN left({text}, {LONGEST}) || '… (' || octet_length({text}) || ' bytes, md5 ' || md5({text}) || ')' ELSE {text} END"
    )
}
