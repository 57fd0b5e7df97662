//! Signatures over a request.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::settings::{Output, SignMethod};

/// The signature over some fields.
pub(super) fn sign(method: SignMethod, key: &[u8], fields: &[Vec<u8>], separator: &[u8], output: Output) -> String {
    let signed = fields.join(separator);
    let result = match method {
        SignMethod::None => return String::new(),
        SignMethod::Md5Concat => Md5::digest(&signed).to_vec(),
        SignMethod::HmacSha256 => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
            mac.update(&signed);
            mac.finalize().into_bytes().to_vec()
        }
    };
    match output {
        Output::Hex => result.iter().fold(String::new(), |mut out, b| {
            let _ = write!(out, "{b:02x}");
            out
        }),
        Output::HexUpper => result.iter().fold(String::new(), |mut out, b| {
            let _ = write!(out, "{b:02X}");
            out
        }),
        Output::Base64 => STANDARD.encode(result),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(texts: &[&str]) -> Vec<Vec<u8>> {
        texts.iter().map(|text| text.as_bytes().to_vec()).collect()
    }

    // Expected values were made with md5sum and `openssl dgst -sha256 -hmac`.
    #[test]
    fn known_signatures() {
        let mas = fields(&["海州市12345", "hotline", "mas-secret", "13800000000", "井盖已修复", "AbCdEf", ""]);
        assert_eq!(sign(SignMethod::Md5Concat, b"", &mas, b"", Output::Hex), "4a6181b5dd3993d93b24dd686e86a221");
        assert_eq!(
            sign(SignMethod::Md5Concat, b"", &mas, b"", Output::HexUpper),
            "4a6181b5dd3993d93b24dd686e86a221".to_uppercase()
        );
        let cloud = fields(&["hotline", "1795500350", "{\"text\":\"井盖\"}"]);
        assert_eq!(
            sign(SignMethod::HmacSha256, b"cloud-secret", &cloud, b"\n", Output::Hex),
            "dc09d922feb341ecb0d1ac51fa7df5ca3eda855844c60857ba19ffe67011cd9d"
        );
        assert_eq!(
            sign(SignMethod::HmacSha256, b"cloud-secret", &cloud, b"\n", Output::Base64),
            "3AnZIv6zQeyw0axR+n31yj7ahVhExghXuhn/5nARzZ0="
        );
        assert_eq!(sign(SignMethod::None, b"k", &cloud, b"", Output::Hex), "");
    }

    // RFC 1321 and RFC 4231, test case 2.
    #[test]
    fn published_signatures() {
        assert_eq!(
            sign(SignMethod::Md5Concat, b"", &fields(&["message ", "digest"]), b"", Output::Hex),
            "f96b697d7cb7938d525a2f31aaf161d0"
        );
        assert_eq!(
            sign(SignMethod::HmacSha256, b"Jefe", &fields(&["what do ya want ", "for nothing?"]), b"", Output::Hex),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
