//! What FOUND_ROWS() is behind a statement, from its tokens.
//!
//! The servers do not agree on it, and neither says it in its answer in so many words: a SELECT that
//! runs inside of another statement changes it on one and not on the other. What does not follow from
//! the answer is not told rather than guessed.

use crate::parse::{DdlObject, DdlVerb, Effects, StatementKind, TokenKind, Tokens, Utility};

/// What FOUND_ROWS() is behind a statement that went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Found {
    /// What it was before.
    #[default]
    Kept,
    /// The rows of the answer, or those that it says were put into variables or a file.
    Rows,
    /// The same; an answer that is no rows tells nothing.
    RowsOnly,
    /// The rows that an UPDATE says it has found. Where those are none, MySQL may have seen it before it
    /// looked for any, and FOUND_ROWS() is then what it was before.
    Matched,
    /// The rows that were stored, as its info counts them; what it was before, where there is no info.
    Records,
    /// The same, unless that is one: of a single row without tables MariaDB counts none.
    RecordsButOne,
    /// One.
    One,
    /// None.
    Zero,
    /// Only the server knows, and it is asked.
    Asked,
    /// What the routine's last statement left, where it has given rows: the server is asked.
    Called,
    /// Rows that a LIMIT with an OFFSET leaves out count, too.
    Skipped,
    /// It does not follow from the answer.
    Untold,
}

/// The same for both kinds of servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FoundRows {
    /// On MySQL.
    pub mysql: Found,
    /// On MariaDB.
    pub mariadb: Found,
}

impl FoundRows {
    const fn both(found: Found) -> Self {
        Self::of(found, found)
    }

    const fn of(mysql: Found, mariadb: Found) -> Self {
        Self { mysql, mariadb }
    }
}

/// What a statement leaves.
pub fn left_by(kind: &StatementKind, tokens: Tokens<'_>, effects: &Effects) -> FoundRows {
    use Found::{Kept, Rows, RowsOnly, Untold};
    let text = Text { tokens, effects };
    match kind {
        StatementKind::Select | StatementKind::Table | StatementKind::Values => text.select(),
        StatementKind::Insert | StatementKind::Replace => text.insert(),
        StatementKind::Update => text.update(),
        StatementKind::Delete => text.delete(),
        // MariaDB counts a statement without tables as one that ran.
        StatementKind::Explain(explain) if explain.analyze => FoundRows::both(Untold),
        StatementKind::Explain(_) => FoundRows::of(Kept, Untold),
        StatementKind::Describe(_) => FoundRows::both(Rows),
        StatementKind::Ddl(ddl) => match (ddl.verb, ddl.object) {
            (DdlVerb::Create, DdlObject::Table | DdlObject::TemporaryTable) => text.create(),
            _ => FoundRows::default(),
        },
        StatementKind::Utility(utility) => text.utility(utility),
        StatementKind::Empty => FoundRows::default(),
        StatementKind::Unknown => FoundRows::both(RowsOnly),
    }
}

/// Functions that make one row of all.
const AGGREGATES: [&str; 18] = [
    "AVG",
    "BIT_AND",
    "BIT_OR",
    "BIT_XOR",
    "COUNT",
    "GROUP_CONCAT",
    "JSON_ARRAYAGG",
    "JSON_OBJECTAGG",
    "MAX",
    "MIN",
    "STD",
    "STDDEV",
    "STDDEV_POP",
    "STDDEV_SAMP",
    "SUM",
    "VARIANCE",
    "VAR_POP",
    "VAR_SAMP",
];

/// A statement to look at.
struct Text<'a> {
    tokens: Tokens<'a>,
    effects: &'a Effects,
}

