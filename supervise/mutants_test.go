package supervise

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// seedsPerMutant is within how many seeds a known defect must be found.
const seedsPerMutant = 1000

// TestRandomFindsKnownDefects puts defects back that the supervisor once had, or nearly
// had, one at a time: TestRandom must fail with each of them. A file of testdata/mutants
// says what is replaced by what. It takes minutes, so it runs where everything is demanded,
// and where it is asked for:
//
//	SLIPWAY_MUTANTS=1 go test -run TestRandomFindsKnownDefects ./supervise
func TestRandomFindsKnownDefects(t *testing.T) {
	if !testkit.Required() && os.Getenv("SLIPWAY_MUTANTS") == "" {
		t.Skip("takes minutes; SLIPWAY_MUTANTS=1 or SLIPWAY_REQUIRE=all asks for it")
	}
	for _, file := range mutants(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			overlay := mutate(t, file)
			for tried, n := 0, 25; tried < seedsPerMutant; tried, n = tried+n, min(2*n, seedsPerMutant-tried-n) {
				cmd := exec.Command("go", "test", "-count=1", "-vet=off", "-overlay="+overlay, "-run=^TestRandom$", ".")
				cmd.Env = append(os.Environ(), "SLIPWAY_SEED="+strconv.Itoa(tried+1), envSeeds+"="+strconv.Itoa(n))
				out, err := cmd.CombinedOutput()
				found := regexp.MustCompile(`--- FAIL: TestRandom/(?:with_holders,_)?seed_\d+ .*\n.*`).Find(out)
				switch {
				case err == nil:
					continue
				case found == nil:
					t.Fatalf("not found, but: %v\n%.4000s", err, out)
				}
				t.Logf("%s", found)
				return
			}
			t.Errorf("not found within %d seeds", seedsPerMutant)
		})
	}
}

// TestKnownDefectsFit: the code still is what a known defect replaces.
func TestKnownDefectsFit(t *testing.T) {
	for _, file := range mutants(t) {
		mutate(t, file)
	}
}

// mutants are the files of the known defects.
func mutants(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/mutants/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("mutants: %v, %v, want at least eight", files, err)
	}
	return files
}

// mutate returns the file for go's -overlay that puts a defect in place.
func mutate(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	root, dir := filepath.Join("..", "."), t.TempDir()
	replaced := map[string]string{}
	parts := regexp.MustCompile(`(?m)^-- (.*) --\n`).FindAllSubmatchIndex(text, -1)
	for i := 0; i+1 < len(parts); i += 2 {
		path, err := filepath.Abs(filepath.Join(root, string(text[parts[i][2]:parts[i][3]])))
		if err != nil {
			t.Fatal(err)
		}
		end := len(text)
		if i+2 < len(parts) {
			end = parts[i+2][0]
		}
		was, is := string(text[parts[i][1]:parts[i+1][0]]), string(text[parts[i+1][1]:end])
		// A piece may begin and end within a line.
		was, is = strings.TrimSuffix(was, "\n"), strings.TrimSuffix(is, "\n")
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), was); n != 1 {
			t.Fatalf("%s: what is to be replaced is %d times in %s, want once:\n%s", file, n, path, was)
		}
		target := filepath.Join(dir, strconv.Itoa(i)+".go")
		if err := os.WriteFile(target, []byte(strings.Replace(string(source), was, is, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		replaced[path] = target
	}
	overlay := filepath.Join(dir, "overlay.json")
	data, err := json.Marshal(map[string]any{"Replace": replaced})
	if err == nil {
		err = os.WriteFile(overlay, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return overlay
}
