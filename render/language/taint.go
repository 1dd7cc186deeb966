package language

import "strings"

// How secrecy gets through a template.
//
// A template sees plain strings, and may do anything with them: encode, hash,
// cut, compare. So secrecy is not a property of strings here but of the whole
// output, found in two steps. A secret that is read by name taints the
// output. When the environment was taken as a whole (range .Env), the template
// is executed a second time with «redacted» in place of every secret: if the
// two outputs differ, the first depends on a secret, whatever was done to it.
//
// The second output is also what may be shown to people: it cannot contain
// what went into it. Where the two runs differ in shape (a secret decides an
// if), nothing of the content is shown.

// shown returns the rendition of text that holds no secret: nil means that
// nothing can be shown. redacted is the output of the run without secrets.
func shown(text, redacted string, ok bool) []byte {
	if !ok || strings.Count(text, "\n") != strings.Count(redacted, "\n") {
		return nil
	}
	return []byte(redacted)
}
