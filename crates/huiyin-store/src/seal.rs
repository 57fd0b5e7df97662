//! What keeps identities secret and the journal honest: the master key, what is derived from it, what is sealed
//! under it, and the digests that end up in columns.
//!
//! | to | call | lands in |
//! |---|---|---|
//! | hide a name, phone, address | [`MasterKey::seal_identity`] | a `BYTEA` column |
//! | find a person by phone or identity number | [`normalise_phone`] or [`normalise_idno`], then [`MasterKey::lookup`] | an indexed `BYTEA` column |
//! | let an event speak of text that may be erased | [`ContentKey::mac`] | the event |
//! | keep a content key or the checkpoint key | [`MasterKey::wrap_content`], [`MasterKey::wrap_signing`] | a `BYTEA` column |
//! | seal a file | [`StreamSealer`] under its content's key, [`StreamOpener`] | an object |
//! | link an event to the one before | [`chain_hash`] | the journal |
//! | keep an API token or a session | [`new_token`], then [`token_hash`] | a `TEXT` column |
//!
//! To add a kind of secret kept under the master key, add a `Purpose`: it is authenticated with the value, so a value
//! sealed for one purpose never opens for another. To add a cipher, add a scheme byte: old values keep opening.
//!
//! Nothing here reads the clock, the environment or the database, and nothing makes randomness of its own: keys and
//! nonces come from the [`Entropy`] that is passed in.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test that unwraps nothing has failed"))]

mod digest;
mod entropy;
mod keyfile;
mod normalise;
mod stream;

use std::fmt;
use std::io;
use std::path::PathBuf;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use ed25519_dalek::Signer;

pub use digest::{chain_hash, constant_time_eq, new_token, token_hash};
pub use entropy::{Entropy, OsEntropy, SeededEntropy};
pub use normalise::{normalise_idno, normalise_phone};
pub use stream::{CHUNK, StreamOpener, StreamSealer};

use digest::{hmac, push_field, to_hex};

/// XChaCha20-Poly1305 with a random nonce. Value 2 is kept for SM4.
const XCHACHA: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;

/// Bytes a sealed value has beyond what is sealed.
pub const OVERHEAD: usize = 1 + NONCE + TAG;

/// Why something could not be sealed, opened or loaded. No message holds a key or a sealed value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key file is not there, and the caller did not allow making one.
    #[error(
        "key file `{}` does not exist: put the key file of this data there, or name it by `HUIYIN_KEY_FILE`",
        path.display()
    )]
    KeyFileMissing {
        /// The file looked for.
        path: PathBuf,
    },
    /// The key file is open to more than its owner.
    #[error(
        "key file `{}` is open to others (mode {mode:03o}): run `chmod 600 {}`",
        path.display(),
        path.display()
    )]
    KeyFileMode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key file does not hold what a key file holds.
    #[error(
        "key file `{}` is not usable, {why}: bring the right file back; never make a new one for data that exists",
        path.display()
    )]
    KeyFileMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without the text itself.
        why: &'static str,
    },
    /// The operating system refused.
    #[error("cannot {action} key file `{}`", path.display())]
    KeyFileIo {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
    /// The key is sound, but not the one the data was sealed under.
    #[error(
        "this master key is not the one the data was sealed under: set `HUIYIN_KEY_FILE` to the key file made at the \
         first start of this data (backups never hold it), or start on an empty database"
    )]
    WrongKey,
    /// The sealed value was made by a cipher this program does not know.
    #[error("a sealed value has scheme {0}, which this version does not know: run a newer version")]
    UnknownScheme(u8),
    /// The sealed value was cut or altered, belongs to another row, or was sealed under another key.
    #[error("a sealed value does not open: it was altered, moved from another row, or sealed under another key")]
    NotGenuine,
}

/// 32 secret bytes: nothing to print, overwritten when dropped.
#[derive(Clone)]
struct Secret([u8; 32]);

impl Secret {
    fn generate(entropy: &dyn Entropy) -> Self {
        let mut secret = Secret([0; 32]);
        entropy.fill(&mut secret.0);
        secret
    }

