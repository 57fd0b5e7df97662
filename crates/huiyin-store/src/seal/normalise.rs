//! One spelling for a phone number and an identity number, so that their lookup columns agree.

/// One spelling for a phone number: E.164 (`+8613900000001`, `+8689888000001`, `+74950000001`), a landline's extension
/// after it as in RFC 3966 (`+8689888000001;ext=801`).
///
/// Chinese numbers may carry `+86`, `0086`, `86`, a trunk `0`, or nothing; foreign ones need `+` or `00`. A local
/// landline belongs to `area`, the city's area code (`0898`). Spaces, dashes, dots, brackets and full-width forms do not
/// matter.
///
/// `None` if it is not one person's number: anonymous, unknown, two numbers in one field, or short numbers such as `110`
/// and `95000`, which would make one caller of everybody put through by them.
pub fn normalise_phone(raw: &str, area: &str) -> Option<String> {
    let text = simplify(raw)?;
    if let Some((number, extension)) = text.split_once('x') {
        return extended(number, extension, area);
    }
    number(&text, area).or_else(|| {
        let (number, extension) = text.rsplit_once('-')?;
        extended(number, extension, area)
    })
}

/// Digits, `-` for any dash, `(0)`, a leading `+`, and `x` before an extension; nothing if there is anything else.
fn simplify(raw: &str) -> Option<String> {
    let raw = raw.trim().to_lowercase();
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.as_str();
    while let Some(c) = rest.chars().next() {
        let mut used = c.len_utf8();
        match narrow(c) {
            digit @ '0'..='9' => text.push(digit),
            '+' if !text.contains(|c: char| c != '(') => text = String::from("+"),
            '(' | '[' | '【' => text.push('('),
            ')' | ']' | '】' => text.push(')'),
            c if is_dash(c) => text.push('-'),
            '.' | '·' => {}
            c if is_blank(c) => {}
            '转' | '轉' | '#' | 'x' => text.push('x'),
            ';' | 'e' if rest.starts_with("ext") || rest.starts_with(";ext=") => {
                text.push('x');
                used = if c == ';' { 5 } else { 3 };
            }
            _ => return None,
        }
        rest = &rest[used..];
    }
    if text.starts_with('+') || text.starts_with("00") {
        // "+44 (0)20 …": the zero is for callers at home.
        text = text.replace("(0)", "");
    }
    text.retain(|c| c != '(' && c != ')');
    Some(text)
}

fn extended(phone: &str, extension: &str, area: &str) -> Option<String> {
    let phone = number(phone, area)?;
    let extension = digits(extension)?;
    let landline = phone.strip_prefix("+86").is_some_and(is_landline);
    (landline && (1..=6).contains(&extension.len())).then(|| format!("{phone};ext={extension}"))
}

fn number(text: &str, area: &str) -> Option<String> {
    let (international, text) = match text.strip_prefix('+') {
        Some(rest) => (true, digits(rest)?),
        None => {
            let text = digits(text)?;
            match text.strip_prefix("00") {
                Some(rest) => (true, rest.to_owned()),
                None => (false, text),
            }
        }
    };
    let first = text.bytes().next()?;
    if text.bytes().all(|b| b == first) {
        // A row of one digit is how a form is filled in by somebody who gives no number.
        return None;
    }
    if international {
        return match text.strip_prefix("86") {
            Some(rest) => chinese(rest),
            None => ((7..=15).contains(&text.len()) && first != b'0').then(|| format!("+{text}")),
        };
    }
    if text.len() >= 12
        && let Some(rest) = text.strip_prefix("86")
    {
        return chinese(rest);
    }
    if first == b'0' || is_mobile(&text) || is_toll_free(&text) {
        return chinese(&text);
    }
    let area = area.strip_prefix('0').unwrap_or(area);
    if area.is_empty() || !area.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole = if text.len() >= 10 && text.starts_with(area) { text } else { format!("{area}{text}") };
    is_landline(&whole).then(|| format!("+86{whole}"))
}

/// A number without its country code, with or without the trunk zero.
fn chinese(text: &str) -> Option<String> {
    let national = text.strip_prefix('0').unwrap_or(text);
    let known = is_mobile(national) || is_landline(national) || is_toll_free(national);
    known.then(|| format!("+86{national}"))
}

fn is_mobile(national: &str) -> bool {
    let b = national.as_bytes();
    b.len() == 11 && b[0] == b'1' && (b'3'..=b'9').contains(&b[1])
}

