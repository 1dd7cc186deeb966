package language

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"slipway/render"
	"slipway/sources"
)

// secretVars is Values with some secrets in it.
type secretVars struct {
	Vars
	secret map[string]bool
}

func (v secretVars) Get(name string) (string, bool, bool) {
	s, ok := v.Vars[name]
	return s, v.secret[name], ok
}

// fakeLinks knows peers by name:port.
type fakeLinks map[string]Peer

func (l fakeLinks) Link(name string, port int, proto string) (Peer, error) {
	if p, ok := l[fmt.Sprintf("%s:%d", name, port)]; ok {
		return p, nil
	}
	return Peer{}, fmt.Errorf("no peer %s at port %d", name, port)
}

func (l fakeLinks) Links(name string, port int, proto string) ([]Peer, error) {
	var out []Peer
	for i := 1; ; i++ {
		p, ok := l[fmt.Sprintf("%s_%d:%d", name, i, port)]
		if !ok {
			return out, nil
		}
		out = append(out, p)
	}
}

func (l fakeLinks) All() []Peer { return nil }

func peer(name, host string, port int) Peer {
	addr := fmt.Sprintf("%s:%d", host, port)
	return Peer{Name: name, Host: host, Port: port, Proto: "tcp", Addr: addr, URL: "tcp://" + addr, Source: "test"}
}

// exampleData is what the examples of the functions are rendered with.
func exampleData() Data {
	return Data{
		Env: secretVars{
			Vars: Vars{
				"APP_NAME": "shop", "LISTEN_PORT": "8080", "RATIO": "0.25", "DEBUG": "yes", "TIMEOUT": "30s", "CACHE_SIZE": "64M",
				"LOG4J_rootLogger": "INFO", "LOG4J_logger_web": "DEBUG", "ES_HOST_1": "a", "ES_HOST_2": "b", "ES_HOST_10": "c",
				"DB_PASSWORD": "s3cr3t, it's",
			},
			secret: map[string]bool{"DB_PASSWORD": true},
		},
		Links: fakeLinks{
			"elasticsearch:9200": peer("elasticsearch", "10.0.0.7", 9200),
			"backend_1:8080":     peer("backend_1", "10.0.0.11", 8080), "backend_2:8080": peer("backend_2", "10.0.0.12", 8080),
		},
		KV:   fakeKV{"log/level": "DEBUG", "backends/a/host": "10.0.0.1", "backends/b/host": "10.0.0.2"},
		Host: func() Host { return Host{Name: "web-1", CPUs: 1.5, MemoryLimit: 1 << 30} },
		YAML: yamlOfTests,
		Read: func(file string) ([]byte, bool, error) {
			if file != "/etc/motd" {
				return nil, false, errors.New("it is below no folder that templates may read")
			}
			return []byte("welcome\n"), false, nil
		},
		File: func(name string) (sources.File, bool) {
			return sources.File{Name: name, Bytes: []byte("0\x82\x00\x01\x02")}, name == "KEYSTORE_P12"
		},
		Original: func(string) ([]byte, bool, error) { return []byte("# as shipped\n"), true, nil },
	}
}

type fakeKV map[string]string

func (kv fakeKV) Key(key string) (string, bool, bool) {
	text, ok := kv[key]
	return text, false, ok
}

func (kv fakeKV) Keys(prefix string) []string {
	var out []string
	for k := range kv {
		if prefix == "" || strings.HasPrefix(k, prefix+"/") {
			out = append(out, k)
		}
	}
	sort.Strings(out)
	return out
}

func renderText(t *testing.T, text string, data Data, partials ...Template) (string, error) {
	t.Helper()
	plan, err := Build(Set{
		Templates: []Template{{Dest: "/out", Name: "out.tmpl", Text: text, Mode: render.Keep}, {Dest: "/other", Name: "other.tmpl", Text: "hello", Mode: render.Keep}},
		Partials:  partials,
	}, data)
	if err != nil {
		return "", err
	}
	return string(plan.Targets[1].Content), nil
}

func TestFunctionExamples(t *testing.T) {
	partial := Template{Dest: "_greeting", Name: "_greeting.tmpl", Text: "hello, {{ .Env.APP_NAME }}"}
	for _, theme := range Themes() {
		for _, f := range theme.Funcs {
			t.Run(f.Name, func(t *testing.T) {
				if f.Usage == "" || f.Doc == "" || f.Example == "" || !strings.HasSuffix(f.Doc, ".") {
					t.Error("a row needs Usage, Doc (full sentences) and Example")
				}
				got, err := renderText(t, f.Example, exampleData(), partial)
				if err != nil || got != f.Want {
					t.Errorf("%s = %q, %v, want %q", f.Example, got, err, f.Want)
				}
				if f.Refuses == "" {
					return
				}
				got, err = renderText(t, f.Refuses, exampleData(), partial)
				var problems render.Problems
				if !errors.As(err, &problems) {
					t.Errorf("%s = %q, %v, want it refused", f.Refuses, got, err)
				}
			})
		}
	}
}

func TestRefusedFunctions(t *testing.T) {
	for name := range refused() {
		_, err := renderText(t, "{{ "+name+" }}", exampleData())
		if err == nil || !strings.Contains(err.Error(), "the function "+name+" is not available: ") {
			t.Errorf("%s: error is %v, want that it is not available", name, err)
		}
	}
}
