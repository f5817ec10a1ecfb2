//! What a statement's text is, apart from who prepared it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::with_ids::IdTemplate;
use crate::backend::{StatementKey, Variables};
use crate::config::HintRule;
use crate::parse::{Digest, DigestSeed, LiteralKind};
use crate::plan::{Plan, Replacement};
use crate::session::shared::Snapshot;
use crate::session::state::TextMode;
use crate::topology::ShardId;

/// A normal form of this size or more is kept: the plan cache wants to know how large it is.
const LARGE_NORMAL: usize = 64 * 1024;

/// Texts that are looked through for dead ones at a time.
const SWEPT: usize = 64;

/// A statement's text as it was prepared: in a schema, under settings.
#[derive(Debug)]
pub struct Template {
    /// The client's bytes.
    pub sql: Box<[u8]>,
    /// Where its literals and placeholders are.
    pub digest: Digest,
    /// How it was read.
    pub text: TextMode,
    /// The current schema then: the one in which it is executed.
    pub schema: Option<String>,
    /// The hash of that schema's name, as sessions have it.
    pub plan_context: u64,
    /// The variables that decide what it means.
    pub settings: Arc<Variables>,
    /// For each literal, how many placeholders stand before it.
    pub ordinals: Box<[u32]>,
    placeholders: u32,
    planned: ArcSwapOption<Planned>,
    /// What rules say in place of its hints.
    pub hint: Option<Arc<HintRule>>,
    /// Which of its placeholders the client has not written, ascending.
    pub hidden: Box<[u16]>,
    /// The same text under rules, as it was executed last.
    hinted: ArcSwapOption<Template>,
}

/// The plan of a text, as long as one snapshot holds.
#[derive(Debug)]
pub struct Planned {
    snapshot: Weak<Snapshot>,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The text that servers get where the proxy gives its rows ids.
    pub(super) with_ids: OnceLock<Arc<IdTemplate>>,
    /// By place.
    texts: Vec<(Place, Arc<ShardText>)>,
}

/// What decides on the names in a text: the shard, and which of the tables that split tables
/// consist of.
pub type Place = (Option<ShardId>, u32);

/// What a server is given to prepare.
#[derive(Debug)]
pub struct ShardText {
    /// The text.
    pub sql: Box<[u8]>,
    /// The database of its unqualified names, if it has any.
    pub database: Option<Box<str>>,
    /// Under which a connection knows it.
    pub key: StatementKey,
}

impl Template {
    /// From a statement that was scanned just now.
    pub fn new(
        sql: &[u8],
        digest: &Digest,
        text: TextMode,
        schema: (Option<&str>, u64),
        settings: Arc<Variables>,
    ) -> Self {
        let mut digest = digest.clone();
        digest.tokens.shrink_to_fit();
        digest.literals.shrink_to_fit();
        digest.normal = match digest.normal.len() {
            ..LARGE_NORMAL => Vec::new(),
            _ => digest.normal,
        };
        let mut placeholders = 0;
        let ordinals = digest.literals.iter().map(|literal| {
            let before = placeholders;
            placeholders += u32::from(literal.kind == LiteralKind::Placeholder);
            before
        });
        let ordinals = ordinals.collect();
        Self {
            sql: sql.into(),
            digest,
            text,
            schema: schema.0.map(str::to_owned),
            plan_context: schema.1,
            settings,
            ordinals,
            placeholders,
            planned: ArcSwapOption::empty(),
            hint: None,
            hidden: Box::default(),
            hinted: ArcSwapOption::empty(),
        }
    }

    /// The same under what rules say of where it goes.
    pub fn hinted(&self, hint: &Arc<HintRule>) -> Arc<Self> {
        let last = self.hinted.load();
        if let Some(last) = last
            .as_ref()
            .filter(|last| last.hint.as_ref() == Some(hint))
        {
            return Arc::clone(last);
        }
        let hinted = Arc::new(Self {
            sql: self.sql.clone(),
            digest: self.digest.clone(),
            text: self.text,
            schema: self.schema.clone(),
            plan_context: self.plan_context,
            settings: Arc::clone(&self.settings),
            ordinals: self.ordinals.clone(),
            placeholders: self.placeholders,
            planned: ArcSwapOption::empty(),
            hint: Some(Arc::clone(hint)),
            hidden: self.hidden.clone(),
            hinted: ArcSwapOption::empty(),
        });
        self.hinted.store(Some(Arc::clone(&hinted)));
        hinted
    }

    /// Whether it has parameters.
    pub fn has_placeholders(&self) -> bool {
        self.placeholders > 0
    }

    /// Whether a statement of so many parameters has them where the scan found placeholders: not
    /// where some stand in comments that only certain servers read.
    pub fn places(&self, params: u16) -> bool {
        self.placeholders == u32::from(params)
    }

