package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"slipway/internal/supervisor/serve/metrics"
	"slipway/internal/test/testkit"
)

// The page's server answers a scraper that has the password, and nobody else; its jobs are
// for what there is.
func TestPageOfMetrics(t *testing.T) {
	blocks := testkit.Blocks(t, "docs/how-to/metrics.md", t.Name())
	if len(blocks) != 3 {
		t.Fatalf("%d blocks, want a configuration, a job and rules", len(blocks))
	}
	port := testkit.FreePort(t)
	c := newContainer(t, strings.Replace(blocks[0].Text, ":9001", fmt.Sprintf("127.0.0.1:%d", port), 1))
	c.prepare("slipway", "run", "-c", "app.conf")
	c.cmd.Env = append(c.cmd.Env, "SCRAPE_PASSWORD=hunter2")
	c.launch()
	c.healthy()

	var job struct {
		Jobs []struct {
			Path string                    `yaml:"metrics_path"`
			Auth struct{ Username string } `yaml:"basic_auth"`
		} `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal([]byte(blocks[1].Text), &job); err != nil || len(job.Jobs) != 1 {
		t.Fatalf("the job is %+v, %v", job, err)
	}
	url := fmt.Sprintf("http://127.0.0.1:%d%s", port, job.Jobs[0].Path)
	if status, body := scrape(t, url, job.Jobs[0].Auth.Username, "wrong"); status != http.StatusUnauthorized || strings.Contains(body, "slipway_") {
		t.Errorf("with a wrong password: %d, %s", status, body)
	}
	status, body := scrape(t, url, job.Jobs[0].Auth.Username, "hunter2")
	for _, want := range []string{`slipway_process_state{group="web",process="web",state="RUNNING"} 1`, `slipway_process_members{group="web",process="web"} 1`, "slipway_resident_memory_bytes "} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d, want %s in\n%s", status, want, body)
		}
	}
	if strings.Contains(body, "hunter2") {
		t.Error("the password is in the metrics")
	}

	known := map[string]bool{}
	for _, m := range metrics.Table() {
		known[m.Name] = true
	}
	for _, name := range regexp.MustCompile(`slipway_\w+`).FindAllString(blocks[2].Text, -1) {
		if !known[name] {
			t.Errorf("there is no metric %s", name)
		}
	}
	c.ask("shutdown")
	if status, out := c.wait(); status != 0 {
		t.Errorf("the container ends with %d\n%s", status, out)
	}
}

// scrape asks as a scraper does.
func scrape(t *testing.T, url, user, password string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(user, password)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
