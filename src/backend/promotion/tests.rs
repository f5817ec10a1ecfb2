//! Who takes part, what a status says, and who is chosen.

use std::time::Duration;

use super::choice::{Candidate, choose};
use super::evidence::{Evidence, Testimony};
use super::rehearsal::Rehearsal;
use super::spelling::change_source;
use super::status::{Receiver, Status};
use crate::backend::Flavor;
use crate::backend::gtid::Position;
use crate::backend::health::{Observation, SemiSync, Waits};

const SECOND: Duration = Duration::from_secs(1);

/// What a server says that follows `source`, as of ten seconds.
fn said(identity: &str, source: Option<&str>) -> Observation {
    Observation {
        asked_at: SECOND * 10,
        executed: None,
        written: None,
        read_only: source.is_some(),
        super_read_only: source.is_some(),
        identity: Some(identity.to_owned()),
        sources: Some(source.map(str::to_owned).into_iter().collect()),
        settings: Vec::new(),
        group_state: None,
        group_primary: false,
        galera_synced: None,
        semi_sync: Some(SemiSync {
            waits: None,
            acknowledges: false,
        }),
    }
}

/// A primary that is gone, `replicas` that are there and acknowledged, of `clients` that did; a
/// commit waited for `wanted`.
fn evidence(replicas: usize, clients: u32, wanted: u32) -> Evidence {
    let mut leader = said("p", None);
    leader.semi_sync = Some(SemiSync {
        waits: Some(Waits {
            replicas: clients,
            wanted,
        }),
        acknowledges: false,
    });
    let replica = |at: usize| Testimony {
        // Not in the order of their positions.
        said: Some(said(&format!("r{}", 9 - at), Some("p"))),
        alive: true,
        acknowledged_at: Some(SECOND * 10),
    };
    let gone = Testimony {
        said: Some(leader),
        alive: false,
        acknowledged_at: None,
    };
    Evidence {
        leader: 0,
        members: std::iter::once(gone)
            .chain((1..=replicas).map(replica))
            .collect(),
        interval: SECOND,
    }
}

/// The positions, or why there are none.
fn participants(evidence: &Evidence) -> Result<Vec<usize>, String> {
    evidence.participants().map_err(|error| error.to_string())
}

#[track_caller]
fn refused(evidence: &Evidence, because: &str) {
    let error = participants(evidence).unwrap_err();
    assert!(error.contains(because), "{error}");
}

#[test]
fn replicas_that_know_every_acknowledged_transaction_take_part_in_the_order_of_their_identities() {
    assert_eq!(participants(&evidence(3, 3, 1)), Ok(vec![3, 2, 1]));
    assert_eq!(participants(&evidence(1, 1, 1)), Ok(vec![1]));
}

#[test]
fn as_many_may_be_missing_as_a_commit_waited_for_less_one() {
    // replicas there, replicas that acknowledged, how many a commit waited for
    for (there, clients, wanted, enough) in [
        (2, 2, 1, true),
        (2, 3, 1, false),
        (2, 3, 2, true),
        (2, 4, 2, false),
        (3, 5, 3, true),
    ] {
        let participants = participants(&evidence(there, clients, wanted));
        assert_eq!(participants.is_ok(), enough, "{there} {clients} {wanted}");
    }
}

#[test]
fn half_of_the_replicas_is_not_enough() {
    let mut four = evidence(4, 4, 4);
    four.members[1].alive = false;
    assert!(participants(&four).is_ok());
    four.members[2].alive = false;
    refused(&four, "of 4 replicas, 2 can take part");
}

#[test]
fn a_replica_that_did_not_acknowledge_takes_part_and_knows_nothing_for_certain() {
    let mut set = evidence(2, 1, 1);
    set.members[1].acknowledged_at = None;
    assert_eq!(participants(&set), Ok(vec![2, 1]));
    assert!(set.acknowledges(2) && !set.acknowledges(1));
    // Long before the primary was last seen.
    set.members[2].acknowledged_at = Some(SECOND * 7);
    refused(&set, "0 of 1 that acknowledged are there");
}

#[test]
fn without_certainty_nobody_is_promoted() {
    let mut never_seen = evidence(2, 2, 1);
    never_seen.members[0].said = None;
    refused(&never_seen, "not seen well");

    let mut asynchronous = evidence(2, 2, 1);
    let leader = asynchronous.members[0].said.as_mut().unwrap();
    leader.semi_sync.as_mut().unwrap().waits = None;
    refused(&asynchronous, "semi-synchronous");

    let mut group = evidence(2, 2, 1);
    let leader = group.members[0].said.as_mut().unwrap();
    leader.group_state = Some("ONLINE".to_owned());
    refused(&group, "themselves");

    let mut elsewhere = evidence(2, 2, 1);
    for member in &mut elsewhere.members[1..] {
        member.said.as_mut().unwrap().sources = Some(vec!["other".to_owned()]);
    }
    refused(&elsewhere, "0 can take part");
}

