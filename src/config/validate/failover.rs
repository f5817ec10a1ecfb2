//! `[backend.failover]`: what happens when a primary goes.

use std::time::Duration;

use super::super::defaults;
use super::super::file::FailoverFile;
use super::super::types::{Account, PromotionConfig};
use super::backend::Layers;
use super::problems::Problems;
use super::scalar::{self, Outside, PasswordKeys};

const PROMOTE: [(&str, bool); 2] = [("off", false), ("auto", true)];

pub(super) fn buffer(
    layers: &Layers<'_>,
    promotion: Option<&PromotionConfig>,
    problems: &mut Problems,
) -> Duration {
    let key = layers.first(|file| &file.failover.buffer);
    let default = match promotion {
        Some(_) => defaults::FAILOVER_BUFFER_PROMOTING,
        None => defaults::FAILOVER_BUFFER,
    };
    scalar::timeout(key, "buffer", default, problems)
}

pub(super) fn promotion(
    layers: &Layers<'_>,
    outside: &Outside<'_>,
    problems: &mut Problems,
) -> Option<PromotionConfig> {
    let promote = layers.first(|file| &file.failover.promote);
    let promote = promote.and_then(|word| scalar::choice(word, "promote", &PROMOTE, problems));
    let after = layers.first(|file| &file.failover.after);
    let account = account(layers, outside, problems);
    if promote == Some(true) {
        return Some(PromotionConfig {
            after: scalar::timeout(after, "after", defaults::PROMOTE_AFTER, problems),
            account,
        });
    }
    // The keys below the layer that says "off" are there for the other replica sets.
    if promote.is_none() {
        let without = "without promote = \"auto\"";
        problems.useless(after, "after", without);
        problems.useless(layers.first(|file| &file.failover.user), "user", without);
    }
    None
}

fn account(layers: &Layers<'_>, outside: &Outside<'_>, problems: &mut Problems) -> Option<Account> {
    let password = layers.password(
        |file| keys(&file.failover),
        "password of failover",
        outside,
        problems,
    );
    let Some(user) = layers.first(|file| &file.failover.user) else {
        let place = layers.first_span(|file| keys(&file.failover).spans().first().cloned());
        if let Some(place) = place {
            let help = "add user = \"…\" to failover, or remove the password";
            problems.add(place, "a password of failover without a user", help);
        }
        return None;
    };
    let Some(password) = password else {
        let help = "add one of password, password_env, password_file to failover";
        problems.add(user.span(), "a user of failover without a password", help);
        return None;
    };
    Some(Account {
        user: user.get_ref().clone(),
        password,
    })
}

fn keys(file: &FailoverFile) -> PasswordKeys<'_> {
    PasswordKeys {
        text: file.password.as_ref(),
        env: file.password_env.as_ref(),
        file: file.password_file.as_ref(),
    }
}
