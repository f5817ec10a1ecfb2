//! Replicas that die, hang and come back under a steady stream of reads.

use std::ops::Range;

use proptest::prelude::*;

use super::super::health::Fault;
use super::*;

/// How long a simulation lasts, in milliseconds: long enough for a response time to be forgotten.
const END: u64 = 50_000;

/// When reads begin: once all servers have answered how they are.
const READS: Range<u64> = LOOK_EVERY..END;

/// A read begins every so many milliseconds.
const READ_EVERY: u64 = 5;

/// A server is asked how it is every so many milliseconds, as by default.
const LOOK_EVERY: u64 = 500;

/// How long a server's silence may last that answered every [`LOOK_EVERY`], in milliseconds.
const PATIENCE: u64 = 1_300;

/// How a replica is away for a while.
#[derive(Clone, Copy, Debug)]
struct Outage {
    from: u64,
    until: u64,
    /// It answers nothing, instead of refusing connections.
    hangs: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Well,
    Gone,
    Hanging,
}

/// A replica, and what was seen of it.
#[derive(Debug)]
struct Replica {
    takes: u64,
    outage: Outage,
    /// It has been asked, and has not answered yet.
    asked: bool,
    /// It is known to be away.
    known: bool,
    /// When it was known to be back.
    back: Option<u64>,
    /// Reads that it refused.
    refused: u64,
    /// When reads began on it.
    begun: Vec<u64>,
}

impl Replica {
    fn state(&self, now: u64) -> State {
        match (self.outage.from..self.outage.until).contains(&now) {
            true if self.outage.hangs => State::Hanging,
            true => State::Gone,
            false => State::Well,
        }
    }

    fn begun_in(&self, time: Range<u64>) -> f64 {
        self.begun.iter().filter(|at| time.contains(at)).count() as f64
    }
}

/// A read on a replica.
struct Read {
    at: usize,
    began: u64,
    sent: u64,
    /// How much of its work is left, in milliseconds.
    left: u64,
    demand: Demand,
}

struct Simulation {
    world: World,
    now: u64,
    replicas: Vec<Replica>,
    reads: Vec<Read>,
    /// Reads that nobody but the primary could answer.
    by_primary: u64,
    longest: u64,
}

impl Simulation {
    fn run(policy: &str, servers: &[(u64, Outage)]) -> Self {
        let members: Vec<String> = (0..=servers.len())
            .map(|at| format!("'h{at}:3306'"))
            .collect();
        let balance = format!("policy = '{policy}', slow_start = '10s'");
        let replica = |&(takes, outage): &(u64, Outage)| Replica {
            takes,
            outage,
            asked: false,
            known: false,
            back: None,
            refused: 0,
            begun: Vec::new(),
        };
        let mut simulation = Self {
            world: World::new(&members, None, &balance),
            now: 0,
            replicas: servers.iter().map(replica).collect(),
            reads: Vec::new(),
            by_primary: 0,
            longest: 0,
        };
        while simulation.now < END || !simulation.reads.is_empty() {
            assert!(simulation.now < END + 60_000, "a read never ends");
            simulation
                .world
                .set_clock(Duration::from_millis(simulation.now));
            simulation.look();
            simulation.go_on();
            if simulation.now.is_multiple_of(READ_EVERY) && READS.contains(&simulation.now) {
                let demand = simulation.world.demand(ReadPolicy::Eventual);
                simulation.start(demand, simulation.now);
            }
            simulation.now += 1;
        }
        simulation
    }

    /// The servers are asked how they are, one after the other.
    fn look(&mut self) {
        if self.now.is_multiple_of(LOOK_EVERY) {
            self.world.answers(0, 1);
        }
        for (replica, at) in self.replicas.iter_mut().zip(1..) {
            replica.asked |= self.now % LOOK_EVERY == at as u64 * 7;
            if !replica.asked {
                continue;
            }
            match replica.state(self.now) {
                State::Well => {
                    self.world.answers(at, 1);
                    let was_known = std::mem::take(&mut replica.known);
                    replica.back = replica.back.or(was_known.then_some(self.now));
                    replica.asked = false;
                }
                State::Gone => {
                    self.world.refuses(at);
                    replica.known = true;
                    replica.asked = false;
                }
                State::Hanging if self.world.set.is_alive(at) => {}
                State::Hanging if !replica.known => {
                    self.world.set.fell_silent(at);
                    replica.known = true;
                }
                State::Hanging => {}
            }
        }
    }

