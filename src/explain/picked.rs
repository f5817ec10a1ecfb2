//! What is said of an UPDATE or DELETE whose rows are found together and written where they are.

use super::{Question, Writer, planned};
use crate::parse::Tokens;
use crate::plan::{Picked, Write};
use crate::rewrite::{PickError, PickTexts};

impl Writer<'_> {
    /// How the rows are found, and that they are written.
    pub(super) fn picked(&mut self, picked: &Picked) {
        if picked.wrong {
            return self.line("refused", "this form of joins over several shards");
        }
        let tokens = Tokens::new(self.sql, self.digest);
        let texts = match PickTexts::new(tokens, picked, self.question.topology) {
            Ok(texts) => texts,
            Err(error @ PickError::Unknown(_)) => {
                let how = "which rows, a SELECT will tell";
                return self.line("find", format!("{how} ({error})"));
            }
            Err(error) => {
                let what = "an UPDATE or DELETE with joins or subqueries over several shards";
                return self.line("refused", format!("{what} {error}"));
            }
        };
        let sql = texts.reading();
        self.line("find", String::from_utf8_lossy(&sql).trim_end());
        let question = Question {
            sql: &sql,
            inside: true,
            ..*self.question
        };
        if let Some(read) = planned(&question) {
            let lines = read.explain(self.variables);
            self.lines.extend(lines);
        }
        self.line("write", Write::PICKED);
    }
}
