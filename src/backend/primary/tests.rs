//! Who is primary, case by case.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::backend::Flavor;

/// A server of the tests: a MySQL with GTIDs `m:1-has`, of its own `name:1-own`.
#[derive(Clone)]
struct Server {
    said: Observation,
    name: &'static str,
    has: u32,
    own: u32,
    alive: bool,
    asked: bool,
    refused_at: Option<Duration>,
}

const COMMON: &str = "00000000-0000-0000-0000-000000000000";
const NAMES: [&str; 3] = [
    "aaaaaaaa-0000-0000-0000-000000000000",
    "bbbbbbbb-0000-0000-0000-000000000000",
    "cccccccc-0000-0000-0000-000000000000",
];

impl Server {
    fn at(&mut self, moment: u64) -> &mut Self {
        self.said.asked_at = Duration::from_millis(moment);
        let mut text = format!("{COMMON}:1-{}", self.has);
        if self.own > 0 {
            text.push_str(&format!(",{}:1-{}", self.name, self.own));
        }
        let position = Position::parse(&text, Flavor::MySql).unwrap();
        self.said.executed = Some(Arc::new(position));
        self.said.written = self.said.executed.clone();
        self
    }

    fn promote(&mut self) -> &mut Self {
        self.said.sources = Some(Vec::new());
        self.writable(true)
    }

    fn writable(&mut self, writable: bool) -> &mut Self {
        self.said.read_only = !writable;
        self.said.super_read_only = !writable;
        self
    }
}

/// A primary and two replicas that follow it, all asked at `1`.
fn set() -> Vec<Server> {
    let server = |at: usize| {
        let mut server = Server {
            said: Observation {
                asked_at: Duration::ZERO,
                executed: None,
                written: None,
                read_only: false,
                super_read_only: false,
                identity: Some(NAMES[at].to_owned()),
                sources: Some(Vec::new()),
                settings: Vec::new(),
                group_state: None,
                group_primary: false,
                galera_synced: None,
                semi_sync: None,
            },
            name: NAMES[at],
            has: 10,
            own: 0,
            alive: true,
            asked: true,
            refused_at: None,
        };
        if at > 0 {
            server.said.sources = Some(vec![NAMES[0].to_owned()]);
            server.writable(false);
        }
        server.at(1);
        server
    };
    (0..3).map(server).collect()
}

fn decide(election: &mut Election, servers: &[Server]) -> Verdict {
    let members: Vec<_> = servers
        .iter()
        .map(|server| Witness {
            last: server.asked.then_some(&server.said),
            alive: server.alive && server.asked,
            asked: server.asked,
            refused_at: server.refused_at,
        })
        .collect();
    election.decide(&members)
}

fn confirmed(servers: &[Server]) -> Election {
    let mut election = Election::default();
    assert_eq!(decide(&mut election, servers), Verdict::Primary(0));
    election
}

#[test]
fn nobody_is_primary_before_all_were_asked() {
    let mut servers = set();
    servers[2].asked = false;
    let mut election = Election::default();
    let none = Verdict::None(Why::NotAsked);
    assert_eq!(decide(&mut election, &servers), none);
    servers[2].asked = true;
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
}

#[test]
fn a_planned_switch_is_followed() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[0].writable(false).at(2);
    let none = Verdict::None(Why::ReadOnly);
    assert_eq!(decide(&mut election, &servers), none);
    servers[1].promote().at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    // And back.
    servers[1].writable(false).at(4);
    servers[0].promote().at(5);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
}

#[test]
fn who_lacks_transactions_of_a_primary_that_answers_is_not_followed() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[0].has = 11;
    servers[0].writable(false).at(2);
    servers[1].promote().at(3);
    let none = Verdict::None(Why::Behind);
    assert_eq!(decide(&mut election, &servers), none);
    // It agrees.
    servers[0].said.sources = Some(vec![NAMES[1].to_owned()]);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
}

#[test]
fn a_promotion_after_the_primarys_death_is_followed() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[0].alive = false;
    let none = Verdict::None(Why::Silent);
    assert_eq!(decide(&mut election, &servers), none);
    servers[1].promote().at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    // The old one comes back as it was: that is no claim of now.
    servers[0].alive = true;
    servers[0].has = 11;
    servers[0].at(4);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    servers[1].own = 3;
    servers[1].at(5);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    assert!(election.is_rival(0));
    // It goes on with what it had received.
    servers[0].own = 2;
    servers[0].at(20_000);
    servers[1].at(20_001);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    // But who writes there later takes it for the primary.
    servers[0].own = 3;
    servers[0].at(40_000);
    servers[1].at(40_001);
    let none = Verdict::None(Why::Split);
    assert_eq!(decide(&mut election, &servers), none);
}

#[test]
fn a_promotion_seen_before_the_death_is_followed_too() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[1].promote().at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    servers[0].alive = false;
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
}

#[test]
fn who_was_writable_beside_the_primary_is_no_successor_by_its_silence() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[1].promote().at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    servers[0].at(4);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    servers[0].alive = false;
    let none = Verdict::None(Why::Early);
    assert_eq!(decide(&mut election, &servers), none);
    // Unless the rest of the set follows it.
    servers[2].said.sources = Some(vec![NAMES[1].to_owned()]);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
}

