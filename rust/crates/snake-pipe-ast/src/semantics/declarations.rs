//! What is declared more than once: prototypes, forward declarations, namespaces opened again.
//!
//! Belongs here: making one symbol of them. Does not: types that are added to (`extensions`).

use super::symbols::{Form, form, is_callable, is_merged};
use super::{NumberSet, Numbers, Pass, Text};

/// What declarations of one thing have in common.
type Same = (u32, Text, u32, u32);

impl Pass<'_, '_, '_> {
    /// When everything has its container: declarations are one with what they declare.
    pub(super) fn settle_declarations(&mut self) {
        if !self.s.symbols.iter().any(|symbol| symbol.is_declaration) {
            return;
        }
        let mut merged = self.namespaces();
        let now: Numbers<u32, u32> = merged
            .iter()
            .map(|&(first, again)| (again, first))
            .collect();
        let key = |pass: &Self, now: &Numbers<u32, u32>, index: u32| -> Same {
            let symbol = &pass.s.symbols[index as usize];
            let container = now.get(&symbol.container).copied();
            let container = container.unwrap_or(symbol.container);
            let parameters = symbol.parameter_count.map_or(u32::MAX, i32::unsigned_abs);
            (container, symbol.name, form(symbol.kind) as u32, parameters)
        };
        let count = self.s.symbols.len() as u32;
        let mut first: Numbers<Same, u32> = Numbers::default();
        let is_kept = |pass: &Self, index: u32| {
            let symbol = &pass.s.symbols[index as usize];
            !symbol.is_phantom && form(symbol.kind) != Form::Namespace
        };
        let kept: Vec<u32> = (1..count).filter(|&index| is_kept(self, index)).collect();
        for wanted in [false, true] {
            for &index in &kept {
                if self.s.symbols[index as usize].is_declaration == wanted {
                    first.entry(key(self, &now, index)).or_insert(index);
                }
            }
        }
        let mut declared = Vec::new();
        for index in kept {
            let symbol = &self.s.symbols[index as usize];
            if !symbol.is_declaration && !is_merged(form(symbol.kind)) {
                continue;
            }
            let into = first[&key(self, &now, index)];
            if into != index {
                if symbol.is_declaration {
                    declared.push((into, index));
                }
                merged.push((into, index));
            } else if symbol.is_declaration {
                self.flag(index, "declaration");
            }
        }
        self.inherit(&declared);
        merged.extend(self.parameters_of(&declared));
        if !merged.is_empty() {
            self.merge(&merged);
        }
    }

    /// Parameters of declarations, with those of the same name of what is declared, or with that.
    fn parameters_of(&self, declared: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let into: Numbers<u32, u32> = declared
            .iter()
            .map(|&(into, index)| (index, into))
            .collect();
        let mut own: Numbers<(u32, Text, u32), u32> = Numbers::default();
        let symbols = || {
            self.s
                .symbols
                .iter()
                .enumerate()
                .skip(1)
                .filter(|(_, one)| !one.is_phantom)
        };
        for (index, symbol) in symbols() {
            own.entry((symbol.container, symbol.name, form(symbol.kind) as u32))
                .or_insert(index as u32);
        }
        let parameters = symbols().filter_map(|(index, symbol)| {
            let &callable = into.get(&symbol.container)?;
            let form = form(symbol.kind);
            if !is_callable(self.s.symbols[callable as usize].kind) || !is_merged(form) {
                return None;
            }
            let same = own.get(&(callable, symbol.name, form as u32)).copied();
            Some((same.unwrap_or(callable), index as u32))
        });
        parameters.collect()
    }

    /// What a declaration says besides: its flags, its docstring, its visibility if it came first.
    fn inherit(&mut self, declared: &[(u32, u32)]) {
        let into: Numbers<u32, u32> = declared
            .iter()
            .map(|&(into, index)| (index, into))
            .collect();
        let told: Vec<(u32, Text)> = (self.s.flags.iter())
            .filter_map(|&(symbol, flag)| Some((*into.get(&symbol)?, flag)))
            .collect();
        self.s.flags.extend(told);
        let mut seen = NumberSet::default();
        for &(into, index) in declared {
            let docstring = self.s.symbols[index as usize].docstring.take();
            let visibility = self.s.symbols[index as usize].visibility;
            let symbol = &mut self.s.symbols[into as usize];
            if seen.insert(into) && index < into {
                symbol.visibility = visibility;
            }
            if symbol.docstring.is_none() {
                symbol.docstring = docstring;
            }
        }
    }

    /// Namespaces that are opened again, with the first of each.
    fn namespaces(&self) -> Vec<(u32, u32)> {
        let mut merged = Vec::new();
        let mut now: Numbers<u32, u32> = Numbers::default();
        let mut first: Numbers<(u32, Text), u32> = Numbers::default();
        for (index, symbol) in self.s.symbols.iter().enumerate().skip(1) {
            if !symbol.is_declaration || symbol.is_phantom || form(symbol.kind) != Form::Namespace {
                continue;
            }
            let container = now.get(&symbol.container).copied();
            let key = (container.unwrap_or(symbol.container), symbol.name);
            let into = *first.entry(key).or_insert(index as u32);
            if into != index as u32 {
                now.insert(index as u32, into);
                merged.push((into, index as u32));
            }
        }
        merged
    }
}
