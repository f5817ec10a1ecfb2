//! Whose turn it is, and how many connections are opened at once.

use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;

use super::queue::Queue;
use super::ramp::Ramp;
use super::*;

/// What happens to a queue.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// Somebody comes who needs a connection of this kind.
    Enter(bool),
    /// The waiter at this place of those who came, modulo their number, gives up.
    Leave(usize),
    /// A connection of this kind becomes free.
    Free(bool),
    /// There is room for another connection.
    Room,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => any::<bool>().prop_map(Event::Enter),
        1 => any::<usize>().prop_map(Event::Leave),
        2 => any::<bool>().prop_map(Event::Free),
        1 => Just(Event::Room),
    ]
}

#[test]
fn who_came_first_is_served_first() {
    let mut queue = Queue::default();
    let numbers: Vec<u64> = (0..5).map(|name| queue.enter(false, name)).collect();
    queue.leave(numbers[1]);
    queue.leave(numbers[1]);
    assert_eq!(queue.len(), 4);
    assert_eq!(queue.next(), Some(0));
    queue.leave(numbers[0]);
    assert_eq!(queue.next_for(false, 0), Some(2));
    assert_eq!(queue.take_all(), [3, 4]);
    assert_eq!(queue.next(), None);
}

#[test]
fn a_connection_goes_to_who_needs_its_kind_but_nobody_is_passed_over_for_long() {
    let mut queue = Queue::default();
    queue.enter(true, "other kind");
    for name in ["a", "b", "c"] {
        queue.enter(false, name);
    }
    let served: Vec<_> = (0..4).filter_map(|_| queue.next_for(false, 2)).collect();
    assert_eq!(served, ["a", "b", "other kind", "c"]);
    // Nobody else is there: better a connection of the wrong kind than none.
    queue.enter(true, "alone");
    assert_eq!(queue.next_for(false, 9), Some("alone"));
}

proptest! {
    #[test]
    fn everybody_is_served_once_in_order_of_their_kind_and_soon(
        events in vec(event(), 1..400),
        patience in 0u32..6,
    ) {
        let mut queue = Queue::default();
        // What a waiter is: its number, its kind, and how many were served since it was first.
        let mut model: VecDeque<(u64, bool, u32)> = VecDeque::new();
        let mut name = 0;
        for event in events {
            let (served, kind) = match event {
                Event::Enter(found_rows) => {
                    name += 1;
                    let number = queue.enter(found_rows, name);
                    prop_assert_eq!(number, name);
                    model.push_back((name, found_rows, 0));
                    continue;
                }
                Event::Leave(at) => {
                    let at = at.checked_rem(name as usize).unwrap_or(0) as u64 + 1;
                    queue.leave(at);
                    model.retain(|waiter| waiter.0 != at);
                    continue;
                }
                Event::Free(kind) => (queue.next_for(kind, patience), Some(kind)),
                Event::Room => (queue.next(), None),
            };
            prop_assert_eq!(served.is_none(), model.is_empty());
            let Some(served) = served else { continue };
            let at = model.iter().position(|waiter| waiter.0 == served).unwrap();
            if at > 0 {
                let kind = kind.unwrap();
                prop_assert!(model.range(..at).all(|waiter| waiter.1 != kind), "overtaken in its kind");
                prop_assert_eq!(model[at].1, kind);
                model[0].2 += 1;
                prop_assert!(model[0].2 <= patience, "passed over too often");
            }
            model.remove(at);
            prop_assert_eq!(queue.len(), model.len());
        }
    }

    #[test]
    fn no_more_are_opened_at_once_than_allowed(steps in vec(0u8..3, 1..200)) {
        let mut ramp = Ramp::default();
        for step in steps {
            while ramp.allows() {
                ramp.begin();
            }
            prop_assert!((1..=8).contains(&ramp.opening()));
            match step {
                0 => ramp.succeeded(),
                1 => ramp.failed(),
                _ => ramp.abandoned(),
            }
        }
    }
}

#[test]
fn after_a_failure_one_is_opened_at_a_time_and_each_success_allows_one_more() {
    let mut ramp = Ramp::default();
    let fill = |ramp: &mut Ramp| {
        while ramp.allows() {
            ramp.begin();
        }
        ramp.opening()
    };
    assert_eq!(fill(&mut ramp), 8);
    (0..8).for_each(|_| ramp.failed());
    for most in [1, 2, 3, 4, 5, 6, 7, 8, 8] {
        assert_eq!(fill(&mut ramp), most);
        ramp.succeeded();
    }
}

#[test]
fn connections_opened_together_do_not_age_together() {
    let max_age = Duration::from_secs(3600);
    let spreads: Vec<Duration> = (0..200).map(|_| spread(max_age)).collect();
    assert!(spreads.iter().all(|early| *early <= max_age / 5));
    let late = spreads
        .iter()
        .filter(|early| **early > max_age / 10)
        .count();
    assert!((50..150).contains(&late), "{late} of 200");
}
