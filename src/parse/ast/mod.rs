//! What a DML statement says, in types of our own; the only place that names sqlparser.
//!
//! In: the tokens of a SELECT, INSERT, REPLACE, UPDATE or DELETE that the plan cache does not
//! know. Out: an [`Ast`], or why there is none ([`AstUnavailable`]), which is not the client's
//! error. sqlparser never sees the client's text: it gets tokens of ours in which every literal is
//! neutral and every position is a token number. Its tree is read once and dropped.
//!
//! A [`Condition`] is only what two readings agree on: sqlparser's tree, and our own reading of
//! what stands between AND, OR and the clause's edges. Everything else is `Opaque`.

mod agree;
mod commas;
mod condition;
mod dialect;
mod evened;
mod expression;
mod extract;
mod from;
mod insert;
mod made;
mod neutral;
mod outer;
mod output;
mod reading;
mod rows;

pub use condition::{ColumnRef, CompareOp, Condition, Operand};
pub use made::{Made, Maker};
pub use output::Output;

use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token as SqlToken;

use super::digest::{LexMode, Slot};
use super::tokens::Tokens;

/// Why a statement has no AST. It may still be valid: only the server knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AstUnavailable {
    /// Not a SELECT, INSERT, REPLACE, UPDATE or DELETE.
    #[error("not a query or a change of rows")]
    NotDml,
    /// More operators, UNIONs, joins, tokens or parentheses than are safe to parse.
    #[error(
        "the statement is too complex: more than 2,000 operators in one expression, 200 joins and set \
         operations, 50 parentheses inside each other or 200,000 words"
    )]
    TooComplex,
    /// A bare or quoted name is not UTF-8.
    #[error("a name is not UTF-8")]
    NotUtf8,
    /// A version comment that not every server executes.
    #[error("a version comment makes the statement differ between servers")]
    VersionComment,
    /// The parser does not know the syntax.
    #[error("the parser does not know this syntax: {0}")]
    Unknown(String),
    /// The parser's tree does not cover all of the statement's tokens.
    #[error("the parser's tree misses a part of the statement")]
    Incomplete,
}

/// What kind of statement it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AstKind {
    /// SELECT, also with UNION and WITH.
    Select,
    /// INSERT
    Insert,
    /// REPLACE
    Replace,
    /// UPDATE of one or more tables.
    Update,
    /// DELETE from one or more tables.
    Delete,
}

/// A statement, flat. Blocks refer to each other by index.
#[derive(Clone, Debug)]
pub struct Ast {
    /// What kind of statement it is.
    pub kind: AstKind,
    /// The query blocks; block 0 is the statement's own (the first SELECT of a UNION). For INSERT
    /// it holds the target table only.
    pub blocks: Vec<Block>,
    /// Token numbers of the schema in each `schema.table.column` and `schema.table.*`.
    pub column_schemas: Vec<usize>,
    /// Set by INSERT and REPLACE.
    pub insert: Option<Insert>,
    /// What UPDATE assigns.
    pub assignments: Vec<Assignment>,
    /// There is a UNION, EXCEPT or INTERSECT anywhere.
    pub has_set_operation: bool,
    /// The common table expressions in order of appearance.
    pub ctes: Vec<CteDefinition>,
}

/// A common table expression where WITH defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CteDefinition {
    /// Its tokens, from its name to behind the parenthesis that closes its query.
    pub tokens: std::ops::Range<usize>,
}

impl Ast {
    /// All table references with their blocks.
    pub fn tables(&self) -> impl Iterator<Item = (&Block, &TableRef)> {
        self.blocks
            .iter()
            .flat_map(|block| block.tables.iter().map(move |table| (block, table)))
    }

    /// Whether there is any query inside the statement's own.
    pub fn has_subquery(&self) -> bool {
        self.blocks
            .iter()
            .skip(1)
            .any(|block| block.role != BlockRole::SetOperand)
    }
}

/// Where a query block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockRole {
    /// The statement itself.
    Statement,
    /// A further SELECT of a UNION, EXCEPT or INTERSECT.
    SetOperand,
    /// A derived table in FROM.
    Derived,
    /// A common table expression.
    Cte,
    /// The source of INSERT … SELECT.
    InsertSource,
    /// Inside an expression.
    Subquery,
}

/// One SELECT, or the body of an UPDATE or DELETE.
#[derive(Clone, Debug)]
pub struct Block {
    /// Where it stands.
    pub role: BlockRole,
    /// The block that contains it.
    pub parent: Option<usize>,
    /// How many blocks contain it.
    pub depth: u32,
    /// The first block of its query: itself, but for a [`BlockRole::SetOperand`].
    pub head: usize,
    /// Number of its token SELECT.
    pub select: Option<usize>,
    /// What it gives, in order.
    pub outputs: Vec<Output>,
    /// Its tables in order of appearance.
    pub tables: Vec<TableRef>,
    /// WHERE.
    pub filter: Condition,
    /// The tokens of each condition that AND joins in WHERE; none where that is not certain.
    pub conjuncts: Vec<std::ops::Range<usize>>,
    /// The joins with a condition, in order of appearance.
    pub joins: Vec<Join>,
    /// DISTINCT.
    pub distinct: bool,
    /// GROUP BY.
    pub group_by: bool,
    /// The plain columns among what GROUP BY names; none with ROLLUP.
    pub group_columns: Vec<ColumnRef>,
    /// HAVING.
    pub having: bool,
    /// An aggregate function of this block.
    pub aggregates: bool,
    /// The columns inside of each aggregate function that stands in it and has any. If none of them is of
    /// its own tables, the function is one of a block around it.
    pub aggregated: Vec<Vec<ColumnRef>>,
    /// A window function of this block.
    pub windows: bool,
    /// ORDER BY (of the block, or of the query whose first block it is).
    pub order_by: bool,
    /// LIMIT (likewise).
    pub limit: bool,
}

