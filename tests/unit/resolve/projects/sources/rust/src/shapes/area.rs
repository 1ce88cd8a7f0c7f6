use super::Shape::{self, *};

pub fn one(shape: &Shape) -> u32 {
    match shape {
        Dot => 0,
        Line { length } => *length,
    }
}

pub fn total(shapes: &[Shape]) -> u32 {
    shapes.iter().map(one).sum()
}
