//! What a SELECT gives: which of its columns are plain columns of its tables.
//!
//! As with conditions, sqlparser's word is not enough: the tokens around a column must say too
//! that nothing is done with it.

use sqlparser::ast::{
    Expr, GroupByExpr, Ident, SelectItem, SelectItemQualifiedWildcardKind,
    WildcardAdditionalOptions,
};

use super::super::tokens::TokenKind;
use super::condition::ColumnRef;
use super::expression::Expressions;
use super::extract::parts;

/// One item of a SELECT list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A column, under its own name or an alias.
    Column {
        /// The result column's name.
        name: String,
        /// What it is.
        column: ColumnRef,
    },
    /// `*`
    Star,
    /// `table.*`, by the table's name or alias.
    TableStar(String),
    /// Anything else: one result column.
    Other,
}

impl Expressions<'_> {
    /// The items of a SELECT list.
    pub(super) fn outputs(&self, items: &[SelectItem]) -> Vec<Output> {
        items.iter().map(|item| self.output(item)).collect()
    }

    fn output(&self, item: &SelectItem) -> Output {
        let found = match item {
            SelectItem::UnnamedExpr(expr) => self.item_column(expr, None),
            SelectItem::ExprWithAlias { expr, alias } => self.item_column(expr, Some(alias)),
            SelectItem::Wildcard(options) if is_plain(options) => Some(Output::Star),
            SelectItem::QualifiedWildcard(
                SelectItemQualifiedWildcardKind::ObjectName(name),
                options,
            ) if is_plain(options) => match parts(name).as_deref() {
                Some([table]) => Some(Output::TableStar(table.value.clone())),
                _ => None,
            },
            _ => None,
        };
        found.unwrap_or(Output::Other)
    }

    fn item_column(&self, expr: &Expr, alias: Option<&Ident>) -> Option<Output> {
        let column = self.column(expr)?;
        let begins = ["SELECT", "DISTINCT", "DISTINCTROW", "ALL"];
        let mut behind = column.token + 1;
        if alias.is_some() {
            behind += usize::from(self.tokens.is_word(behind, "AS")) + 1;
        }
        let ends = ["FROM", "UNION", "EXCEPT", "INTERSECT"];
        let alone = self.is_behind(&column, &begins) && self.is_end(behind, &ends);
        let name = alias.map_or(&column.name, |alias| &alias.value).clone();
        alone.then_some(Output::Column { name, column })
    }

    /// The plain columns that GROUP BY names; none where it does more than group. A name that something
    /// else has as its alias may be that: the servers take the alias where USING has merged the columns.
    pub(super) fn group_columns(
        &self,
        group_by: &GroupByExpr,
        items: &[SelectItem],
    ) -> Vec<ColumnRef> {
        let GroupByExpr::Expressions(expressions, modifiers) = group_by else {
            return Vec::new();
        };
        if !modifiers.is_empty() {
            return Vec::new();
        }
        const ENDS: &[&str] = &[
            "HAVING",
            "ORDER",
            "LIMIT",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "FOR",
            "LOCK",
            "WINDOW",
        ];
        let columns = expressions.iter().filter_map(|expr| self.column(expr));
        columns
            .filter(|column| self.is_behind(column, &["BY"]) && self.is_end(column.token + 1, ENDS))
            .filter(|column| !self.is_alias(column, items))
            .collect()
    }

    /// Whether a single name is the alias of anything but a column of that name.
    fn is_alias(&self, named: &ColumnRef, items: &[SelectItem]) -> bool {
        let is_name = |name: &str| name.to_lowercase() == named.name.to_lowercase();
        let other = |item: &SelectItem| match item {
            SelectItem::ExprWithAlias { expr, alias } => {
                let column = self.item_column(expr, Some(alias));
                let same =
                    matches!(&column, Some(Output::Column { column, .. }) if is_name(&column.name));
                is_name(&alias.value) && !same
            }
            _ => false,
        };
        named.table.is_none() && items.iter().any(other)
    }

    /// Whether a column stands directly behind a comma or one of these words.
    fn is_behind(&self, column: &ColumnRef, words: &[&str]) -> bool {
        let qualifiers = column.schema.iter().len() + column.table.iter().len();
        let before = column.token.checked_sub(2 * qualifiers + 1);
        before.is_some_and(|at| {
            self.tokens.kind(at) == Some(TokenKind::Comma)
                || words.iter().any(|word| self.tokens.is_word(at, word))
        })
    }

    /// Whether a token ends an item: a comma, a parenthesis, one of these words, or nothing more.
    fn is_end(&self, at: usize, words: &[&str]) -> bool {
        matches!(
            self.tokens.kind(at),
            None | Some(TokenKind::Comma | TokenKind::Close)
        ) || words.iter().any(|word| self.tokens.is_word(at, word))
    }
}

fn is_plain(options: &WildcardAdditionalOptions) -> bool {
    options.opt_ilike.is_none()
        && options.opt_exclude.is_none()
        && options.opt_except.is_none()
        && options.opt_replace.is_none()
        && options.opt_rename.is_none()
}