impl Block {
    fn new(role: BlockRole, parent: Option<usize>, depth: u32, head: usize) -> Self {
        Self {
            role,
            parent,
            depth,
            head,
            select: None,
            outputs: Vec::new(),
            tables: Vec::new(),
            filter: Condition::all(),
            conjuncts: Vec::new(),
            joins: Vec::new(),
            distinct: false,
            group_by: false,
            group_columns: Vec::new(),
            having: false,
            aggregates: false,
            aggregated: Vec::new(),
            windows: false,
            order_by: false,
            limit: false,
        }
    }
}

/// What a statement does with a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableRole {
    /// Reads it.
    Read,
    /// Writes it. Every table of a multi-table UPDATE counts as written; of a DELETE, its targets.
    Write,
}

/// What a table reference names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableSource {
    /// A table or view.
    Named {
        /// As written, unquoted.
        schema: Option<String>,
        /// As written, unquoted.
        name: String,
        /// Token number of the name.
        name_token: usize,
        /// Token number of the schema.
        schema_token: Option<usize>,
    },
    /// A common table expression of the statement.
    Cte {
        /// As written where it is used, unquoted.
        name: String,
        /// Index of its query's first block; `None` where WITH RECURSIVE defines it.
        block: Option<usize>,
        /// Token number of the name.
        name_token: usize,
        /// Index in [`Ast::ctes`].
        definition: usize,
    },
    /// A derived table: index of its first block.
    Derived(usize),
    /// A table function (JSON_TABLE and the like).
    Other,
}

/// A table in FROM, or a statement's target.
#[derive(Clone, Debug)]
pub struct TableRef {
    /// What it names.
    pub source: TableSource,
    /// Its alias, unquoted.
    pub alias: Option<String>,
    /// What the statement does with it.
    pub role: TableRole,
    /// On the side of an outer join that may be missing: conditions in ON do not limit its partner.
    pub nullable: bool,
    /// `PARTITION (…)` stands behind it.
    pub partitions: bool,
    /// Its columns are not those of the query inside: it has a column list, or is LATERAL.
    pub renamed: bool,
}

/// A join with its condition.
#[derive(Clone, Debug)]
pub struct Join {
    /// ON; USING gives an `Opaque` condition and `using`.
    pub condition: Condition,
    /// The tokens of each condition that AND joins in ON; none where that is not certain.
    pub conjuncts: Vec<std::ops::Range<usize>>,
    /// The columns of USING.
    pub using: Vec<String>,
    /// NATURAL.
    pub natural: bool,
    /// LEFT or RIGHT: the condition limits only the nullable side.
    pub outer: bool,
    /// Indices of the block's tables on the right side.
    pub right: std::ops::Range<usize>,
}

/// What an INSERT or REPLACE stores.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The column list, unquoted; `None` where there is none.
    pub columns: Option<Vec<String>>,
    /// Where the rows come from.
    pub source: InsertSource,
    /// The columns that ON DUPLICATE KEY UPDATE assigns.
    pub on_duplicate: Vec<Assignment>,
}

/// Where inserted rows come from.
#[derive(Clone, Debug)]
pub enum InsertSource {
    /// All rows are literals and folded into one group ([`super::Digest::group`]).
    Folded(Slot),
    /// Rows with other values than literals; the same number of rows in every statement of the digest.
    Rows(Vec<InsertRow>),
    /// INSERT … SET.
    Set(Vec<Assignment>),
    /// INSERT … SELECT: index of the source's first block.
    Select(usize),
}

/// A row of VALUES.
#[derive(Clone, Debug)]
pub struct InsertRow {
    /// Token numbers from `(` (or ROW) to behind `)`.
    pub tokens: std::ops::Range<usize>,
    /// The values in order.
    pub values: Vec<StoredValue>,
}

/// A value that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredValue {
    /// A literal.
    Slot(Slot),
    /// What a known function makes of literals.
    Made(Made),
    /// DEFAULT
    Default,
    /// `VALUES(column)` of the column itself: behind ON DUPLICATE KEY UPDATE the value that the row
    /// brings.
    Inserted,
    /// Behind ON DUPLICATE KEY UPDATE, the column itself: it stays as it is.
    Same,
    /// Anything else.
    Opaque,
}

/// `column = value` in SET or ON DUPLICATE KEY UPDATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// What is assigned.
    pub column: ColumnRef,
    /// What it gets.
    pub value: StoredValue,
}

/// Parses a DML statement.
pub fn parse(tokens: &Tokens<'_>, mode: LexMode) -> Result<Ast, AstUnavailable> {
    let slots = tokens.slots();
    let rows = rows::Rows::of(tokens);
    let neutral = neutral::tokens(tokens, &slots, &rows, mode)?;
    let dialect = dialect::Mysql::default();
    let mut parser = Parser::new(&dialect).with_tokens_with_locations(neutral);
    let statement = parser
        .parse_statement()
        .map_err(|error| AstUnavailable::Unknown(error.to_string()))?;
    if parser.peek_token_ref().token != SqlToken::EOF {
        return Err(AstUnavailable::Unknown(format!(
            "unexpected {}",
            parser.peek_token_ref().token
        )));
    }
    extract::ast(&statement, tokens, (&slots, &rows), mode)
}

#[cfg(test)]
mod tests;
