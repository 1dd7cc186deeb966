package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

// choice is a flag that takes one of a few words.
type choice struct {
	value *string
	words []string
}

func (c choice) String() string { return *c.value }
func (c choice) Type() string   { return strings.Join(c.words, "|") }

func (c choice) Set(s string) error {
	for _, w := range c.words {
		if s == w {
			*c.value = s
			return nil
		}
	}
	return fmt.Errorf("expected %s", strings.Join(c.words, ", "))
}

// duration is a flag that takes a time with its unit.
type duration struct{ value *time.Duration }

func (d duration) String() string { return d.value.String() }
func (d duration) Type() string   { return "duration" }

func (d duration) Set(s string) (err error) {
	if *d.value, err = time.ParseDuration(s); err != nil || *d.value < 0 {
		return errors.New("expected a time with its unit, such as 30s or 2m")
	}
	return nil
}

// number is a flag that takes a count.
type number struct{ value *int }

func (n number) String() string { return strconv.Itoa(*n.value) }
func (n number) Type() string   { return "int" }

func (n number) Set(s string) (err error) {
	if *n.value, err = strconv.Atoi(s); err != nil || *n.value < 0 {
		return errors.New("expected a whole number")
	}
	return nil
}

// outputFlag adds --output; the first word is the default.
func outputFlag(c *cobra.Command, value *string, words ...string) {
	*value = words[0]
	c.Flags().Var(choice{value, words}, "output", "form of what is printed:")
	_ = c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is not there
}

// writeJSON prints v indented, as it is: < and & are no danger on a terminal. A list that
// is empty is printed as one, not as null.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	list := reflect.New(reflect.TypeOf(v)).Elem()
	list.Set(reflect.ValueOf(v))
	fillLists(list)
	return e.Encode(list.Interface())
}

// fillLists makes lists that are nil empty, in v and in what it holds.
func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fillLists(v.Field(i))
			}
		}
	}
}

// writeJSONLine prints v on one line, for what comes bit by bit.
func writeJSONLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// oneLine makes control characters visible, so that a value can neither break a
// table nor reach the terminal.
func oneLine(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case isControl(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

// isTerminal reports whether f is a terminal: colours and questions are for people. Only a
// terminal has a size; /dev/null is a character device as well.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	if !ok {
		return false
	}
	_, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	return err == nil
}

// colour reports whether what is printed may be coloured; see https://no-color.org.
func (a *app) colour() bool {
	return isTerminal(a.stdout) && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb"
}

// shellQuoted writes s so that a POSIX shell reads it back as one word.
func shellQuoted(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:,@%+=", r))
	}) < 0
	if plain || s == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
