//! Where descriptors stand in a file, as little of it as is asked for.
//!
//! Main type: [`Lines`].

use prost_reflect::prost_types::FileDescriptorProto;

/// The lines and columns of a file's descriptors.
#[derive(Debug, Default)]
pub struct Lines(Vec<(Box<[i32]>, u32, u32)>);

impl Lines {
    /// Takes them out of a file, with all the comments and lesser places: of a large contract they would be most of the memory.
    pub fn take(file: &mut FileDescriptorProto) -> Self {
        let locations = file.source_code_info.take().into_iter().flat_map(|info| info.location);
        let number = |number: i32| u32::try_from(number).ok().map(|number| number.saturating_add(1));
        let mut lines: Vec<_> = locations
            .filter_map(|location| match *location.span.as_slice() {
                // Descriptors have paths of pairs; what is within them has not.
                [line, column, ..] if location.path.len() % 2 == 0 => {
                    Some((location.path.into_boxed_slice(), number(line)?, number(column)?))
                }
                _ => None,
            })
            .collect();
        lines.sort_unstable();
        lines.shrink_to_fit();
        Self(lines)
    }

    /// Line and column of a descriptor, from 1.
    pub fn find(&self, path: &[i32]) -> Option<(usize, usize)> {
        let first = self.0.partition_point(|(known, ..)| known.as_ref() < path);
        let (known, line, column) = self.0.get(first)?;
        let number = |number: u32| usize::try_from(number).ok();
        if known.as_ref() == path { Some((number(*line)?, number(*column)?)) } else { None }
    }
}
