//! The node table of a task: collected by number, written as Arrow or as Parquet.
//!
//! Belongs here: the columns of `nodes` and where each comes from in a tree.
//! Does not: encodings of Arrow (`batch`) and of Parquet (`parquet`).

use arrow_array::RecordBatch;
use arrow_schema::ArrowError;

use crate::batch::NodeRows;
use crate::intern::Interner;
use crate::mapping::Mapping;
use crate::parquet::RowGroup;
use crate::tree::{ABSENT, ABSENT_BYTE, Context, NONE, Span};

/// The longest name that `nodes.name` holds.
const LONGEST_NAME: usize = 1024;
/// Rows of one row group; with the longest names its pages stay within 2 GiB.
const GROUP_ROWS: usize = 1 << 20;
/// Rows of which a thread keeps the room for its next task.
const KEPT_ROWS: usize = 1 << 20;

/// A text column: the different texts, and each row's among them.
#[derive(Default, Debug)]
struct Words {
    rows: Vec<u32>,
    texts: Interner,
    /// Numbers of keys and kinds to numbers of `texts`, [`NONE`] where not asked yet.
    known: Vec<u32>,
}

impl Words {
    /// Append the text that has `number` in another table.
    #[inline]
    fn push_numbered<'t>(&mut self, number: usize, text: impl FnOnce() -> &'t str) {
        let word = match self.known.get(number) {
            Some(&word) if word != NONE => word,
            _ => self.learn(number, text()),
        };
        self.rows.push(word);
    }

    #[cold]
    fn learn(&mut self, number: usize, text: &str) -> u32 {
        let word = self.texts.intern(text);
        if self.known.len() <= number {
            self.known.resize(number + 1, NONE);
        }
        self.known[number] = word;
        word
    }

    fn push(&mut self, text: Option<&str>) {
        let word = text.map_or(NONE, |text| self.texts.intern(text));
        self.rows.push(word);
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.texts.reset();
        self.known.clear();
    }
}

/// Rows of `nodes`.
#[derive(Default, Debug)]
pub(crate) struct Nodes {
    /// Each document with its rows.
    documents: Vec<(i64, usize)>,
    parent: Vec<u32>,
    position: Vec<u32>,
    kind: Words,
    native_kind: Words,
    field: Words,
    name: Words,
    span: Vec<Span>,
    hash: Vec<u64>,
}

impl Nodes {
    pub(crate) fn len(&self) -> usize {
        self.parent.len()
    }

    /// Take rows back; they are whole documents.
    pub(crate) fn truncate(&mut self, rows: usize) {
        let mut total = self.len();
        while total > rows
            && let Some((_, last)) = self.documents.pop()
        {
            total -= last;
        }
        self.parent.truncate(rows);
        self.position.truncate(rows);
        for words in self.words() {
            words.rows.truncate(rows);
        }
        self.span.truncate(rows);
        self.hash.truncate(rows);
    }

    fn words(&mut self) -> [&mut Words; 4] {
        [
            &mut self.kind,
            &mut self.native_kind,
            &mut self.field,
            &mut self.name,
        ]
    }

    /// Numbers of kinds and fields mean other texts from now on.
    pub(crate) fn forget_numbers(&mut self) {
        for words in self.words() {
            words.known.clear();
        }
    }

    /// Begin the next task, with the room of this one unless that was enormous.
    pub(crate) fn clear(&mut self) {
        if self.parent.capacity() > KEPT_ROWS {
            *self = Nodes::default();
        }
        self.truncate(0);
        self.documents.clear();
        for words in self.words() {
            words.clear();
        }
    }

    /// Append the nodes of a document.
    pub(crate) fn extend(&mut self, mapping: &Mapping, context: &Context<'_>) {
        let (tree, layout) = (context.tree, context.layout);
        self.documents.push((context.document_id, tree.len()));
        self.parent.extend_from_slice(&tree.parent);
        self.position.extend_from_slice(&tree.position);
        self.span.extend_from_slice(&tree.span);
        self.hash.extend_from_slice(&tree.hash);
        for &field in &tree.field {
            self.field
                .push_numbered(field.index(), || context.keys.text(field.0));
        }
        let is_stripping = !layout.strip.is_empty();
        for (node, &kind) in tree.kind.iter().enumerate() {
            let text = context.kinds.text(kind.0);
            if is_stripping && tree.stripped[node] {
                let whole = layout.native_kind(context.tape, context.keys, tree.value[node]);
                self.native_kind.push(Some(whole.unwrap_or(text)));
            } else {
                self.native_kind.push_numbered(kind.index(), || text);
            }
        }
        for node in tree.nodes() {
            let kind = tree.kind(node);
            match mapping.named_kind(kind) {
                Some(named) if named.when.is_empty() && tree.is_named(node) => {
                    self.kind.push_numbered(kind.index(), || named.kind);
                }
                _ => self.kind.push(Some(mapping.kind(context, node))),
            }
            let name = mapping.name(context, node);
            self.name.push(name.as_deref().map(cut));
        }
    }

