//! User variables wherever a statement runs: they are what one server has, on every shard.

use super::pair::{CLIENTS, Pair, Stage, assert_same};

const TABLES: &str = "[schemas.shop.tables.t]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.u]\nkey = \"k\"\nalgorithm = \"hash_mod\"\n\
                      [schemas.shop.tables.kinds]\nkind = \"broadcast\"\n";

const DEFINITIONS: &[&str] = &[
    "CREATE TABLE t (k BIGINT PRIMARY KEY, n DECIMAL(30,5), s VARCHAR(40) COLLATE utf8mb4_general_ci)",
    "CREATE TABLE u (k BIGINT PRIMARY KEY, a INT, b VARCHAR(40) COLLATE utf8mb4_general_ci)",
    "CREATE TABLE kinds (a INT PRIMARY KEY, b VARCHAR(40))",
];

/// Of all types that a variable has.
const VALUES: &[&str] = &[
    "1",
    "-9223372036854775808",
    "18446744073709551615",
    "CAST(3 AS UNSIGNED)",
    "1.50",
    "CAST(12 AS DECIMAL(10,0))",
    "-0.00001",
    "1e0 / 3",
    "1e300",
    "0.1e0 + 0.2e0",
    "-0e0",
    "'text'",
    "''",
    "'it''s \\\\ \"quoted\" `so`'",
    "_latin1 x'E4'",
    "_utf8mb4'ä' COLLATE utf8mb4_bin",
    "'😀'",
    "x'00FF61'",
    "TRUE",
    "NULL",
    "DATE'2024-02-29'",
    "TIMESTAMP'2024-02-29 12:00:00.5'",
    "JSON_OBJECT('a', 1)",
    "b'101'",
];

/// Each runs on one shard, whose server need not be that of the variables.
const ON_ONE: &[&str] = &[
    "INSERT INTO t VALUES ($, $, @s)",
    "INSERT INTO t (k, n, s) SELECT $ + 0, @n, @s FROM kinds WHERE a = @n",
    "SELECT k, n, s, @n, @s FROM t WHERE k = $",
    "SELECT @x, @x IS NULL, HEX(@x), COLLATION(@x), COERCIBILITY(@x), @unset IS NULL FROM kinds, t WHERE k = $ AND a = 1",
    "SELECT @x + 1, CONCAT(@x), @x = @x, COALESCE(@x, k) FROM t WHERE k = $",
    "UPDATE t SET s = CONCAT(@s, '/', s), n = n + @n WHERE k = $",
    "SELECT s = @s, s <=> @x, n FROM t WHERE k = $ AND n > @n",
    "SELECT k FROM t WHERE k = $ FOR UPDATE",
    "SELECT (SELECT @s FROM u WHERE u.k = t.k) FROM t WHERE k = $ AND @n = 2",
    "DELETE FROM t WHERE k = $ AND n > @n",
];

/// Each needs several shards.
const ON_ALL: &[&str] = &[
    "INSERT INTO t VALUES (11, @n, @s), (12, @n, 'b'), (13, 3, @s), (14, 4, @`s`)",
    "INSERT INTO u VALUES (11, @n, @s), (12, 2, @'S'), (13, @N, 'z')",
    "INSERT INTO kinds VALUES (7, @s)",
    "UPDATE t SET s = CONCAT(s, @s), n = @n WHERE k > 10",
    "UPDATE t SET n = n + @n WHERE s LIKE CONCAT('%', @s) AND @unset IS NULL",
    "UPDATE t JOIN u USING (k) SET t.s = @s, u.b = CONCAT(@s, u.b) WHERE u.a = @n",
    "UPDATE kinds SET b = @s WHERE a = @n",
    "REPLACE INTO t VALUES (11, @n, 'replaced'), (12, 5, @s)",
    "INSERT INTO t VALUES (11, 1, 'x'), (13, 1, 'y') ON DUPLICATE KEY UPDATE s = CONCAT(@s, VALUES(s)), n = @n",
    "INSERT INTO u SELECT k + 30, n + @n, @s FROM t WHERE k > @n",
    "DELETE FROM t WHERE n = @n AND k <> 12",
    "SELECT k, n, s, @n FROM t WHERE n >= @n ORDER BY k",
    "SELECT t.k, u.k, @s FROM t JOIN u ON t.n = u.a WHERE u.a >= @n ORDER BY 1, 2",
    "SELECT COUNT(*) + @n, MAX(s) = @s FROM t",
    "SELECT a, b, @x FROM kinds ORDER BY a",
    "SELECT @n, k FROM t WHERE k > 10 ORDER BY k LIMIT 2",
    "UPDATE t SET n = 1 / 0, s = @s ORDER BY k LIMIT 3",
    "DELETE FROM u WHERE a = @n OR b = @s ORDER BY k LIMIT 2",
];

