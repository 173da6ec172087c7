//! Record batches as bytes: header views, CRC, compression, reading and building.
