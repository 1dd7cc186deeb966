// Package language is the language of templates: it compiles them, executes
// them over the values, and makes the plan of what the files shall be.
//
// It is pure. It reaches no file, no clock, no network and no environment by
// itself: templates come through [render.Files], which the caller hands in, and
// everything else through [Data]. The rules of internal/structure see to that.
//
// [Build] executes all templates even if some fail, and returns everything that
// is wrong as [render.Problems]: twelve missing variables are one report and not
// twelve restarts. To that end each read of a variable is rewritten, before
// execution, into a call that knows its place (compile.go). The same calls tell
// which secrets went into which file (taint.go), and what templates read
// without executing them ([Uses]).
//
// The functions of templates are rows of one table per theme, in
// funcs_THEME.go: name, documentation, and an example that is its test. sprig is
// imported here and nowhere else. Each of its functions is a row of borrowed_THEME.go,
// which says what it does with values that it has no use for, or is refused (funcs.go).
// What a template writes passes printed.go, and chains of fields pass fields.go.
package language
