//! The tables of FROM, and the joins between them.

use std::ops::Range;

use sqlparser::ast::{
    JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, TableFactor, TableWithJoins,
};

use super::super::tokens::TokenKind;
use super::condition::Condition;
use super::extract::{Extract, Extracted, parts};
use super::neutral::token_number;
use super::{AstUnavailable, BlockRole, Join, TableRef, TableRole, TableSource};

/// Whether there is a RIGHT JOIN in a group of tables.
fn joins_right(factor: &TableFactor) -> bool {
    let TableFactor::NestedJoin {
        table_with_joins, ..
    } = factor
    else {
        return false;
    };
    let right = |join: &sqlparser::ast::Join| {
        let operator = &join.join_operator;
        matches!(
            operator,
            JoinOperator::Right(_) | JoinOperator::RightOuter(_)
        ) || joins_right(&join.relation)
    };
    joins_right(&table_with_joins.relation) || table_with_joins.joins.iter().any(right)
}

impl Extract<'_> {
    pub(super) fn from(
        &mut self,
        from: &[TableWithJoins],
        role: TableRole,
        block: usize,
    ) -> Extracted<()> {
        for tables in from {
            self.joined(tables, role, block)?;
        }
        Ok(())
    }

    fn tables(&self, block: usize) -> usize {
        self.blocks.get(block).map_or(0, |block| block.tables.len())
    }

    fn joined(&mut self, tables: &TableWithJoins, role: TableRole, block: usize) -> Extracted<()> {
        let left = self.tables(block);
        self.factor(&tables.relation, role, block)?;
        for join in &tables.joins {
            let right = self.tables(block);
            self.factor(&join.relation, role, block)?;
            let end = self.tables(block);
            let (constraint, nullable) = match &join.join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::CrossJoin(constraint)
                | JoinOperator::StraightJoin(constraint) => (constraint, 0..0),
                JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                    (constraint, right..end)
                }
                JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
                    (constraint, left..right)
                }
                _ => return Err(AstUnavailable::Incomplete),
            };
            let outer = !nullable.is_empty();
            // `a JOIN b RIGHT JOIN c ON …`: MySQL joins a and b first, sqlparser b and c.
            let unbound = matches!(constraint, JoinConstraint::None) && joins_right(&join.relation);
            let nullable = if unbound { left..right } else { nullable };
            self.with_block(block, |block| {
                for table in block.tables.get_mut(nullable).unwrap_or_default() {
                    table.nullable = true;
                }
            });
            self.constraint(constraint, outer, right..end, block)?;
        }
        Ok(())
    }

    fn constraint(
        &mut self,
        constraint: &JoinConstraint,
        outer: bool,
        right: Range<usize>,
        block: usize,
    ) -> Extracted<()> {
        let mut join = Join {
            condition: Condition::all(),
            conjuncts: Vec::new(),
            using: Vec::new(),
            natural: false,
            outer,
            right,
        };
        match constraint {
            JoinConstraint::On(expr) => {
                join.condition = self.trusted(expr);
                join.conjuncts = self.conjuncts_of_on(expr, &join.condition);
                self.subqueries(expr, block)?;
            }
            JoinConstraint::Using(columns) => {
                join.condition = Condition::Opaque;
                join.using = columns
                    .iter()
                    .filter_map(|column| parts(column)?.pop().map(|ident| ident.value))
                    .collect();
            }
            JoinConstraint::Natural => {
                join.condition = Condition::Opaque;
                join.natural = true;
            }
            JoinConstraint::None if !outer => return Ok(()),
            JoinConstraint::None => join.condition = Condition::Opaque,
        }
        self.with_block(block, |block| block.joins.push(join));
        Ok(())
    }

    fn factor(&mut self, factor: &TableFactor, role: TableRole, block: usize) -> Extracted<()> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                partitions,
                ..
            } => {
                if self.is_dual(name) {
                    return Ok(());
                }
                let alias = alias.as_ref().map(|alias| alias.name.value.clone());
                self.table(name, alias, role, block)?;
                let partitioned = !partitions.is_empty();
                self.with_block(block, |block| {
                    if let Some(table) = block.tables.last_mut() {
                        table.partitions = partitioned;
                    }
                });
                Ok(())
            }
            TableFactor::Derived {
                subquery,
                alias,
                lateral,
                ..
            } => {
                let inner = self.query(subquery, BlockRole::Derived, Some(block))?;
                let listed = alias
                    .as_ref()
                    .is_some_and(|alias| !alias.columns.is_empty());
                let alias = alias.as_ref().map(|alias| alias.name.value.clone());
                self.push_table(TableSource::Derived(inner), alias, TableRole::Read, block);
                self.with_block(block, |block| {
                    if let Some(table) = block.tables.last_mut() {
                        table.renamed = listed || *lateral;
                    }
                });
                Ok(())
            }
            TableFactor::NestedJoin {
                table_with_joins,
                alias: None,
            } => self.joined(table_with_joins, role, block),
            other => {
                self.subqueries(other, block)?;
                self.push_table(TableSource::Other, None, TableRole::Read, block);
                Ok(())
            }
        }
    }

    /// `FROM DUAL` names no table; quoted, `dual` is a name like any other.
    fn is_dual(&self, name: &ObjectName) -> bool {
        let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else {
            return false;
        };
        token_number(name.span).is_some_and(|at| {
            self.tokens.kind(at) == Some(TokenKind::Reserved) && self.tokens.is_word(at, "DUAL")
        })
    }

    fn push_table(
        &mut self,
        source: TableSource,
        alias: Option<String>,
        role: TableRole,
        block: usize,
    ) {
        self.with_block(block, |block| {
            block.tables.push(TableRef {
                source,
                alias,
                role,
                nullable: false,
                partitions: false,
                renamed: false,
            });
        });
    }

    /// A table by its name of one or two parts.
    pub(super) fn table(
        &mut self,
        name: &ObjectName,
        alias: Option<String>,
        role: TableRole,
        block: usize,
    ) -> Extracted<()> {
        let mut parts = parts(name).ok_or(AstUnavailable::Incomplete)?;
        let table = parts.pop().ok_or(AstUnavailable::Incomplete)?;
        let schema = parts.pop();
        if !parts.is_empty() {
            return Err(AstUnavailable::Incomplete);
        }
        let name_token = token_number(table.span)
            .filter(|&at| {
                // sqlparser also takes reserved words for names.
                matches!(
                    self.tokens.kind(at),
                    Some(TokenKind::Word | TokenKind::Quoted)
                )
            })
            .ok_or(AstUnavailable::Incomplete)?;
        let mut visible = self.ctes.iter().rev().filter(|_| schema.is_none());
        let folded = table.value.to_lowercase();
        let source = match visible.find(|cte| cte.name.to_lowercase() == folded) {
            // Where names are compared with case, it is a table of the schema.
            Some(cte) if cte.name != table.value => {
                let reason = "WITH a name in another case".to_owned();
                return Err(AstUnavailable::Unknown(reason));
            }
            Some(cte) => TableSource::Cte {
                name: table.value,
                block: cte.block,
                name_token,
                definition: cte.definition,
            },
            None => TableSource::Named {
                schema_token: schema.as_ref().and_then(|schema| token_number(schema.span)),
                schema: schema.map(|schema| schema.value),
                name: table.value,
                name_token,
            },
        };
        self.push_table(source, alias, role, block);
        Ok(())
    }
}
