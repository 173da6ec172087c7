//! One partition as leader or follower: high watermark, leader epochs, durability. Pure.
