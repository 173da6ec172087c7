//! What a scrape is told of the groups: shards are asked all at once, and one that is busy is left out,
//! and counted, rather than waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use coordinator::{GroupShard, SurveyedGroup};
use tokio::time::{Instant, timeout_at};

use super::Shard;

/// How long all shards together have to answer. A survey asks twice, and is done well before a scrape
/// is given up.
const SURVEY_WAIT: Duration = Duration::from_secs(1);

/// The groups of this node.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// How many groups there are, by the name of their state.
    pub(crate) by_state: BTreeMap<&'static str, usize>,
    /// Those that there was room for.
    pub(crate) groups: Vec<SurveyedGroup>,
    /// How many there was no room for.
    pub(crate) groups_left_out: usize,
    /// How many offsets of any groups there was no room for.
    pub(crate) offsets_left_out: usize,
    /// Shards that are not loaded, or did not answer in time.
    pub(crate) silent_shards: usize,
}

/// Looks at shards at once; those that do not answer in time are missing from the answers, which are
/// in the order of the shards.
pub(super) async fn ask_all<I: Send + 'static, T: Send + 'static>(
    shards: Vec<(Shard, I)>,
    look: fn(&GroupShard, I) -> T,
) -> Vec<(Shard, T)> {
    let deadline = Instant::now() + SURVEY_WAIT;
    let ask = |(shard, input): (Shard, I)| {
        tokio::spawn(async move {
            let seen = timeout_at(deadline, shard.look(move |groups| look(groups, input))).await;
            Some((shard, seen.ok()?.ok()?))
        })
    };
    let asked: Vec<_> = shards.into_iter().map(ask).collect();
    let mut answers = Vec::with_capacity(asked.len());
    for answer in asked {
        answers.extend(answer.await.ok().flatten());
    }
    answers
}

#[cfg(test)]
mod tests {
    use coordinator::GroupConfig;
    use model::Uuid;
    use tokio::sync::{mpsc, watch};

    use super::super::Groups;
    use super::super::task::{LoadState, Message};
    use super::*;

    /// A shard without groups, which answers or hangs.
    fn shard(hangs: bool) -> Shard {
        let (messages, mut receiver) = mpsc::channel(1);
        let (told, state) = watch::channel(LoadState::Active);
        tokio::spawn(async move {
            let _told = told;
            let groups = GroupShard::new(GroupConfig::default());
            if hangs {
                std::future::pending::<()>().await;
            }
            while let Some(message) = receiver.recv().await {
                if let Message::Look(look) = message {
                    look(&groups);
                }
            }
        });
        Shard { topic_id: Uuid::ZERO, messages, state }
    }

    #[tokio::test(start_paused = true)]
    async fn busy_shards_are_counted_and_waited_for_together() {
        let groups = Groups::default();
        for index in 0..50 {
            let shard = shard(index % 5 != 0);
            groups.shards.lock().by_partition.insert(index.into(), shard);
        }
        let begun = Instant::now();
        let survey = groups.survey(10).await;
        assert_eq!(survey.silent_shards, 40);
        assert_eq!(begun.elapsed().as_secs(), SURVEY_WAIT.as_secs());
        assert_eq!((survey.groups_left_out, survey.offsets_left_out), (0, 0));
    }
}
