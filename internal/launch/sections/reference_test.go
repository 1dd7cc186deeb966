package sections

import (
	"flag"
	"os"
	"testing"

	"slipway/supervise/config/meaning"
)

var update = flag.Bool("update", false, "write the reference page")

const page = "../../../docs/reference/configuration.md"

// The reference page is what the tables say.
func TestReference(t *testing.T) {
	want := meaning.Reference(Tables())
	if *update {
		if err := os.MkdirAll("../../../docs/reference", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is out of step with the tables: go test ./internal/launch/sections -run Reference -update", page)
	}
}
