pub mod area;

pub trait Draw {
    fn draw(&self);

    fn outline(&self) {
        self.draw();
    }
}

pub enum Shape {
    Dot,
    Line { length: u32 },
}

impl Draw for Shape {
    fn draw(&self) {
        describe(self);
    }
}

pub fn describe(shape: &Shape) -> u32 {
    area::one(shape)
}
