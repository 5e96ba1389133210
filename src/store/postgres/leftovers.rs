//! Databases that a run left on a server that is given, since it was killed: the next run drops them.
//!
//! A database is one of them if all of this says so: its name, its owner, who is us, and the note that straddle puts on each;
//! and if neither the run that made it nor anybody else is connected to anything of that run.

use super::session::Session;

/// What the note on a database of that run says.
pub(super) fn note(prefix: &str) -> String {
    format!("made by straddle for one run, {prefix}; dropped at its end")
}

/// Drops them over this connection, and gives it back.
pub(super) async fn drop_all(session: Session) -> Result<Session, String> {
    for name in all(&session).await? {
        session.drop_database(&name).await?;
    }
    Ok(session)
}

async fn all(session: &Session) -> Result<Vec<String>, String> {
    let rows = session
        .rows(
            "WITH ours AS (
               SELECT d.datname::text AS name, left(d.datname::text, 21) AS run
               FROM pg_database d JOIN pg_shdescription n ON n.objoid = d.oid AND n.classoid = 'pg_database'::regclass
               WHERE d.datname::text ~ '^straddle_[0-9a-f]{12}_[0-9]{6}$'
                 AND d.datdba = (SELECT oid FROM pg_roles WHERE rolname = current_user)
                 AND n.description = 'made by straddle for one run, ' || left(d.datname::text, 21) || '; dropped at its end')
             SELECT name FROM ours
             WHERE NOT EXISTS (
               SELECT FROM pg_stat_activity a
               WHERE a.application_name = 'straddle ' || ours.run OR left(a.datname::text, 21) = ours.run)
             ORDER BY name",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::note;

    #[test]
    fn the_note_is_the_one_that_is_looked_for() {
        let source = include_str!("leftovers.rs");
        let (before, after) = ("'made by straddle for one run, '", "'; dropped at its end'");
        assert!(source.contains(&format!("n.description = {before} || left(d.datname::text, 21) || {after}")));
        assert_eq!(note("P"), "made by straddle for one run, P; dropped at its end");
    }
}