fn is_toll_free(national: &str) -> bool {
    national.len() == 10 && (national.starts_with("400") || national.starts_with("800"))
}

/// An area code of two digits (`10`, `2x`) with eight more, or of three with seven or eight.
fn is_landline(national: &str) -> bool {
    let b = national.as_bytes();
    let (code, local) = match b {
        [b'1', b'0', ..] | [b'2', ..] => (2, 8..=8),
        [b'3'..=b'9', ..] => (3, 7..=8),
        _ => return false,
    };
    b.len() > code && local.contains(&(b.len() - code)) && b[code] >= b'2' && !is_toll_free(national)
}

/// The digits of a text in which there are only digits and dashes.
fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits)
}

/// One spelling for a resident identity number (also of the residence permits built like it): 18 characters with a sound
/// date and check character (GB 11643, ISO 7064 MOD 11-2) and a capital `X`; or the old form of 15 digits, kept as it
/// is. Blanks, dashes and full-width forms do not matter. `None` for anything else.
pub fn normalise_idno(raw: &str) -> Option<String> {
    let number: String =
        raw.chars().map(narrow).filter(|c| !is_blank(*c) && !is_dash(*c)).map(|c| c.to_ascii_uppercase()).collect();
    let sound = match number.len() {
        18 => is_idno(number.as_bytes()),
        15 => number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0'),
        _ => false,
    };
    sound.then_some(number)
}

fn is_idno(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let Some((&check, body)) = number.split_last() else {
        return false;
    };
    if body.len() != WEIGHTS.len() || !body.iter().all(u8::is_ascii_digit) || body[0] == b'0' {
        return false;
    }
    let value = |range: std::ops::Range<usize>| body[range].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    check == CHECKS[(sum % 11) as usize] && is_date(value(6..10), value(10..12), value(12..14))
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return false,
    };
    (1800..3000).contains(&year) && (1..=days).contains(&day)
}

/// The ASCII form of a full-width character.
fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー')
}

