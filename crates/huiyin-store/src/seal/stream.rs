//! Sealing what is too long to hold: a stream in chunks, each authenticated with its place and whether it is the last, so
//! that none can be left out, moved or cut off (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár).
//!
//! `scheme (1) | prefix (19) | chunk …`; a chunk is up to 64 KiB of the text and its tag; its nonce is the prefix, the
//! chunk's number (32 bits) and 1 for the last one, else 0.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::{ContentKey, Entropy, SealError, TAG, XCHACHA, push_field};

/// Bytes of a chunk before sealing.
pub const CHUNK: usize = 64 * 1024;
const PREFIX: usize = 19;
const HEAD: usize = 1 + PREFIX;

/// What sealing and opening have in common.
struct Chunks {
    cipher: XChaCha20Poly1305,
    prefix: [u8; PREFIX],
    aad: Vec<u8>,
    number: u32,
}

impl Chunks {
    fn new(key: &ContentKey, what: &str, prefix: [u8; PREFIX]) -> Self {
        let mut aad = vec![XCHACHA];
        push_field(&mut aad, what.as_bytes());
        // INVARIANT: the label never changes, or what was sealed before no longer opens.
        let own = key.0.derive(&format!("huiyin/1/stream/{what}"));
        Self { cipher: XChaCha20Poly1305::new(&own.0.into()), prefix, aad, number: 0 }
    }

    fn nonce(&mut self, last: bool) -> XNonce {
        let mut nonce = [0; PREFIX + 5];
        nonce[..PREFIX].copy_from_slice(&self.prefix);
        nonce[PREFIX..PREFIX + 4].copy_from_slice(&self.number.to_be_bytes());
        nonce[PREFIX + 4] = u8::from(last);
        self.number += 1;
        XNonce::from(nonce)
    }
}

/// Seals a stream under a key of its own, derived from a content's key and from `what` it is (`file`, `thumb`).
pub struct StreamSealer {
    chunks: Chunks,
    held: Vec<u8>,
}

impl StreamSealer {
    /// A sealer, and the bytes the sealed stream begins with.
    pub fn new(key: &ContentKey, what: &str, entropy: &dyn Entropy) -> (Self, Vec<u8>) {
        let mut prefix = [0; PREFIX];
        entropy.fill(&mut prefix);
        let mut head = vec![XCHACHA];
        head.extend_from_slice(&prefix);
        (Self { chunks: Chunks::new(key, what, prefix), held: Vec::with_capacity(CHUNK) }, head)
    }

    /// Takes more of the text; whole chunks are appended to `out`.
    pub fn push(&mut self, mut text: &[u8], out: &mut Vec<u8>) {
        while !text.is_empty() {
            // A full chunk waits: only what follows it shows that it is not the last.
            if self.held.len() == CHUNK {
                self.seal(false, out);
            }
            let (now, later) = text.split_at(text.len().min(CHUNK - self.held.len()));
            self.held.extend_from_slice(now);
            text = later;
        }
    }

    /// The last chunk.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.seal(true, out);
    }

    fn seal(&mut self, last: bool, out: &mut Vec<u8>) {
        let nonce = self.chunks.nonce(last);
        let sealed = self
            .chunks
            .cipher
            .encrypt(&nonce, Payload { msg: &self.held, aad: &self.chunks.aad })
            .expect("a chunk is far below the cipher's limit");
        out.extend_from_slice(&sealed);
        self.held.clear();
    }
}

/// Opens what [`StreamSealer`] sealed.
pub struct StreamOpener {
    key: ContentKey,
    what: String,
    chunks: Option<Chunks>,
    held: Vec<u8>,
}

impl StreamOpener {
    /// An opener.
    pub fn new(key: ContentKey, what: &str) -> Self {
        Self { key, what: what.to_owned(), chunks: None, held: Vec::new() }
    }

