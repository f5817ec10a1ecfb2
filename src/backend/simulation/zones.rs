//! Near servers are preferred, but never to an answer.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;

const BOUNDED: ReadPolicy = ReadPolicy::Bounded {
    max_lag: Duration::from_secs(2),
};

/// A primary and replicas in these zones, all well, looked at after ten seconds.
fn world(policy: &str, zone: Option<&str>, zones: &[Option<&str>]) -> World {
    let members: Vec<String> = zones
        .iter()
        .enumerate()
        .map(|(at, zone)| {
            let zone = zone.map_or(String::new(), |zone| format!(", zone = '{zone}'"));
            format!("{{ address = 'h{at}:3306'{zone} }}")
        })
        .collect();
    let balance = format!("policy = '{policy}', primary = 'share', slow_start = '0s'");
    let world = World::new(&members, zone, &balance);
    for half_second in 0..20 {
        world.set_clock(Duration::from_millis(500) * half_second);
        (0..zones.len()).for_each(|at| world.answers(at, 10));
    }
    world
}

/// The servers that answer some of many reads, `None` standing for "ask the primary".
fn answer(world: &mut World) -> BTreeSet<Option<usize>> {
    let choose = |_| {
        let demand = world.demand(BOUNDED);
        world.set.choose(&demand)
    };
    (0..200).map(choose).collect()
}

fn set<const N: usize>(of: [usize; N]) -> BTreeSet<Option<usize>> {
    of.into_iter().map(Some).collect()
}

#[test]
fn near_servers_answer_everything_while_one_of_them_can() {
    const ZONES: [Option<&str>; 5] = [Some("far"), Some("near"), None, Some("near"), Some("far")];
    for policy in POLICIES {
        let mut world = world(policy, Some("near"), &ZONES);
        assert_eq!(answer(&mut world), set([1, 3]), "{policy}: all are well");
        world.member(1).drain(true);
        assert_eq!(answer(&mut world), set([3]), "{policy}: one is drained");
        world.refuses(3);
        assert_eq!(
            answer(&mut world),
            set([0, 2, 4]),
            "{policy}: no near one is left"
        );
        world.answers(3, 10);
        assert_eq!(answer(&mut world), set([3]), "{policy}: it is back");
        world.member(1).drain(false);
        // What the near ones lack was there three seconds ago.
        for at in [0, 2, 4] {
            world.answers(at, 99);
        }
        world.set_clock(Duration::from_secs(13));
        for (at, has) in [(0, 99), (1, 10), (2, 99), (3, 10), (4, 99)] {
            world.answers(at, has);
        }
        assert_eq!(
            answer(&mut world),
            set([0, 2, 4]),
            "{policy}: the near ones lag"
        );
    }
}

#[test]
fn a_near_server_that_has_failed_a_read_is_not_asked_again_by_it() {
    let mut world = world("round_robin", Some("near"), &[None, Some("near"), None]);
    let mut demand = world.demand(BOUNDED);
    assert_eq!(world.set.choose(&demand), Some(1));
    demand.tried = 1 << 1;
    let next = world.set.choose(&demand);
    assert!(matches!(next, Some(0 | 2)), "{next:?}");
}

#[test]
fn without_zones_that_agree_all_servers_answer() {
    const CASES: [(Option<&str>, [Option<&str>; 3]); 4] = [
        (None, [None, Some("x"), None]),
        (None, [None, None, None]),
        (Some("x"), [None, Some("y"), None]),
        (Some("x"), [Some("X"), Some("y"), Some("xx")]),
    ];
    for (own, zones) in CASES {
        let mut world = world("random", own, &zones);
        assert_eq!(answer(&mut world), set([0, 1, 2]), "{own:?} {zones:?}");
    }
}
