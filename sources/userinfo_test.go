package sources

import (
	"slices"
	"testing"
)

func TestPasswordsInURLs(t *testing.T) {
	for _, row := range []struct {
		name, text, shown string
		passwords         []string
	}{
		{"a database", "postgres://me:hunter2@db:5432/app", "postgres://me:«redacted»@db:5432/app", []string{"hunter2"}},
		{"no name", "redis://:hunter2@cache:6379/0", "redis://:«redacted»@cache:6379/0", []string{"hunter2"}},
		{"an at sign in it", "amqp://me:hun@ter@mq", "amqp://me:«redacted»@mq", []string{"hun@ter"}},
		{"a list", "http://a:one@x, http://b:two@y", "http://a:«redacted»@x, http://b:«redacted»@y", []string{"one", "two"}},
		{"one address of several", "http://x,http://b:two@y", "http://x,http://b:«redacted»@y", []string{"two"}},
		{"several hosts", "mongodb://me:hunter2@a:1,b:2/app", "mongodb://me:«redacted»@a:1,b:2/app", []string{"hunter2"}},
		{"within a text", `dsn="http://a:one@x/"`, `dsn="http://a:«redacted»@x/"`, []string{"one"}},
		{"a name alone", "ssh://git@host/repo", "ssh://git@host/repo", nil},
		{"an empty password", "http://me:@host", "http://me:@host", nil},
		{"a port", "http://host:8080/a@b", "http://host:8080/a@b", nil},
		{"no URL", "me:hunter2@host", "me:hunter2@host", nil},
		{"a link", "tcp://10.0.0.7:9200", "tcp://10.0.0.7:9200", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := HidePasswords(row.text); got != row.shown {
				t.Errorf("HidePasswords(%q) = %q, want %q", row.text, got, row.shown)
			}
			if got := Passwords(row.text); !slices.Equal(got, row.passwords) || HasPassword(row.text) != (got != nil) {
				t.Errorf("Passwords(%q) = %q, want %q", row.text, got, row.passwords)
			}
		})
	}
}

// Secrecy is found by the value alone, and belongs to the name from then on.
func TestMergeFindsPasswordsInURLs(t *testing.T) {
	at := func(text string) Layer {
		return Layer{Vars: []Var{{Name: "DATABASE_URL", Value: Value{Text: text}}}}
	}
	e, _ := Merge(at("postgres://me:hunter2@db"), at("postgres://db")).Lookup("DATABASE_URL")
	if !e.Value.Secret || !e.Shadowed[0].Secret {
		t.Errorf("entry = %+v, want a secret, its history too", e)
	}
	if e, _ := Merge(at("postgres://me@db")).Lookup("DATABASE_URL"); e.Value.Secret {
		t.Error("a URL without a password is secret")
	}
}
