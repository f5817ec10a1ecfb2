//! Whether a table is defined alike on all nodes.

use super::super::super::failure::Failure;
use super::super::super::state::Session;
use super::fan_out::Asking;
use super::{Node, Work};
use crate::execute::scatter::{Said, Unsaid};
use crate::plan::everywhere::Deed;
use crate::wire::Reader;

/// A table that is not defined alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disagreement {
    /// The table, as the client calls it.
    pub table: String,
    /// The shards that have what the first one has.
    pub like_first: Vec<String>,
    /// The others.
    pub different: Vec<String>,
}

/// What SHOW CREATE TABLE says of a table on one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Its definition, without what may differ between nodes.
    Definition(Vec<u8>),
    /// It is not there.
    Missing,
}

/// ER_NO_SUCH_TABLE
const NO_SUCH_TABLE: u16 = 1146;

impl Session {
    /// The first table of the statement that its nodes do not have alike, as it should be now.
    pub(super) async fn disagreement(
        &mut self,
        work: &Work<'_>,
    ) -> Result<Option<Disagreement>, Failure> {
        for (at, name) in work.all.names.iter().enumerate() {
            let shown = self.shown(work, at).await?;
            let missing = work.all.deed == Deed::Rename && is_gone(work, at);
            let wanted = match missing {
                true => Some(&Shown::Missing),
                false => shown.first().filter(|shown| **shown != Shown::Missing),
            };
            if wanted.is_some_and(|wanted| shown.iter().all(|shown| shown == wanted)) {
                continue;
            }
            let (mut like_first, mut different) = (Vec::new(), Vec::new());
            for (node, found) in work.nodes.iter().zip(&shown) {
                let like = Some(found) == shown.first();
                let list = if like {
                    &mut like_first
                } else {
                    &mut different
                };
                list.push(node.name.clone());
            }
            let table = name.table.clone().unwrap_or_default();
            return Ok(Some(Disagreement {
                table,
                like_first,
                different,
            }));
        }
        Ok(None)
    }

    /// How each node defines the statement's table at this position.
    pub(super) async fn shown(
        &mut self,
        work: &Work<'_>,
        name: usize,
    ) -> Result<Vec<Shown>, Failure> {
        let texts = work.nodes.iter().enumerate().map(|(at, node)| {
            let own = node.own_name(name).unwrap_or_default();
            (at, format!("SHOW CREATE TABLE {own}").into_bytes())
        });
        let said = self.fan_out(work, texts.collect(), Asking::Proxy).await?;
        let mut shown = Vec::with_capacity(said.len());
        for (said, node) in said.into_iter().zip(&work.nodes) {
            shown.push(read(said, node, name)?);
        }
        Ok(shown)
    }
}

impl Node<'_> {
    /// The quoted name of the statement's table at this position, with its database.
    pub(super) fn own_name(&self, name: usize) -> Option<&str> {
        let mut names = self.part.names.iter();
        names
            .find(|(at, _)| *at == name)
            .map(|(_, own)| own.as_str())
    }
}

/// RENAME: whether nothing has this name afterwards.
fn is_gone(work: &Work<'_>, name: usize) -> bool {
    let text = |at: usize| work.all.names.get(at).and_then(|name| name.table.as_ref());
    let wanted = text(name);
    // From, to, from, to: the last place of a name says what becomes of it.
    let last = (0..work.all.names.len())
        .rev()
        .find(|at| text(*at) == wanted);
    last.is_some_and(|last| last % 2 == 0)
}

fn read(said: Result<Said, Unsaid>, node: &Node<'_>, name: usize) -> Result<Shown, Failure> {
    match said {
        Ok(said) => {
            let row = said.rows.first().map(|row| &row[..]).unwrap_or_default();
            let mut row = Reader::new(row);
            let text = row.nullable_bytes().and_then(|_| row.nullable_bytes());
            let text = text.ok().flatten().unwrap_or_default();
            let own = node.own_name(name).unwrap_or_default();
            Ok(Shown::Definition(comparable(text, own)))
        }
        Err(unsaid) if unsaid.error.code == NO_SUCH_TABLE => Ok(Shown::Missing),
        Err(mut unsaid) => {
            if let Some(names) = node.target.names {
                names.fix_error(&mut unsaid.error);
            }
            let told = format!(" (on {})", node.name);
            unsaid.error.message.extend_from_slice(told.as_bytes());
            Err(Failure::Error(unsaid.error))
        }
    }
}

/// A definition without the table's own name, and without the next AUTO_INCREMENT.
pub(super) fn comparable(text: &[u8], own: &str) -> Vec<u8> {
    let table = own.rsplit_once("`.").map_or(own, |(_, table)| table);
    let table = table.trim_matches('`').as_bytes();
    let start = text.iter().position(|byte| *byte == b'(').unwrap_or(0);
    let text = text.get(start..).unwrap_or_default();
    // Names of constraints that the server has made begin with the table's name.
    let made = |rest: &[u8]| {
        let rest = rest.strip_prefix(table)?;
        let is_made = rest.starts_with(b"_chk_") || rest.starts_with(b"_ibfk_");
        is_made.then_some(table.len())
    };
    const COUNTER: &[u8] = b" AUTO_INCREMENT=";
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.first() {
        if let Some(behind) = rest.strip_prefix(COUNTER) {
            let digits = behind
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            rest = behind.get(digits..).unwrap_or_default();
            continue;
        }
        out.push(*byte);
        rest = rest.get(1..).unwrap_or_default();
        if *byte == b'`'
            && let Some(skipped) = made(rest)
        {
            rest = rest.get(skipped..).unwrap_or_default();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_differ_between_nodes_is_left_out() {
        let definition = |table: &str, counter: &str| {
            format!(
                "CREATE TABLE `{table}` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  CONSTRAINT \
                 `{table}_chk_1` CHECK ((`id` > 0))\n) ENGINE=InnoDB{counter} DEFAULT CHARSET=utf8mb4"
            )
        };
        let one = definition("orders_0", " AUTO_INCREMENT=17");
        let other = definition("orders_1", "");
        let of = |text: &str, own: &str| comparable(text.as_bytes(), own);
        let (one, other) = (
            of(&one, "`shop_0`.`orders_0`"),
            of(&other, "`shop_1`.`orders_1`"),
        );
        assert_eq!(
            String::from_utf8_lossy(&one),
            String::from_utf8_lossy(&other)
        );
        let third = definition("orders_1", " COMMENT='x'");
        assert_ne!(other, of(&third, "`shop_1`.`orders_1`"));
    }
}
