//! Consumer groups and committed offsets as a pure state machine.
