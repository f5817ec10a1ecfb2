//! A primary of before that comes back, and would take writes of others.

use super::replica;
use crate::backend::ReplicaSet;

/// Makes members read-only that were primary, while another one is now.
pub(super) async fn fence(set: &ReplicaSet) {
    for at in set.former_that_take_writes() {
        let Some(member) = set.member(at) else {
            continue;
        };
        match replica::refuse_writes(set, at).await {
            Ok(()) => set.say(
                member,
                "a primary of before is back, and was made read-only",
            ),
            Err(error) => tracing::warn!(
                replica_set = set.name,
                "a primary of before is back, and cannot be made read-only: {error}"
            ),
        }
        set.look_now();
    }
}