#[test]
fn what_a_promotion_left_that_was_broken_off_takes_part_again() {
    let mut set = evidence(2, 2, 1);
    set.members[1].said.as_mut().unwrap().sources = Some(Vec::new());
    assert_eq!(participants(&set), Ok(vec![2, 1]));
    // Stopped by somebody long ago.
    set.members[1].acknowledged_at = Some(SECOND);
    refused(&set, "1 can take part");
}

fn candidate(name: &str, has: &str) -> Candidate {
    let has = has.replace('U', "3e11fa47-71ca-11e1-9e33-c80aa9429562");
    let has = has.replace('V', "3e11fa47-71ca-11e1-9e33-c80aa9429563");
    Candidate {
        server: name.to_owned(),
        has: Position::parse(&has, Flavor::MySql).unwrap(),
        obstacle: None,
        version: (8, 4),
        drained: false,
    }
}

#[test]
fn the_one_is_chosen_that_has_what_any_has() {
    let two = [candidate("a", "U:1-9"), candidate("b", "U:1-10")];
    assert_eq!(choose(&two).unwrap(), 1);
    let same = [candidate("a", "U:1-9"), candidate("b", "U:1-9")];
    assert_eq!(choose(&same).unwrap(), 0);
    let each = [candidate("a", "U:1-9,V:1"), candidate("b", "U:1-10")];
    let error = choose(&each).unwrap_err().to_string();
    assert!(error.contains("no replica has all"), "{error}");
}

#[test]
fn of_equals_the_oldest_version_is_chosen_that_nobody_drains() {
    let mut three = ["a", "b", "c"].map(|name| candidate(name, "U:1-9"));
    three[0].drained = true;
    three[1].version = (9, 7);
    assert_eq!(choose(&three).unwrap(), 2);
    three[2].obstacle = Some("it is late on purpose");
    assert_eq!(choose(&three).unwrap(), 1);
}

#[test]
fn who_has_all_and_cannot_take_writes_keeps_the_others_from_it() {
    let mut two = [candidate("a", "U:1-9"), candidate("b", "U:1-10")];
    two[1].obstacle = Some("it leaves tables out");
    let error = choose(&two).unwrap_err().to_string();
    assert!(error.contains("b: it leaves tables out"), "{error}");
}

fn status(flavor: Flavor, values: &[(&str, &str)]) -> Option<Status> {
    let names: Vec<String> = values.iter().map(|(name, _)| (*name).to_owned()).collect();
    let row = values
        .iter()
        .map(|(_, value)| Some(value.as_bytes().to_vec()));
    Status::of(&names, &row.collect(), flavor)
}

#[test]
fn a_status_of_either_kind_of_server_is_read() {
    let mysql = [
        ("Replica_IO_Running", "Connecting"),
        ("Replica_SQL_Running", "Yes"),
        ("Replicate_Do_DB", ""),
        ("Last_IO_Errno", "2003"),
        ("Last_SQL_Error", ""),
        ("SQL_Delay", "0"),
        (
            "Retrieved_Gtid_Set",
            "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5",
        ),
        ("Auto_Position", "1"),
    ];
    let read = status(Flavor::MySql, &mysql).unwrap();
    assert_eq!(read.receiver, Receiver::Refused);
    assert!(read.applies && read.by_gtids && !read.filtered);
    assert_eq!(read.received, candidate("", "U:1-5").has);

    let mariadb = [
        ("Slave_IO_Running", "Yes"),
        ("Slave_SQL_Running", "No"),
        ("Replicate_Do_DB", "shop"),
        ("Last_IO_Errno", "0"),
        ("Last_SQL_Error", "Duplicate entry"),
        ("SQL_Delay", "3600"),
        ("Gtid_IO_Pos", "0-1-5"),
        ("Using_Gtid", "No"),
    ];
    let read = status(Flavor::MariaDb, &mariadb).unwrap();
    assert_eq!(read.receiver, Receiver::Connected);
    assert!(!read.applies && !read.by_gtids && read.filtered);
    assert_eq!((read.delay, read.error.as_str()), (3600, "Duplicate entry"));
    assert_eq!(status(Flavor::MariaDb, &mariadb[1..]), None);
}

#[test]
fn no_host_ends_the_statement_that_names_it() {
    for host in ["", "a'b", "a b", "a\\"] {
        assert_eq!(change_source(Flavor::MySql, host, 3306), None);
    }
    for host in ["db-1.example", "10.0.0.1", "::1", "db_1"] {
        assert!(change_source(Flavor::MariaDb, host, 3306).is_some());
    }
}

#[test]
fn what_would_keep_replicas_from_being_promoted_is_said_once_when_it_lasts() {
    let mut rehearsal = Rehearsal::default();
    let mut said = Vec::new();
    // second, what is found then
    for (second, found) in [
        (0, Some("a")),
        (4, Some("a")),
        (5, Some("a")),
        (60, Some("a")),
        (61, None),
        (62, Some("a")),
        (70, None),
        (74, None),
        (75, None),
        (90, None),
    ] {
        let found = found.map(str::to_owned);
        if let Some(news) = rehearsal.news(found, SECOND * second) {
            said.push((second, news.clone()));
        }
    }
    assert_eq!(said, [(5, Some("a".to_owned())), (75, None)]);
}
