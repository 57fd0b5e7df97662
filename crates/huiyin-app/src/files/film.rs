//! Films: what the camera wrote beside the picture and the sound is overwritten while it streams through: place, device
//! and time of `udta`, `meta` and `uuid` boxes, tracks of the camera's own, and the times in the heads of tracks. The boxes
//! stay as long as they were, called `free`, so that no offset moves.

use super::Fault;

/// Largest table of contents that is held while it is looked at.
const TABLE: u64 = 6 * 1024 * 1024;
/// Boxes a film is made of; anything else is not one.
const KNOWN: &[&[u8; 4]] = &[
    b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"skip", b"wide", b"pdin", b"sidx", b"mfra", b"uuid", b"meta",
];

/// What is done with the bytes of the box that comes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Keep,
    Zero,
    Hold,
}

/// A film coming through in parts.
#[derive(Debug)]
pub(super) struct Film {
    head: Vec<u8>,
    left: u64,
    way: Way,
    held: Vec<u8>,
    table: bool,
    /// Whether a box goes on to the end of the file.
    endless: bool,
}

impl Default for Film {
    fn default() -> Self {
        Self { head: Vec::new(), left: 0, way: Way::Keep, held: Vec::new(), table: false, endless: false }
    }
}

impl Film {
    /// The next part; `out` is given what may be kept of it.
    pub(super) fn push(&mut self, mut part: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        while !part.is_empty() {
            if self.left == 0 {
                part = self.begin(part, out)?;
                continue;
            }
            let n = usize::try_from(self.left).unwrap_or(usize::MAX).min(part.len());
            match self.way {
                Way::Keep => out.extend_from_slice(&part[..n]),
                Way::Zero => out.resize(out.len() + n, 0),
                Way::Hold => self.held.extend_from_slice(&part[..n]),
            }
            self.left -= n as u64;
            part = &part[n..];
            if self.left == 0 && self.way == Way::Hold {
                let mut held = std::mem::take(&mut self.held);
                forget(&mut held, 0).ok_or(Fault::Damaged)?;
                out.append(&mut held);
            }
        }
        Ok(())
    }

    /// Whether all of it came, and is a film.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        let whole = self.head.is_empty() && (self.left == 0 || self.endless);
        (whole && self.table).then_some(()).ok_or(Fault::Damaged)
    }

    /// How much is held, in bytes.
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Reads the head of a box; gives what is left of the part.
    fn begin<'a>(&mut self, part: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], Fault> {
        let wants = |head: &[u8]| if head.len() >= 4 && head[..4] == [0, 0, 0, 1] { 16 } else { 8 };
        let n = wants(&self.head).min(self.head.len() + part.len()) - self.head.len();
        self.head.extend_from_slice(&part[..n]);
        let rest = &part[n..];
        if self.head.len() < wants(&self.head) {
            return Ok(rest);
        }
        let mut head = std::mem::take(&mut self.head);
        let size = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
            0 => {
                self.endless = true;
                u64::MAX
            }
            1 => u64::from_be_bytes(head[8..16].try_into().unwrap_or_default()),
            size => u64::from(size),
        };
        self.left = size.checked_sub(head.len() as u64).ok_or(Fault::Damaged)?;
        let kind: [u8; 4] = head[4..8].try_into().unwrap_or_default();
        if !KNOWN.contains(&&kind) {
            return Err(Fault::Damaged);
        }
        self.way = match &kind {
            b"moov" => Way::Hold,
            b"free" | b"skip" | b"wide" => Way::Zero,
            b"uuid" | b"meta" => {
                head[4..8].copy_from_slice(b"free");
                Way::Zero
            }
            _ => Way::Keep,
        };
        if self.way == Way::Hold {
            self.table = true;
            if self.left > TABLE {
                return Err(Fault::Bomb);
            }
        }
        out.extend_from_slice(&head);
        Ok(rest)
    }
}

