//! Prints the tree of a Rust file as `syn-serde` writes it.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name a file")?;
    let tree = syn::parse_file(&std::fs::read_to_string(file)?)?;
    println!("{}", syn_serde::json::to_string(&tree));
    Ok(())
}
