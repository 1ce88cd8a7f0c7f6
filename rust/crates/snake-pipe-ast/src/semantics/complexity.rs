//! How branchy a callable is.
//!
//! Belongs here: the action `complexity`. Does not: which nodes branch (`mapping`).

use crate::mapping::{Cognitive, Complexity};
use crate::path::At;
use crate::tree::NodeId;

use super::Pass;
use super::scopes::Surroundings;

impl<'m, 'c> Pass<'m, 'c, '_> {
    /// Count a node for the callable around it.
    pub(super) fn complexity(
        &mut self,
        complexity: &Complexity,
        at: &At<'m, 'c>,
        node: NodeId,
        around: Surroundings,
    ) {
        let mut factor = 1;
        if let Some(count) = &complexity.count {
            let mut items = Vec::new();
            count.all(at, node, &mut items);
            factor = items.len().saturating_sub(1) as u32;
        }
        let symbol = &mut self.s.symbols[around.callable as usize];
        symbol.cyclomatic = symbol
            .cyclomatic
            .saturating_add(complexity.cyclomatic * factor);
        symbol.cognitive = symbol.cognitive.saturating_add(match complexity.cognitive {
            Some(Cognitive::Nested) => 1 + around.nesting,
            Some(Cognitive::Flat) => 1,
            None => 0,
        });
        if complexity.nests {
            symbol.max_nesting = symbol.max_nesting.max(around.nesting + 1);
        }
    }
}
