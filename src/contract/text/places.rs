//! Where the nodes of a text stand: 16 bytes for each, whatever its pointer's length.
//!
//! A node is known by the hash of its JSON pointer. Two pointers with one hash would only give a wrong line in a message: among a
//! million nodes the odds of that are one to ten million.

/// A line and a column, both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// The hash of a JSON pointer: FNV-1a, since it grows token by token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PointerHash(u64);

impl PointerHash {
    /// Of the whole document, whose pointer is empty.
    pub(super) const ROOT: Self = Self(0xcbf2_9ce4_8422_2325);

    /// Of a pointer's text.
    pub(super) fn of(pointer: &str) -> Self {
        pointer.bytes().fold(Self::ROOT, Self::byte)
    }

    /// Of the member with this name, which is not escaped yet.
    pub(super) fn member(self, name: &str) -> Self {
        name.bytes().fold(self.byte(b'/'), |hash, byte| match byte {
            b'~' => hash.byte(b'~').byte(b'0'),
            b'/' => hash.byte(b'~').byte(b'1'),
            byte => hash.byte(byte),
        })
    }

    /// Of the item with this number.
    pub(super) fn item(self, index: usize) -> Self {
        self.member(&index.to_string())
    }

    fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// Where each node stands: a member by its key, anything else by its first character.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    spots: Vec<(PointerHash, Spot)>,
}

impl Places {
    /// Notes where a node stands.
    pub(super) fn note(&mut self, node: PointerHash, spot: Spot) {
        self.spots.push((node, spot));
    }

    /// Where a node stands that was noted a moment ago, before everything is in order.
    pub(super) fn noted(&self, node: PointerHash) -> Option<Spot> {
        self.spots.iter().find(|(hash, _)| *hash == node).map(|(_, spot)| *spot)
    }

    /// Puts everything in order, once all is noted.
    pub(super) fn finish(mut self) -> Self {
        self.spots.sort_unstable_by_key(|(hash, _)| *hash);
        self.spots.shrink_to_fit();
        self
    }

    /// Where the node of that pointer stands, or the nearest around it that the text itself has.
    pub(super) fn find(&self, pointer: &str) -> Option<Spot> {
        let mut pointer = pointer;
        loop {
            let hash = PointerHash::of(pointer);
            if let Ok(index) = self.spots.binary_search_by_key(&hash, |(hash, _)| *hash) {
                return self.spots.get(index).map(|(_, spot)| *spot);
            }
            pointer = pointer.get(..pointer.rfind('/')?)?;
        }
    }
}
