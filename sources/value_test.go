package sources

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "canary-3f9a"

func TestSecretIsNeverPrinted(t *testing.T) {
	v := Value{Text: canary, Secret: true, Origin: Origin{Source: "secrets", File: "/run/secrets/db"}}
	entry := Entry{Name: "DB", Value: v, Shadowed: []Value{v}}
	view := Merge(Layer{Source: "secrets", Vars: []Var{{"DB", v}}})
	holder := struct{ view *View }{view}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%5s", "%U"} {
		for _, x := range []any{v, &v, entry, &entry, []Value{v}, map[string]Value{"a": v}, Var{"DB", v}, view, *view, holder} {
			got := fmt.Sprintf(verb, x)
			if strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
				t.Errorf("Sprintf(%q, %T) = %s, shows the secret", verb, x, got)
			}
		}
	}
	for name, out := range map[string]func() string{
		"json": func() string { b, _ := json.Marshal(map[string]any{"v": v, "e": entry}); return string(b) },
		"slog text": func() string {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v, "e", entry)
			return b.String()
		},
		"slog json": func() string {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v, "e", entry)
			return b.String()
		},
		"error": func() string { return fmt.Errorf("cannot use %v", v).Error() },
	} {
		if got := out(); strings.Contains(got, canary) || !strings.Contains(got, Redacted) {
			t.Errorf("%s prints %s, want %s in place of the text", name, got, Redacted)
		}
	}
}

func TestPlainValuePrintsAsItsText(t *testing.T) {
	v := Value{Text: "a b", Origin: Origin{File: "/e/x.env", Line: 3, Col: 5}}
	for verb, want := range map[string]string{"%v": "a b", "%s": "a b", "%q": `"a b"`, "%+v": "a b (/e/x.env:3:5)", "%5s": "  a b"} {
		if got := fmt.Sprintf(verb, v); got != want {
			t.Errorf("Sprintf(%q) = %s, want %s", verb, got, want)
		}
	}
}

func TestOriginNamesThePlace(t *testing.T) {
	for _, row := range []struct {
		name string
		o    Origin
		want string
	}{
		{"file and column", Origin{Source: "env.d", File: "/e/10.env", Line: 2, Col: 4}, "/e/10.env:2:4"},
		{"file and line", Origin{Source: "env.d", File: "/e/10.env", Line: 2}, "/e/10.env:2"},
		{"whole file", Origin{Source: "secrets", File: "/run/secrets/a"}, "secrets /run/secrets/a"},
		{"key at a revision", Origin{Source: "etcd", File: "/app/x", Revision: 42}, "etcd /app/x at revision 42"},
		{"source alone", Origin{Source: "environment"}, "environment"},
		{"nothing", Origin{}, "unknown"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.o.String(); got != row.want {
				t.Errorf("String() = %q, want %q", got, row.want)
			}
		})
	}
}
