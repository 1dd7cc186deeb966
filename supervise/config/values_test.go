package config

import (
	"math"
	"slices"
	"testing"
	"time"

	"slipway/supervise/config/text"
	"slipway/supervise/dialect"
)

func TestParseSize(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int64
		ok   bool
	}{
		{"0", 0, true}, {"10", 10, true}, {"1KB", 1024, true}, {"2 mb", 2 << 20, true}, {"3Gb", 3 << 30, true}, {"-1KB", -1024, true},
		{"1K", 0, false}, {"1B", 0, false}, {"1TB", 0, false}, {"KB", 0, false}, {"", 0, false}, {"9999999999GB", 0, false},
	} {
		if got, ok := text.Size(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("parseSize(%q) = %d, %v, want %d, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestParseInet(t *testing.T) {
	for _, tt := range []struct {
		in, host string
		port     int
		ok       bool
	}{
		{"9001", "", 9001, true}, {":9001", "", 9001, true}, {"*:9001", "", 9001, true}, {"LocalHost:1", "localhost", 1, true}, {"[::1]:2", "[::1]", 2, true},
		{"0", "", 0, false}, {"65536", "", 0, false}, {"a", "", 0, false}, {"a:", "", 0, false}, {"", "", 0, false},
	} {
		host, port, wrong := text.Inet(tt.in)
		if host != tt.host || port != tt.port || (wrong == "") != tt.ok {
			t.Errorf("parseInet(%q) = %q, %d, %q", tt.in, host, port, wrong)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"5", 5 * time.Second, true}, {"500ms", 500 * time.Millisecond, true}, {"1m30s", 90 * time.Second, true}, {"0", 0, true},
		{"-1s", -time.Second, false}, {"", 0, false}, {"soon", 0, false}, {"9223372036854775807", time.Duration(math.MaxInt64).Truncate(time.Second), true},
	} {
		if got, ok := text.Duration(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("parseDuration(%q) = %v, %v, want %v, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want int
		ok   bool
	}{
		{"TERM", 15, true}, {"sigterm", 15, true}, {" Hup ", 1, true}, {"9", 9, true}, {"0", 0, true}, {"CLD", 17, true}, {"POLL", 29, true},
		{"IOT", 6, true}, {"RTMIN", 34, true}, {"64", 64, true}, {"40", 40, false}, {"-1", -1, false}, {"65", 65, false}, {"", 0, false}, {"SIG", 0, false},
	} {
		if got, ok := dialect.SignalNumber(tt.in); ok != tt.ok || ok && got != tt.want {
			t.Errorf("dialect.SignalNumber(%q) = %d, %v, want %d, %v", tt.in, got, ok, tt.want, tt.ok)
		}
	}
	for n, want := range map[int]string{15: "SIGTERM", 17: "SIGCHLD", 34: "SIGRTMIN", 0: "0", 40: "40"} {
		if got := dialect.SignalName(n); got != want {
			t.Errorf("dialect.SignalName(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTables(t *testing.T) {
	var sections []string
	for _, table := range Tables() {
		sections = append(sections, table.Kind())
		var names []string
		for o := range table.Options() {
			if o.Name == "" || o.Doc == "" || o.Doc[len(o.Doc)-1] != '.' {
				t.Errorf("[%s] has an option without name or a sentence about it: %+v", table.Name, o)
			}
			if slices.Contains(names, o.Name) {
				t.Errorf("[%s] has %s twice", table.Name, o.Name)
			}
			names = append(names, o.Name)
			if (o.Type == TypeEnum) != (len(o.Choices) > 0) {
				t.Errorf("[%s] %s: choices are for words, and words for choices", table.Name, o.Name)
			}
			if o.Env != "" && !table.Own {
				t.Errorf("[%s] %s: only our sections have variables", table.Name, o.Name)
			}
		}
	}
	if slices.Sort(sections); len(slices.Compact(sections)) != len(Tables()) {
		t.Errorf("sections %v: some are double", sections)
	}
	if !IsSecret(Tables(), "unix_http_server:x", "password") || IsSecret(Tables(), "program:x", "password") {
		t.Error("IsSecret does not know passwords")
	}
}
