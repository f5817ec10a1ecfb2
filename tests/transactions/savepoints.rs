//! Sequences of statements: every answer is MySQL's, and so is what they leave behind.

use crate::accounts::{bank, same};

/// Account 1 and 150 are on the first server, 300 and 500 on the second.
const SEQUENCES: &[&[&str]] = &[
    &[
        "BEGIN",
        "UPDATE accounts SET balance = balance - 10 WHERE id = 1",
        "UPDATE accounts SET balance = balance + 10 WHERE id = 300",
        "SELECT balance FROM accounts WHERE id = 300",
        "SELECT balance FROM accounts WHERE id = 1",
        "COMMIT",
        "SELECT balance FROM accounts WHERE id = 300",
    ],
    &[
        "START TRANSACTION",
        "UPDATE accounts SET balance = 1 WHERE id = 1",
        "UPDATE accounts SET balance = 2 WHERE id = 500",
        "ROLLBACK",
        "SELECT balance FROM accounts WHERE id = 500",
    ],
    // A savepoint from before the second server joined, and one from after.
    &[
        "BEGIN",
        "SAVEPOINT early",
        "UPDATE accounts SET note = 'a' WHERE id = 1",
        "SAVEPOINT middle",
        "UPDATE accounts SET note = 'b' WHERE id = 300",
        "SAVEPOINT late",
        "UPDATE accounts SET note = 'c' WHERE id = 1",
        "UPDATE accounts SET note = 'd' WHERE id = 300",
        "ROLLBACK TO late",
        "SELECT note FROM accounts WHERE id = 1",
        "SELECT note FROM accounts WHERE id = 300",
        "ROLLBACK TO middle",
        "SELECT note FROM accounts WHERE id = 1",
        "SELECT note FROM accounts WHERE id = 300",
        "ROLLBACK TO late",
        "RELEASE SAVEPOINT nowhere",
        "UPDATE accounts SET note = 'e' WHERE id = 300",
        "ROLLBACK TO SAVEPOINT early",
        "SELECT note FROM accounts WHERE id = 1",
        "SELECT note FROM accounts WHERE id = 300",
        "UPDATE accounts SET note = 'f' WHERE id = 500",
        "RELEASE SAVEPOINT early",
        "ROLLBACK TO early",
        "COMMIT",
    ],
    // Statements over all shards within it.
    &[
        "BEGIN",
        "SELECT COUNT(*), SUM(balance) FROM accounts",
        "UPDATE accounts SET balance = balance + 9 WHERE id = 300",
        "SELECT id, balance FROM accounts ORDER BY id",
        "UPDATE accounts SET balance = balance - 9 WHERE id = 1",
        "SELECT SUM(balance) FROM accounts",
        "ROLLBACK",
        "SELECT id, balance FROM accounts ORDER BY id",
    ],
    &[
        "SET autocommit = 0",
        "SAVEPOINT s",
        "SELECT id FROM accounts WHERE 1 = 0 ORDER BY id",
        "UPDATE accounts SET note = 'n' WHERE id = 1",
        "SELECT id, note FROM accounts ORDER BY id",
        "SELECT id, nothing FROM accounts ORDER BY id",
        "UPDATE accounts SET note = 'm' WHERE id = 300",
        "ROLLBACK TO s",
        "SELECT id, note FROM accounts ORDER BY id",
        "COMMIT",
        "SET autocommit = 1",
    ],
    &[
        "START TRANSACTION READ ONLY",
        "SELECT id, note FROM accounts ORDER BY id",
        "UPDATE accounts SET note = 'm' WHERE id = 300",
        "COMMIT",
    ],
    &[
        "SET autocommit = 0",
        "UPDATE accounts SET balance = balance - 1 WHERE id = 1",
        "UPDATE accounts SET balance = balance + 1 WHERE id = 300",
        "ROLLBACK",
        "UPDATE accounts SET balance = balance - 2 WHERE id = 300",
        "UPDATE accounts SET balance = balance + 2 WHERE id = 2",
        "SET autocommit = 0",
        "SET autocommit = 1",
        "UPDATE accounts SET balance = balance - 3 WHERE id = 300",
        "ROLLBACK",
    ],
    &[
        "BEGIN",
        "UPDATE accounts SET balance = balance - 5 WHERE id = 1",
        "UPDATE accounts SET balance = balance + 5 WHERE id = 300",
        "COMMIT AND CHAIN",
        "UPDATE accounts SET balance = 0 WHERE id = 1",
        "UPDATE accounts SET balance = 0 WHERE id = 300",
        "ROLLBACK AND CHAIN",
        "UPDATE accounts SET balance = balance - 7 WHERE id = 300",
        "COMMIT AND NO CHAIN",
        "UPDATE accounts SET balance = balance + 7 WHERE id = 300",
        "ROLLBACK",
    ],
    &[
        "SET completion_type = 'CHAIN'",
        "BEGIN",
        "UPDATE accounts SET note = 'chain' WHERE id = 1",
        "UPDATE accounts SET note = 'chain' WHERE id = 500",
        "COMMIT",
        "UPDATE accounts SET note = 'lost' WHERE id = 500",
        "ROLLBACK AND NO CHAIN",
        "UPDATE accounts SET note = 'kept' WHERE id = 2",
    ],
    // BEGIN commits what is open.
    &[
        "BEGIN",
        "UPDATE accounts SET note = 'first' WHERE id = 1",
        "UPDATE accounts SET note = 'first' WHERE id = 300",
        "BEGIN",
        "UPDATE accounts SET note = 'second' WHERE id = 1",
        "UPDATE accounts SET note = 'second' WHERE id = 300",
        "ROLLBACK",
    ],
    &[
        "START TRANSACTION READ ONLY",
        "SELECT balance FROM accounts WHERE id = 1",
        "SELECT balance FROM accounts WHERE id = 300",
        "UPDATE accounts SET balance = 0 WHERE id = 300",
        "UPDATE accounts SET balance = 0 WHERE id = 1",
        "COMMIT",
        "UPDATE accounts SET balance = balance + 1 WHERE id = 1",
    ],
    &[
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
        "BEGIN",
        "SELECT balance FROM accounts WHERE id = 1",
        "SET TRANSACTION READ WRITE",
        "SELECT balance FROM accounts WHERE id = 300",
        "UPDATE accounts SET balance = 0 WHERE id = 300",
        "COMMIT",
        "UPDATE accounts SET balance = balance + 1 WHERE id = 300",
    ],
    &[
        "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        "SELECT balance FROM accounts WHERE id = 300",
        "UPDATE accounts SET balance = balance + 3 WHERE id = 300",
        "UPDATE accounts SET balance = balance - 3 WHERE id = 150",
        "COMMIT",
    ],
    // An error takes back its own statement and nothing else.
    &[
        "BEGIN",
        "UPDATE accounts SET balance = balance + 4 WHERE id = 1",
        "INSERT INTO accounts (id, balance) VALUES (300, 0)",
        "INSERT INTO accounts (id, balance) VALUES (301, NULL)",
        "INSERT INTO accounts (id, balance) VALUES (302, 4)",
        "INSERT INTO accounts (id, balance) VALUES (2, 0)",
        "UPDATE accounts SET balance = balance - 8 WHERE id = 500",
        "COMMIT",
    ],
    // Only one of them writes.
    &[
        "BEGIN",
        "SELECT balance FROM accounts WHERE id = 1",
        "UPDATE accounts SET balance = balance - 8 WHERE id = 500",
        "COMMIT",
        "BEGIN",
        "UPDATE accounts SET balance = balance + 8 WHERE id = 500",
        "SELECT balance FROM accounts WHERE id = 1",
        "COMMIT",
        "BEGIN",
        "SELECT balance FROM accounts WHERE id = 500",
        "SELECT balance FROM accounts WHERE id = 1 FOR UPDATE",
        "COMMIT",
    ],
    &[
        "BEGIN",
        "UPDATE accounts SET note = 'x' WHERE id = 1",
        "SELECT LAST_INSERT_ID(5)",
        "UPDATE accounts SET note = 'x' WHERE id = 300",
        "COMMIT",
        "SELECT ROW_COUNT()",
        "SELECT LAST_INSERT_ID()",
    ],
];

#[tokio::test]
async fn a_transaction_over_two_servers_answers_like_one_mysql() {
    let (place, proxy) = bank("").await;
    for sequence in SEQUENCES {
        same(&place, &proxy, sequence).await;
    }
    proxy.shutdown().await;
}

#[tokio::test]
async fn best_effort_differs_only_where_something_fails() {
    let (place, proxy) = bank("[transactions]\ncommit = \"best_effort\"").await;
    for sequence in SEQUENCES {
        same(&place, &proxy, sequence).await;
    }
    proxy.shutdown().await;
}
