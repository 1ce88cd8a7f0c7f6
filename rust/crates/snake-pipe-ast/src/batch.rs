//! Rows to Arrow arrays.
//!
//! Belongs here: column builders and the tables that scan fills, in the order of the model.
//! Does not: what the rows say.
//!
//! Texts are views: up to 12 bytes stand in the view, longer ones in shared blocks. Texts that
//! repeat (kinds, fields) are views made once per batch.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringViewArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};

use crate::intern::Interner;
use crate::nodes::Nodes;
use crate::tree::{ABSENT, ABSENT_BYTE, NONE, Span};

/// A column being filled.
pub trait Column: Default {
    /// One row's value.
    type Item<'a>;
    /// Whether rows may have none.
    const NULLABLE: bool;
    /// Append a row.
    fn push(&mut self, item: Self::Item<'_>);
    /// Take rows back.
    fn truncate(&mut self, rows: usize);
    /// The column's Arrow type.
    fn data_type() -> DataType;
    /// End the column.
    fn finish(self) -> ArrayRef;
}

/// Which rows have a value; nothing is stored while all have.
#[derive(Default, Debug)]
struct Validity {
    /// A bit a row, set where there is a value; empty while all rows have one.
    words: Vec<u64>,
    rows: usize,
}

impl Validity {
    /// `rows` is the number of rows before this one.
    #[inline]
    fn push(&mut self, rows: usize, valid: bool) {
        if self.words.is_empty() {
            if valid {
                return;
            }
            self.begin(rows);
        }
        if self.rows.is_multiple_of(64) {
            self.words.push(0);
        }
        let last = self.words.len() - 1;
        self.words[last] |= u64::from(valid) << (self.rows & 63);
        self.rows += 1;
    }

    /// Begin storing after `rows` rows that all have a value.
    #[cold]
    fn begin(&mut self, rows: usize) {
        self.words = vec![u64::MAX; rows / 64 + 1];
        self.words[rows / 64] = (1 << (rows % 64)) - 1;
        if rows.is_multiple_of(64) && rows > 0 {
            self.words.pop();
        }
        if rows == 0 {
            self.words.clear();
            self.words.reserve(64);
        }
        self.rows = rows;
    }

    /// Rows at once. `rows` is the number of rows before them.
    fn extend(&mut self, rows: usize, valid: impl ExactSizeIterator<Item = bool> + Clone) {
        if self.words.is_empty() {
            if valid.clone().all(|valid| valid) {
                return;
            }
            self.begin(rows);
        }
        let mut count = self.rows;
        self.words.resize((count + valid.len()).div_ceil(64), 0);
        for valid in valid {
            self.words[count >> 6] |= u64::from(valid) << (count & 63);
            count += 1;
        }
        self.rows = count;
    }

    fn truncate(&mut self, rows: usize) {
        if self.words.is_empty() || rows >= self.rows {
            return;
        }
        self.words.truncate(rows.div_ceil(64));
        if !rows.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (rows % 64)) - 1;
        }
        self.rows = rows;
    }

    fn finish(self, rows: usize) -> Option<NullBuffer> {
        if self.words.is_empty() {
            return None;
        }
        let words: Vec<u64> = self.words.iter().map(|word| word.to_le()).collect();
        let nulls = NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(words), 0, rows));
        (nulls.null_count() > 0).then_some(nulls)
    }
}

macro_rules! integers {
    ($plain:ident, $optional:ident, $native:ty, $array:ident, $type:expr) => {
        #[doc = concat!("`", stringify!($native), "`, never null.")]
        #[derive(Default, Debug)]
        pub struct $plain {
            pub(crate) values: Vec<$native>,
        }

        impl Column for $plain {
            type Item<'a> = $native;
            const NULLABLE: bool = false;

            #[inline]
            fn push(&mut self, item: $native) {
                self.values.push(item);
            }

            fn truncate(&mut self, rows: usize) {
                self.values.truncate(rows);
            }

            fn data_type() -> DataType {
                $type
            }

            fn finish(self) -> ArrayRef {
                Arc::new($array::new(ScalarBuffer::from(self.values), None))
            }
        }

        #[doc = concat!("`", stringify!($native), "` or null.")]
        #[derive(Default, Debug)]
        pub struct $optional {
            pub(crate) values: Vec<$native>,
            validity: Validity,
        }

        impl Column for $optional {
            type Item<'a> = Option<$native>;
            const NULLABLE: bool = true;

            #[inline]
            fn push(&mut self, item: Option<$native>) {
                self.validity.push(self.values.len(), item.is_some());
                self.values.push(item.unwrap_or_default());
            }

            fn truncate(&mut self, rows: usize) {
                self.values.truncate(rows);
                self.validity.truncate(rows);
            }

            fn data_type() -> DataType {
                $type
            }

            fn finish(self) -> ArrayRef {
                let nulls = self.validity.finish(self.values.len());
                Arc::new($array::new(ScalarBuffer::from(self.values), nulls))
            }
        }
    };
}

