//! Where a document stands: source root, package, module, and what its symbols' strings begin with.
//!
//! Belongs here: names made of the document's path (`docs/reference/mapping.md` §6 and §10).
//! Does not: symbols inside the document (`semantics::symbols`).

use crate::mapping::{Modules, Namespace};

/// Names of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) root: String,
    pub(crate) package: String,
    pub(crate) module: String,
    /// Name of the document's own symbol.
    pub(crate) name: String,
    /// Qualified names of what the document holds begin with this.
    pub(crate) qualifier: String,
    /// Language and root: every symbol string begins with this.
    pub(crate) head: String,
    /// Symbol string of what the document holds begins with this.
    pub(crate) prefix: String,
    /// Symbol string of the document itself.
    pub(crate) symbol: String,
}

/// A file name less its extension.
fn stem(name: &str) -> &str {
    match name.rfind('.') {
        Some(at) if at > 0 => &name[..at],
        _ => name,
    }
}

fn without_extension<'n>(name: &'n str, modules: &Modules) -> &'n str {
    let stem = stem(name);
    let extension = &name[stem.len()..];
    if modules
        .drop_extensions
        .iter()
        .any(|one| **one == *extension)
    {
        stem
    } else {
        name
    }
}

/// Bytes of the leading directories of `path` that are source roots.
fn root_length(path: &str, modules: &Modules) -> usize {
    let mut length = 0;
    'directories: loop {
        let rest = &path[length..];
        for root in &modules.roots {
            if let Some(after) = rest.strip_prefix(&**root)
                && after.starts_with('/')
            {
                length += root.len() + 1;
                continue 'directories;
            }
        }
        return length;
    }
}

/// Append a name, in backticks unless it is plain.
pub(crate) fn push_name(into: &mut String, name: &str) {
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'+' | b'-');
    if !name.is_empty() && name.bytes().all(plain) {
        into.push_str(name);
        return;
    }
    into.push('`');
    for character in name.chars() {
        if character == '`' {
            into.push('`');
        }
        into.push(character);
    }
    into.push('`');
}

/// Place a document. `package` is what the tree says of it, where the mapping asks the tree.
pub(crate) fn place(
    modules: &Modules,
    language: &str,
    path: &str,
    package: Option<&str>,
    is_apart: bool,
) -> Place {
    let mut place = place_shared(modules, language, path, package);
    if is_apart {
        place.prefix.clone_from(&place.symbol);
    }
    place
}

/// Whether the end of the file's name says that the document is one of several variants.
pub(crate) fn is_apart(modules: &Modules, path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = stem(file);
    modules
        .apart_suffixes
        .iter()
        .any(|suffix| stem.ends_with(&**suffix))
}

fn place_shared(modules: &Modules, language: &str, path: &str, package: Option<&str>) -> Place {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (root, rest) = match modules.namespace {
        Namespace::Path => {
            let length = root_length(path, modules);
            (path[..length].trim_end_matches('/'), &path[length..])
        }
        Namespace::Package => {
            let below = if let Some(package) = package {
                let segments = package.split(&*modules.separator);
                segments
                    .filter(|one| !one.is_empty())
                    .collect::<Vec<_>>()
                    .join("/")
            } else {
                let length = root_length(path, modules);
                directory.get(length..).unwrap_or("").to_owned()
            };
            let root = match directory.strip_suffix(below.as_str()) {
                Some(root) if root.is_empty() || root.ends_with('/') || below.is_empty() => {
                    root.trim_end_matches('/')
                }
                _ => directory,
            };
            (root, path[root.len()..].trim_start_matches('/'))
        }
    };
    let (below, _) = rest.rsplit_once('/').unwrap_or(("", rest));
    let package = match package {
        Some(package) => package.to_owned(),
        None => below
            .split('/')
            .filter(|one| !one.is_empty())
            .collect::<Vec<_>>()
            .join(&modules.join),
    };
    let file_stem = stem(file);
    let mut segments: Vec<&str> = below.split('/').filter(|one| !one.is_empty()).collect();
    if !modules.index.iter().any(|index| **index == *file_stem) {
        segments.push(file_stem);
    }
    let module = segments.join(&modules.join);
    let name = segments.last().copied().unwrap_or(file_stem).to_owned();

    let shown_root = if root.is_empty() { "." } else { root };
    let head = format!("{language} {shown_root} ");
    let mut prefix = head.clone();
    let symbol;
    let qualifier;
    match modules.namespace {
        Namespace::Path => {
            for directory in below.split('/').filter(|one| !one.is_empty()) {
                push_name(&mut prefix, directory);
                prefix.push('/');
            }
            push_name(&mut prefix, without_extension(file, modules));
            prefix.push('/');
            symbol = prefix.clone();
            qualifier = module.clone();
        }
        Namespace::Package => {
            for segment in package
                .split(&*modules.separator)
                .filter(|one| !one.is_empty())
            {
                push_name(&mut prefix, segment);
                prefix.push('/');
            }
            let mut own = prefix.clone();
            push_name(&mut own, without_extension(file, modules));
            own.push('/');
            symbol = own;
            qualifier = package.clone();
        }
    }
    Place {
        root: shown_root.to_owned(),
        package,
        module,
        name,
        qualifier,
        head,
        prefix,
        symbol,
    }
}
