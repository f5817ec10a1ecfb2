//! One statement of a command: its bytes, and what the scan says of them.

use super::local::More;
use crate::config::HintRule;
use crate::parse::{Digest, LexMode, Tokens};
use crate::reply::InsertIds;
use crate::route::key::{Charset, LiteralContext};
use crate::route::{Literals, Params};

/// One statement of a command.
#[derive(Clone, Copy, Debug)]
pub(super) struct Statement<'a> {
    /// Its bytes, and those of its siblings before and behind it.
    pub sql: &'a [u8],
    /// Where it and its literals are.
    pub digest: &'a Digest,
    /// Where it begins.
    pub start: usize,
    /// The client's query attributes.
    pub attributes: &'a [u8],
    /// Whether another statement follows it.
    pub more: More,
    /// The settings under which it was read.
    pub mode: LexMode,
    /// The ids that its rows were given.
    pub ids: Option<GivenIds<'a>>,
    /// What rules say in place of its hints; it has passed them.
    pub hint: Option<&'a HintRule>,
}

/// The ids that rows were given.
#[derive(Clone, Copy, Debug)]
pub(super) enum GivenIds<'a> {
    /// Numbers: the answer's insert id is one of them.
    Numbers(&'a InsertIds),
    /// UUIDs, or placeholders for ids: the answer's insert id has nothing to do with them.
    Untold,
}

impl<'a> Statement<'a> {
    /// What the answer's insert id follows from, where the proxy has made ids.
    pub fn insert_ids(&self) -> Option<&'a InsertIds> {
        match self.ids {
            Some(GivenIds::Numbers(ids)) => Some(ids),
            Some(GivenIds::Untold) | None => None,
        }
    }

    /// The same under what rules say of where it goes.
    pub fn hinted<'b>(&self, hint: &'b HintRule) -> Statement<'b>
    where
        'a: 'b,
    {
        Statement {
            hint: Some(hint),
            ..*self
        }
    }

    /// Under which its plan is kept.
    pub fn plan_key(&self) -> u128 {
        self.digest.hash ^ self.hint.map_or(0, HintRule::key)
    }

    /// Its own bytes.
    pub fn text(&self) -> &'a [u8] {
        self.sql
            .get(self.start..self.digest.end)
            .unwrap_or_default()
    }

    /// Its own bytes, with comments behind it.
    pub fn whole(&self) -> &'a [u8] {
        let end = self.digest.next.unwrap_or(self.sql.len());
        self.sql.get(self.start..end).unwrap_or_default()
    }

    /// Whether there is anything but blanks in it.
    pub fn has_comment(&self) -> bool {
        self.whole()
            .iter()
            .any(|byte| !byte.is_ascii_whitespace() && *byte != b';')
    }

    /// Its literals; `charset` is that of the client's strings.
    pub fn literals(&self, charset: Charset) -> Literals<'a> {
        Literals {
            digest: self.digest,
            text: self.sql,
            context: LiteralContext {
                mode: self.mode,
                charset,
            },
            params: Params::default(),
        }
    }

    /// Its tokens.
    pub fn tokens(&self) -> Tokens<'a> {
        Tokens::new(self.sql, self.digest)
    }
}