    /// The plan, if it was made for this snapshot.
    pub fn planned(&self, snapshot: &Arc<Snapshot>) -> Option<Arc<Planned>> {
        let planned = self.planned.load();
        let planned = planned.as_ref()?;
        let same = std::ptr::eq(planned.snapshot.as_ptr(), Arc::as_ptr(snapshot));
        same.then(|| Arc::clone(planned))
    }

    /// Keeps a plan, unless it is one that may be another the next time.
    pub fn plan(&self, snapshot: &Arc<Snapshot>, plan: Arc<Plan>, keep: bool) -> Arc<Planned> {
        let planned = Arc::new(Planned {
            snapshot: Arc::downgrade(snapshot),
            plan,
            with_ids: OnceLock::new(),
            texts: Vec::new(),
        });
        if keep {
            self.planned.store(Some(Arc::clone(&planned)));
        }
        planned
    }

    /// The plan is made anew the next time.
    pub fn forget_plan(&self) {
        self.planned.store(None);
    }

    /// Keeps a text of the plan, unless it has the session's own values in it, or another plan is kept.
    pub fn keep(&self, planned: &Arc<Planned>, place: Place, text: &Arc<ShardText>) {
        let kept = self.planned.load();
        if !kept
            .as_ref()
            .is_some_and(|kept| Arc::ptr_eq(&kept.plan, &planned.plan))
        {
            return;
        }
        let own = |with: &Replacement| {
            matches!(
                with,
                Replacement::ConnectionId
                    | Replacement::User
                    | Replacement::Account
                    | Replacement::RowCount
                    | Replacement::FoundRows
                    | Replacement::WarningCount
                    | Replacement::ErrorCount
                    // What another user may see.
                    | Replacement::SystemTable { .. }
                    | Replacement::Sessions { .. }
            )
        };
        if planned.plan.edits.iter().any(|edit| own(&edit.with)) {
            return;
        }
        let mut texts = planned.texts.clone();
        if let Err(at) = texts.binary_search_by_key(&place, |(place, _)| *place) {
            texts.insert(at, (place, Arc::clone(text)));
        }
        let next = Planned {
            snapshot: Weak::clone(&planned.snapshot),
            plan: Arc::clone(&planned.plan),
            with_ids: OnceLock::new(),
            texts,
        };
        // Whoever keeps another text at the same time may be lost: it is made once more then.
        self.planned.store(Some(Arc::new(next)));
    }

    fn is_of(&self, sql: &[u8], text: TextMode, context: u64, settings: &Arc<Variables>) -> bool {
        *self.sql == *sql
            && self.text == text
            && self.plan_context == context
            && Arc::ptr_eq(&self.settings, settings)
    }
}

impl Planned {
    /// The text for a place.
    pub fn text(&self, place: Place) -> Option<&Arc<ShardText>> {
        let at = self.texts.binary_search_by_key(&place, |(place, _)| *place);
        self.texts.get(at.ok()?).map(|(_, text)| text)
    }
}

impl ShardText {
    /// A text, prepared under `settings`.
    pub fn new(
        sql: &[u8],
        database: Option<&str>,
        settings: &Variables,
        seed: DigestSeed,
    ) -> Arc<Self> {
        let mut all = Vec::with_capacity(sql.len() + 64);
        let database_bytes = database.unwrap_or_default().as_bytes();
        for part in [sql, database_bytes] {
            all.extend_from_slice(&(part.len() as u64).to_le_bytes());
            all.extend_from_slice(part);
        }
        settings.put_all(&mut all);
        Arc::new(Self {
            sql: sql.into(),
            database: database.map(Into::into),
            key: StatementKey(xxh3_128_with_seed(&all, seed.0)),
        })
    }
}

/// The texts that any session has prepared now: a thousand sessions with the same statements hold
/// each of them once.
#[derive(Debug, Default)]
pub struct Templates(Mutex<HashMap<u128, Weak<Template>>>);

impl Templates {
    /// The shared form of a text that was scanned just now.
    pub fn share(
        &self,
        sql: &[u8],
        digest: &Digest,
        text: TextMode,
        schema: (Option<&str>, u64),
        settings: Arc<Variables>,
    ) -> Arc<Template> {
        // The digest's seed; the text itself decides, since the digest leaves out its literals.
        let hash = xxh3_128_with_seed(sql, digest.hash as u64);
        let mut known = self.0.lock();
        let found = known.get(&hash).and_then(Weak::upgrade);
        if let Some(found) = found.filter(|found| found.is_of(sql, text, schema.1, &settings)) {
            return found;
        }
        let template = Arc::new(Template::new(sql, digest, text, schema, settings));
        known.insert(hash, Arc::downgrade(&template));
        if known.len().is_multiple_of(SWEPT) {
            known.retain(|_, weak| weak.strong_count() > 0);
        }
        template
    }
}
