//! Generated input, the same for the same seed. A failing test prints the seed; `LARGESSE_SEED=… cargo test …` runs it
//! again, and `LARGESSE_SEEDS=1000` that many.

/// SplitMix64: small, and enough to invent workloads.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: i64) -> bool {
        self.between(1, times) == 1
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[usize::try_from(self.between(0, i64::try_from(of.len()).unwrap() - 1)).unwrap()]
    }

    /// Some of these, in their order; perhaps none.
    pub fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        of.iter().filter(|_| self.once_in(2)).cloned().collect()
    }

    /// One of these, or nothing.
    pub fn maybe<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        self.once_in(2).then(|| self.pick(of).clone())
    }

    /// An id of the kind that clients make.
    pub fn uuid(&mut self) -> uuid::Uuid {
        uuid::Uuid::from_u64_pair(self.next(), self.next())
    }
}

/// The seeds of a property: these, or the one that the environment names (`LARGESSE_SEED`), or as many as it wants
/// (`LARGESSE_SEEDS`).
pub fn seeds(count: u64) -> Vec<u64> {
    let number = |name: &str| std::env::var(name).ok().map(|said| said.parse().unwrap());
    match number("LARGESSE_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("LARGESSE_SEEDS").unwrap_or(count)).collect(),
    }
}

/// Prints the seed when the test stops where it is.
pub struct SeedOnPanic(pub u64);

impl Drop for SeedOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with LARGESSE_SEED={}", self.0);
        }
    }
}
