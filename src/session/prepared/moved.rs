//! INSERT and REPLACE … SELECT whose rows go through the proxy, prepared: servers execute the SELECT with
//! its parameters, and its rows are stored by a text.

use std::sync::Arc;

use super::bindings::Bindings;
use super::bound::Bound;
use super::execute::unsupported;
use super::statements::Prepared;
use super::template::{ShardText, Template};
use crate::error::MysqlError;
use crate::parse::{Digest, LiteralKind};
use crate::plan::{Action, Move, Plan};
use crate::session::dynamic::with_bound_behind;
use crate::session::failure::Failure;
use crate::session::local::More;
use crate::session::request::Request;
use crate::session::scatter::a_node;
use crate::session::shard_query::ShardQuery;
use crate::session::shared::Snapshot;
use crate::session::state::Session;
use crate::session::statement::Statement;

/// What such a statement is, for people.
const MOVED: &str = "an INSERT … SELECT that moves rows";

impl Session {
    /// Reads the rows with the SELECT's parameters, and stores them.
    pub(super) async fn execute_moved(
        &mut self,
        (snapshot, plan, moved): (&Arc<Snapshot>, &Plan, &Move),
        statement: &Statement<'_>,
        (prepared, template, bound): (&Prepared, &Template, &Bound<'_>),
    ) -> Result<(), Failure> {
        self.check_settings(MOVED, template)?;
        if prepared.params == 0 {
            let plans = (&**snapshot, plan);
            return self
                .run_moved(moved, plans, (statement, None))
                .await
                .map(drop);
        }
        let bindings = Bindings::new((prepared, template), bound, self.shared.seed);
        let tail = statement.tokens().get(moved.tail.start);
        let tail = tail.map_or(template.sql.len(), |token| token.start as usize);
        let given = bindings.of_query(&(0..tail))?;
        let filled = with_bound_behind(tail, template, (&bound.values, &prepared.types));
        let sql = filled.ok_or_else(|| {
            let what = format!("parameters in an expression behind ON DUPLICATE KEY UPDATE, and times there, in {MOVED}");
            Failure::Error(unsupported(&what))
        })?;
        let mut digest = Digest::default();
        self.scan_alone(&sql, &mut digest)?;
        let statement = Statement {
            sql: &sql,
            digest: &digest,
            ..*statement
        };
        let plan = self.plan_in(snapshot, &statement);
        let Action::Move(moved) = &plan.action else {
            return Err(Failure::Error(MysqlError::stale()));
        };
        let asked = (&statement, Some(&given));
        self.run_moved(moved, (snapshot, &plan), asked)
            .await
            .map(drop)
    }

    /// Has a server read the statement; says whether one has all of its tables.
    ///
    /// # Errors
    /// What the server has against it.
    pub(in crate::session) async fn check_moved(
        &mut self,
        planned: (&Snapshot, &Plan),
        moved: &Move,
        statement: &Statement<'_>,
    ) -> Result<bool, Failure> {
        let place = moved.meeting.and_then(|table| a_node(table, planned.0));
        self.object(planned, place, statement).await
    }

    /// Keeps a statement that no server can read as it is. The client is told of its parameters by a
    /// server that prepares as many; what is wrong with it, it hears when it executes it.
    pub(super) async fn prepare_unread(
        &mut self,
        number: u32,
        kept: &Arc<Template>,
        (snapshot, plan): (&Snapshot, &Plan),
        statement: &Statement<'_>,
    ) -> Result<(), Failure> {
        let target = self.set_target(plan, snapshot, statement)?;
        let literals = statement.digest.literals.iter();
        let placeholders = literals.filter(|literal| literal.kind == LiteralKind::Placeholder);
        let values: Vec<&str> = std::iter::once("0")
            .chain(placeholders.map(|_| "?"))
            .collect();
        let sql = format!("DO {}", values.join(", "));
        let text = ShardText::new(sql.as_bytes(), None, &kept.settings, self.shared.seed);
        let query = ShardQuery {
            request: Request::Prepare {
                text: &text,
                number,
                hidden: &[],
            },
            qualified: true,
            ..ShardQuery::OWN
        };
        let summary = self.run(&target, &query, More(false)).await?;
        self.keep_prepared(number, kept, &summary);
        Ok(())
    }
}
