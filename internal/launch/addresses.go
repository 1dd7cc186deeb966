package launch

import (
	"fmt"
	"strings"

	"slipway/render/language"
	"slipway/render/pattern"
)

// ofPort is a variable called as a port, where Supervisor's format expands it.
var ofPort = pattern.Lazy(`%\(ENV_(\w+_PORT)\)[sd]`)

// addresses notes where the configuration takes for a port what Kubernetes or a link has set for
// a peer: it expands to tcp://10.0.0.1:6379. Supervisor does so without a word; what is expanded
// stays the same.
func (d *Document) addresses(environ []string) (notes []Note) {
	var values map[string]string
	for _, s := range d.Sections {
		for _, k := range s.Keys {
			if !strings.Contains(k.Value, "_PORT)") || k.Literal {
				continue
			}
			if values == nil {
				values = make(map[string]string, len(environ))
				for _, e := range environ {
					name, text, _ := strings.Cut(e, "=")
					values[name] = text
				}
			}
			for _, m := range ofPort.FindAllStringSubmatch(k.Value, -1) {
				if port, is := language.IsAddress(m[1], values[m[1]]); is {
					notes = append(notes, Note{
						Place: k.ValuePos.String(),
						Text:  fmt.Sprintf("%s of [%s]: %s is no port but %s, which Kubernetes or a link has set for a peer", k.Name, s.Name, m[0], values[m[1]]),
						Hint:  fmt.Sprintf("declare it, and its default counts: [env:%s] type = port, default = %s; or unset enableServiceLinks", m[1], port),
					})
				}
			}
		}
	}
	return notes
}