/// Variables get values on one shard and are read on others.
const ASSIGNED: &[&str] = &[
    "SET @m = 0, @l = 'none'",
    "SELECT n, s INTO @m, @l FROM t WHERE k = 1",
    "SELECT @m, @l",
    "SELECT n, s INTO @m, @l FROM t WHERE k = 2",
    "SELECT @m, @l",
    "SELECT @m := @m + k, k FROM t WHERE k = 3",
    "SELECT @m, @l, k FROM t WHERE k = 4",
    "SELECT k INTO @none FROM t WHERE k = 999",
    "SELECT @none IS NULL, @m",
    "SELECT @m := @m + n FROM t WHERE k = 5",
    "SELECT @m := SUM(n), @l := MIN(s), COUNT(*) FROM t",
    "SELECT @m, @l FROM t WHERE k = 2",
    "SELECT @m := COUNT(*) + @m AS m, @l := CONCAT(@l, MAX(s)) FROM t WHERE n > @none OR n < @m HAVING m > 0",
    "SELECT @m, @l FROM t WHERE k = 6",
    "SELECT @m := COUNT(*) FROM t JOIN u ON u.a = t.n",
    "SELECT @m",
    "SELECT MAX(n), MIN(s) INTO @m, @l FROM t",
    "SELECT @m, @l FROM t WHERE k = 6",
    "UPDATE t SET n = (@m := @m + 1) WHERE k = 7",
    "UPDATE t SET n = (@m := @m + 1) WHERE k = 8",
    "SELECT @m, k, n FROM t WHERE k >= 7 ORDER BY k",
    "INSERT INTO u VALUES (7, @m := 5, @l)",
    "SELECT @m, u.* FROM u WHERE k = 7",
    "SELECT k, s INTO @m, @l FROM t",
    "SELECT @m, @l FROM u WHERE k = 7",
    "SELECT nope INTO @m FROM t WHERE k = 2",
    "SELECT @m",
    "DELETE FROM u WHERE k = 7 AND a = @m",
    "DELETE FROM u WHERE k = 7",
];

fn on_each(statement: &str) -> Vec<String> {
    let keys = ["1", "2", "3", "4", "5", "6"];
    let of = |key: &&str| statement.replace('$', key);
    keys.iter().map(of).collect()
}

#[tokio::test]
async fn a_variable_has_its_value_on_every_shard() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut differences = Vec::new();
    for (name, extras) in CLIENTS {
        let mut pair = stage.pair(extras).await;
        pair.query("INSERT INTO kinds VALUES (1, 'one'), (2, 'two')")
            .await;
        for value in VALUES {
            pair.query(format!("SET @x = {value}, @n = 2, @s = 'ßs'"))
                .await;
            for statement in ON_ONE {
                for statement in on_each(statement) {
                    pair.query(statement).await;
                }
            }
            run(&mut pair, "DELETE FROM t").await;
        }
        run(&mut pair, "DELETE FROM kinds").await;
        differences.extend(pair.into_differences(name));
    }
    assert_same(&differences);
}

