//! x
fn main() {
    for s in ecrecheck::subject::all().unwrap() {
        println!("{:?}", s.identity());
    }
}
