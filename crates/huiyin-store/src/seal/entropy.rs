//! Where keys, nonces and tokens get their randomness.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng, TryRng};

/// A source of random bytes, passed to whatever makes a key, a nonce or a token.
pub trait Entropy: Send + Sync {
    /// Fills the whole of `out`.
    fn fill(&self, out: &mut [u8]);
}

/// The operating system's generator: what production uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// # Panics
    /// If the operating system has no randomness to give: nothing secret can be made then, so nothing may go on.
    fn fill(&self, out: &mut [u8]) {
        SysRng.try_fill_bytes(out).expect("the operating system gives random bytes");
    }
}

/// A ChaCha stream from a seed, for tests and drivers: the same calls in the same order give the same bytes, so that a
/// seeded run exports the same. Anyone who knows the seed knows every key made from it: never for real data.
///
/// The stream is the same for one build; a newer `rand` may change it, so its bytes are never stored as expectations.
pub struct SeededEntropy(Mutex<StdRng>);

impl SeededEntropy {
    /// The stream of this seed, from its beginning.
    pub fn new(seed: u64) -> Self {
        SeededEntropy(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl fmt::Debug for SeededEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededEntropy(..)")
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(entropy: &dyn Entropy) -> [u8; 40] {
        let mut out = [0; 40];
        entropy.fill(&mut out);
        out
    }

    #[test]
    fn a_seed_is_a_stream() {
        let (one, same, other) = (SeededEntropy::new(12345), SeededEntropy::new(12345), SeededEntropy::new(12346));
        let first = take(&one);
        assert_eq!(first, take(&same));
        assert_ne!(first, take(&other));
        let second = take(&one);
        assert_ne!(first, second);
        assert_eq!(second, take(&same));
    }

    #[test]
    fn the_operating_system_does_not_repeat_itself() {
        assert_ne!(take(&OsEntropy), take(&OsEntropy));
        assert_ne!(take(&OsEntropy), [0; 40]);
    }
}
