//! The relay's core: no panic, and the same bytes and the same end however an answer is cut.
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use shardwell::reply::{Answer, Forwarder, Framing, Names, Progress, TrackedVariables};
use shardwell::wire::{CapabilityFlags, SERVER_CAPABILITIES, StatusFlags};

fuzz_target!(|input: (u8, bool, bool, [bool; 3], Vec<u8>)| {
    let (cut, modern, calls, hides, answer) = input;
    let hidden: Vec<u16> = (0..3).zip(hides).filter_map(|(at, hides)| hides.then_some(at)).collect();
    let tracked = TrackedVariables::All;
    let without = if modern {
        CapabilityFlags::empty()
    } else {
        CapabilityFlags::CLIENT_DEPRECATE_EOF
    };
    let framing = Framing {
        client: SERVER_CAPABILITIES - without,
        backend: SERVER_CAPABILITIES,
        names: Some(Names {
            physical: b"shop_3",
            logical: b"shop",
            split: None,
            gathered: &[],
        }),
        rows: None,
        tracked: &tracked,
        gtids: true,
        hidden: &hidden,
        calls,
        file: None,
        add_status: StatusFlags::empty(),
        more_results: false,
        overdue: false,
        ids: None,
        quota: None,
        status_before: StatusFlags::empty(),
    };
    let whole = forward(&framing, &answer, answer.len().max(1));
    let pieces = forward(&framing, &answer, usize::from(cut) + 1);
    assert_eq!(whole.1, pieces.1);
    if whole.1 == Some(Progress::Done) {
        assert_eq!(whole.0, pieces.0);
    }
});

/// What reaches the client, and whether the answer is complete (`Some(Done)`), not yet (`None`), or
/// broken (`Some(NeedMore(0))`).
fn forward(framing: &Framing<'_>, answer: &[u8], cut: usize) -> (Vec<u8>, Option<Progress>) {
    let mut forwarder = Forwarder::new(Answer::Statement, 1, 1);
    let (mut buffer, mut queued) = (BytesMut::new(), BytesMut::new());
    let mut passed = Vec::new();
    for piece in answer.chunks(cut) {
        buffer.extend_from_slice(piece);
        let progress = forwarder.advance(framing, &mut buffer, &mut queued);
        passed.extend_from_slice(&queued);
        queued.clear();
        match progress {
            Ok(progress @ (Progress::Done | Progress::File | Progress::Refused)) => {
                return (passed, Some(progress));
            }
            Ok(Progress::NeedMore(wanted)) => assert!(wanted > 0),
            Err(_) => return (passed, Some(Progress::NeedMore(0))),
        }
    }
    (passed, None)
}
