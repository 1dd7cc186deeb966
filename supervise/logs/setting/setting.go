// Package setting is the form in which packages about logs list their options: those that a
// program has, and most of which [slipway] has as well, for programs that do not say. The
// values are text, "" being not said; what they mean is for the package whose options they are.
package setting

// Setting is one option of an O.
type Setting[O any] struct {
	Name    string
	Words   []string // its values; nil: any text
	Default string
	Doc     string
	Global  bool // [slipway] has it as well
	Field   func(o *O) *string
}

// Mistake is what is wrong with a setting.
type Mistake struct{ Option, Text, Hint string }

// Inherit takes over what all programs have where nothing is said.
func Inherit[O any](list []Setting[O], own, all *O) {
	for i := range list {
		if text := list[i].Field(own); *text == "" {
			*text = *list[i].Field(all)
		}
	}
}
