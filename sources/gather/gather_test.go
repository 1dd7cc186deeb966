package gather

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"slipway/sources/link"
	"slipway/sources/program"
	"slipway/sources/sourcetest"
)

// script is a source program of shell code.
func script(t *testing.T, name, code string) program.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), program.Prefix+name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho slipway-source 1\n"+code), 0o755); err != nil {
		t.Fatal(err)
	}
	return program.Program{Name: name, Path: path, Environ: []string{"PATH=" + os.Getenv("PATH")}, Timeout: 30 * time.Second}
}

func root(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// plan has every source, each with the variable WHO and one of its own, and a
// secret in all of them.
func plan(t *testing.T) Plan {
	return Plan{
		Order: []string{"env.d", "store", "environment", "secrets"},
		Request: Request{
			Environ:    []string{"WHO=environment", "PATH=/bin", "DB_PASSWORD_FILE=/run/secrets/db", "ES_PORT_9200_TCP_ADDR=10.0.0.7", "ES_ENV_TOKEN=" + sourcetest.Canary + "4"},
			EnvDir:     "/etc/slipway/env.d",
			SecretDirs: []string{"/run/secrets"},
			Root: root(t, map[string]string{
				"etc/slipway/env.d/a.env": "WHO=env.d\nFROM_ENVD=1\n",
				"run/secrets/db":          sourcetest.Canary + "1\n",
				"run/secrets/who":         "secrets",
				"run/secrets/path":        "/evil",
			}),
		},
		Outside: func(name string) (Outside, bool, error) {
			if name != "store" {
				return Outside{}, false, nil
			}
			return Outside{
				Program:  script(t, name, "printf 'note hi\nsnapshot 7\nvar WHO store\nkey /app/log/level debug\nsecret key /app/pw "+sourcetest.Canary+"2\nkey /app/home /evil\nend 7\n'"),
				Prefixes: []string{"/app/"}, Export: []string{"/app"},
			}, true, nil
		},
	}
}

func TestOrderAndProvenance(t *testing.T) {
	v, err := Read(context.Background(), plan(t))
	if err != nil {
		t.Fatal(err)
	}
	m := Merge(v.Layers, link.Own{}, nil)
	e, _ := m.View.Lookup("WHO")
	history := []string{e.Value.Origin.Source}
	for _, s := range e.Shadowed {
		history = append(history, s.Origin.Source)
	}
	if diff := cmp.Diff([]string{"secrets", "environment", "store", "env.d"}, history); diff != "" {
		t.Errorf("history of WHO (-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"PATH": "/bin", "LOG_LEVEL": "debug", "PW": sourcetest.Canary + "2", "DB_PASSWORD": sourcetest.Canary + "1", "FROM_ENVD": "1"} {
		if got, _, _ := m.View.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if _, _, set := m.View.Get("HOME"); set {
		t.Error("HOME was set from outside")
	}
	if text, _, _ := v.Store.Key("log/level"); text != "debug" || v.Store.Revision != 7 {
		t.Errorf("store has log/level = %q at revision %d", text, v.Store.Revision)
	}
	if _, err := m.Links.Link("es", 9200, ""); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"PW", "DB_PASSWORD", "ES_ENV_TOKEN"} {
		if _, secret, _ := m.View.Get(name); !secret {
			t.Errorf("%s is no secret", name)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v %v %+v", v, *v, v.Notes, m, m); strings.Contains(text, sourcetest.Canary) {
		t.Errorf("printed values show a secret: %s", text)
	}
	if text := fmt.Sprint(v.Notes); !strings.Contains(text, "store: hi") || !strings.Contains(text, "HOME: ignored") || !strings.Contains(text, "PATH: ignored") {
		t.Errorf("notes = %s", text)
	}
}

func TestFailures(t *testing.T) {
	p := plan(t)
	p.Root = root(t, map[string]string{"etc/slipway/env.d/a.env": "bad", "run/secrets/a-b": "1", "run/secrets/a.b": "2"})
	p.Outside = func(string) (Outside, bool, error) {
		return Outside{Program: script(t, "store", "echo error unavailable connection refused")}, true, nil
	}
	v, err := Read(context.Background(), p)
	for _, want := range []string{"a.env:1:1: expected NAME=value", "cannot read source store: connection refused", "cannot take /run/secrets/a.b as A_B", "cannot read /run/secrets/db, which DB_PASSWORD_FILE names"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("errors lack %q:\n%v", want, err)
		}
	}
	m := Merge(v.Layers, link.Own{}, nil)
	if got, _, _ := m.View.Get("WHO"); got != "environment" {
		t.Errorf("WHO = %q, want what could be read", got)
	}
	var pe *program.Error
	if !errors.As(err, &pe) || pe.Code != "unavailable" {
		t.Errorf("the program's error is not to be found in %v", err)
	}
}

func TestOptionalSource(t *testing.T) {
	for _, row := range []struct {
		name, code string
		fails      bool
	}{{"away", "echo error unavailable connection refused", false}, {"wrong settings", "echo error invalid no prefix", true}} {
		t.Run(row.name, func(t *testing.T) {
			p := plan(t)
			p.Outside = func(string) (Outside, bool, error) {
				return Outside{Program: script(t, "store", row.code), Optional: true}, true, nil
			}
			v, err := Read(context.Background(), p)
			if (err != nil) != row.fails || (v.Missing["store"] == nil) != row.fails {
				t.Errorf("error %v, missing %v", err, v.Missing)
			}
		})
	}
}

func TestNothingConfigured(t *testing.T) {
	v, err := Read(context.Background(), Plan{Order: []string{"env.d", "etcd", "environment", "secrets"}, Request: Request{EnvDir: "/absent", Root: t.TempDir()}})
	m := Merge(v.Layers, link.Own{}, nil)
	if err != nil || m.View.Len() != 0 || v.Store.Len() != 0 || len(v.Notes) != 0 {
		t.Errorf("Read = %v, %v, %v", m.View, v.Notes, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, Plan{Order: []string{"etcd"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
