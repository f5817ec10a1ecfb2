//! What a statement does to its session or reads from it, from its tokens.
//!
//! In: tokens. Out: [`Effects`]. Quoted names and strings never count; a function is a bare word
//! in front of a parenthesis.

use super::tokens::{TokenKind, Tokens};

/// What a statement does besides its work on tables. Positions are token numbers of function
/// names; a call without arguments is three tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Assigns user variables: `@x := …`, SELECT … INTO @x, SET @x.
    pub assigns_user_variable: bool,
    /// Names user variables at all.
    pub uses_user_variable: bool,
    /// The calls of LAST_INSERT_ID() without argument.
    pub last_insert_id: Vec<usize>,
    /// LAST_INSERT_ID(expression): sets the session's value.
    pub sets_last_insert_id: bool,
    /// The calls of ROW_COUNT().
    pub row_count: Vec<usize>,
    /// The calls of FOUND_ROWS().
    pub found_rows: Vec<usize>,
    /// The calls of CONNECTION_ID().
    pub connection_id: Vec<usize>,
    /// The calls of DATABASE() and SCHEMA().
    pub database: Vec<usize>,
    /// The system variables that are read or set (`@@x`).
    pub system_variables: Vec<usize>,
    /// GET_LOCK and its family.
    pub user_lock: bool,
    /// CREATE or DROP TEMPORARY TABLE.
    pub temporary_table: bool,
    /// SQL_CALC_FOUND_ROWS
    pub calc_found_rows: bool,
    /// FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE.
    pub locking_read: bool,
    /// INTO OUTFILE, INTO DUMPFILE.
    pub into_outfile: bool,
    /// A function whose value differs from call to call or from server to server (UUID, RAND,
    /// SLEEP, …; not the clock).
    pub nondeterministic: bool,
    /// A function that a schema qualifies: a stored function.
    pub stored_function: bool,
}

/// Finds a statement's effects.
pub fn effects(tokens: &Tokens<'_>) -> Effects {
    let mut effects = Effects::default();
    for at in 0..tokens.len() {
        match tokens.kind(at) {
            Some(TokenKind::UserVariable) => user_variable(tokens, at, &mut effects),
            Some(TokenKind::SystemVariable) => effects.system_variables.push(at),
            Some(TokenKind::Word | TokenKind::Reserved) => {
                if tokens.kind(tokens.behind(at)) == Some(TokenKind::Open) {
                    function(tokens, at, &mut effects);
                }
                words(tokens, at, &mut effects);
            }
            _ => {}
        }
    }
    effects
}

fn user_variable(tokens: &Tokens<'_>, at: usize, effects: &mut Effects) {
    // `'user'@'host'` and `user@host` are accounts.
    let glued = at
        .checked_sub(1)
        .and_then(|before| tokens.get(before))
        .zip(tokens.get(at))
        .is_some_and(|(before, here)| before.end == here.start && is_account(before.kind));
    if glued {
        return;
    }
    effects.uses_user_variable = true;
    let before = tokens.before(at);
    let behind = tokens.behind(at);
    let is_behind = |word| before.is_some_and(|before| tokens.is_word(before, word));
    let set = is_behind("SET") || tokens.begins(&["SET"]) && tokens.is_symbol(behind, "=");
    effects.assigns_user_variable |= set || is_behind("INTO") || tokens.is_symbol(behind, ":=");
    // INTO @a, @b and LOAD DATA … (@a, b): a list whose start says what it is.
    let comma = before.filter(|before| tokens.kind(*before) == Some(TokenKind::Comma));
    let listed = comma
        .and_then(|comma| tokens.before(comma))
        .is_some_and(|first| tokens.kind(first) == Some(TokenKind::UserVariable));
    let loads = tokens.begins(&["LOAD"]) || tokens.begins(&["CALL"]);
    effects.assigns_user_variable |= loads || (listed && effects.assigns_user_variable);
}

fn is_account(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Literal | TokenKind::Fixed | TokenKind::Word | TokenKind::Quoted
    )
}

#[rustfmt::skip]
const LOCKS: &[&str] = &[
    "GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "IS_FREE_LOCK", "IS_USED_LOCK",
];
#[rustfmt::skip]
const NONDETERMINISTIC: &[&str] = &[
    "UUID", "UUID_SHORT", "RAND", "RANDOM_BYTES", "SLEEP", "LOAD_FILE", "BENCHMARK",
    "MASTER_POS_WAIT", "SOURCE_POS_WAIT", "GTID_SUBTRACT", "WAIT_FOR_EXECUTED_GTID_SET",
];

