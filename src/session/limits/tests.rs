//! Normal forms, which rules a statement meets, rates by a virtual clock, counts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::rules::{Rules, Subject};
use super::shape::shape;
use super::usage::{Bucket, Taken, Usages};
use crate::config::{Kind, Pattern, RuleAction, RuleConfig};
use crate::parse::{Digest, DigestSeed, LexMode, Tokens, scan};

fn scanned(sql: &str) -> Digest {
    let mut digest = Digest::default();
    scan(
        sql.as_bytes(),
        0,
        LexMode::default(),
        DigestSeed(1),
        0,
        &mut digest,
    )
    .unwrap();
    digest
}

fn rule(name: &str) -> RuleConfig {
    RuleConfig {
        name: name.to_owned(),
        user: None,
        schema: None,
        kinds: Vec::new(),
        pattern: None,
        digest: None,
        action: RuleAction::Pass,
        log: false,
    }
}

/// The names of the rules that a statement of `app` on `shop` meets.
fn met(rules: &[RuleConfig], sql: &str) -> Vec<String> {
    let rules = Rules::new(rules, &Usages::default());
    let digest = scanned(sql);
    let subject = Subject {
        tokens: Tokens::new(sql.as_bytes(), &digest),
        schemas: &["shop"],
    };
    let names = |_| -> Vec<String> {
        let met = rules.met("app", &subject);
        met.iter().map(|rule| rule.config.name.clone()).collect()
    };
    // The second time it is remembered.
    let [first, second] = [0, 1].map(names);
    assert_eq!(first, second);
    first
}

#[test]
fn a_normal_form_leaves_out_what_a_statement_can_hide_behind() {
    let table = [
        ("delete  from/**/t where id=7", "delete from t where id = ?"),
        ("DELETE FROM `t`", "DELETE FROM t"),
        ("DELETE FROM shop . `t`", "DELETE FROM shop.t"),
        ("/*!50000 DELETE */ FROM t", "DELETE FROM t"),
        ("SELECT 'a' -- why\n, -1", "SELECT ? , ?"),
        (
            "SELECT a FROM t WHERE id IN (1, 2, 3)",
            "SELECT a FROM t WHERE id IN (?)",
        ),
        (
            "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
            "INSERT INTO t VALUES (?)",
        ),
        (
            "SELECT v FROM t WHERE id = ?",
            "SELECT v FROM t WHERE id = ?",
        ),
    ];
    for (sql, expected) in table {
        let digest = scanned(sql);
        assert_eq!(
            shape(Tokens::new(sql.as_bytes(), &digest)),
            expected,
            "{sql}"
        );
    }
}

fn with(change: &dyn Fn(&mut RuleConfig)) -> RuleConfig {
    let mut rule = rule("it");
    change(&mut rule);
    rule
}

#[test]
fn a_rule_is_met_by_what_meets_all_of_its_conditions() {
    let delete = with(&|rule| rule.kinds = vec![Kind::Delete]);
    let table = [
        (rule("it"), "SELECT 1", true),
        (delete.clone(), "DELETE FROM t", true),
        (delete.clone(), "/*!50000 DELETE */ FROM t", true),
        (delete.clone(), "WITH c AS (SELECT 1) DELETE FROM t", true),
        (delete.clone(), "EXPLAIN ANALYZE DELETE FROM t", true),
        (delete.clone(), "EXPLAIN DELETE FROM t", false),
        (delete, "SELECT 'DELETE FROM t'", false),
        (
            with(&|rule| rule.pattern = Pattern::new("^delete from t$").ok()),
            "DELETE  FROM `T`",
            true,
        ),
        (
            with(&|rule| rule.pattern = Pattern::new("secret").ok()),
            "SELECT 'secret'",
            false,
        ),
        (
            with(&|rule| rule.digest = Some("select ?".to_owned())),
            "SELECT  42",
            true,
        ),
        (
            with(&|rule| rule.digest = Some("select ?".to_owned())),
            "SELECT 42, 43",
            false,
        ),
        (
            with(&|rule| rule.user = Some("app".to_owned())),
            "SELECT 1",
            true,
        ),
        (
            with(&|rule| rule.user = Some("other".to_owned())),
            "SELECT 1",
            false,
        ),
        (
            with(&|rule| rule.schema = Some("shop".to_owned())),
            "SELECT 1",
            true,
        ),
        (
            with(&|rule| rule.schema = Some("other".to_owned())),
            "SELECT 1",
            false,
        ),
    ];
    for (rule, sql, expected) in table {
        assert_eq!(
            !met(std::slice::from_ref(&rule), sql).is_empty(),
            expected,
            "{sql}: {rule:?}"
        );
    }
}

#[test]
fn the_first_rule_that_decides_is_the_last_that_counts() {
    let deny = RuleConfig {
        action: RuleAction::Deny("no".to_owned()),
        ..rule("deny")
    };
    let allow = RuleConfig {
        action: RuleAction::Allow,
        ..rule("allow")
    };
    let rules = [rule("one"), allow.clone(), deny.clone()];
    assert_eq!(met(&rules, "SELECT 1"), ["one", "allow"]);
    let rules = [rule("one"), deny, allow];
    assert_eq!(met(&rules, "SELECT 1"), ["one", "deny"]);
}

#[test]
fn a_rate_lets_a_burst_through_and_then_as_many_as_it_says() {
    let (bucket, start) = (Bucket::default(), Instant::now());
    let taken = |after: u64, tries: usize| {
        let now = start + Duration::from_millis(after);
        (0..tries).filter(|_| bucket.take(now, (10, 3))).count()
    };
    assert_eq!(taken(0, 10), 3);
    assert_eq!(taken(99, 10), 0);
    assert_eq!(taken(100, 10), 1);
    assert_eq!(taken(350, 10), 2);
    assert_eq!(taken(60_000, 10), 3, "no more than the burst after a pause");
}

#[test]
fn what_is_dropped_counts_no_more_and_what_is_refused_never_did() {
    let usages = Usages::default();
    let one = Taken::statement(usages.user("app"), Some(1));
    assert!(one.is_some());
    assert!(Taken::statement(usages.user("app"), Some(1)).is_none());
    assert!(Taken::statement(usages.user("other"), Some(1)).is_some());
    assert!(Taken::connection(usages.user("app"), Some(1)).is_some());
    drop(one);
    assert!(Taken::statement(Arc::clone(&usages.user("app")), Some(1)).is_some());
}