integers!(Int32, OptInt32, i32, Int32Array, DataType::Int32);
integers!(Int64, OptInt64, i64, Int64Array, DataType::Int64);

impl OptInt32 {
    /// Indices, [`NONE`] standing for null.
    pub(crate) fn extend_indices(&mut self, indices: &[u32]) {
        let rows = self.values.len();
        self.values
            .extend(indices.iter().map(|&index| index as i32));
        self.validity
            .extend(rows, indices.iter().map(|&index| index != NONE));
    }

    /// One part of each span.
    pub(crate) fn extend_parts(&mut self, spans: &[Span], part: usize) {
        let rows = self.values.len();
        self.values
            .extend(spans.iter().map(|span| span.lines[part]));
        self.validity.extend(
            rows,
            self.values[rows..].iter().map(|&value| value != ABSENT),
        );
    }
}

impl OptInt64 {
    /// One offset of each span.
    pub(crate) fn extend_offsets(&mut self, spans: &[Span], part: usize) {
        let rows = self.values.len();
        self.values
            .extend(spans.iter().map(|span| span.bytes[part]));
        self.validity.extend(
            rows,
            self.values[rows..]
                .iter()
                .map(|&value| value != ABSENT_BYTE),
        );
    }
}

/// Microseconds since 1970, UTC.
#[derive(Default, Debug)]
pub struct Stamp {
    values: Vec<i64>,
}

impl Column for Stamp {
    type Item<'a> = i64;
    const NULLABLE: bool = false;

    fn push(&mut self, item: i64) {
        self.values.push(item);
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
    }

    fn data_type() -> DataType {
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
    }

    fn finish(self) -> ArrayRef {
        let array = TimestampMicrosecondArray::new(ScalarBuffer::from(self.values), None);
        Arc::new(array.with_timezone("UTC"))
    }
}

/// A truth value, never null.
#[derive(Default, Debug)]
pub struct Flag {
    values: Vec<bool>,
}

impl Column for Flag {
    type Item<'a> = bool;
    const NULLABLE: bool = false;

    fn push(&mut self, item: bool) {
        self.values.push(item);
    }

    fn truncate(&mut self, rows: usize) {
        self.values.truncate(rows);
    }

    fn data_type() -> DataType {
        DataType::Boolean
    }

    fn finish(self) -> ArrayRef {
        Arc::new(BooleanArray::from(self.values))
    }
}

/// Size of a block of long texts.
const BLOCK: usize = 256 << 10;

/// A text, never null.
#[derive(Default, Debug)]
pub struct Text {
    views: Vec<u128>,
    blocks: Vec<Buffer>,
    block: Vec<u8>,
}

impl Text {
    #[inline]
    fn view(&mut self, text: &str) -> u128 {
        let bytes = text.as_bytes();
        if bytes.len() <= 12 {
            let mut view = [0_u8; 16];
            view[0] = bytes.len() as u8;
            view[4..4 + bytes.len()].copy_from_slice(bytes);
            return u128::from_le_bytes(view);
        }
        self.long_view(bytes)
    }

    fn long_view(&mut self, bytes: &[u8]) -> u128 {
        if self.block.len() + bytes.len() > self.block.capacity() {
            let full = std::mem::take(&mut self.block);
            if !full.is_empty() {
                self.blocks.push(Buffer::from_vec(full));
            }
            self.block = Vec::with_capacity(BLOCK.max(bytes.len()));
        }
        let offset = self.block.len();
        self.block.extend_from_slice(bytes);
        let prefix = crate::hash::read32(bytes, 0);
        bytes.len() as u128
            | u128::from(prefix) << 32
            | (self.blocks.len() as u128) << 64
            | (offset as u128) << 96
    }