/// Blanks, and the invisible marks that numbers copied out of a telephone's address book bring along.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_has_one_spelling() {
        let table: &[(&str, &[&str])] = &[
            (
                "+8613900000001",
                &[
                    "13900000001",
                    "013900000001",
                    "8613900000001",
                    "+8613900000001",
                    "008613900000001",
                    "+86 139-0000-0001",
                    "+86 013900000001",
                    "(+86) 139 0000 0001",
                    "+(86)13900000001",
                    "（＋８６）１３９００００－０００１",
                    "139.0000.0001",
                    " 139\u{3000}0000\u{a0}0001\n",
                    "\u{202d}139 0000 0001\u{202c}",
                    "139—0000—0001",
                ],
            ),
            ("+8616600000002", &["16600000002", "+86 166 0000 0002"]),
            (
                "+8689888000001",
                &[
                    "88000001",
                    "8800-0001",
                    "0898-88000001",
                    "(0898)88000001",
                    "（0898）8800 0001",
                    "089888000001",
                    "89888000001",
                    "+86 898 88000001",
                    "+86 (0)898 8800 0001",
                    "+86-0898-88000001",
                    "0086 898 8800 0001",
                    "8689888000001",
                    "86 0898 8800 0001",
                ],
            ),
            ("+8689886000001", &["86000001", "0898 8600 0001"]),
            ("+868983000001", &["3000001", "0898-3000001"]),
            ("+861060000001", &["010-60000001", "+86 10 6000 0001", "861060000001", "(010) 6000 0001"]),
            ("+862160000001", &["021 6000 0001", "+862160000001"]),
            ("+867715000001", &["0771-5000001", "+86 771 500 0001"]),
            ("+8689888888888", &["0898-88888888"]),
            ("+864000000001", &["400-000-0001", "4000000001", "+86 400 000 0001"]),
            (
                "+8689888000001;ext=801",
                &[
                    "0898-88000001-801",
                    "88000001转801",
                    "88000001 轉 801",
                    "+86 898 88000001 ext. 801",
                    "0898 88000001 x801",
                    "88000001#801",
                ],
            ),
            ("+85260000001", &["+852 6000 0001", "00852-60000001"]),
            ("+74950000001", &["+7 (495) 000-00-01", "0074950000001"]),
            ("+12025550143", &["+1 202-555-0143", "001 202 555 0143", "＋１（２０２）５５５０１４３"]),
            ("+442079460018", &["+44 (0)20 7946 0018", "+44 20 7946 0018", "0044 (0) 20 7946 0018"]),
        ];
        for (expected, spellings) in table {
            for raw in *spellings {
                assert_eq!(normalise_phone(raw, "0898").as_deref(), Some(*expected), "{raw:?}");
            }
            assert_eq!(normalise_phone(expected, "0898").as_deref(), Some(*expected), "normalising is done once");
        }
    }

    #[test]
    fn what_is_no_phone_number_gives_none() {
        for raw in [
            "",
            " ",
            "-",
            "+",
            "()",
            "anonymous",
            "unknown",
            "匿名",
            "隐藏号码",
            "无",
            "null",
            "0",
            "000",
            "00000000",
            "00000000000",
            "11111111111",
            "88888888",
            "99999999",
            "110",
            "12345",
            "95000",
            "123456",
            "12345678",
            "1234567890",
            "12000000001",
            "1390000000",
            "139000000011",
            "+86139000000",
            "+8612000000001",
            "13900000001 13900000002",
            "13900000001/13900000002",
            "13900000001转801",
            "13900000001-801",
            "88000001转",
            "88000001转1转2",
            "88000001转8012345",
            "139+00000001",
            "+0 495 000 00 01",
            "+123456",
            "+1234567890123456",
            "0898-8800",
            "0898-18000001",
            "010-6000001",
            "电话13900000001",
            "13900000001@example.com",
        ] {
            assert_eq!(normalise_phone(raw, "0898"), None, "{raw:?}");
        }
    }

    #[test]
    fn a_local_number_needs_the_area() {
        assert_eq!(normalise_phone("60000001", "010").as_deref(), Some("+861060000001"));
        assert_eq!(normalise_phone("60000001", "10").as_deref(), Some("+861060000001"));
        assert_eq!(normalise_phone("6000001", "010"), None, "Beijing's numbers have eight digits");
        assert_eq!(normalise_phone("60000001", ""), None);
        assert_eq!(normalise_phone("60000001", "三亚"), None);
        assert_eq!(normalise_phone("60000001", "8a8"), None);
        assert_eq!(normalise_phone("13900000001", "").as_deref(), Some("+8613900000001"));
        // Without `+` or `00` it could be Moscow or, without its zero, another Chinese area: nobody is guessed.
        assert_eq!(normalise_phone("74950000001", "0898"), None);
    }

    // 460299 is no district; the sequence numbers are invented.
    #[test]
    fn an_identity_number_has_one_spelling() {
        let table: &[(&str, &[&str])] = &[
            (
                "460299199003070004",
                &[
                    "460299199003070004",
                    " 460299 19900307 0004 ",
                    "460299-19900307-0004",
                    "４６０２９９１９９００３０７０００４",
                    "\u{202a}460299199003070004\u{202c}",
                ],
            ),
            (
                "46029920000229006X",
                &["46029920000229006X", "46029920000229006x", "46029920000229006Ｘ", "46029920000229006ｘ"],
            ),
            // Residence permits are built the same way.
            ("810000199003070007", &["810000199003070007"]),
            ("91146019900307000X", &["91146019900307000x"]),
            ("460299900307000", &["460299900307000", "460299 900307 000", "４６０２９９９００３０７０００"]),
        ];
        for (expected, spellings) in table {
            for raw in *spellings {
                assert_eq!(normalise_idno(raw).as_deref(), Some(*expected), "{raw:?}");
            }
        }
        for raw in [
            "",
            "无",
            "460299",
            "460299199003070005",
            "46029919900307000",
            "4602991990030700041",
            "46029919900307000X",
            "X60299199003070004",
            "46029919900307****",
            "460299一九九〇〇三",
            "060299199003070004",
            "46029990030700X",
            "060299900307000",
            "460299190102290001",
            "460299199013070008",
            "000000000000000000",
        ] {
            assert_eq!(normalise_idno(raw), None, "{raw:?}");
        }
    }

    #[test]
    fn every_single_wrong_digit_is_seen() {
        let sound = "460299199003070004";
        for i in 0..sound.len() {
            for digit in "0123456789X".chars().filter(|c| sound.as_bytes()[i] != *c as u8) {
                let mut wrong: Vec<char> = sound.chars().collect();
                wrong[i] = digit;
                let wrong: String = wrong.into_iter().collect();
                assert_eq!(normalise_idno(&wrong), None);
            }
        }
    }
}
