//! Request dispatch, one handler file per API key, partitions, delayed requests, fetch sessions.
