// Package render turns templates and values into files, as a whole set or not
// at all. Deciding and acting are apart, each in a room of its own:
//
//	set, err := language.Discover(files, trees, sections) // reads the templates
//	plan, err := language.Build(set, data)                // pure: no I/O, no clock, no randomness
//	tx, err := transaction.Begin(fsys, plan, opts)        // locks, recovers, compares
//	err = tx.Stage()                                      // writes beside the targets
//	err = tx.Check(ctx)                                   // runs the check commands on what is staged
//	result, err := tx.Commit()                            // swaps all, or puts all back
//
// [transaction.Apply] is the last four, [transaction.Compare] only looks.
// docs/rendering.md is the numbered account of every step and of what happens
// when it fails. What is left here is what the rooms have in common: the [Plan],
// which one side makes and the other carries out, the [Problem] that both
// report, and the [Redactor] that both apply to what people see.
//
// What must not happen: no secret is in an error, a diff, the output of a check,
// a name, or a file that others may read.
package render