    /// The rows as Arrow.
    pub(crate) fn batch(&self, source: &str) -> Result<RecordBatch, ArrowError> {
        let mut rows = NodeRows::default();
        for &(document, count) in &self.documents {
            rows.document_id
                .values
                .extend(std::iter::repeat_n(document, count));
        }
        rows.node.values = self.indices();
        rows.parent.extend_indices(&self.parent);
        rows.position.extend_indices(&self.position);
        rows.kind.extend_words(&self.kind.texts, &self.kind.rows);
        let native = &self.native_kind;
        rows.native_kind.extend_words(&native.texts, &native.rows);
        rows.field.extend_words(&self.field.texts, &self.field.rows);
        rows.name.extend_words(&self.name.texts, &self.name.rows);
        rows.start_line.extend_parts(&self.span, 0);
        rows.start_column.extend_parts(&self.span, 1);
        rows.end_line.extend_parts(&self.span, 2);
        rows.end_column.extend_parts(&self.span, 3);
        rows.start_byte.extend_offsets(&self.span, 0);
        rows.end_byte.extend_offsets(&self.span, 1);
        rows.subtree_hash.values = self.hash.iter().map(|&hash| hash as i64).collect();
        rows.added(self.len());
        rows.finish(source)
    }

    /// Each row's index in its document.
    fn indices(&self) -> Vec<i32> {
        let mut indices = Vec::with_capacity(self.len());
        for &(_, count) in &self.documents {
            indices.extend(0..count as i32);
        }
        indices
    }

    /// The rows as Parquet, without `source`, which is a partition.
    pub(crate) fn row_groups(&self) -> Vec<RowGroup> {
        let indices = self.indices();
        let mut groups = Vec::new();
        let mut documents = self.documents.iter().copied();
        let mut begun = documents.next();
        for from in (0..self.len()).step_by(GROUP_ROWS) {
            let rows = from..self.len().min(from + GROUP_ROWS);
            // Documents may go on in the next group.
            let mut runs = Vec::new();
            let mut room = rows.len();
            while let Some((document, count)) = begun
                && room > 0
            {
                let taken = count.min(room);
                runs.push((document, taken));
                room -= taken;
                begun = if taken < count {
                    Some((document, count - taken))
                } else {
                    documents.next()
                };
            }
            let index = |&index: &u32| (index != NONE).then_some(index as i32);
            let span = &self.span[rows.clone()];
            let part = |part: usize| {
                let value = move |span: &Span| span.lines[part];
                span.iter()
                    .map(value)
                    .map(|value| (value != ABSENT).then_some(value))
            };
            let offset = |part: usize| {
                let value = move |span: &Span| span.bytes[part];
                span.iter()
                    .map(value)
                    .map(|value| (value != ABSENT_BYTE).then_some(value))
            };
            let mut group = RowGroup::new(rows.len());
            group.runs("document_id", &runs);
            group.integers("node", &indices[rows.clone()]);
            group.optional_integers("parent", self.parent[rows.clone()].iter().map(index));
            for (name, words) in [
                ("kind", &self.kind),
                ("native_kind", &self.native_kind),
                ("field", &self.field),
            ] {
                group.texts(name, &words.texts, &words.rows[rows.clone()]);
            }
            group.optional_integers("position", self.position[rows.clone()].iter().map(index));
            group.optional_texts("name", &self.name.texts, &self.name.rows[rows.clone()]);
            group.optional_integers("start_line", part(0));
            group.optional_integers("start_column", part(1));
            group.optional_integers("end_line", part(2));
            group.optional_integers("end_column", part(3));
            group.optional_integers("start_byte", offset(0));
            group.optional_integers("end_byte", offset(1));
            group.hashes("subtree_hash", &self.hash[rows]);
            groups.push(group.finish());
        }
        groups
    }
}

fn cut(name: &str) -> &str {
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let mut end = LONGEST_NAME;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
