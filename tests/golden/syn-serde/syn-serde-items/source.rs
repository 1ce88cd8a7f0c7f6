//! Items of every kind.
use std::fmt;

/// A point.
///
/// With two coordinates.
#[derive(Debug, Clone)]
pub struct Point<'a, T: Ord + 'a, const N: usize = 2>
where
    T: Copy,
{
    /// Along the first axis.
    pub x: &'a T,
    pub(crate) y: Option<Box<T>>,
    tag: [u8; N],
}

struct Pair(pub i32, String);
pub struct Unit;

#[repr(C)]
pub(super) union Word {
    whole: u32,
    parts: [u8; 4],
}

#[derive(PartialEq)]
enum Shape {
    Dot,
    /// Two ends.
    Line { from: Pair, to: Pair },
    Ring(u8, Word) = 3,
}

pub type Row<T> = Vec<Point<'static, T>>;
pub const LIMIT: usize = 10;
static mut COUNT: u32 = 0;

/// What can be drawn.
pub trait Draw: fmt::Debug + Sized {
    const LAYER: u8;
    type Canvas: Iterator<Item = u8>;

    fn draw(&self, canvas: &mut Self::Canvas) -> fmt::Result;

    fn twice(self) -> Self {
        self
    }

    fn blank() -> Option<Self> {
        None
    }
}

impl<'a, T: Ord> Point<'a, T> {
    pub const ORIGIN: i32 = 0;

    pub fn new(x: &'a T) -> Self {
        Self { x, y: None, tag: [0; 2] }
    }

    pub async unsafe fn shift(&mut self, (dx, dy): (i32, i32), mut by: T) -> Result<T, Box<dyn std::error::Error>> {
        self.tag[0] += 1;
        Ok(by)
    }
}

impl Draw for Shape {
    const LAYER: u8 = 1;
    type Canvas = std::vec::IntoIter<u8>;

    fn draw(&self, _canvas: &mut Self::Canvas) -> fmt::Result {
        Ok(())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "unit")
    }
}

// A type of elsewhere.
impl<T> Draw for Vec<T> {}

extern "C" {
    fn abs(value: i32) -> i32;
    static ENVIRONMENT: *const u8;
}

#[macro_export]
macro_rules! shapes {
    ($($name:ident),*) => { vec![$(Shape::$name),*] };
}

pub mod inner {
    //! Nested.
    pub fn outer() -> usize {
        self::helper() + super::LIMIT
    }

    fn helper() -> usize {
        1
    }
}