#[test]
fn two_that_are_both_written_to_get_nothing_until_one_steps_back() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[1].promote().at(2);
    servers[0].at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    servers[1].own = 1;
    servers[1].at(4);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    servers[0].at(5);
    let none = Verdict::None(Why::Split);
    assert_eq!(decide(&mut election, &servers), none);
    servers[1].writable(false).at(6);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
}

#[test]
fn a_writable_replica_is_no_primary() {
    let mut servers = set();
    servers[1].writable(true);
    servers[2].writable(true);
    let mut election = confirmed(&servers);
    for moment in 2..6 {
        servers[0].has += 1;
        servers[0].at(2 * moment);
        servers[1].has += 1;
        servers[1].at(2 * moment + 1);
        assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    }
    servers[0].alive = false;
    let none = Verdict::None(Why::Silent);
    assert_eq!(decide(&mut election, &servers), none);
    // One that does not tell whom it follows is no rival either, as long as it only follows.
    let mut servers = set();
    servers[1].writable(true).said.sources = None;
    let mut election = confirmed(&servers);
    for moment in 2..6 {
        servers[1].has += 1;
        servers[1].at(2 * moment);
        assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
        servers[0].has += 1;
        servers[0].at(2 * moment + 1);
        assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    }
}

#[test]
fn two_that_follow_each_other_are_told_apart_by_read_only() {
    let mut servers = set();
    servers[0].said.sources = Some(vec![NAMES[1].to_owned()]);
    let mut election = confirmed(&servers);
    servers[0].writable(false).at(2);
    servers[1].writable(true).at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
}

#[test]
fn in_the_beginning_who_has_everything_is_primary() {
    let mut servers = set();
    servers[1].promote();
    servers[1].own = 5;
    servers[1].at(1);
    // The configured primary was the primary once.
    let mut election = Election::default();
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    // Both have something of their own.
    servers[0].has = 11;
    servers[0].at(1);
    let none = Verdict::None(Why::Several);
    assert_eq!(decide(&mut Election::default(), &servers), none);
    // Both have the same.
    let mut servers = set();
    servers[1].promote();
    assert_eq!(
        decide(&mut Election::default(), &servers),
        Verdict::Primary(0)
    );
}

#[test]
fn a_refused_write_counts_more_than_what_was_said_before_it() {
    let mut servers = set();
    let mut election = confirmed(&servers);
    servers[0].refused_at = Some(Duration::from_millis(7));
    let none = Verdict::None(Why::ReadOnly);
    assert_eq!(decide(&mut election, &servers), none);
    servers[0].at(8);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
}

#[test]
fn a_groups_primary_is_followed_and_one_without_quorum_is_none() {
    let mut servers = set();
    for server in &mut servers {
        server.said.group_state = Some("ONLINE".to_owned());
        server.said.sources = Some(Vec::new());
    }
    servers[0].said.group_primary = true;
    let mut election = confirmed(&servers);
    // It is cut off, and does not know of its successor.
    servers[0].said.group_state = Some("NO QUORUM".to_owned());
    servers[0].at(2);
    let none = Verdict::None(Why::ReadOnly);
    assert_eq!(decide(&mut election, &servers), none);
    servers[1].said.group_primary = true;
    servers[1].writable(true).at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    // Several primaries of one group do not contradict each other.
    servers[2].said.group_primary = true;
    servers[2].own = 9;
    servers[2].writable(true).at(4);
    servers[1].at(5);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
}

#[test]
fn all_nodes_of_galera_are_writable_and_one_gets_the_writes() {
    let mut servers = set();
    for server in &mut servers {
        server.writable(true).said.galera_synced = Some(true);
        server.said.sources = Some(Vec::new());
    }
    let mut election = confirmed(&servers);
    servers[1].own = 1;
    servers[1].at(2);
    servers[0].at(3);
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(0));
    servers[0].alive = false;
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
    servers[0].alive = true;
    assert_eq!(decide(&mut election, &servers), Verdict::Primary(1));
}

proptest! {
    /// Whatever happens, a server becomes primary only if it claims to be, and one that claims and
    /// is primary loses that only to nobody.
    #[test]
    fn a_primary_that_claims_is_never_replaced(
        steps in prop::collection::vec((0usize..3, 0u8..6), 1..60)
    ) {
        let mut servers = set();
        let mut election = confirmed(&servers);
        let mut primary = 0;
        for (turn, (at, what)) in steps.into_iter().enumerate() {
            let server = &mut servers[at];
            match what {
                0 => { server.promote(); }
                1 => { server.writable(false); }
                2 => server.own += 1,
                3 => server.alive = false,
                4 => server.alive = true,
                _ => server.said.sources = Some(vec![NAMES[primary].to_owned()]),
            }
            server.at(turn as u64 + 2);
            let claimed = servers[primary].alive && !servers[primary].said.read_only;
            let independent = servers[primary].said.sources == Some(Vec::new());
            if let Verdict::Primary(now) = decide(&mut election, &servers) {
                prop_assert!(servers[now].alive && !servers[now].said.read_only);
                prop_assert!(now == primary || !(claimed && independent));
                primary = now;
            }
        }
    }
}
