// Package holder is the protocol between PID 1 and the holders of its programs.
//
// A holder is a process between PID 1 and a program: a subreaper, so that whatever the
// program starts comes to its holder when it loses its parent, in whatever session, group,
// user and environment it is. It is slipway-init itself under the name [Name], which ends
// in package early before the Go runtime begins: a few private pages, one task.
//
// # A course
//
// PID 1 makes a pair of sockets, writes a [Table] into its end, and executes the holder
// with the other end as a descriptor. From then on both write fixed records:
//
//	holder                          PID 1
//	Born, Failed? or Running
//	                                Signal …
//	Stopped, Continued, Received …
//	Died (nothing left): the end
//	Died (left)                     Main, Go or Leave: until then it reaps nobody
//	Chosen or Refused               Main …
//	Empty: the end
//
// Only the holder reaps what it holds, so only the holder signals its main process: a number
// is not used again under its eyes. PID 1 never waits for it.
//
// # What must not happen
//
// Old holders live as long as their programs, also when PID 1 is replaced: records and
// tables may get new kinds, and none may change its meaning.
package holder