    /// What is under way.
    fn go_on(&mut self) {
        let (set, now) = (Arc::clone(&self.world.set), Duration::from_millis(self.now));
        for mut read in std::mem::take(&mut self.reads) {
            let replica = &self.replicas[read.at - 1];
            let member = set.member(read.at).unwrap();
            let lost = match replica.state(self.now) {
                State::Well => false,
                State::Gone => true,
                State::Hanging => !set.is_alive(read.at),
            };
            read.left -= u64::from(replica.state(self.now) == State::Well);
            if !lost && read.left > 0 {
                self.reads.push(read);
                continue;
            }
            member.load.end();
            if lost {
                member.failed(Fault::Lost, now);
                self.start(read.demand, read.began);
            } else {
                member.breaker.succeeded();
                let took = Duration::from_millis(self.now - read.sent);
                member.load.measured(took, now);
                self.longest = self.longest.max(self.now - read.began);
            }
        }
    }

    /// Finds a server for a read.
    fn start(&mut self, mut demand: Demand, began: u64) {
        let now = Duration::from_millis(self.now);
        while let Some(at) = self.world.set.choose(&demand) {
            demand.tried |= 1 << at;
            let replica = &mut self.replicas[at - 1];
            let member = self.world.set.member(at).unwrap();
            assert!(
                !replica.known,
                "a read goes to a server that is known to be away"
            );
            if replica.state(self.now) == State::Gone {
                replica.refused += 1;
                member.failed(Fault::Connect, now);
                continue;
            }
            member.load.begin();
            replica.begun.push(self.now);
            self.reads.push(Read {
                at,
                began,
                sent: self.now,
                left: replica.takes,
                demand,
            });
            return;
        }
        self.by_primary += 1;
        self.longest = self.longest.max(self.now - began);
    }
}

fn outage() -> impl Strategy<Value = Outage> {
    (5_000u64..9_000, 0u64..5_000, any::<bool>()).prop_map(|(from, lasts, hangs)| Outage {
        from,
        until: from + lasts,
        hangs,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_dies_every_read_is_answered_and_who_is_back_is_read_again(
        which in 0..POLICIES.len(),
        servers in prop::collection::vec((1u64..5, outage()), 2..5),
    ) {
        let policy = POLICIES[which];
        let seen = Simulation::run(policy, &servers);
        let count = servers.len() as u64;
        // A read that meets one hanging server after the other waits for each.
        let most = PATIENCE * count + 100;
        prop_assert!(seen.longest <= most, "a read took {} ms", seen.longest);
        for replica in &seen.replicas {
            // One that finds out, and two that try again before the next look.
            prop_assert!(replica.refused <= 3, "{replica:?}");
            // Where response times count, a slow one is asked again when its last is forgotten.
            let later = replica.begun_in(15_000..END);
            prop_assert!(later > 0.0, "{policy}: nobody reads from it again");
            if !policy.ends_with("connections") && policy != "peak_ewma" {
                let late = replica.begun_in(END - 5_000..END);
                let share = late * (READ_EVERY * count) as f64 / 5_000.0;
                prop_assert!((0.7..1.3).contains(&share), "{policy}: {share}");
            }
        }
    }

    #[test]
    fn a_server_that_came_back_is_spared_at_first(
        which in 0..POLICIES.len(),
        takes in 1u64..5,
        hangs: bool,
    ) {
        let policy = POLICIES[which];
        let well = Outage { from: 0, until: 0, hangs };
        let ill = Outage { from: 8_000, until: 12_000, hangs };
        let seen = Simulation::run(policy, &[(takes, well), (takes, ill), (takes, well)]);
        let back = seen.replicas[1].back.unwrap();
        prop_assert!((12_000..12_600).contains(&back), "{back}");
        let share = |from: u64| {
            let begun = |replica: &Replica| replica.begun_in(from..from + 2_000);
            begun(&seen.replicas[1]) / seen.replicas.iter().map(begun).sum::<f64>()
        };
        prop_assert!(share(END - 2_000) > 0.2, "{policy}: {}", share(END - 2_000));
        // That policy looks at nothing but what is under way.
        if policy != "least_connections" {
            let at_first = share(back);
            prop_assert!(at_first < 0.2, "{policy}: {at_first}");
        }
        prop_assert_eq!(seen.by_primary, 0);
    }
}
