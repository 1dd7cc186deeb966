// Command oracle renders templates by confd's own code. It reads a request for each line of
// its input, and answers with a line.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/kelseyhightower/confd/log"
	"github.com/kelseyhightower/confd/resource/template"
)

type request struct {
	Template string
	Resource string // the rest of the resource: prefix
	Env      map[string]string
	Keys     map[string]string
}

type answer struct {
	Text  []byte // not always text
	Error string
}

// store is a store in memory.
type store map[string]string

func (s store) GetValues([]string) (map[string]string, error) { return s, nil }

func (s store) WatchPrefix(string, []string, uint64, chan bool) (uint64, error) { return 0, nil }

func main() {
	log.SetLevel("panic")
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var r request
		if in.Decode(&r) != nil {
			return
		}
		text, err := render(r)
		a := answer{Text: []byte(text)}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			panic(err)
		}
	}
}

func render(r request) (string, error) {
	dir, err := os.MkdirTemp("", "confd")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	os.Clearenv()
	for name, value := range r.Env {
		os.Setenv(name, value)
	}
	dest := filepath.Join(dir, "out")
	for name, text := range map[string]string{
		"templates/t.tmpl": r.Template,
		"conf.d/t.toml":    "[template]\nsrc = \"t.tmpl\"\ndest = \"" + dest + "\"\nkeys = [\"/\"]\n" + r.Resource,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	err = template.Process(template.Config{
		ConfDir: dir, ConfigDir: filepath.Join(dir, "conf.d"), TemplateDir: filepath.Join(dir, "templates"), StoreClient: store(r.Keys),
	})
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(dest)
	return string(text), err
}