/// Overwrites what the camera wrote in the boxes of a table of contents. None where they do not fit into one another.
fn forget(bytes: &mut [u8], depth: u8) -> Option<()> {
    let mut at = 0;
    while at < bytes.len() {
        let size = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
        let (head, size) = match size {
            0 => (8, bytes.len() - at),
            1 => (16, usize::try_from(u64::from_be_bytes(bytes.get(at + 8..at + 16)?.try_into().ok()?)).ok()?),
            size => (8, size),
        };
        let end = at.checked_add(size).filter(|end| size >= head && *end <= bytes.len())?;
        let kind: [u8; 4] = bytes[at + 4..at + 8].try_into().ok()?;
        let inner = at + head;
        let camera = kind == *b"trak" && is_cameras_own(&bytes[inner..end]);
        match &kind {
            b"udta" | b"meta" | b"uuid" | b"free" | b"skip" => {
                bytes[at + 4..at + 8].copy_from_slice(b"free");
                bytes[inner..end].fill(0);
            }
            b"trak" if camera => {
                bytes[at + 4..at + 8].copy_from_slice(b"free");
                bytes[inner..end].fill(0);
            }
            b"mvhd" | b"tkhd" | b"mdhd" => {
                // Version, flags, then when it was made and changed.
                let wide = if *bytes.get(inner)? == 1 { 16 } else { 8 };
                bytes.get_mut(inner + 4..inner + 4 + wide).filter(|_| inner + 4 + wide <= end)?.fill(0);
            }
            b"trak" | b"mdia" if depth < 4 => forget(&mut bytes[inner..end], depth + 1)?,
            _ => {}
        }
        at = end;
    }
    Some(())
}

/// Whether a track is neither picture nor sound but what the camera noted on the way.
fn is_cameras_own(track: &[u8]) -> bool {
    let handler = memchr::memmem::find(track, b"hdlr").and_then(|at| track.get(at + 12..at + 16));
    handler.is_some_and(|handler| handler == b"meta")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }

    fn film() -> Vec<u8> {
        let track = |handler: &[u8; 4], note: &[u8]| {
            let hdlr = boxed(b"hdlr", &[&[0; 8][..], handler, &[0; 12]].concat());
            let mdhd = boxed(b"mdhd", &[&[0; 4][..], b"WHENWHEN", b"rate"].concat());
            boxed(b"trak", &[boxed(b"mdia", &[mdhd, hdlr].concat()), note.to_vec()].concat())
        };
        let mvhd = boxed(b"mvhd", &[&[0; 4][..], b"WHENWHEN", b"rest"].concat());
        let udta = boxed(b"udta", &boxed(b"\xa9xyz", b"+18.2500+109.5100/"));
        let moov = boxed(
            b"moov",
            &[mvhd, track(b"vide", &udta), track(b"meta", &boxed(b"note", b"+18.26")), boxed(b"meta", b"a phone")]
                .concat(),
        );
        [
            boxed(b"ftyp", b"isom\0\0\0\0isommp42"),
            boxed(b"uuid", b"0123456789abcdefXMP MAKER"),
            boxed(b"free", b"<script>"),
            boxed(b"mdat", b"PICTURES"),
            moov,
        ]
        .concat()
    }

    fn through(given: &[u8], step: usize) -> Result<Vec<u8>, Fault> {
        let (mut film, mut out) = (Film::default(), Vec::new());
        for part in given.chunks(step) {
            film.push(part, &mut out)?;
        }
        film.finish().map(|()| out)
    }

    #[test]
    fn a_film_keeps_its_length_and_loses_place_device_and_time() {
        let given = film();
        let kept = through(&given, given.len()).unwrap();
        assert_eq!(kept.len(), given.len());
        for gone in [&b"+18."[..], b"phone", b"WHEN", b"MAKER", b"<script>", b"udta", b"uuid"] {
            assert!(memchr::memmem::find(&kept, gone).is_none(), "{}", String::from_utf8_lossy(gone));
        }
        for stays in [&b"PICTURES"[..], b"vide", b"rate", b"moov"] {
            assert!(memchr::memmem::find(&kept, stays).is_some(), "{}", String::from_utf8_lossy(stays));
        }
        for step in [1, 3, 7, 64] {
            assert_eq!(through(&given, step).unwrap(), kept, "in parts of {step}");
        }
    }

    #[test]
    fn what_is_no_film_after_all_is_refused() {
        let head = boxed(b"ftyp", b"isom\0\0\0\0isommp42");
        for (name, rest) in [
            ("nothing follows", Vec::new()),
            ("an archive follows", b"PK\x03\x04 and so on and on".to_vec()),
            ("it breaks off", film()[40..90].to_vec()),
            ("a box is smaller than its head", [boxed(b"mdat", b"x"), b"\0\0\0\x04moov".to_vec()].concat()),
            ("boxes do not fit into one another", boxed(b"moov", b"\0\0\xff\xfftrak")),
        ] {
            assert!(through(&[head.clone(), rest].concat(), 16).is_err(), "{name}");
        }
        let mut endless = boxed(b"moov", b"");
        endless[..4].copy_from_slice(&0x7000_0000_u32.to_be_bytes());
        assert_eq!(through(&[head, endless].concat(), 16), Err(Fault::Bomb));
    }

    #[test]
    fn damaged_films_break_nothing() {
        let whole = film();
        for at in 0..whole.len() {
            let mut bent = whole.clone();
            bent[at] ^= 0xff;
            let _ = through(&bent, 5);
        }
    }
}
