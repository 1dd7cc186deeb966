package differential

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// The page that users read names how many scenarios there are.
func TestPageCountsScenarios(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testkit.Module(t), "docs", "from-supervisor.md"))
	if err != nil {
		t.Fatal(err)
	}
	want := "runs " + strconv.Itoa(len(readScenarios(t))) + " scenarios"
	if !strings.Contains(string(page), want) {
		t.Errorf("docs/from-supervisor.md does not say %q", want)
	}
}
