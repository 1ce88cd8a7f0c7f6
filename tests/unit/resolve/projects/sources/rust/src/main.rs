mod shapes;
mod store;

use shapes::{area::total as sum, Shape};
use store::Store;

fn main() {
    let mut store = Store::new();
    store.add(Shape::Dot);
    println!("{}", sum(store.items()));
    crate::shapes::describe(&Shape::Dot);
}

mod report {
    use super::*;

    pub fn print(store: &Store) {
        super::shapes::describe(&store.first());
        sum(store.items());
    }
}
