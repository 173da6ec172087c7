//! The metadata image, its records, and the controller's decisions. Pure.