fn function(tokens: &Tokens<'_>, at: usize, effects: &mut Effects) {
    if at
        .checked_sub(1)
        .is_some_and(|before| tokens.kind(before) == Some(TokenKind::Dot))
    {
        effects.stored_function |= !is_listed_table(tokens, at);
        return;
    }
    let is = |names: &[&str]| names.iter().any(|name| tokens.is_word(at, name));
    let empty = tokens.kind(at + 2) == Some(TokenKind::Close);
    if is(&["LAST_INSERT_ID"]) {
        if empty {
            effects.last_insert_id.push(at);
        } else {
            effects.sets_last_insert_id = true;
        }
    } else if empty && is(&["ROW_COUNT"]) {
        effects.row_count.push(at);
    } else if empty && is(&["FOUND_ROWS"]) {
        effects.found_rows.push(at);
    } else if empty && is(&["CONNECTION_ID"]) {
        effects.connection_id.push(at);
    } else if empty && is(&["DATABASE", "SCHEMA"]) {
        effects.database.push(at);
    }
    effects.user_lock |= is(LOCKS);
    effects.nondeterministic |= is(NONDETERMINISTIC);
}

/// `INSERT INTO schema.table (…)`, `CREATE TABLE schema.table (…)`: no call.
fn is_listed_table(tokens: &Tokens<'_>, at: usize) -> bool {
    at.checked_sub(3).is_some_and(|before| {
        [
            "INTO",
            "TABLE",
            "EXISTS",
            "INSERT",
            "REPLACE",
            "IGNORE",
            "REFERENCES",
            "ON",
            "CALL",
            "VIEW",
            "PROCEDURE",
            "FUNCTION",
        ]
        .iter()
        .any(|word| tokens.is_word(before, word))
    })
}

fn words(tokens: &Tokens<'_>, at: usize, effects: &mut Effects) {
    let sequence = |words: &[&str]| {
        let mut next = at;
        words.iter().all(|word| {
            let follows = tokens.is_word(next, word);
            next = tokens.behind(next);
            follows
        })
    };
    effects.calc_found_rows |= sequence(&["SQL_CALC_FOUND_ROWS"]);
    effects.locking_read |= sequence(&["FOR", "UPDATE"])
        || sequence(&["FOR", "SHARE"])
        || sequence(&["LOCK", "IN", "SHARE", "MODE"]);
    effects.into_outfile |= sequence(&["INTO", "OUTFILE"]) || sequence(&["INTO", "DUMPFILE"]);
    effects.temporary_table |= ["CREATE", "REPLACE", "DROP"]
        .iter()
        .any(|verb| sequence(&[verb, "TEMPORARY"]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::{LexMode, tokenize};

    fn found(sql: &str) -> Effects {
        let digest = tokenize(sql.as_bytes(), LexMode::default()).unwrap();
        effects(&Tokens::new(sql.as_bytes(), &digest))
    }

    #[test]
    fn user_variables_are_told_from_accounts() {
        let table = [
            ("SELECT @a", true, false),
            ("SELECT @a := 1", true, true),
            ("SELECT 1, 2 INTO @a, @b", true, true),
            ("SET @a = 1", true, true),
            ("SET x = 1, @a = 2", true, true),
            ("SET x = @a", true, false),
            ("CREATE USER 'u'@'h', v@localhost", false, false),
            ("SELECT '@a', `@b`", false, false),
            ("SELECT 1 INTO /*!50000 @a */", true, true),
            (
                "SELECT 1, 2 /*!50000 INTO */ @a /*!50000 , @b */",
                true,
                true,
            ),
            ("SELECT @a /*!50000 := */ 1", true, true),
            ("SET x = 1 /*!50000 , @a */ = 2", true, true),
        ];
        for (sql, uses, assigns) in table {
            let effects = found(sql);
            assert_eq!(
                (effects.uses_user_variable, effects.assigns_user_variable),
                (uses, assigns),
                "{sql}"
            );
        }
    }

    #[test]
    fn functions_are_words_in_front_of_a_parenthesis() {
        let effects = found(
            "SELECT last_insert_id(), `ROW_COUNT`(), 'FOUND_ROWS()', found_rows, DATABASE(), \
             s.connection_id(), LAST_INSERT_ID(5), @@session.x",
        );
        assert_eq!(effects.last_insert_id, [1]);
        assert!(effects.sets_last_insert_id && effects.stored_function);
        assert!(effects.row_count.is_empty() && effects.found_rows.is_empty());
        assert!(effects.connection_id.is_empty());
        assert_eq!(effects.database.len(), 1);
        assert_eq!(effects.system_variables.len(), 1);
    }

    #[test]
    fn words_in_their_order_have_effects() {
        let effects = found("SELECT SQL_CALC_FOUND_ROWS a FROM t FOR UPDATE");
        assert!(effects.calc_found_rows && effects.locking_read);
        assert!(found("SELECT 1 LOCK IN SHARE MODE").locking_read);
        assert!(found("SELECT 1 INTO OUTFILE 'x'").into_outfile);
        assert!(found("CREATE TEMPORARY TABLE t (a INT)").temporary_table);
        assert!(found("CREATE /*!32302 TEMPORARY */ TABLE t (a INT)").temporary_table);
        assert!(found("SELECT GET_LOCK('a', 1)").user_lock);
        assert!(found("SELECT GET_LOCK /*!50000 ('a', 1) */").user_lock);
        assert!(!found("INSERT INTO s.t (a) VALUES (1)").stored_function);
    }
}
