package launch

import (
	"testing"

	"slipway/supervise/dialect"
)

// An address of a peer where the configuration takes a variable for a port is said, once for each
// place; a port, and an address by another name, are not.
func TestAddressesInConfiguration(t *testing.T) {
	doc := &dialect.Document{}
	at := func(line int) dialect.Pos { return dialect.Pos{File: "app.conf", Line: line, Col: 1} }
	doc.Set("program:a", "command", "x", at(2)) // Literal: nothing is expanded in it
	doc.Sections[0].Keys = append(doc.Sections[0].Keys,
		dialect.Key{Name: "command", Value: "serve %(ENV_REDIS_PORT)s %(ENV_WEB_PORT)s", ValuePos: at(3)},
		dialect.Key{Name: "environment", Value: "A=%(ENV_REDIS)s,B=%(ENV_NONE_PORT)s", ValuePos: at(4)})
	notes := (&Document{Document: doc}).addresses([]string{"REDIS_PORT=tcp://10.0.0.1:6379", "REDIS=tcp://10.0.0.1:6379", "WEB_PORT=80"})
	if len(notes) != 1 {
		t.Fatalf("notes = %v, want one", notes)
	}
	want := "app.conf:3:1: command of [program:a]: %(ENV_REDIS_PORT)s is no port but tcp://10.0.0.1:6379, which Kubernetes or a link has set for a peer"
	if n := notes[0]; n.Place+": "+n.Text != want || n.Hint != "declare it, and its default counts: [env:REDIS_PORT] type = port, default = 6379; or unset enableServiceLinks" {
		t.Errorf("note = %s: %s (%s), want %s", n.Place, n.Text, n.Hint, want)
	}
}