    /// Takes more of the sealed stream; the text of whole chunks is appended to `out`.
    ///
    /// # Errors
    /// [`SealError::NotGenuine`] for a chunk that was altered or moved; [`SealError::UnknownScheme`].
    pub fn push(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
        self.held.extend_from_slice(sealed);
        if self.chunks.is_none() {
            if self.held.len() < HEAD {
                return Ok(());
            }
            if self.held[0] != XCHACHA {
                return Err(SealError::UnknownScheme(self.held[0]));
            }
            let prefix = self.held[1..HEAD].try_into().map_err(|_| SealError::NotGenuine)?;
            self.chunks = Some(Chunks::new(&self.key, &self.what, prefix));
            self.held.drain(..HEAD);
        }
        let mut at = 0;
        while self.held.len() - at > CHUNK + TAG {
            let text = self.open(at, at + CHUNK + TAG, false)?;
            out.extend_from_slice(&text);
            at += CHUNK + TAG;
        }
        self.held.drain(..at);
        Ok(())
    }

    /// The text of the last chunk.
    ///
    /// # Errors
    /// [`SealError::NotGenuine`] when the stream was cut off or altered.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), SealError> {
        let text = self.open(0, self.held.len(), true)?;
        out.extend_from_slice(&text);
        Ok(())
    }

    fn open(&mut self, from: usize, to: usize, last: bool) -> Result<Vec<u8>, SealError> {
        let chunks = self.chunks.as_mut().ok_or(SealError::NotGenuine)?;
        let nonce = chunks.nonce(last);
        chunks
            .cipher
            .decrypt(&nonce, Payload { msg: &self.held[from..to], aad: &chunks.aad })
            .map_err(|_| SealError::NotGenuine)
    }
}

#[cfg(test)]
mod tests {
    use super::super::SeededEntropy;
    use super::*;

    fn seal(key: &ContentKey, text: &[u8], step: usize) -> Vec<u8> {
        let (mut sealer, mut out) = StreamSealer::new(key, "file", &SeededEntropy::new(5));
        text.chunks(step).for_each(|part| sealer.push(part, &mut out));
        sealer.finish(&mut out);
        out
    }

    fn open(key: &ContentKey, sealed: &[u8], what: &str, step: usize) -> Result<Vec<u8>, SealError> {
        let (mut opener, mut out) = (StreamOpener::new(key.clone(), what), Vec::new());
        for part in sealed.chunks(step) {
            opener.push(part, &mut out)?;
        }
        opener.finish(&mut out)?;
        Ok(out)
    }

    #[test]
    fn what_is_sealed_opens_whatever_the_steps() {
        let key = ContentKey::generate(&SeededEntropy::new(1));
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
            let text: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let sealed = seal(&key, &text, 1000);
            assert_eq!(sealed, seal(&key, &text, CHUNK * 5));
            for step in [7 * 1024, CHUNK, usize::MAX] {
                assert_eq!(open(&key, &sealed, "file", step).unwrap(), text, "{length} by {step}");
            }
        }
    }

    #[test]
    fn what_was_cut_moved_altered_or_is_anothers_does_not_open() {
        let key = ContentKey::generate(&SeededEntropy::new(1));
        let text = vec![7; 3 * CHUNK];
        let sealed = seal(&key, &text, CHUNK);
        let whole = CHUNK + TAG;
        let cut = &sealed[..HEAD + 2 * whole];
        assert!(open(&key, cut, "file", CHUNK).is_err(), "a chunk is left out at the end");
        let moved = [&sealed[..HEAD], &sealed[HEAD + whole..HEAD + 2 * whole], &sealed[HEAD..HEAD + whole]].concat();
        assert!(open(&key, &moved, "file", CHUNK).is_err());
        let mut altered = sealed.clone();
        altered[HEAD + 5] ^= 1;
        assert!(open(&key, &altered, "file", CHUNK).is_err());
        assert!(open(&key, &sealed, "thumb", CHUNK).is_err(), "sealed as another thing");
        assert!(open(&ContentKey::generate(&SeededEntropy::new(2)), &sealed, "file", CHUNK).is_err());
        assert!(open(&key, &[], "file", CHUNK).is_err());
        assert!(matches!(open(&key, &[9; 40], "file", CHUNK), Err(SealError::UnknownScheme(9))));
    }
}
