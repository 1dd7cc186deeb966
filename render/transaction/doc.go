// Package transaction makes the files of a plan: all of them, or none.
//
// It touches files only through [durable.FS], so that a test can make every
// operation fail, or be the last one before a kill. What it knows from one run to
// the next (what it made, what it replaced, which programs are owed a reload) is
// the manifest in the runtime folder; [Due], [Settle] and [Postpone] work on it,
// and whoever tells the programs calls them. It knows the plan, and nothing of
// the language that made it.
//
// What must not happen: a target is never open for writing before it is certain
// that it can only be written in place; nothing that was there before slipway is
// ever removed.
package transaction