impl Text<'_> {
    fn select(&self) -> FoundRows {
        use Found::{Asked, Rows, Untold};
        let into = self.words(&["INTO"]).next().is_some();
        if self.effects.calc_found_rows {
            return FoundRows::both(Asked);
        }
        let both = self.of_its_limit(Rows);
        // A row that is not sent to the client does not count on MariaDB, where no table is read for it.
        match both.mariadb {
            Rows if into && !self.reads_rows() => FoundRows::of(both.mysql, Untold),
            _ => both,
        }
    }

    fn insert(&self) -> FoundRows {
        use Found::{Asked, Kept, Records, Untold};
        let first = self.outside(&["VALUES", "VALUE", "SET", "SELECT", "TABLE", "WITH"]);
        let of_values = first.is_some_and(|at| {
            let values = ["VALUES", "VALUE", "SET"];
            values.iter().any(|word| self.tokens.is_word(at, word))
        });
        let returning = self.words(&["RETURNING"]).next().is_some();
        let query = self.words(&["SELECT", "TABLE"]).next().is_some() && !returning;
        if !of_values && query {
            let mysql = match self.effects.calc_found_rows {
                true => Asked,
                false => self.of_its_limit(Records).mysql,
            };
            return FoundRows::of(mysql, self.records_on_mariadb());
        }
        match self.has_query() {
            true => FoundRows::both(Untold),
            false => FoundRows::both(Kept),
        }
    }

    /// CREATE TABLE, perhaps with a query.
    fn create(&self) -> FoundRows {
        let mariadb = match self.words(&["SELECT"]).next() {
            _ if self.outside(&["VALUES"]).is_some() => Found::Untold,
            Some(_) if self.effects.calc_found_rows => Found::Untold,
            Some(_) => self.records_on_mariadb(),
            None => Found::Kept,
        };
        FoundRows::of(Found::Kept, mariadb)
    }

    /// Rows of a query that are stored.
    fn records_on_mariadb(&self) -> Found {
        if self.effects.calc_found_rows {
            return Found::Asked;
        }
        let records = match self.reads_rows() {
            true => Found::Records,
            false => Found::RecordsButOne,
        };
        self.of_its_limit(records).mariadb
    }

    fn update(&self) -> FoundRows {
        use Found::{Kept, Matched, Untold, Zero};
        let set = self.outside(&["SET"]);
        let (Some(update), Some(set)) = (self.outside(&["UPDATE"]), set) else {
            return FoundRows::both(Untold);
        };
        let of_set = self
            .outside(&["WHERE", "ORDER", "LIMIT"])
            .unwrap_or(self.tokens.len());
        match self.is_join(update + 1..set) {
            None => return FoundRows::both(Untold),
            Some(true) => return FoundRows::of(Zero, Untold),
            Some(false) => {}
        }
        match self.queries() {
            0 => FoundRows::of(Matched, Kept),
            // One in its conditions may become a join, and the UPDATE with it.
            all if all > self.queries_within(set..of_set) => FoundRows::both(Untold),
            _ => FoundRows::of(Matched, Untold),
        }
    }

    fn delete(&self) -> FoundRows {
        use Found::{Kept, Untold, Zero};
        let from = self.outside(&["FROM"]);
        let (Some(delete), Some(from)) = (self.outside(&["DELETE"]), from) else {
            return FoundRows::both(Untold);
        };
        let targets = (delete + 1..from).any(|at| {
            let modifiers = ["LOW_PRIORITY", "QUICK", "IGNORE"];
            let modifier = modifiers.iter().any(|word| self.tokens.is_word(at, word));
            !self.tokens.is_mark(at) && !modifier
        });
        if targets || self.outside(&["USING"]).is_some() {
            return FoundRows::of(Zero, Untold);
        }
        match self.has_query() {
            true => FoundRows::both(Untold),
            false => FoundRows::both(Kept),
        }
    }

    fn utility(&self, utility: &Utility) -> FoundRows {
        use Found::{Called, Kept, One, Rows, Untold};
        let kept = |mysql| match self.has_query() {
            true => FoundRows::of(mysql, Untold),
            false => FoundRows::of(mysql, Kept),
        };
        match utility {
            Utility::Show(_) => match self.shows_by_select() {
                true => FoundRows::both(Rows),
                false => FoundRows::both(Kept),
            },
            Utility::Call(_) => FoundRows::both(Called),
            Utility::Do => kept(One),
            Utility::Set(_) | Utility::LoadData(_) | Utility::Kill { .. } => kept(Kept),
            Utility::Shardwell(_) => FoundRows::both(Rows),
            _ => FoundRows::both(Kept),
        }
    }

    /// Whether a SHOW is a SELECT to the servers; the others do not count their rows.
    fn shows_by_select(&self) -> bool {
        const OTHERS: [&str; 15] = [
            "CREATE",
            "GRANTS",
            "PROCESSLIST",
            "WARNINGS",
            "ERRORS",
            "PRIVILEGES",
            "PROFILES",
            "BINARY",
            "BINLOG",
            "MASTER",
            "REPLICA",
            "REPLICAS",
            "SLAVE",
            "RELAYLOG",
            "AUTHORS",
        ];
        let word = |at: usize, word: &str| self.tokens.is_word(at, word);
        let show = self.outside(&["SHOW"]).unwrap_or(0);
        let first = self.tokens.behind(show);
        let what = match word(first, "FULL") || word(first, "ALL") {
            true => self.tokens.behind(first),
            false => first,
        };
        let second = self.tokens.behind(what);
        let code = word(second, "CODE") || word(what, "ENGINE") || word(what, "EXPLAIN");
        !code && !word(what, "CONTRIBUTORS") && !OTHERS.iter().any(|other| word(what, other))
    }

    /// What LIMIT makes of what would else be counted.
    fn of_its_limit(&self, counted: Found) -> FoundRows {
        let tokens = &self.tokens;
        let mut limits = self.own(&["LIMIT", "FETCH", "OFFSET"]).peekable();
        if limits.peek().is_none() {
            return FoundRows::both(counted);
        }
        let skips = limits.any(|at| {
            let comma = tokens.kind(at + 2) == Some(TokenKind::Comma);
            tokens.is_word(at, "OFFSET") || tokens.is_word(at, "LIMIT") && comma
        });
        if skips {
            return FoundRows::both(Found::Skipped);
        }
        let set_operation = self.own(&["UNION", "EXCEPT", "INTERSECT"]).next();
        match set_operation {
            Some(_) => FoundRows::of(counted, Found::Untold),
            None => FoundRows::both(counted),
        }
    }

    /// Whether a query certainly reads rows of tables, which an aggregate of all rows need not.
    fn reads_rows(&self) -> bool {
        let mut froms = self.own(&["FROM"]).peekable();
        froms.peek().is_some()
            && froms.all(|at| !self.tokens.is_word(self.tokens.behind(at), "DUAL"))
            && self.words(&AGGREGATES).next().is_none()
    }

    /// Whether these table references are several; `None`: that is not certain.
    fn is_join(&self, within: std::ops::Range<usize>) -> Option<bool> {
        let tokens = &self.tokens;
        let mut joins = false;
        for at in within {
            let outside = tokens.get(at).is_some_and(|token| token.depth == 0);
            if tokens.is_word(at, "FOR") {
                return None;
            }
            joins |= outside && tokens.kind(at) == Some(TokenKind::Comma);
            joins |= tokens.is_word(at, "JOIN") || tokens.is_word(at, "STRAIGHT_JOIN");
        }
        Some(joins)
    }

    fn has_query(&self) -> bool {
        self.queries() > 0
    }

    fn queries(&self) -> usize {
        self.queries_within(0..self.tokens.len())
    }

    /// How many queries begin there: SELECT, and in parentheses TABLE, VALUES and WITH.
    fn queries_within(&self, within: std::ops::Range<usize>) -> usize {
        let tokens = &self.tokens;
        let begins = |at: &usize| {
            let open = tokens.before(*at).and_then(|before| tokens.kind(before));
            let others = ["TABLE", "VALUES", "WITH"];
            let others = others.iter().any(|word| tokens.is_word(*at, word));
            tokens.is_word(*at, "SELECT") || open == Some(TokenKind::Open) && others
        };
        within.filter(begins).count()
    }

    /// The first of these words outside of parentheses.
    fn outside(&self, words: &[&str]) -> Option<usize> {
        let outside = |at: &usize| self.tokens.get(*at).is_some_and(|token| token.depth == 0);
        self.words(words).find(outside)
    }

    /// These words outside of parentheses; all of them where the statement begins with one.
    fn own(&self, words: &[&str]) -> impl Iterator<Item = usize> {
        let tokens = self.tokens;
        let whole = tokens.kind(0) == Some(TokenKind::Open);
        let own = move |at: &usize| whole || tokens.get(*at).is_some_and(|token| token.depth == 0);
        self.words(words)
            .filter(own)
            .collect::<Vec<_>>()
            .into_iter()
    }

    fn words<'w>(&'w self, words: &'w [&str]) -> impl Iterator<Item = usize> + 'w {
        let is = |at: &usize| words.iter().any(|word| self.tokens.is_word(*at, word));
        (0..self.tokens.len()).filter(is)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, effects, statement_kind, tokenize};

    fn left(sql: &str) -> FoundRows {
        let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
        let tokens = Tokens::new(sql.as_bytes(), &digest);
        left_by(&statement_kind(&tokens), tokens, &effects(&tokens))
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn what_a_statement_leaves_follows_from_its_words() {
        use Found::{
            Asked, Called, Kept, Matched, One, Records, RecordsButOne, Rows, RowsOnly, Skipped,
            Untold, Zero,
        };
        let cases = [
            ("SELECT a FROM t LIMIT 3", Rows, Rows),
            ("SELECT a FROM t LIMIT 3, 1", Skipped, Skipped),
            ("(SELECT a FROM t LIMIT 1 OFFSET 3)", Skipped, Skipped),
            ("SELECT * FROM (SELECT a FROM t LIMIT 3, 1) x", Rows, Rows),
            (
                "SELECT SQL_CALC_FOUND_ROWS a FROM t LIMIT 3, 1",
                Asked,
                Asked,
            ),
            ("SELECT 1 UNION SELECT 2 LIMIT 1", Rows, Untold),
            (
                "SELECT * FROM (SELECT 1 UNION SELECT 2) x LIMIT 1",
                Rows,
                Rows,
            ),
            ("SELECT 1 INTO @a", Rows, Untold),
            ("SELECT b INTO @a FROM t WHERE a = 1", Rows, Rows),
            ("SELECT MAX(b) INTO @a FROM t", Rows, Untold),
            ("INSERT INTO t VALUES (1)", Kept, Kept),
            ("INSERT INTO t VALUES ((SELECT 1))", Untold, Untold),
            ("INSERT INTO t SELECT a FROM u", Records, Records),
            ("INSERT INTO t (a) (SELECT 1)", Records, RecordsButOne),
            ("INSERT INTO t TABLE u", Records, RecordsButOne),
            ("INSERT INTO t SELECT a FROM u LIMIT 1, 1", Skipped, Skipped),
            (
                "INSERT INTO t SELECT a FROM u UNION SELECT 1 LIMIT 1",
                Records,
                Untold,
            ),
            ("UPDATE t SET a = 1 WHERE b = 2", Matched, Kept),
            ("UPDATE t SET a = (SELECT 1) WHERE b = 2", Matched, Untold),
            ("UPDATE t SET a = 1 WHERE b = (SELECT 1)", Untold, Untold),
            ("UPDATE t, u SET t.a = 1", Zero, Untold),
            ("UPDATE (t JOIN u USING (a)) SET t.a = 1", Zero, Untold),
            ("DELETE IGNORE FROM t WHERE a = 1", Kept, Kept),
            ("DELETE FROM t WHERE a IN (TABLE u)", Untold, Untold),
            ("DELETE t FROM t JOIN u", Zero, Untold),
            ("DELETE FROM t USING t JOIN u", Zero, Untold),
            (
                "DELETE FROM t WHERE CONVERT(a USING utf8mb4) = 1",
                Kept,
                Kept,
            ),
            ("DO 1", One, Kept),
            ("SET @a = (SELECT 1)", Kept, Untold),
            ("CALL p()", Called, Called),
            ("CREATE TABLE t SELECT 1", Kept, RecordsButOne),
            ("CREATE TABLE t (a INT)", Kept, Kept),
            ("CREATE TABLE t VALUES (1), (2)", Kept, Untold),
            ("CREATE TEMPORARY TABLE t SELECT a FROM u", Kept, Records),
            ("CREATE VIEW v AS SELECT 1", Kept, Kept),
            ("LOAD DATA LOCAL INFILE 'f' INTO TABLE t", Kept, Kept),
            ("SHOW FULL TABLES", Rows, Rows),
            ("SHOW CREATE TABLE t", Kept, Kept),
            ("SHOW FULL PROCESSLIST", Kept, Kept),
            ("EXPLAIN SELECT 1", Kept, Untold),
            ("DESC t", Rows, Rows),
            (
                "SET STATEMENT max_statement_time = 1 FOR UPDATE t SET b = 1",
                RowsOnly,
                RowsOnly,
            ),
        ];
        for (sql, mysql, mariadb) in cases {
            assert_eq!(left(sql), FoundRows::of(mysql, mariadb), "{sql}");
        }
    }
}
