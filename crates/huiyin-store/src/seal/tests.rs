//! What is sealed opens for its key, its purpose and its row, and for nothing else.

use super::*;

fn key(seed: u64) -> MasterKey {
    MasterKey::generate(&SeededEntropy::new(seed))
}

#[test]
fn an_identity_opens_again_and_never_looks_the_same_twice() {
    let (key, entropy) = (key(1), SeededEntropy::new(2));
    for plain in ["", "a", "某某某 13900000001"] {
        let first = key.seal_identity(plain.as_bytes(), b"sanya/p1", &entropy);
        let second = key.seal_identity(plain.as_bytes(), b"sanya/p1", &entropy);
        assert_ne!(first, second);
        assert_eq!(first[0], XCHACHA);
        assert_eq!(first.len(), 1 + NONCE + plain.len() + TAG);
        assert_eq!(key.open_identity(&first, b"sanya/p1").unwrap(), plain.as_bytes());
        assert_eq!(key.open_identity(&second, b"sanya/p1").unwrap(), plain.as_bytes());
    }
}

#[test]
fn every_altered_byte_is_seen() {
    let key = key(1);
    let sealed = key.seal_identity("某某某".as_bytes(), b"p1", &SeededEntropy::new(2));
    for i in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[i] ^= 0x40;
        match key.open_identity(&altered, b"p1") {
            Err(SealError::UnknownScheme(_)) => assert_eq!(i, 0),
            Err(SealError::NotGenuine) => assert_ne!(i, 0),
            other => panic!("byte {i}: {other:?}"),
        }
    }
    for cut in 0..sealed.len() {
        assert!(matches!(key.open_identity(&sealed[..cut], b"p1"), Err(SealError::NotGenuine)), "{cut}");
    }
    let mut longer = sealed;
    longer.push(0);
    assert!(matches!(key.open_identity(&longer, b"p1"), Err(SealError::NotGenuine)));
}

#[test]
fn another_row_another_key_or_another_purpose_does_not_open() {
    let (ours, theirs, entropy) = (key(1), key(2), SeededEntropy::new(3));
    let sealed = ours.seal_identity(b"x", b"p1", &entropy);
    assert!(matches!(ours.open_identity(&sealed, b"p2"), Err(SealError::NotGenuine)));
    assert!(matches!(ours.open_identity(&sealed, b""), Err(SealError::NotGenuine)));
    assert!(matches!(theirs.open_identity(&sealed, b"p1"), Err(SealError::NotGenuine)));

    let content = ContentKey::generate(&entropy);
    let wrapped = ours.wrap_content(&content, "c1", &entropy);
    assert!(matches!(ours.unwrap_content(&wrapped, "c2"), Err(SealError::NotGenuine)));
    assert!(matches!(theirs.unwrap_content(&wrapped, "c1"), Err(SealError::NotGenuine)));
    assert!(matches!(ours.unwrap_signing(&wrapped, "c1"), Err(SealError::NotGenuine)));
    assert!(matches!(ours.open_identity(&wrapped, b"c1"), Err(SealError::NotGenuine)));
}

#[test]
fn the_check_value_tells_keys_apart() {
    let (ours, theirs) = (key(1), key(2));
    let stored = ours.check_value();
    assert_eq!(stored.len(), 64);
    assert_eq!(stored, key(1).check_value());
    assert!(ours.verify_check(&stored).is_ok());
    let refusal = theirs.verify_check(&stored).unwrap_err();
    assert!(matches!(refusal, SealError::WrongKey));
    assert!(refusal.to_string().contains("HUIYIN_KEY_FILE"));
    assert!(!refusal.to_string().contains(&stored));
    assert!(ours.verify_check("").is_err());
}

#[test]
fn a_lookup_depends_on_key_kind_and_value_only() {
    let (ours, theirs) = (key(1), key(2));
    let phone = ours.lookup("phone", "+8613900000001");
    assert_eq!(phone.len(), 32);
    assert_eq!(phone, ours.lookup("phone", "+8613900000001"));
    assert_ne!(phone, ours.lookup("phone", "+8613900000002"));
    assert_ne!(phone, ours.lookup("idno", "+8613900000001"));
    assert_ne!(phone, theirs.lookup("phone", "+8613900000001"));
    assert_ne!(ours.lookup("ab", "c"), ours.lookup("a", "bc"));
}

#[test]
fn a_content_key_survives_wrapping() {
    let (master, entropy) = (key(1), SeededEntropy::new(2));
    let content = ContentKey::generate(&entropy);
    let wrapped = master.wrap_content(&content, "c1", &entropy);
    let again = master.unwrap_content(&wrapped, "c1").unwrap();
    let mac = content.mac("路灯不亮".as_bytes());
    assert_eq!(mac.len(), 64);
    assert_eq!(mac, again.mac("路灯不亮".as_bytes()));
    assert_ne!(mac, content.mac("路灯亮".as_bytes()));
    assert_ne!(mac, ContentKey::generate(&entropy).mac("路灯不亮".as_bytes()));
}

#[test]
fn a_content_mac_is_plain_hmac_sha256() {
    // RFC 4231, test case 1, its key padded to ours with the zeros that HMAC itself would add.
    let mut bytes = [0; 32];
    bytes[..20].fill(0x0b);
    assert_eq!(
        ContentKey(Secret(bytes)).mac(b"Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
}

#[test]
fn a_signature_holds_for_its_message_and_key_only() {
    let (master, entropy) = (key(1), SeededEntropy::new(2));
    let signing = SigningKey::generate(&entropy);
    let (public, signature) = (signing.public(), signing.sign(b"checkpoint 7"));
    assert!(verify(&public, b"checkpoint 7", &signature));
    assert!(!verify(&public, b"checkpoint 8", &signature));
    assert!(!verify(&SigningKey::generate(&entropy).public(), b"checkpoint 7", &signature));
    for i in 0..signature.len() {
        let mut altered = signature.clone();
        altered[i] ^= 1;
        assert!(!verify(&public, b"checkpoint 7", &altered), "{i}");
    }
    assert!(!verify(&public, b"checkpoint 7", &signature[..63]));
    assert!(!verify(&public[..31], b"checkpoint 7", &signature));
    assert!(!verify(&[], b"", &[]));

    let wrapped = master.wrap_signing(&signing, "sanya", &entropy);
    let again = master.unwrap_signing(&wrapped, "sanya").unwrap();
    assert_eq!(again.public(), public);
    assert_eq!(again.sign(b"checkpoint 7"), signature);
    assert!(matches!(master.unwrap_signing(&wrapped, "other"), Err(SealError::NotGenuine)));
}

#[test]
fn a_seeded_run_seals_the_same() {
    let run = |seed| {
        let entropy = SeededEntropy::new(seed);
        let master = MasterKey::generate(&entropy);
        let content = ContentKey::generate(&entropy);
        (
            master.seal_identity(b"x", b"p1", &entropy),
            master.wrap_content(&content, "c1", &entropy),
            SigningKey::generate(&entropy).public(),
            new_token("hy_", &entropy),
        )
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn debug_prints_no_secret() {
    let entropy = SeededEntropy::new(1);
    assert_eq!(format!("{:?}", MasterKey::generate(&entropy)), "MasterKey { .. }");
    assert_eq!(format!("{:?}", ContentKey::generate(&entropy)), "ContentKey(..)");
    assert_eq!(format!("{:?}", SigningKey::generate(&entropy)), "SigningKey(..)");
    assert_eq!(format!("{entropy:?}"), "SeededEntropy(..)");
}
