// Package etcd reads keys from an etcd cluster, all of them at one revision.
//
// It is linked into slipway-source-etcd alone: initialising the client's
// packages costs milliseconds and megabytes of every start, used or not.
//
// How it reads follows what etcd guarantees. The first range of a read is
// linearizable and fixes the revision; everything else is read at that revision,
// in pages. If that revision is compacted meanwhile, the read starts again. A
// prefix ends at a boundary, so /app is the key /app and the keys below /app/.
//
// What the client library leaves out is added here. It answers "context deadline
// exceeded" when no server can be reached; [Client.Snapshot] looks for the cause
// at each endpoint and names both. With a user it blocks where it does not
// without one; here every attempt has the same limit. It logs to standard error;
// here it does not.
package etcd
