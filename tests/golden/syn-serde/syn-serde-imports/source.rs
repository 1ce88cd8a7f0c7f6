use std::collections::{hash_map::Entry, BTreeMap as Sorted, HashMap};
use std::io::{self, prelude::*, Read as _};
use crate::shapes::Shape;
use self::nested::deep;
use super::above;
use super::super::far::Away;
use serde;
use serde as codec;
use {rand, log::info};
pub use crate::shapes::{area, Line as Stroke};
pub use shapes::*;

extern crate alloc;
extern crate core as base;

mod shapes;
#[path = "other/file.rs"]
pub mod elsewhere;

mod nested {
    use super::*;

    pub fn deep(map: HashMap<String, Sorted<u8, Shape>>) -> io::Result<()> {
        area(crate::shapes::Shape::Dot);
        super::elsewhere::run(above());
        serde::de::value::parse(codec::NAME);
        ::alloc::vec::from(map);
        Ok(())
    }
}

fn scoped() {
    use std::mem::swap;
    let mut entry = Entry::Vacant(info);
    swap(&mut entry, &mut Stroke::default());
}