/// The variables are on one connection: those of all statements before and behind, of transactions and without.
#[tokio::test]
async fn statements_over_several_shards_have_the_variables() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut differences = Vec::new();
    let frames: [(&[&str], &str); 4] = [
        (&[], "DO 0"),
        (&["BEGIN"], "COMMIT"),
        (
            &["BEGIN", "SELECT k FROM t WHERE k = 12 FOR UPDATE"],
            "ROLLBACK",
        ),
        (&["SET autocommit = 0"], "SET autocommit = 1"),
    ];
    for (name, extras) in CLIENTS {
        for (before, behind) in frames {
            for set in ["SET @z = 1", "SET @x = _latin1 x'E4', @n = 2, @s = 'ab'"] {
                let mut pair = stage.pair(extras).await;
                pair.query("INSERT INTO kinds VALUES (1, 'one'), (2, 'two')")
                    .await;
                pair.query(set).await;
                pair.queries(before).await;
                for statement in ON_ALL {
                    run(&mut pair, statement).await;
                }
                pair.query(behind).await;
                for table in ["t", "u", "kinds"] {
                    run(&mut pair, &format!("SELECT * FROM {table} ORDER BY 1")).await;
                    run(&mut pair, &format!("DELETE FROM {table}")).await;
                }
                pair.query("COMMIT").await;
                differences.extend(pair.into_differences(name));
            }
        }
    }
    assert_same(&differences);
}

/// How a server finds its rows depends on how many it has.
async fn run(pair: &mut Pair, statement: &str) {
    if statement.starts_with("SELECT") {
        pair.query_elsewhere(statement).await;
    } else {
        pair.change(statement).await;
    }
}

#[tokio::test]
async fn what_a_shard_assigns_the_session_has() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    let mut differences = Vec::new();
    let rows = "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3.5, 'c'), (4, 4, NULL), (5, NULL, 'e'), \
                (6, 6, 'f'), (7, 7, 'g'), (8, 8, 'h')";
    for (name, extras) in CLIENTS {
        for (before, behind) in [
            ("DO 0", "DO 0"),
            ("BEGIN", "ROLLBACK"),
            ("SET autocommit = 0", "COMMIT"),
        ] {
            let mut pair = stage.pair(extras).await;
            pair.query(rows).await;
            for owner in ["SET @first = 1", "DO 1"] {
                pair.queries(&[owner, before]).await;
                for statement in ASSIGNED {
                    run(&mut pair, statement).await;
                }
                pair.queries(&[
                    behind,
                    "SET autocommit = 1",
                    "SELECT @m, @l, @none IS NULL, @first",
                ])
                .await;
            }
            run(&mut pair, "DELETE FROM t").await;
            differences.extend(pair.into_differences(name));
        }
    }
    assert_same(&differences);
}

