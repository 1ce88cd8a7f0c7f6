//! Where shapes are kept.
use crate::shapes::{Draw, Shape};

pub struct Store {
    items: Vec<Shape>,
    last: Shape,
}

impl Store {
    pub fn new() -> Self {
        Store { items: Vec::new(), last: Shape::Dot }
    }

    pub fn add(&mut self, shape: Shape) {
        shape.draw();
        self.last.draw();
        self.items.push(shape);
    }

    pub fn items(&self) -> &[Shape] {
        &self.items
    }

    pub fn first(&self) -> Shape {
        self.items()[0]
    }
}

impl Draw for Store {
    fn draw(&self) {
        self.first().draw();
        self.outline();
    }
}