    /// Rows by the numbers of their texts.
    pub(crate) fn extend_words(&mut self, texts: &Interner, rows: &[u32]) {
        let views = self.views_of(texts);
        self.views
            .extend(rows.iter().map(|&row| views[row as usize]));
    }

    /// A view of every text.
    fn views_of(&mut self, texts: &Interner) -> Vec<u128> {
        (0..texts.len() as u32)
            .map(|number| self.view(texts.text(number)))
            .collect()
    }

    fn array(self, nulls: Option<NullBuffer>) -> ArrayRef {
        let mut blocks = self.blocks;
        if !self.block.is_empty() {
            blocks.push(Buffer::from_vec(self.block));
        }
        let views = ScalarBuffer::from(self.views);
        // SAFETY: every view was made by `view` from a `str`: its length, prefix, block and offset
        // are those of bytes pushed, blocks keep their order, and the bytes are UTF-8.
        Arc::new(unsafe { StringViewArray::new_unchecked(views, blocks.into(), nulls) })
    }
}

impl Column for Text {
    type Item<'a> = &'a str;
    const NULLABLE: bool = false;

    #[inline]
    fn push(&mut self, item: &str) {
        let view = self.view(item);
        self.views.push(view);
    }

    fn truncate(&mut self, rows: usize) {
        self.views.truncate(rows);
    }

    fn data_type() -> DataType {
        DataType::Utf8View
    }

    fn finish(self) -> ArrayRef {
        self.array(None)
    }
}

/// A text or null.
#[derive(Default, Debug)]
pub struct OptText {
    text: Text,
    validity: Validity,
}

impl OptText {
    /// Rows by the numbers of their texts, [`NONE`] standing for null.
    pub(crate) fn extend_words(&mut self, texts: &Interner, rows: &[u32]) {
        let views = self.text.views_of(texts);
        self.validity
            .extend(self.text.views.len(), rows.iter().map(|&row| row != NONE));
        let view = |&row: &u32| if row == NONE { 0 } else { views[row as usize] };
        self.text.views.extend(rows.iter().map(view));
    }
}

impl Column for OptText {
    type Item<'a> = Option<&'a str>;
    const NULLABLE: bool = true;

    #[inline]
    fn push(&mut self, item: Option<&str>) {
        self.validity.push(self.text.views.len(), item.is_some());
        let view = item.map_or(0, |item| self.text.view(item));
        self.text.views.push(view);
    }

    fn truncate(&mut self, rows: usize) {
        self.text.truncate(rows);
        self.validity.truncate(rows);
    }

    fn data_type() -> DataType {
        DataType::Utf8View
    }

    fn finish(self) -> ArrayRef {
        let nulls = self.validity.finish(self.text.views.len());
        self.text.array(nulls)
    }
}

