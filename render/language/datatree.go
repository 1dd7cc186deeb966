package language

import "slipway/sources"

// Data files hold no secrets that are called so, but a URL in one may hold a password. A
// template that takes it is found as one that takes the environment as a whole is: see
// taint.go.

// hideInTree returns a tree with «redacted» in place of the passwords of URLs, and these
// passwords. The tree itself is returned when there are none.
func hideInTree(tree any) (shown any, passwords []string) {
	switch t := tree.(type) {
	case string:
		return sources.HidePasswords(t), sources.Passwords(t)
	case map[string]any:
		out := make(map[string]any, len(t))
		for key, sub := range t {
			var found []string
			out[key], found = hideInTree(sub)
			passwords = append(passwords, found...)
		}
		shown = out
	case []any:
		out := make([]any, len(t))
		for i, sub := range t {
			var found []string
			out[i], found = hideInTree(sub)
			passwords = append(passwords, found...)
		}
		shown = out
	}
	if len(passwords) == 0 {
		return tree, nil
	}
	return shown, passwords
}
