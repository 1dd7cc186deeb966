package main

import (
	"os"
	"strings"
	"testing"

	"slipway/internal/launch/sections"
	"slipway/supervise/decode"
	"slipway/supervise/dialect"
	"slipway/supervise/system"
)

// The configuration that the README shows is accepted, without a warning, on a
// machine that has its user.
func TestReadmeConfiguration(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```ini test=TestReadmeConfiguration\n")
	ini, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("the README shows no configuration")
	}
	in := decode.Input{System: system.System{
		ReadFile:    func(string) ([]byte, error) { return []byte(ini), nil },
		IsDir:       func(string) bool { return true },
		UserByName:  func(name string) (system.Account, bool) { return system.Account{Name: name, UID: 100, GID: 100}, true },
		GroupByName: func(string) (int, bool) { return 100, true },
	}}
	doc, err := dialect.Load("README.conf", in.Environ, in.System)
	if err != nil {
		t.Fatal(err)
	}
	cfg, files, err := sections.Read(doc, in)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Notes) > 0 || len(cfg.OtherNotes) > 0 || len(cfg.Warnings) > 0 {
		t.Errorf("warnings: %v %v %v, want none", cfg.Warnings, cfg.Notes, cfg.OtherNotes)
	}
	if len(files.Templates) != 1 || len(cfg.Groups) != 1 {
		t.Errorf("%d templates and %d groups, want 1 and 1", len(files.Templates), len(cfg.Groups))
	}
}