macro_rules! table {
    ($(#[$doc:meta])* $rows:ident, $row:ident { $($name:ident : $column:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the columns of the model")]
        pub struct $row<'r> {
            $(pub $name: <$column as Column>::Item<'r>,)*
        }

        $(#[$doc])*
        #[derive(Default, Debug)]
        pub struct $rows {
            rows: usize,
            $(pub(crate) $name: $column,)*
        }

        impl $rows {
            /// Append a row.
            pub fn push(&mut self, row: &$row<'_>) {
                self.rows += 1;
                $(self.$name.push(row.$name);)*
            }

            /// Number of rows.
            #[must_use]
            pub fn len(&self) -> usize {
                self.rows
            }

            /// Whether there is no row.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.rows == 0
            }

            /// Take rows back.
            pub fn truncate(&mut self, rows: usize) {
                self.rows = rows;
                $(self.$name.truncate(rows);)*
            }

            /// The rows as a batch, `source` first.
            ///
            /// # Errors
            /// Columns of different lengths, which would be a fault of the engine.
            pub fn finish(self, source: &str) -> Result<RecordBatch, ArrowError> {
                let mut sources = Text::default();
                let view = sources.view(source);
                sources.views = vec![view; self.rows];
                let fields = vec![
                    Field::new("source", DataType::Utf8View, false),
                    $(Field::new(stringify!($name), $column::data_type(), $column::NULLABLE),)*
                ];
                let arrays = vec![sources.finish(), $(self.$name.finish(),)*];
                RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            }
        }
    };
}

table! {
    /// The ledger.
    ArtifactRows, ArtifactRow {
        path: Text, document_path: OptText, language: OptText, dialect: OptText,
        dialect_version: OptText, producer: OptText, size_bytes: Int64, mtime_ns: Int64,
        content_hash: OptText, outcome: Text, duplicate_of: OptText, node_count: Int64,
        unknown_count: Int64, finding_count: Int64, engine_version: Text, scanned_at: Stamp,
    }
}
table! {
    /// What is wrong with artifacts.
    FindingRows, FindingRow {
        path: Text, code: Text, severity: Text, pointer: Text, message: Text, hint: Text,
        start_byte: OptInt64, end_byte: OptInt64,
    }
}
table! {
    /// Source files described.
    DocumentRows, DocumentRow {
        document_id: Int64, path: Text, document_path: Text, language: Text, dialect: Text,
        root: Text, package: Text, module: Text, module_symbol_id: Int64, line_count: OptInt32,
        position_encoding: Text, node_count: Int64, symbol_count: Int64, content_hash: Text,
    }
}
table! {
    /// The tree.
    NodeRows, NodeRow {
        document_id: Int64, node: Int32, parent: OptInt32, kind: Text, native_kind: Text,
        field: Text, position: OptInt32, name: OptText, start_line: OptInt32,
        start_column: OptInt32, end_line: OptInt32, end_column: OptInt32, start_byte: OptInt64,
        end_byte: OptInt64, subtree_hash: Int64,
    }
}
table! {
    /// Symbols.
    Symbols, SymbolRow {
        symbol_id: Int64, symbol: Text, document_id: Int64, node: Int32, kind: Text, name: Text,
        qualified_name: Text, container_id: OptInt64, visibility: Text, flags: Text,
        signature: OptText, docstring: OptText, start_line: OptInt32, start_column: OptInt32,
        end_line: OptInt32, end_column: OptInt32, cyclomatic_complexity: OptInt32,
        cognitive_complexity: OptInt32, max_nesting: OptInt32, parameter_count: OptInt32,
        line_count: OptInt32, subtree_hash: Int64, producer_key: OptText,
    }
}
table! {
    /// Imports.
    Imports, ImportRow {
        document_id: Int64, node: Int32, scope_id: Int32, symbol_id: Int64, module: Text,
        imported_name: Text, alias: Text, level: Int32, kind: Text, is_conditional: Flag,
    }
}
table! {
    /// Exports.
    Exports, ExportRow {
        document_id: Int64, node: Int32, kind: Text, exported_name: Text, local_name: Text,
        module: Text, symbol_id: OptInt64, import_node: OptInt32,
    }
}
table! {
    /// References.
    References, ReferenceRow {
        document_id: Int64, node: Int32, scope_id: Int32, symbol_id: Int64, role: Text,
        name: Text, qualifier: OptText, binding: Text, binding_id: OptInt64,
        binding_node: OptInt32, binding_name: Text, type_path: OptText, type_via: OptText,
        member_path: Text, argument_count: OptInt32, target_id: OptInt64, target_key: OptText,
        start_line: OptInt32,
    }
}

/// The tables that the semantics of a document fill.
#[derive(Default, Debug)]
pub struct SymbolRows {
    /// Symbols.
    pub symbols: Symbols,
    /// Imports.
    pub imports: Imports,
    /// Exports.
    pub exports: Exports,
    /// References.
    pub references: References,
}

/// Something of each table, by the table's name.
pub type Named<T> = Vec<(&'static str, T)>;

/// Every table that scan fills.
#[derive(Default, Debug)]
pub struct Tables {
    /// The ledger.
    pub artifacts: ArtifactRows,
    /// What is wrong with artifacts.
    pub findings: FindingRows,
    /// Source files described.
    pub documents: DocumentRows,
    /// The tree.
    pub(crate) nodes: Nodes,
    /// What the semantics give.
    pub semantic: SymbolRows,
}

/// How many rows there were, to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark([usize; 8]);

impl Tables {
    /// Remember how many rows there are.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark([
            self.artifacts.len(),
            self.findings.len(),
            self.documents.len(),
            self.nodes.len(),
            self.semantic.symbols.len(),
            self.semantic.imports.len(),
            self.semantic.exports.len(),
            self.semantic.references.len(),
        ])
    }

    /// Take back every row since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        let Mark(
            [
                artifacts,
                findings,
                documents,
                nodes,
                symbols,
                imports,
                exports,
                references,
            ],
        ) = mark;
        self.artifacts.truncate(artifacts);
        self.findings.truncate(findings);
        self.documents.truncate(documents);
        self.nodes.truncate(nodes);
        self.semantic.symbols.truncate(symbols);
        self.semantic.imports.truncate(imports);
        self.semantic.exports.truncate(exports);
        self.semantic.references.truncate(references);
    }

    /// The tables but for the nodes as batches, by name.
    ///
    /// # Errors
    /// Columns of different lengths, which would be a fault of the engine.
    pub(crate) fn finish(self, source: &str) -> Result<(Named<RecordBatch>, Nodes), ArrowError> {
        let semantic = self.semantic;
        let batches = vec![
            ("artifacts", self.artifacts.finish(source)?),
            ("findings", self.findings.finish(source)?),
            ("documents", self.documents.finish(source)?),
            ("symbols", semantic.symbols.finish(source)?),
            ("imports", semantic.imports.finish(source)?),
            ("exports", semantic.exports.finish(source)?),
            ("references", semantic.references.finish(source)?),
        ];
        Ok((batches, self.nodes))
    }
}

