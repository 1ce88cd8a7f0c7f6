struct Counter {
    count: u32,
    inner: Option<Box<Counter>>,
}

const MAX: u32 = 3;

impl Counter {
    fn new(count: u32) -> Self {
        Counter { count, inner: None }
    }

    fn step(&mut self, by: u32) -> Result<u32, String> {
        self.count += by;
        if self.count > MAX && by > 0 {
            return Err(format!("{} of {}", self.total(), describe(by)));
        } else if by == 0 || self.count == 0 {
            self.count = 0;
        } else {
            self.reset();
        }
        Ok(self.count)
    }

    fn total(&self) -> u32 {
        match &self.inner {
            Some(inner) if inner.count < MAX => inner.total() + 1,
            Some(_) | None => 0,
        }
    }

    fn reset(&mut self) {}
}

fn describe(value: u32) -> &'static str {
    match value {
        0 => "none",
        small @ 1..=3 if small != MAX => "few",
        MAX => "most",
        _ => "many",
    }
}

fn run(mut counters: Vec<Counter>) -> Result<u32, String> {
    let first = Counter::new(1);
    let Counter { count, inner: rest } = first else {
        panic!("no counter");
    };
    let (low, high) = (count, MAX);
    let add = move |a: u32, b| a + b + low;
    let mut sum = add(low, high);
    'outer: for counter in counters.iter_mut() {
        while let Some(next) = counter.inner.take() {
            sum += next.total();
            if sum > 100 {
                break 'outer;
            }
        }
        counter.step(1)?;
    }
    loop {
        let made = Counter::new(sum);
        unsafe { made.reset() };
        if let Some(more) = rest && sum > 1 {
            drop(more);
        }
        break;
    }
    let list = counters.iter().map(|each| each.total()).collect::<Vec<u32>>();
    let bytes = sum as u8;
    assert_eq!(list.len(), usize::from(bytes));
    async { fetch(&list).await };
    Ok(<u32 as Default>::default())
}

async fn fetch<T: AsRef<[u32]>>(list: T) -> u32 {
    let ref head = list.as_ref()[0];
    *head
}
