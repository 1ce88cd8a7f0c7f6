//! Rows that the semantic pass writes, as their tables declare them (`model/tables.py`).
//!
//! Belongs here: the columns of one row, less `source`, `document_id` and what the tree knows of the
//! row's node (span, lines, subtree hash). Does not: Arrow (`batch`), how rows come about
//! (`semantics`).

use crate::tree::NodeId;

/// A row of `symbols`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SymbolRow<'r> {
    /// Hash of `symbol`.
    pub symbol_id: i64,
    /// Language, root, descriptors.
    pub symbol: &'r str,
    /// Node that declares it; span and hash are this node's.
    pub node: NodeId,
    /// Canonical kind.
    pub kind: &'static str,
    /// Simple name.
    pub name: &'r str,
    /// Dotted name from the module on.
    pub qualified_name: &'r str,
    /// Symbol that holds it.
    pub container_id: Option<i64>,
    /// `public`, `protected`, `private`, `package` or `internal`.
    pub visibility: &'static str,
    /// Sorted, space-separated.
    pub flags: &'r str,
    /// Parameters.
    pub signature: Option<&'r str>,
    /// Cleaned.
    pub docstring: Option<&'r str>,
    /// Callables and the document.
    pub cyclomatic_complexity: Option<i32>,
    /// Callables and the document.
    pub cognitive_complexity: Option<i32>,
    /// Callables and the document.
    pub max_nesting: Option<i32>,
    /// Callables.
    pub parameter_count: Option<i32>,
    /// The producer's own id, where it is one of the whole source.
    pub producer_key: Option<&'r str>,
}

/// A row of `imports`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportRow<'r> {
    /// Node of the element.
    pub node: NodeId,
    /// Node of the scope that binds.
    pub scope_id: NodeId,
    /// Innermost symbol around.
    pub symbol_id: i64,
    /// Module text, unquoted.
    pub module: &'r str,
    /// Empty for the whole module.
    pub imported_name: &'r str,
    /// Local name bound.
    pub alias: &'r str,
    /// Leading dots.
    pub level: i32,
    /// Import kind.
    pub kind: &'static str,
    /// Inside a function or a conditional statement.
    pub is_conditional: bool,
}

/// A row of `exports`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportRow<'r> {
    /// Node of the element.
    pub node: NodeId,
    /// Export kind.
    pub kind: &'static str,
    /// Name outside.
    pub exported_name: &'r str,
    /// Dotted name inside.
    pub local_name: &'r str,
    /// Module re-exported from.
    pub module: &'r str,
    /// Own symbol exported.
    pub symbol_id: Option<i64>,
    /// Import that binds the local name.
    pub import_node: Option<NodeId>,
}

/// A row of `references`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceRow<'r> {
    /// Node of the use; `start_line` is this node's.
    pub node: NodeId,
    /// Node of the innermost scope that is not a block.
    pub scope_id: NodeId,
    /// Symbol that uses.
    pub symbol_id: i64,
    /// Role.
    pub role: &'static str,
    /// Last name of the chain.
    pub name: &'r str,
    /// Chain before it.
    pub qualifier: Option<&'r str>,
    /// What the chain's first name is bound to.
    pub binding: &'static str,
    /// Symbol bound to.
    pub binding_id: Option<i64>,
    /// Node of the import bound to.
    pub binding_node: Option<NodeId>,
    /// Root as written.
    pub binding_name: &'r str,
    /// Rest of the type's chain.
    pub type_path: Option<&'r str>,
    /// `annotation` or `constructor`.
    pub type_via: Option<&'static str>,
    /// Rest of the chain.
    pub member_path: &'r str,
    /// Arguments of a call.
    pub argument_count: Option<i32>,
    /// Symbol, if the producer resolved it.
    pub target_id: Option<i64>,
    /// The producer's own id of a target that the document does not hold.
    pub target_key: Option<&'r str>,
}

/// What of a document the rows do not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Source root in front of the module.
    pub root: String,
    /// Package or namespace.
    pub package: String,
    /// Module as an importer writes it.
    pub module: String,
    /// Symbol of the document's top level.
    pub module_symbol_id: i64,
    /// Rows given to [`Rows::symbol`].
    pub symbol_count: i64,
}

/// Takes rows in the order of their table.
pub trait Rows {
    /// A row of `symbols`.
    fn symbol(&mut self, row: &SymbolRow<'_>);
    /// A row of `imports`.
    fn import(&mut self, row: &ImportRow<'_>);
    /// A row of `exports`.
    fn export(&mut self, row: &ExportRow<'_>);
    /// A row of `references`.
    fn reference(&mut self, row: &ReferenceRow<'_>);
}
