//! `[[rules]]`: what statements are held against.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;

use super::super::defaults;
use super::super::file::{File, Key, OneOrMany, RuleFile};
use super::super::limits::{Kind, Pattern, RuleAction, RuleConfig};
use super::super::suggest;
use super::others::OTHERS;
use super::problems::Problems;
use super::rule_hints::{self, Places};
use super::scalar;

const KINDS: [(&str, Kind); 8] = [
    ("select", Kind::Select),
    ("insert", Kind::Insert),
    ("replace", Kind::Replace),
    ("update", Kind::Update),
    ("delete", Kind::Delete),
    ("ddl", Kind::Ddl),
    ("utility", Kind::Utility),
    ("other", Kind::Other),
];

const ACTIONS: &str = "add deny = \"why\", rate = 10, route = \"replica\", hint = \"scatter=off\", \
                       allow = true or log = true";

pub(super) fn rules(file: &File, places: &Places<'_>, problems: &mut Problems) -> Vec<RuleConfig> {
    let users: Vec<&str> = file
        .users
        .iter()
        .filter_map(|user| Some(user.get_ref().name.as_ref()?.get_ref().as_str()))
        .collect();
    let schemas: Vec<&str> = file
        .schemas
        .keys()
        .map(|name| name.get_ref().as_str())
        .collect();
    let mut seen = HashSet::new();
    let mut rules = Vec::new();
    for rule in &file.rules {
        let (file, span) = (rule.get_ref(), rule.span());
        let name = name(file, span.clone(), problems);
        if !name.is_empty() && !seen.insert(name.clone()) {
            let at = file.name.as_ref().map_or(span.clone(), Spanned::span);
            let message = format!("rule '{name}' is defined twice");
            problems.add(at, message, "give it another name");
        }
        let rule = RuleConfig {
            user: known(&file.user, "user", &users, problems),
            schema: match schemas.contains(&OTHERS) {
                true => filled(&file.schema, "schema", problems),
                false => known(&file.schema, "schema", &schemas, problems),
            },
            kinds: kinds(&file.kind, problems),
            pattern: compiled(&file.pattern, problems),
            digest: filled(&file.digest, "digest", problems),
            action: action(file, &name, (span.clone(), places), problems),
            log: file.log.as_ref().is_some_and(|key| *key.get_ref()),
            name,
        };
        check_breadth(&rule, file, span, problems);
        rules.push(rule);
    }
    rules
}

fn name(file: &RuleFile, span: Range<usize>, problems: &mut Problems) -> String {
    let Some(name) = &file.name else {
        problems.add(
            span,
            "a rule without a name",
            "add name = \"no_full_delete\"",
        );
        return String::new();
    };
    let (span, most) = (name.span(), defaults::NAME_CHARS);
    scalar::check_name(span, "rule name", name.get_ref(), most, problems);
    name.get_ref().clone()
}

/// The name of something that is in the file.
fn known(key: &Key<String>, what: &str, all: &[&str], problems: &mut Problems) -> Option<String> {
    let key = key.as_ref()?;
    let name = key.get_ref();
    if !all.contains(&name.as_str()) {
        let message = format!("there is no {what} '{name}'");
        let help = suggest::instead(name, all.iter().copied());
        problems.add(key.span(), message, help);
    }
    Some(name.clone())
}

fn kinds(key: &Key<OneOrMany>, problems: &mut Problems) -> Vec<Kind> {
    let Some(key) = key else { return Vec::new() };
    let words = match key.get_ref() {
        OneOrMany::One(word) => {
            let word = Spanned::new(key.span(), word.clone());
            return scalar::choice(&word, "kind", &KINDS, problems)
                .into_iter()
                .collect();
        }
        OneOrMany::Many(words) => words,
    };
    if words.is_empty() {
        problems.add(key.span(), "`kind` is empty", "remove the key for any kind");
    }
    let kind = |word| scalar::choice(word, "kind", &KINDS, problems);
    words.iter().filter_map(kind).collect()
}

fn compiled(key: &Key<String>, problems: &mut Problems) -> Option<Pattern> {
    let text = filled(key, "pattern", problems)?;
    let (error, key) = match (Pattern::new(&text), key) {
        (Err(error), Some(key)) => (error.to_string(), key),
        (pattern, _) => return pattern.ok(),
    };
    let reason = error.lines().last().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    let message = format!("`pattern` is not a regular expression: {reason}");
    let help = "such as '^DELETE FROM orders$', in single quotes";
    problems.add(key.span(), message, help);
    None
}

fn filled(key: &Key<String>, name: &str, problems: &mut Problems) -> Option<String> {
    let key = key.as_ref()?;
    if key.get_ref().trim().is_empty() {
        problems.add(key.span(), format!("`{name}` is empty"), "remove the key");
    }
    Some(key.get_ref().clone())
}

fn action(
    file: &RuleFile,
    name: &str,
    (span, places): (Range<usize>, &Places<'_>),
    problems: &mut Problems,
) -> RuleAction {
    let deny = filled(&file.deny, "deny", problems);
    let one_second = defaults::RULE_RATE;
    let rate = scalar::number(file.rate.as_ref(), "rate", one_second.clone(), problems);
    let burst = scalar::number(file.burst.as_ref(), "burst", one_second, problems);
    if file.rate.is_none() {
        problems.useless(file.burst.as_ref(), "burst", "without `rate`");
    }
    let allow = file.allow.as_ref().is_some_and(|key| *key.get_ref());
    let logs = file.log.as_ref().is_some_and(|key| *key.get_ref());
    let route = rule_hints::route(&file.route, places, problems);
    let hint = rule_hints::hint(&file.hint, places, problems);
    let actions = [
        deny.is_some(),
        file.rate.is_some(),
        allow,
        file.route.is_some(),
        file.hint.is_some(),
    ];
    match actions.into_iter().filter(|given| *given).count() {
        0 if !logs => problems.add(span, format!("rule '{name}' does nothing"), ACTIONS),
        0 | 1 => {}
        _ => {
            let message = format!("rule '{name}' has more than one action");
            problems.add(span, message, "keep one of deny, rate, allow, route, hint");
        }
    }
    if let Some(hint) = route.or(hint) {
        return RuleAction::Hint(Arc::new(hint));
    }
    match (deny, rate) {
        (Some(message), _) => RuleAction::Deny(message),
        (None, Some(per_second)) => RuleAction::Rate {
            per_second,
            burst: burst.unwrap_or(per_second),
        },
        (None, None) if allow => RuleAction::Allow,
        (None, None) => RuleAction::Pass,
    }
}

/// Nobody means to deny everything to everybody.
fn check_breadth(rule: &RuleConfig, file: &RuleFile, span: Range<usize>, problems: &mut Problems) {
    let open = rule.user.is_none()
        && rule.schema.is_none()
        && rule.kinds.is_empty()
        && file.pattern.is_none()
        && rule.digest.is_none();
    if open && matches!(rule.action, RuleAction::Deny(_)) {
        let message = format!("rule '{}' denies every statement of everybody", rule.name);
        problems.add(span, message, "add user, schema, kind, pattern or digest");
    }
}