    fn derive(&self, label: &str) -> Self {
        Secret(hmac(&self.0, &[label.as_bytes()]))
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0 = [0; 32];
        // Keeps the compiler from seeing the write above as dead.
        std::hint::black_box(&self.0);
    }
}

/// What a sealed value is for; part of what is authenticated.
#[derive(Clone, Copy)]
enum Purpose {
    Identity,
    Content,
    Signing,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Purpose::Identity => "identity",
            Purpose::Content => "content key",
            Purpose::Signing => "signing key",
        }
    }
}

/// `scheme (1) | nonce (24) | ciphertext and tag (16)`; scheme, purpose and `aad` are authenticated.
fn seal(key: &Secret, purpose: Purpose, plain: &[u8], aad: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    entropy.fill(&mut nonce);
    let aad = bound(purpose, aad);
    let sealed = XChaCha20Poly1305::new(&key.0.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
        .expect("a text that fits in memory is below the cipher's limit of 256 GiB");
    let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
    out.push(XCHACHA);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    out
}

fn open(key: &Secret, purpose: Purpose, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, SealError> {
    let (&scheme, rest) = sealed.split_first().ok_or(SealError::NotGenuine)?;
    if scheme != XCHACHA {
        return Err(SealError::UnknownScheme(scheme));
    }
    let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(SealError::NotGenuine)?;
    if text.len() < TAG {
        return Err(SealError::NotGenuine);
    }
    let aad = bound(purpose, aad);
    XChaCha20Poly1305::new(&key.0.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: &aad })
        .map_err(|_| SealError::NotGenuine)
}

fn open_key(key: &Secret, purpose: Purpose, wrapped: &[u8], aad: &[u8]) -> Result<Secret, SealError> {
    let mut plain = open(key, purpose, wrapped, aad)?;
    let secret = plain.as_slice().try_into().map(Secret).map_err(|_| SealError::NotGenuine);
    plain.fill(0);
    std::hint::black_box(&plain);
    secret
}

fn bound(purpose: Purpose, aad: &[u8]) -> Vec<u8> {
    let mut out = vec![XCHACHA];
    push_field(&mut out, purpose.label().as_bytes());
    push_field(&mut out, aad);
    out
}

/// The one key of an installation, from which the keys in use are derived by HMAC-SHA256.
///
/// Whoever has it reads every identity; without it the sealed data is lost. It comes from a file
/// ([`MasterKey::load_or_create`]), and is never part of a backup or an export.
pub struct MasterKey {
    wrap: Secret,
    identity: Secret,
    lookup: Secret,
    check: String,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").finish_non_exhaustive()
    }
}

