// Command oracle renders templates by consul-template's own code. It reads a request for each
// line of its input, and answers with a line. What a template asks Consul for is answered
// from the keys of the request.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"sort"
	"strings"

	dep "github.com/hashicorp/consul-template/dependency"
	"github.com/hashicorp/consul-template/template"
)

type request struct {
	Template string
	Env      map[string]string
	Keys     map[string]string
}

type answer struct {
	Text  []byte // not always text
	Error string
}

func main() {
	log.SetOutput(io.Discard)
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var r request
		if in.Decode(&r) != nil {
			return
		}
		text, err := render(r)
		a := answer{Text: text}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			panic(err)
		}
	}
}

func render(r request) ([]byte, error) {
	os.Clearenv()
	for name, value := range r.Env {
		os.Setenv(name, value)
	}
	t, err := template.NewTemplate(&template.NewTemplateInput{Contents: r.Template})
	if err != nil {
		return nil, err
	}
	brain := template.NewBrain()
	for before := ""; ; { // each round may ask for more
		got, err := t.Execute(&template.ExecuteInput{Brain: brain})
		if err != nil {
			return nil, err
		}
		if got.Missing.Len() == 0 {
			return got.Output, nil
		}
		if asked := got.Missing.String(); asked == before { // consul-template waits for it
			return nil, errors.New("waiting for " + asked)
		} else {
			before = asked
		}
		for _, d := range got.Missing.List() {
			if err := remember(brain, d, r.Keys); err != nil {
				return nil, err
			}
		}
	}
}

// remember answers for Consul.
func remember(brain *template.Brain, d dep.Dependency, keys map[string]string) error {
	kind, rest, _ := strings.Cut(d.String(), "(")
	key := strings.TrimSuffix(rest, ")")
	value, ok := keys[key]
	switch kind {
	case "kv.block":
		if ok { // else it is waited for
			brain.Remember(d, value)
		}
	case "kv.get":
		if !ok {
			brain.Remember(d, nil)
			return nil
		}
		brain.Remember(d, value)
	case "kv.exists":
		brain.Remember(d, ok)
	case "kv.list":
		pairs := []*dep.KeyPair{}
		for k, v := range keys {
			if rest, below := strings.CutPrefix(k, key); below {
				pairs = append(pairs, &dep.KeyPair{Path: k, Key: strings.TrimLeft(rest, "/"), Value: v})
			}
		}
		sort.Slice(pairs, func(i, j int) bool { return pairs[i].Path < pairs[j].Path })
		brain.Remember(d, pairs)
	default:
		return fmt.Errorf("nobody answers %s", d)
	}
	return nil
}