impl NodeRows {
    pub(crate) fn added(&mut self, more: usize) {
        self.rows += more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Int32Type;

    /// Every length around word borders, pushed one by one, at once, and cut back.
    #[test]
    fn nulls_stand_where_they_were_pushed() {
        for total in [0, 1, 63, 64, 65, 127, 128, 129, 300] {
            for first_null in [0, 1, 62, 63, 64, 65, 128, 299] {
                let row = |i: u32| (i < first_null || i.is_multiple_of(3)).then_some(i as i32);
                let wanted: Vec<Option<i32>> = (0..total).map(row).collect();
                let mut single = OptInt32::default();
                let mut cut = OptInt32::default();
                for i in 0..total {
                    single.push(row(i));
                    cut.push(row(i));
                }
                for i in 0..70 {
                    cut.push((i % 2 == 0).then_some(i));
                }
                cut.truncate(total as usize);
                let mut bulk = OptInt32::default();
                let indices: Vec<u32> = wanted
                    .iter()
                    .map(|n| n.map_or(NONE, |n| n as u32))
                    .collect();
                let (left, right) = indices.split_at(indices.len() / 3);
                bulk.extend_indices(left);
                bulk.extend_indices(right);
                for column in [single, cut, bulk] {
                    let array = column.finish();
                    let found: Vec<_> = array.as_primitive::<Int32Type>().iter().collect();
                    assert_eq!(found, wanted, "{total} {first_null}");
                }
            }
        }
    }

    #[test]
    fn texts_survive_blocks_and_cuts() {
        let text = |i: usize| {
            "é".repeat(i % 40) + &"x".repeat(if i.is_multiple_of(500) { 300_000 } else { 0 })
        };
        let mut column = OptText::default();
        for i in 0..2000 {
            column.push((i % 5 != 4).then_some(text(i).as_str()));
        }
        column.truncate(1500);
        column.push(Some("the last one, longer than a view"));
        let array = column.finish();
        let array = array.as_string_view();
        assert_eq!(array.len(), 1501);
        for i in 0..1500 {
            assert_eq!(array.is_null(i), i % 5 == 4);
            if i % 5 != 4 {
                assert_eq!(array.value(i), text(i));
            }
        }
        assert_eq!(array.value(1500), "the last one, longer than a view");
    }

    #[test]
    fn rows_of_a_failed_artifact_are_taken_back() {
        let finding = |tables: &mut Tables, path: &str| {
            tables.findings.push(&FindingRow {
                path,
                code: "C",
                severity: "error",
                pointer: "",
                message: "a message that does not fit in a view",
                hint: "",
                start_byte: None,
                end_byte: Some(1),
            });
        };
        let mut tables = Tables::default();
        finding(&mut tables, "kept");
        let mark = tables.mark();
        finding(&mut tables, "lost");
        tables.rewind(mark);
        finding(&mut tables, "after");
        let (batches, _) = tables.finish("s").unwrap();
        let findings = &batches[1].1;
        let paths: Vec<_> = findings
            .column_by_name("path")
            .unwrap()
            .as_string_view()
            .iter()
            .flatten()
            .collect();
        assert_eq!(paths, ["kept", "after"]);
        assert_eq!(
            findings.column_by_name("start_byte").unwrap().null_count(),
            2
        );
    }
}
