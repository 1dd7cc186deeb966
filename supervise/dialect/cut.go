package dialect

import "strings"

// cutShort notes a value that a comment in its line has cut where the comment looks like the
// rest of it: a quote is open, or the comment goes on with a word of the shell.
func (d *Document) cutShort(before, comment string, at Pos) {
	rest := Trim(comment[1:])
	if rest == "" || !isRest(before, rest) {
		return
	}
	mark := comment[:1]
	d.Notes = append(d.Notes, Note{Pos: at,
		Text: "the value ends before \" " + mark + "\", which begins a comment: " + Quote(rest) + " is no part of it",
		Hint: "write the " + mark + " without a blank in front, or the command into a script"})
}

func isRest(before, rest string) bool {
	for _, quote := range [2]string{`"`, "'"} {
		if strings.Count(before, quote)%2 == 1 && strings.Count(rest, quote)%2 == 1 {
			return true
		}
	}
	word := rest
	if i := strings.IndexAny(word, " \t;\"'"); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "do", "done", "then", "fi", "elif", "esac":
		return true
	}
	return false
}
