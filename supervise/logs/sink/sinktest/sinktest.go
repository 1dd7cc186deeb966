//go:build linux

// Package sinktest has what the tests of logs and of its sinks share.
package sinktest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"slipway/internal/test/testkit"
)

// Original runs a piece of Python with the original's modules, with in as JSON on
// its standard input, and decodes what it prints into out.
func Original(t *testing.T, script string, in, out any) {
	t.Helper()
	testkit.Need(t, testkit.Supervisor, testkit.Python)
	stdin, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	cmd.Stdin = bytes.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		t.Fatalf("the original failed: %v\n%s", err, stderr.Bytes())
	}
	if err := json.Unmarshal(stdout, out); err != nil {
		t.Fatalf("cannot read the original's answer %.200q: %v", stdout, err)
	}
}

// ReadDir returns the content of the files in a directory, by name, and the type of what is
// no file.
func ReadDir(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			files[e.Name()] = e.Type().String()
			continue
		}
		p, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(p)
	}
	return files
}

// Put writes a file.
func Put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
