//! Message sets of formats v0 and v1, made of batches.

use std::io;

use model::Offset;
use records::{DownConversion, OldFormat, UNCOMPRESSED_BYTES_MAX, down_convert};

use crate::{CODECS, Seeds, batch};

pub(crate) fn messages(seeds: &Seeds) -> io::Result<()> {
    for codec in CODECS {
        let new = batch(codec, 0, 3);
        seeds.put("old_messages", &format!("{codec}-new"), &[&[0], &new[..]].concat())?;
        for (choice, format) in [(0, OldFormat::V0), (8, OldFormat::V1)] {
            let conversion = DownConversion {
                format,
                first_offset: Offset::ZERO,
                bytes_max: usize::MAX,
                uncompressed_bytes_max: UNCOMPRESSED_BYTES_MAX,
            };
            // zstd came after these formats.
            let Ok(old) = down_convert(&new, &conversion) else { continue };
            let name = format!("{codec}-{format:?}");
            seeds.put("old_messages", &name, &[&[choice], &old.bytes[..]].concat())?;
        }
    }
    Ok(())
}
