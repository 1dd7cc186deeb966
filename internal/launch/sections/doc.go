// Package sections gives the sections of the launch half their meaning: [template:DEST],
// [check:NAME], [env:NAME], [link:NAME], [etcd] and [source:NAME]. They are written in the
// dialect of the supervisor, which knows their names and no more; here they become what the
// rest of the launch half works with: templates, rules of the contract, rules of peers,
// source programs.
//
// An option is one row of rows.go, as an option of the supervisor is one there: decoding,
// default, the warning about unknown keys and the reference page follow from it.
package sections
