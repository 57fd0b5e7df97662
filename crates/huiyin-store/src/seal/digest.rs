//! Digests that stand in columns: the journal's chain, tokens, and the text forms they take.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::{Entropy, Secret};

/// Opens every chained message, so that no other digest of this program can be taken for a link.
const CHAIN: &str = "huiyin/chain/1";

/// The hash of a journal entry: SHA-256, in lower-case hex, over the hash of the entry before it (empty for the first)
/// and the entry's fields in their order.
///
/// Every part is preceded by its length in bytes as an unsigned 64-bit big-endian number, so no two lists of parts give
/// the same message: `["ab","c"]`, `["a","bc"]` and `["ab","c",""]` all differ. To recompute it elsewhere:
///
/// ```text
/// def chain_hash(previous, fields):              # Python 3
///     h = hashlib.sha256()
///     for part in ["huiyin/chain/1", previous, *fields]:
///         b = part.encode("utf-8")
///         h.update(len(b).to_bytes(8, "big") + b)
///     return h.hexdigest()
/// ```
// INVARIANT: the encoding never changes; journals written with it are checked for as long as they are kept.
pub fn chain_hash(previous: &str, fields: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in [CHAIN, previous].iter().chain(fields) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    to_hex(&hash.finalize())
}

/// What is stored of an API token or a session: SHA-256 in hex. A slow hash would add nothing, since a token is 32
/// random bytes that cannot be guessed.
pub fn token_hash(token: &str) -> String {
    to_hex(&Sha256::digest(token))
}

/// A fresh token: the prefix as given, then 32 random bytes as 43 characters of `A-Z a-z 0-9 - _`. It is shown once;
/// only its [`token_hash`] is kept.
pub fn new_token(prefix: &str, entropy: &dyn Entropy) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let secret = Secret::generate(entropy);
    let mut token = String::with_capacity(prefix.len() + 43);
    token.push_str(prefix);
    for group in secret.0.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| bits << 8 | u32::from(group.get(i).copied().unwrap_or(0)));
        for i in 0..=group.len() {
            token.push(char::from(ALPHABET[(bits >> (18 - 6 * i) & 63) as usize]));
        }
    }
    token
}

/// Whether two texts are equal, in a time that depends on their lengths only.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut differing = 0;
    for (x, y) in a.iter().zip(b) {
        // Keeps the compiler from leaving the loop at the first difference.
        differing = std::hint::black_box(differing | (x ^ y));
    }
    differing == 0
}

/// HMAC-SHA256 over the parts put together; a caller with more than one varying part gives lengths by [`push_field`].
pub(super) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Appends a part with its length before it (as in [`chain_hash`]).
pub(super) fn push_field(out: &mut Vec<u8>, field: &[u8]) {
    out.extend_from_slice(&(field.len() as u64).to_be_bytes());
    out.extend_from_slice(field);
}

pub(super) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::seal::{OsEntropy, SeededEntropy};

    /// Hands out one byte value only.
    struct Flat(u8);

    impl Entropy for Flat {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    // Both computed by the Python of the documentation.
    #[test]
    fn the_chain_hash_is_the_documented_one() {
        let first = chain_hash("", &["sanya", "20261123-0051", "1", "order.registered"]);
        assert_eq!(first, "511b20225224504fa5b6884952b8d066a55c7c023009ba56288890c32b21ee21");
        let second = chain_hash(&first, &["sanya", "20261123-0051", "2", "order.dispatched", "回音"]);
        assert_eq!(second, "4a3d34a3d4e727584acaf0ac0089a81428c83ac0325de29a06ffaf3e1ef5b8cd");
    }

    #[test]
    fn no_two_lists_of_fields_share_a_hash() {
        let lists: [(&str, &[&str]); 10] = [
            ("", &[]),
            ("", &[""]),
            ("", &["", ""]),
            ("", &["ab", "c"]),
            ("", &["a", "bc"]),
            ("", &["abc"]),
            ("", &["ab", "c", ""]),
            ("ab", &["c"]),
            ("abc", &[]),
            ("", &["c", "ab"]),
        ];
        let hashes: HashSet<String> = lists.iter().map(|(previous, fields)| chain_hash(previous, fields)).collect();
        assert_eq!(hashes.len(), lists.len());
    }

    #[test]
    fn a_token_is_url_safe_and_kept_as_a_hash() {
        assert_eq!(new_token("hy_", &Flat(0)), format!("hy_{}", "A".repeat(43)));
        assert_eq!(new_token("", &Flat(0xff)), format!("{}8", "_".repeat(42)));
        assert_eq!(new_token("", &Flat(b'M')), "TU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU1NTU0");
        let token = new_token("hy_", &OsEntropy);
        assert_eq!(token.len(), 46);
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_ne!(token, new_token("hy_", &OsEntropy));
        assert_eq!(new_token("hy_", &SeededEntropy::new(1)), new_token("hy_", &SeededEntropy::new(1)));
        // FIPS 180, the message "abc".
        assert_eq!(token_hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn equality_is_equality() {
        assert!(constant_time_eq(b"", b""));
        assert!(constant_time_eq(b"abc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"abd"));
        assert!(!constant_time_eq(b"bbc", b"abc"));
        assert!(!constant_time_eq(b"abc", b"ab"));
    }
}
