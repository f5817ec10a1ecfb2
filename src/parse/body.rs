//! Which `;` belong to the body of a stored routine.
//!
//! In: the tokens of a statement that starts with CREATE or ALTER. Out: whether a `;` at this
//! place is inside a body. The rules are those of MySQL's compound statements
//! (<https://dev.mysql.com/doc/refman/9.4/en/sql-compound-statements.html>): BEGIN, IF, CASE,
//! LOOP, REPEAT and WHILE nest, each closed by an END of its own; a CASE inside an expression is
//! closed by END as well; IF() and REPEAT() may also be functions.

use super::keyword::reserved;

/// Something that an END closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// Holds statements.
    Statement,
    /// A CASE inside an expression.
    Expression,
}

/// What has been seen of the statement so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not a routine, or not known to be one.
    NotRoutine,
    /// CREATE or ALTER, and what may stand before the kind of object.
    Opening,
    /// PROCEDURE, FUNCTION, TRIGGER or EVENT; the body has not begun.
    Header,
    /// In the body's blocks, or behind them.
    Body,
}

/// What stood before a word, as far as blocks depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// Where a statement of a body may start.
    StatementStart,
    /// The word that names the kind of object, where `IF [NOT] EXISTS` may follow.
    ObjectKind,
    /// END: the next word only says what ended.
    End,
    /// An operator or a comma: an operand must follow.
    Operator,
    /// A reserved word that begins no statement.
    Reserved,
    /// RETURNS: a type follows.
    Returns,
    /// Anything else.
    Other,
}

/// Follows the nesting of a routine's body.
#[derive(Debug)]
pub(super) struct Body {
    stage: Stage,
    before: Before,
    parentheses: u32,
    blocks: Vec<Block>,
}

impl Body {
    pub(super) fn new() -> Self {
        Self {
            stage: Stage::NotRoutine,
            before: Before::Other,
            parentheses: 0,
            blocks: Vec::new(),
        }
    }

    /// The statement's first word opens a definition.
    pub(super) fn open(&mut self) {
        self.stage = Stage::Opening;
    }

    /// Whether words matter: false for nearly every statement.
    #[inline]
    pub(super) fn is_active(&self) -> bool {
        self.stage != Stage::NotRoutine
    }

    /// A `;` at this place belongs to the body.
    pub(super) fn holds_semicolon(&self) -> bool {
        !self.blocks.is_empty()
    }

    /// A bare word that is not part of a qualified name.
    pub(super) fn word(&mut self, word: &[u8]) {
        let is = |wanted: &str| word.eq_ignore_ascii_case(wanted.as_bytes());
        self.before = match self.stage {
            Stage::NotRoutine => return,
            Stage::Opening => self.opening(is),
            Stage::Header | Stage::Body => self.body_word(is, word),
        };
    }

    fn opening(&mut self, is: impl Fn(&str) -> bool) -> Before {
        if ["PROCEDURE", "FUNCTION", "TRIGGER", "EVENT"]
            .into_iter()
            .any(&is)
        {
            self.stage = Stage::Header;
            return Before::ObjectKind;
        }
        if ["TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER"]
            .into_iter()
            .any(is)
        {
            self.stage = Stage::NotRoutine;
        }
        Before::Other
    }

    fn body_word(&mut self, is: impl Fn(&str) -> bool, word: &[u8]) -> Before {
        if is("END") {
            self.blocks.pop();
            return Before::End;
        }
        if self.before == Before::End && !is("BEGIN") {
            return Before::Other;
        }
        if let Some(block) = self.opened_by(&is) {
            self.stage = Stage::Body;
            self.blocks.push(block);
            return if is("BEGIN") || is("LOOP") || is("REPEAT") {
                Before::StatementStart
            } else {
                Before::Reserved
            };
        }
        if is("THEN") || is("ELSE") || is("DO") {
            return Before::StatementStart;
        }
        if is("RETURNS") {
            return Before::Returns;
        }
        let behind_type = self.before == Before::Returns;
        match reserved(word) {
            Some(_) if behind_type || is("SQL") || is("DETERMINISTIC") => Before::Other,
            Some(_) => Before::Reserved,
            None => Before::Other,
        }
    }

    /// The block that a word opens here.
    fn opened_by(&self, is: &impl Fn(&str) -> bool) -> Option<Block> {
        let in_expression = self.blocks.last() == Some(&Block::Expression);
        let starts = match self.before {
            Before::StatementStart => !in_expression,
            Before::Other => self.blocks.is_empty() && self.parentheses == 0,
            _ => false,
        };
        if is("CASE") {
            return Some(if starts {
                Block::Statement
            } else {
                Block::Expression
            });
        }
        // Also behind DECLARE … HANDLER FOR SQLEXCEPTION: no expression holds a BEGIN.
        if is("BEGIN") && !in_expression && self.parentheses == 0 {
            let named = matches!(self.before, Before::Operator | Before::ObjectKind);
            return (!named).then_some(Block::Statement);
        }
        let opens = ["IF", "LOOP", "REPEAT", "WHILE"].into_iter().any(is);
        (opens && starts).then_some(Block::Statement)
    }

    /// Any other token.
    pub(super) fn symbol(&mut self, symbol: &[u8]) {
        if self.stage == Stage::NotRoutine {
            return;
        }
        self.before = match symbol {
            b";" => Before::StatementStart,
            b":" if self.parentheses == 0 => Before::StatementStart,
            b"(" => {
                self.parentheses += 1;
                Before::Operator
            }
            b")" => {
                self.parentheses = self.parentheses.saturating_sub(1);
                Before::Other
            }
            [
                b'a'..=b'z' | b'A'..=b'Z' | b'`' | b'"' | b'\'' | b'@' | b'0'..=b'9',
                ..,
            ] => Before::Other,
            _ => Before::Operator,
        };
    }
}
