//! CommonJS: `require` and `module.exports`.
//!
//! Belongs here: the procedure `commonjs` (`docs/reference/mapping.md` §8).
//! Does not: ES modules, which rules say.

use crate::path::At;
use crate::tree::NodeId;

use super::Pass;
use super::scopes::Surroundings;

impl<'m, 'c> Pass<'m, 'c, '_> {
    pub(super) fn commonjs(&mut self, _at: &At<'m, 'c>, _node: NodeId, _inside: Surroundings) {}
}
