//! What must be known before anything changes: whether all nodes can be reached, and which of them have
//! done their part already.

use super::super::super::failure::Failure;
use super::super::super::state::Session;
use super::Work;
use super::agree::Shown;
use super::fan_out::Asking;
use crate::error::{ErrorKind, MysqlError};
use crate::plan::everywhere::{Deed, Numbered};
use crate::plan::{PlanError, Unsupported};
use crate::route::quoted;

impl Session {
    /// The positions of the nodes that the statement must run on.
    ///
    /// # Errors
    /// A node cannot be reached, or the nodes differ in a way that the statement does not explain.
    /// Nothing has changed then.
    pub(super) async fn look_before(&mut self, work: &Work<'_>) -> Result<Vec<usize>, Failure> {
        self.reach_all(work).await?;
        let all: Vec<usize> = (0..work.nodes.len()).collect();
        if work.all.deed != Deed::Alter || all.len() == 1 {
            return Ok(all);
        }
        if let Some(numbers) = &work.all.numbers {
            self.check_numbers(work, numbers).await?;
        }
        let shown = self.shown(work, 0).await?;
        let Some(first) = shown.first() else {
            return Ok(all);
        };
        if shown.iter().all(|shown| shown == first) {
            return Ok(all);
        }
        let missing = names(work, &shown, |shown| *shown == Shown::Missing);
        if !missing.is_empty() {
            let message = format!(
                "Table '{}' doesn't exist (on {}; nothing was changed; create it there first, by its CREATE \
                 TABLE IF NOT EXISTS)",
                table(work),
                missing.join(", ")
            );
            return Err(MysqlError::new(ErrorKind::NoSuchTable, message).into());
        }
        match self.untouched(work, &shown).await? {
            Some(todo) => Ok(todo),
            None => {
                let like = names(work, &shown, |shown| shown == first);
                let unlike = names(work, &shown, |shown| shown != first);
                let message = format!(
                    "Table '{}' is not the same on {} as on {}, and not because of this statement; nothing \
                     was changed. Make them alike, on one shard by /*+ SHARDWELL(shard=NAME) */",
                    table(work),
                    unlike.join(", "),
                    like.join(", ")
                );
                Err(MysqlError::new(ErrorKind::NotSupportedYet, message).into())
            }
        }
    }

    /// Refuses to number rows that other nodes would give the same numbers.
    async fn check_numbers(&mut self, work: &Work<'_>, rows: &Numbered) -> Result<(), Failure> {
        let texts = work.nodes.iter().enumerate().map(|(at, node)| {
            let own = node.own_name(0).unwrap_or_default();
            let unset = match rows {
                Numbered::Unset(column) => {
                    let column = quoted(column);
                    format!(" WHERE {column} = 0 OR {column} IS NULL")
                }
                Numbered::All | Numbered::Copies => String::new(),
            };
            (
                at,
                format!("SELECT 1 FROM {own}{unset} LIMIT 1").into_bytes(),
            )
        });
        let said = self.fan_out(work, texts.collect(), Asking::Proxy).await?;
        // Without the table or the column, the statement itself will say what is wrong.
        let filled = said.iter().flatten().filter(|said| !said.rows.is_empty());
        let alone = usize::from(*rows == Numbered::All);
        if filled.count() <= alone {
            return Ok(());
        }
        let rows = match rows {
            Numbered::All => "has rows on several shards: each would number its own from 1",
            Numbered::Copies => "has rows and no primary key: copies might number them otherwise",
            Numbered::Unset(_) => "has rows with 0 or NULL there: each shard would number its own",
        };
        let what = format!(
            "AUTO_INCREMENT for a column of '{}', which {rows}",
            table(work)
        );
        let error = PlanError::from(Unsupported::Statement(what));
        Err(Failure::from(&error))
    }

    /// Whether every node answers. A connection that was idle may have died meanwhile: then another
    /// one is asked.
    async fn reach_all(&mut self, work: &Work<'_>) -> Result<(), Failure> {
        let mut again = true;
        loop {
            let texts = (0..work.nodes.len()).map(|at| (at, b"DO 0".to_vec()));
            let said = self.fan_out(work, texts.collect(), Asking::Proxy).await?;
            let failed = said.into_iter().zip(&work.nodes);
            let failed = failed
                .filter_map(|(said, node)| Some((said.err()?, node)))
                .next();
            let Some((mut unsaid, node)) = failed else {
                return Ok(());
            };
            if std::mem::take(&mut again) && unsaid.lost {
                continue;
            }
            if let Some(names) = node.target.names {
                names.fix_error(&mut unsaid.error);
            }
            let told = format!(" (on {}; nothing was changed)", node.name);
            unsaid.error.message.extend_from_slice(told.as_bytes());
            return Err(Failure::Error(unsaid.error));
        }
    }
}

fn names<'w>(work: &'w Work<'_>, shown: &[Shown], wanted: impl Fn(&Shown) -> bool) -> Vec<&'w str> {
    let nodes = work.nodes.iter().zip(shown);
    let wanted = nodes.filter(|(_, shown)| wanted(shown));
    wanted.map(|(node, _)| node.name.as_str()).collect()
}

/// `schema.table` of the statement's first table.
fn table(work: &Work<'_>) -> String {
    let name = work.all.names.first();
    let schema = name.and_then(|name| work.snapshot.topology.schema_by_id(name.schema));
    let table = name.and_then(|name| name.table.as_deref());
    let schema = schema.map_or("", |schema| schema.name.as_str());
    format!("{schema}.{}", table.unwrap_or_default())
}
