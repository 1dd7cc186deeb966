package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"slipway/supervise/control"
	"slipway/supervise/control/controltest"
	"slipway/supervise/events"
)

// jsonImage writes an image into a folder that a check finds three mistakes in.
func jsonImage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.conf":     "[include]\nfiles = conf.d/*.conf\n[slipway]\ntemplates = none\n[env:PORT]\ntype = port\ndefault = 80\n[program:web]\ncommand = /bin/true\n",
		"conf.d/db.ini": "",
		"bad.conf":      "[slipway]\ntemplates = none\n[program:web]\ncommand = /bin/true\nautorestart = allways\n[template:/etc/x]\nsource = x.tmpl\n",
		"x.tmpl":        "\n{{ .Env.NOT_SET }}\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// jsonSupervisor answers as a supervisor with three programs, one of which cannot start.
func jsonSupervisor(t *testing.T) string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(log, []byte("old\nlast\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	process := func(name string, state control.ProcessState) *controltest.Process {
		return &controltest.Process{ProcessInfo: control.ProcessInfo{Name: name, Group: name, State: state, Ready: state == control.Running}, Recent: name + " says <a>\nand more"}
	}
	m := &controltest.Model{
		Processes: []*controltest.Process{process("bad", control.Fatal), process("idle", control.Stopped), process("web", control.Running)},
		Available: []*controltest.Process{process("new", control.Stopped)},
		Reread:    control.RereadResult{Added: []string{"new"}},
		Mood:      control.MoodRunning,
	}
	m.Processes[0].StartFault = control.NewFault(control.SpawnError, "bad")
	m.Processes[1].StdoutLog = log
	handlers := m.Handlers()
	handlers[control.OpProcessReload] = handlers[control.OpProcessRestart]
	handlers[control.OpLogReopen] = func(*controltest.Call) (control.Value, *os.File, error) { return control.Bool(true), nil, nil }
	handlers[control.OpEventStream] = func(c *controltest.Call) (control.Value, *os.File, error) {
		for _, name := range c.Args[0].List() {
			if _, ok := events.ParseType(name.Str()); !ok {
				return control.Value{}, nil, control.NewFault(control.BadArguments, "event type "+name.Str())
			}
		}
		c.Chunk(control.Encode(&control.Event{Serial: 1, Name: "TICK_5", Payload: "when:5"}))
		return control.Bool(true), nil, nil
	}
	open := handlers[control.OpProcessOpenLog]
	handlers[control.OpProcessOpenLog] = func(c *controltest.Call) (control.Value, *os.File, error) {
		if c.Str(0) != "idle" {
			return control.Value{}, nil, control.NewFault(control.NoFile, c.Str(0))
		}
		return open(c)
	}
	return serveSocket(t, control.Table(), handlers)
}

// What a command prints has the shape that the reference says: no other field, and all lines
// of it.
func TestJSONHasItsShape(t *testing.T) {
	dir, socket := jsonImage(t), jsonSupervisor(t)
	good, bad := filepath.Join(dir, "good.conf"), filepath.Join(dir, "bad.conf")
	for _, row := range []struct {
		args   string
		status int
		want   []string // parts of what is printed
	}{
		{"check -c " + good, 0, []string{`"well": true`, `"problems": []`, `"files": 1`, `"processes": 1`}},
		{"check -c " + bad, 78, []string{
			`"status": 78`, `"line": 5`, `autorestart: expected true`, `"hint": "Supervisor's word for always is \"true\""`,
			`"status": 65`, `x.tmpl"`, `"line": 2`, `the variable NOT_SET is not set`, `"detail": "      2 | {{ .Env.NOT_SET }}`,
		}},
		{"wait file:" + good, 0, []string{`"probe":"file:` + good + `","answers":true`}},
		{"wait -t 1ms file:/nowhere file:" + good, 75, []string{`"probe":"file:/nowhere","answers":false`, `"error":"cannot reach file:/nowhere`, `"answers":true`}},
		{"templates", 0, []string{`"name": "logback.xml"`}},
		{"templates logback.xml", 0, []string{`"text": "`}},
		{"version", 0, []string{`"go": "go`}},
		{"layers -c " + good, 0, []string{`"section": "program:web"`}},
		{"env -c " + good, 0, []string{`"name": "PORT"`}},
		{"env --explain PORT -c " + good, 0, []string{`"value": "80"`}},
		{"inspect -c " + good, 0, []string{`"kind": "variable"`}},
		{"links -c " + good, 0, []string{`[]`}},
		{"run --explain -c " + good, 0, []string{`"starts": [`}},
		{"render -c " + good, 0, []string{`[]`}},
		{"mask -c " + good + " web", 0, []string{`"result": "masked"`, `zz-mask-web.conf"`}},
		{"unmask -c " + good + " web", 0, []string{`"result": "unmasked"`}},
		{"unmask -c " + good + " web", 78, []string{`"result": "failed"`, `there is no `}},
		{"init " + filepath.Join(dir, "new"), 0, []string{`"kind": "`, `Dockerfile"`}},

		{"healthcheck web idle", 0, []string{`"well": true`, `"unwell": []`}},
		{"healthcheck", 1, []string{`"well": false`, `"name": "bad"`, `"why": "FATAL`}},
		{"status", 1, []string{`"state": "RUNNING"`}},
		{"start bad web idle nosuch", 1, []string{
			`"result": "running already"`, `"name": "idle",` + "\n" + `    "result": "started"`, `"name": "bad",` + "\n" + `    "result": "failed"`, `cannot start nosuch: `,
		}},
		{"stop idle", 0, []string{`"result": "stopped"`}},
		{"restart web", 0, []string{`"result": "restarted"`}},
		{"reload web", 0, []string{`"result": "reloaded"`}},
		{"signal HUP web", 0, []string{`"result": "signalled"`}},
		{"trigger web", 0, []string{`"result": "running already"`}},
		{"reopen", 0, []string{`"name": "the logs"`, `"result": "reopened"`}},
		{"reread", 0, []string{`"added": [`}},
		{"tail web", 0, []string{`{"program":"web","channel":"stdout","line":"web says <a>"}` + "\n" + `{"program":"web","channel":"stdout","line":"and more"}` + "\n"}},
		{"tail -n 1 idle", 0, []string{`{"program":"idle","channel":"stdout","line":"last"}`}},
		{"follow web", 0, []string{`"channel":"stdout","line":"and more"`, `"channel":"stderr","line":"and more"`}},
		{"events", 0, []string{`"name":"TICK_5","payload":"when:5"`}},
		{"update", 0, []string{`"name": "new"`, `"result": "added"`}},
		{"remove new", 0, []string{`"result": "removed"`}},
		{"add nosuch", 1, []string{`"result": "failed"`}},
		{"shutdown --no-wait", 0, []string{`"result": "shut down"`}},
	} {
		t.Run(row.args, func(t *testing.T) {
			a := testApp()
			args := append([]string{"slipway"}, strings.Fields(row.args)...)
			args = slices.Insert(args, 2, "--output", "json")
			root := newRoot(a)
			c, _, err := root.Find(args[1:2])
			if err != nil {
				t.Fatal(err)
			}
			if c.Flags().Lookup("socket") != nil {
				args = append(args, "--socket", socket)
			}
			a.env = []string{"SLIPWAY_RUNTIME=" + t.TempDir(), "PATH=/bin:/usr/bin"}
			if got := a.main(t.Context(), args); got != row.status {
				t.Errorf("status %d, want %d; messages:\n%s", got, row.status, a.stderr)
			}
			out := a.stdout.(*bytes.Buffer).String()
			for _, want := range row.want {
				if !strings.Contains(out, want) {
					t.Errorf("printed\n%s\nwithout %s", out, want)
				}
			}
			decodeAs(t, out, shapeOf(c.Name(), args))
		})
	}
}

// shapeOf is what a command line prints.
func shapeOf(command string, args []string) shape {
	rows := shapes()[command]
	for _, s := range rows[1:] {
		if slices.Contains(args, s.when) || s.when == "NAME" && len(args) > 4 {
			return s
		}
	}
	return rows[0]
}

// decodeAs demands that a text is what a shape says.
func decodeAs(t *testing.T, text string, s shape) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	n := 0
	for ; ; n++ {
		var v any
		if err := d.Decode(&v); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%s is no JSON: %v", text, err)
		}
		list, isList := v.([]any)
		if isList != (s.form == array) {
			t.Errorf("%s is not %s", text, s.form)
		}
		if !isList {
			list = []any{v}
		}
		for _, item := range list {
			if s.of != nil {
				fits(t, reflect.TypeOf(s.of), item)
			}
		}
	}
	if n == 0 || n > 1 && s.form != lines || s.form == lines && n != strings.Count(text, "\n") {
		t.Errorf("%d objects in %s", n, text)
	}
}

// fits demands that a value has the fields of the reference, and what they are of.
func fits(t *testing.T, typ reflect.Type, value any) {
	t.Helper()
	object, ok := value.(map[string]any)
	if !ok {
		t.Errorf("%v is no object of %s", value, typ)
		return
	}
	p := pageOfTypes{t: t}
	known := map[string]bool{}
	p.walk(typ, func(f reflect.StructField, _ reflect.Type) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		known[name] = true
		v, there := object[name]
		if !there {
			if options == "" {
				t.Errorf("%v of %s lacks %s", object, typ, name)
			}
			return
		}
		kind := p.kind(f.Type)
		inner, list := strings.CutPrefix(kind, "array of ")
		items := []any{v}
		if list {
			if items, ok = v.([]any); !ok {
				t.Errorf("%s of %s is %v, want %s", name, typ, v, kind)
			}
		}
		for _, item := range items {
			if is := kindOf(item); !strings.HasPrefix(inner, is) && (is != "number" || inner != "integer") && (is != "string" || !strings.HasPrefix(inner, "time")) {
				t.Errorf("%s of %s is %v, want %s", name, typ, item, inner)
			}
			if of := structOf(f.Type); of != nil && strings.HasPrefix(inner, "[") {
				fits(t, of, item)
			}
		}
	})
	for name := range object {
		if !known[name] {
			t.Errorf("%s has no field %s: %v", typ, name, object)
		}
	}
}

// kindOf is the word of the reference for a value.
func kindOf(v any) string {
	switch v.(type) {
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case map[string]any:
		return "["
	}
	return "null"
}

// structOf is the type of the objects in a field, nil if it has none.
func structOf(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() == reflect.Struct {
		return typ
	}
	return nil
}

// A list that is empty is never null, wherever it stands.
func TestJSONHasNoNullLists(t *testing.T) {
	var b bytes.Buffer
	for _, v := range []any{layersView{}, []layerSection{{Section: "x"}}, explained{}, []string(nil)} {
		if err := writeJSON(&b, v); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), "null") || !strings.Contains(b.String(), "[]") {
		t.Errorf("printed %s", b.String())
	}
}