impl MasterKey {
    /// A fresh key that is written nowhere: for databases that live in memory only.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::from_root(&Secret::generate(entropy))
    }

    // INVARIANT: a label never changes, or what was sealed before no longer opens.
    fn from_root(root: &Secret) -> Self {
        MasterKey {
            wrap: root.derive("huiyin/1/wrap"),
            identity: root.derive("huiyin/1/identity"),
            lookup: root.derive("huiyin/1/lookup"),
            check: to_hex(&root.derive("huiyin/1/check").0),
        }
    }

    /// A value that tells this key from any other and gives nothing of it away. The store keeps it at the first start
    /// and hands it to [`MasterKey::verify_check`] at each later one.
    pub fn check_value(&self) -> String {
        self.check.clone()
    }

    /// Whether this is the key whose [`MasterKey::check_value`] was stored.
    ///
    /// # Errors
    /// [`SealError::WrongKey`], whose message says what to do; the program must not start.
    pub fn verify_check(&self, stored: &str) -> Result<(), SealError> {
        if constant_time_eq(self.check.as_bytes(), stored.as_bytes()) { Ok(()) } else { Err(SealError::WrongKey) }
    }

    /// Seals an identity under XChaCha20-Poly1305. `aad` names the row it belongs to (its city and id), and must be
    /// given again to open it, so that a sealed value copied to another row does not open there.
    pub fn seal_identity(&self, plain: &[u8], aad: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        seal(&self.identity, Purpose::Identity, plain, aad, entropy)
    }

    /// Opens what [`MasterKey::seal_identity`] sealed.
    ///
    /// # Errors
    /// [`SealError::NotGenuine`] if it was altered, or `aad` or the key is another; [`SealError::UnknownScheme`] if a
    /// newer version sealed it.
    pub fn open_identity(&self, sealed: &[u8], aad: &[u8]) -> Result<Vec<u8>, SealError> {
        open(&self.identity, Purpose::Identity, sealed, aad)
    }

    /// The value of a column by which a person is found without being named: the same text gives the same 32 bytes.
    /// `kind` (`phone`, `idno`) keeps columns from being compared with each other; `normalised` comes from
    /// [`normalise_phone`] or [`normalise_idno`].
    pub fn lookup(&self, kind: &str, normalised: &str) -> Vec<u8> {
        let mut kind_field = Vec::with_capacity(8 + kind.len());
        push_field(&mut kind_field, kind.as_bytes());
        hmac(&self.lookup.0, &[&kind_field, normalised.as_bytes()]).to_vec()
    }

    /// A content key in the form in which it is stored, exported and backed up; bound to the id of its content.
    pub fn wrap_content(&self, key: &ContentKey, content: &str, entropy: &dyn Entropy) -> Vec<u8> {
        seal(&self.wrap, Purpose::Content, &key.0.0, content.as_bytes(), entropy)
    }

    /// The content key that [`MasterKey::wrap_content`] wrapped for this content.
    ///
    /// # Errors
    /// As [`MasterKey::open_identity`].
    pub fn unwrap_content(&self, wrapped: &[u8], content: &str) -> Result<ContentKey, SealError> {
        open_key(&self.wrap, Purpose::Content, wrapped, content.as_bytes()).map(ContentKey)
    }

    /// A signing key in the form in which it is stored; bound to `name` (which chain or city it signs for).
    pub fn wrap_signing(&self, key: &SigningKey, name: &str, entropy: &dyn Entropy) -> Vec<u8> {
        seal(&self.wrap, Purpose::Signing, key.0.as_bytes(), name.as_bytes(), entropy)
    }

    /// The signing key that [`MasterKey::wrap_signing`] wrapped under this name.
    ///
    /// # Errors
    /// As [`MasterKey::open_identity`].
    pub fn unwrap_signing(&self, wrapped: &[u8], name: &str) -> Result<SigningKey, SealError> {
        open_key(&self.wrap, Purpose::Signing, wrapped, name.as_bytes()).map(|seed| SigningKey::from_seed(&seed))
    }
}

/// The key of one piece of content. The journal holds only [`ContentKey::mac`] of the text: once the row and its key
/// are erased, the chain is still whole and nobody can test a guess against it.
#[derive(Clone)]
pub struct ContentKey(Secret);

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(..)")
    }
}

impl ContentKey {
    /// A fresh key, one for each content row.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        ContentKey(Secret::generate(entropy))
    }

    /// HMAC-SHA256 of the content under its key, in hex: what the event keeps of it.
    pub fn mac(&self, body: &[u8]) -> String {
        to_hex(&hmac(&self.0.0, &[body]))
    }
}

/// The Ed25519 key that signs journal checkpoints. Its public half is stored plain, so that a checkpoint can be
/// checked without the master key.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

impl SigningKey {
    /// A fresh key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::from_seed(&Secret::generate(entropy))
    }

    fn from_seed(seed: &Secret) -> Self {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&seed.0))
    }

    /// The signature of a message, 64 bytes; the same message gives the same signature.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }

    /// The public half, 32 bytes.
    pub fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }
}

/// Whether `signature` over `message` was made by the private half of `public`. Anything malformed is simply false.
pub fn verify(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Ok(public) = <&[u8; 32]>::try_from(public) else {
        return false;
    };
    let Ok(signature) = ed25519_dalek::Signature::from_slice(signature) else {
        return false;
    };
    ed25519_dalek::VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

#[cfg(test)]
mod tests;