/// Whatever is merged or gathered.
const SELECTS: &[&str] = &[
    "SELECT @x FROM t",
    "SELECT DISTINCT @x FROM t",
    "SELECT DISTINCT @x, n > @n FROM t ORDER BY 2",
    "SELECT k, @x AS x FROM t ORDER BY x, k",
    "SELECT k FROM t ORDER BY @x, k",
    "SELECT k FROM t ORDER BY n * @n DESC, k LIMIT 3",
    "SELECT k FROM t ORDER BY s = @s, k DESC LIMIT 2, 3",
    "SELECT @x, COUNT(*) FROM t",
    "SELECT @x, COUNT(*) FROM t GROUP BY @x",
    "SELECT @x, COUNT(*) FROM t WHERE n > 100",
    "SELECT @x AS x, COUNT(*) FROM t WHERE n > 100 GROUP BY x",
    "SELECT n > @n AS more, COUNT(*), SUM(n), @x FROM t GROUP BY more ORDER BY more",
    "SELECT SUM(n * @n), AVG(n + @n), MIN(n - @n), MAX(@x), COUNT(@x), COUNT(@unset) FROM t",
    "SELECT SUM(@x), MIN(@x), MAX(@x) FROM t",
    "SELECT COUNT(DISTINCT n > @n), COUNT(DISTINCT @s) FROM t",
    "SELECT BIT_OR(@n), BIT_AND(k + @n), BIT_XOR(@n) FROM t",
    "SELECT GROUP_CONCAT(@s ORDER BY k), GROUP_CONCAT(DISTINCT @x) FROM t",
    "SELECT k, SUM(n) FROM t GROUP BY k HAVING SUM(n) > @n ORDER BY k",
    "SELECT s, MAX(n) AS m FROM t GROUP BY s HAVING m > @n AND s <> @s ORDER BY s",
    "SELECT k, RANK() OVER (ORDER BY n > @n, k), @x FROM t ORDER BY k",
    "SELECT k, s FROM t WHERE s = @s OR n IN (@n, @n + 1) ORDER BY k",
    "SELECT k FROM t WHERE n BETWEEN @n AND @n + 2 ORDER BY k",
    "SELECT k FROM t WHERE s LIKE CONCAT(@s, '%') ORDER BY k",
    "SELECT k FROM t WHERE k = @n",
    "SELECT k FROM t WHERE k IN (@n, 5) ORDER BY k",
    "SELECT @x UNION ALL SELECT s FROM t WHERE k <> 3 ORDER BY 1",
    "SELECT k FROM t WHERE n > @n UNION SELECT k FROM u WHERE a > @n ORDER BY 1",
    "SELECT t.k, u.a FROM t JOIN u USING (k) WHERE u.a > @n ORDER BY 1",
    "SELECT t.k, u.k FROM t JOIN u ON u.a = t.n + @n ORDER BY 1, 2",
    "SELECT t.k FROM t LEFT JOIN u ON u.a = t.n AND u.b = @s WHERE u.k IS NULL ORDER BY 1",
    "SELECT k FROM t WHERE n > (SELECT MIN(a) + @n FROM u) ORDER BY k",
    "SELECT k FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.n AND u.k > @n) ORDER BY k",
    "SELECT d.m, @s FROM (SELECT MAX(n) AS m, @x AS x FROM t) d WHERE d.m > @n",
    "WITH c AS (SELECT k, n + @n AS m FROM t) SELECT c.k, c.m FROM c JOIN u ON u.a = c.m ORDER BY 1",
    "SELECT CASE WHEN n > @n THEN @s ELSE s END, @unset IS NULL FROM t ORDER BY k",
    "SELECT kinds.b, t.k FROM t JOIN kinds ON kinds.a = @n ORDER BY t.k",
    "SELECT SQL_CALC_FOUND_ROWS k, @n FROM t WHERE n >= @n ORDER BY k LIMIT 1",
    "SELECT FOUND_ROWS(), @n",
    "SELECT k FROM t WHERE n > @n ORDER BY k FOR UPDATE",
    "SELECT t.k, u.k FROM t JOIN u ON u.a = t.n WHERE t.n > @n ORDER BY 1, 2 FOR UPDATE",
    "SELECT k FROM t WHERE nope = @n",
    "SELECT STD(n + @n), VARIANCE(@n), JSON_ARRAYAGG(@x IS NULL) FROM t",
    "SELECT s, COUNT(*), @n FROM t GROUP BY s WITH ROLLUP",
];

#[tokio::test]
async fn answers_of_several_shards_have_the_variables() {
    let stage = Stage::new(TABLES, DEFINITIONS, &[]).await;
    for rows in [
        "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3.5, 'AB'), (4, 4, NULL), (5, NULL, 'ab'), \
         (6, 6, 'f'), (7, 7, 'abc'), (8, 8, 'h')",
        "INSERT INTO u VALUES (1, 1, 'ab'), (2, 4, 'x'), (3, 6, 'AB'), (7, 3, 'y'), (8, NULL, 'ab')",
        "INSERT INTO kinds VALUES (1, 'one'), (2, 'two')",
    ] {
        stage.run(rows).await;
    }
    let mut differences = Vec::new();
    let mut refused = 0;
    for (name, extras) in CLIENTS {
        for value in [
            "1",
            "2.50",
            "0.5e0",
            "'text'",
            "_latin1 x'E4'",
            "x'00FF'",
            "NULL",
            "18446744073709551615",
        ] {
            let mut pair = stage.pair(extras).await;
            pair.query(format!("SET @x = {value}, @n = 2, @s = 'ab'"))
                .await;
            for before in ["DO 0", "BEGIN"] {
                pair.query(before).await;
                for statement in SELECTS {
                    refused += usize::from(elsewhere_or_refusal(&mut pair, statement).await);
                }
            }
            pair.query("ROLLBACK").await;
            differences.extend(pair.into_differences(&format!("{name}, {value}")));
        }
    }
    assert_eq!(refused, 0, "refused");
    assert_same(&differences);
}

async fn elsewhere_or_refusal(pair: &mut Pair, statement: &str) -> bool {
    let before = pair.differences().len();
    pair.query_elsewhere(statement).await;
    let differs = pair.differences().get(before);
    differs.is_some_and(|told| told.contains("Shardwell does not"))
}
