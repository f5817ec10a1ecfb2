//! What the router leaves out holds no row of the answer.
//!
//! A real server has every row in one database, and beside it a database per data node with the
//! rows that the router stores there. For thousands of random statements, always the same ones:
//! every row of the answer is on a node of the route, and where the route is one node, the node's
//! answer is the whole answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "../common/mod.rs"]
mod common;
mod dice;
mod literals;
mod setups;
mod stage;
mod statements;

use dice::Dice;
use setups::Setup;
use stage::Stage;

const ROWS: usize = 50;
const CONDITIONS: usize = 220;
const STATEMENTS: usize = 160;

/// What the conditions came to: nothing is proved where everything goes everywhere.
#[derive(Debug, Default)]
struct Tally {
    conditions: usize,
    narrowed: usize,
    statements: usize,
    one_node: usize,
    found: usize,
}

async fn check(setup: &Setup, seed: u64, wrong: &mut Vec<String>) -> Tally {
    let mut dice = Dice(seed);
    let mut stage = Stage::new(setup).await;
    stage.fill(setup, &mut dice, ROWS).await;
    let mut tally = Tally::default();
    for _ in 0..CONDITIONS {
        let condition = statements::condition(setup, &mut dice, &[""], 3);
        let sql = format!("SELECT row_no, node FROM t WHERE {condition}");
        let Some(rows) = stage.rows_of_nodes(&sql).await else {
            continue;
        };
        let Some(route) = stage.route(&sql) else {
            wrong.push(format!("{}: no route: {sql}", setup.name));
            continue;
        };
        tally.conditions += 1;
        tally.found += rows.len();
        tally.narrowed += usize::from(route.len() < stage.nodes());
        if let Some(row) = rows.iter().find(|row| !route.contains(&row.1)) {
            let name = &setup.name;
            wrong.push(format!("{name}: row {row:?} is not on {route:?}: {sql}"));
        }
    }
    for _ in 0..STATEMENTS {
        let sql = statements::statement(setup, &mut dice);
        let Some(all) = stage.answer(None, &sql).await else {
            continue;
        };
        tally.statements += 1;
        let Some(Ok(node)) = stage.route(&sql).map(<[usize; 1]>::try_from) else {
            continue;
        };
        tally.one_node += 1;
        let there = stage.answer(Some(node[0]), &sql).await;
        if there.as_ref() != Some(&all) {
            let name = &setup.name;
            wrong.push(format!(
                "{name}: node {}: {there:?} is not {all:?}: {sql}",
                node[0]
            ));
        }
    }
    tally
}

/// SHARDWELL_SEED gives other statements.
fn first_seed() -> u64 {
    std::env::var("SHARDWELL_SEED").map_or(0, |seed| seed.parse().unwrap())
}

#[tokio::test]
async fn no_row_of_an_answer_is_outside_of_the_route() {
    let mut wrong = Vec::new();
    let flavor = common::servers().await.flavor();
    for (setup, number) in setups::all(flavor).iter().zip(1..) {
        let seed = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(number + first_seed());
        let tally = check(setup, seed, &mut wrong).await;
        println!("{}: {tally:?}", setup.name);
        let enough = tally.conditions > 100
            && tally.narrowed > 20
            && tally.statements > 80
            && tally.one_node > 5
            && tally.found > 100;
        assert!(enough, "{}: {tally:?} proves nothing", setup.name);
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
