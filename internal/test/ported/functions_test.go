package ported

import (
	"math/rand/v2"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/render/porting"
)

// What a template becomes calls functions that are there, or a note says otherwise: this
// needs none of the tools.
func TestPortedTemplatesCallWhatThereIs(t *testing.T) {
	for tool, productions := range map[porting.Tool]map[string][]string{
		porting.Confd: confdProductions, porting.Dockerize: dockerizeProductions, porting.Gomplate: gomplateProductions, porting.Consul: consulProductions,
	} {
		t.Run(string(tool), func(t *testing.T) {
			g := &generator{Rand: rand.New(rand.NewPCG(testkit.Seed(t), 7)), productions: productions}
			rendered := 0
			for range testkit.Repeat(t, 400) {
				r := request{Template: g.template(), Env: g.values(variables), Keys: g.values(storeKeys)}
				here, p := ours(tool, r, porting.Options{})
				if here.Error == "" {
					rendered++
				}
				for _, trouble := range []string{"there is no function", "is not available", "cannot be read", "takes "} {
					if strings.Contains(here.Error, trouble) && len(p.Notes) == 0 {
						t.Errorf("%s\nbecomes %s\nwhich is refused: %s", r.Template, p.Text, here.Error)
					}
				}
			}
			if rendered < 100 {
				t.Errorf("only %d templates were rendered: the others say little", rendered)
			}
		})
	}
}
