package language

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slipway/render"
	"slipway/sources"
)

// allLinks are links of which a test says what All is.
type allLinks struct {
	fakeLinks
	all []Peer
}

func (l allLinks) All() []Peer { return l.all }

// What goes into a file is known by name, each once, whichever way it is read: through an
// include, in a loop, as a whole. What a condition leaves out is not.
func TestOriginsOfATarget(t *testing.T) {
	of := func(name string) render.Origin { return render.Origin{Kind: render.Peer, Name: name, From: "test"} }
	data := exampleData()
	data.File = func(name string) (sources.File, bool) {
		return sources.File{Name: name, Bytes: []byte("x"), Origin: sources.Origin{File: "/run/secrets/" + name}}, true
	}
	data.Links = allLinks{data.Links.(fakeLinks), []Peer{peer("a", "10.0.0.1", 80), {Name: "b", Source: "test"}}}
	for _, row := range []struct {
		text string
		want []render.Origin
	}{
		{"plain", nil},
		{`{{ env "APP_NAME" }}{{ env "APP_NAME" }}{{ env "NOT_SET" "x" }}`, []render.Origin{{Kind: "variable", Name: "APP_NAME"}, {Kind: "variable", Name: "NOT_SET"}}},
		{`{{ if false }}{{ env "APP_NAME" }}{{ end }}`, nil},
		{`{{ kv "log/level" }}{{ kvOr "/whole//key/" "x" }}{{ if kvExists "no/such" }}{{ end }}`, []render.Origin{{Kind: "key", Name: "/whole/key"}, {Kind: "key", Name: "log/level"}, {Kind: "key", Name: "no/such"}}},
		{`{{ range kvTree "backends" }}{{ end }}{{ kvList "log/" }}`, []render.Origin{{Kind: "keys", Name: "backends"}, {Kind: "keys", Name: "log"}}},
		{`{{ len .KV }}{{ len .Env }}{{ len .Data }}`, []render.Origin{{Kind: "data"}, {Kind: "keys"}, {Kind: "variables"}}},
		{`{{ linkAddr "elasticsearch" 9200 }}{{ range links "backend" 8080 }}{{ end }}`, []render.Origin{of("backend_1:8080"), of("backend_2:8080"), of("elasticsearch:9200")}},
		{`{{ (link "elasticsearch" 9200).Host }}{{ if link "no" 1 | default "" }}{{ end }}`, []render.Origin{of("elasticsearch:9200"), {Kind: "peer", Name: "no:1"}}},
		{`{{ len .Links }}`, []render.Origin{of("a:80"), of("b")}},
		{`{{ readFile "/etc/motd" }}{{ secretFile "token" }}`, []render.Origin{{Kind: "file", Name: "/etc/motd", From: "/etc/motd"}, {Kind: "file", Name: "TOKEN", From: "/run/secrets/TOKEN", Secret: true}}},
		{`{{ include "_greeting" . }}`, []render.Origin{{Kind: "variable", Name: "APP_NAME"}}},
	} {
		t.Run(row.text, func(t *testing.T) {
			plan, err := Build(Set{
				Templates: []Template{{Name: "t", Dest: "/out", Text: row.text, Mode: render.Keep}},
				Partials:  []Template{{Dest: "_greeting", Name: "_greeting.tmpl", Text: `{{ env "APP_NAME" }}`}},
			}, data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, plan.Targets[0].Origins); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
