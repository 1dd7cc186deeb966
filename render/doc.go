// Package render turns templates and values into files, as a whole set or not
// at all.
//
// Deciding and acting are apart:
//
//	set, err := render.Discover(fsys, trees, sections) // reads the templates
//	plan, err := render.Build(set, data)               // pure: no I/O, no clock, no randomness
//	tx, err := render.Begin(fsys, plan, opts)          // locks, recovers, compares
//	err = tx.Stage()                                   // writes beside the targets
//	err = tx.Check(ctx)                                // runs the check commands on what is staged
//	result, err := tx.Commit()                         // swaps all, or puts all back
//
// [Apply] is the last four, [Compare] only looks. docs/rendering.md is the
// numbered account of every step and of what happens when it fails.
//
// Build executes all templates even if some fail, and returns everything that
// is wrong as [Problems]: twelve missing variables are one report and not
// twelve restarts. To that end each read of a variable is rewritten, before
// execution, into a call that knows its place (compile.go). The same calls tell
// which secrets went into which file (taint.go), and what templates read
// without executing them ([Uses]).
//
// The functions of templates are rows of one table per theme, in
// funcs_THEME.go: name, documentation, and an example that is its test. sprig is
// imported here and nowhere else.
//
// The transaction touches files only through [durable.FS], so that a test can
// make every operation fail, or be the last one before a kill. What it knows
// from one run to the next (what it made, what it replaced, which programs are
// owed a reload) is the manifest in the runtime folder; Due, Settle and
// Postpone work on it, and whoever tells the programs calls them.
//
// What must not happen: a target is never open for writing before it is
// certain that it can only be written in place; no secret is in an error, a diff, the
// output of a check, a name, or a file that others may read; nothing that was
// there before slipway is ever removed.
package render
