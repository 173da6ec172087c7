//! Harness for tests: nodes as processes, free ports, temporary folders.
