package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParts(t *testing.T) {
	for _, tt := range []struct{ version, release, pre, file string }{
		{"v1.2.3", "1.2.3", "", "1.2.3"},
		{"v1.2.3-rc1", "1.2.3", "rc1", "1.2.3-rc1"},
		{"v0.0.0-20261129004912-0123456789ab", "0.0.0", "git20261129004912", "0.0.0-git20261129004912"},
		{"v1.2.4-0.20261129004912-0123456789ab", "1.2.4", "git20261129004912", "1.2.4-git20261129004912"},
		{"v1.2.3-rc1.0.20261129004912-0123456789ab", "1.2.3", "git20261129004912", "1.2.3-git20261129004912"},
		{"v0.0.0-20261129004912-0123456789ab+dirty", "0.0.0", "git20261129004912", "0.0.0-git20261129004912"},
		{"devel", "0.0.0", "", "0.0.0"},
	} {
		t.Run(tt.version, func(t *testing.T) {
			b := build{Version: tt.version}
			if release, pre := b.parts(); release != tt.release || pre != tt.pre || b.file() != tt.file {
				t.Errorf("parts = %q, %q, file %q, want %q, %q, %q", release, pre, b.file(), tt.release, tt.pre, tt.file)
			}
		})
	}
}

func TestWhen(t *testing.T) {
	b := build{Time: "2026-11-29T00:49:12Z"}
	if got, err := b.when(""); err != nil || got.Unix() != 1795913352 {
		t.Errorf("when of a commit = %v, %v", got, err)
	}
	if got, err := b.when("12"); err != nil || got.Unix() != 12 {
		t.Errorf("when of SOURCE_DATE_EPOCH = %v, %v, want 12 seconds", got, err)
	}
	for _, tt := range []struct{ time, epoch, want string }{
		{"", "", "set SOURCE_DATE_EPOCH"},
		{"", "yesterday", `expected seconds, got "yesterday"`},
	} {
		if _, err := (build{Time: tt.time}).when(tt.epoch); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("when(%q) of a build of %q = %v, want %q", tt.epoch, tt.time, err, tt.want)
		}
	}
}

const help = `Show the state of programs, all of them when none is named.

USAGE
  slipway status [OPTIONS]

OPTIONS
      --output   form
  .hidden

EXIT STATUS
  0      done
`

func TestFromHelp(t *testing.T) {
	m := manual{version: "slipway 1.0", date: "2026-11-29"}
	got := m.fromHelp("slipway-status", "Show the state of programs, all of them when none is named", help)
	for _, want := range []string{
		".TH SLIPWAY-STATUS 1 \"2026-11-29\" \"slipway 1.0\"\n",
		".SH NAME\nslipway\\-status \\- Show the state of programs, all of them when none is named\n",
		".SH USAGE\n.nf\n  slipway status [OPTIONS]\n", ".fi\n.SH OPTIONS\n.TP\n.B \\-\\-output\nform\n", "\n  .hidden\n", ".SH EXIT STATUS\n.TP\n.B 0\ndone\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if lint := renders(t, got); lint != "" {
		t.Errorf("man cannot set it: %s\n%s", lint, got)
	}
	if strings.Contains(got, ".SH DESCRIPTION") {
		t.Errorf("a text of one line is described twice:\n%s", got)
	}
	got = m.fromHelp("slipway-kv", "Show the keys", "Read and write keys\nof etcd.\n"+strings.TrimPrefix(help, "Show the state of programs, all of them when none is named.\n"))
	if want := ".SH NAME\nslipway\\-kv \\- Show the keys\n.SH DESCRIPTION\nRead and write keys\nof etcd.\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

// renders is what groff has to say against a page, or has set wider than 80 columns; nothing
// where there is no groff.
func renders(t *testing.T, page string) string {
	t.Helper()
	groff, err := exec.LookPath("groff")
	if err != nil {
		return ""
	}
	cmd := exec.Command(groff, "-man", "-Tutf8", "-ww", "-rLL=80n", "-P-cbou")
	cmd.Stdin = strings.NewReader(page)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return err.Error() + " " + said.String()
	}
	for line := range strings.Lines(string(out)) {
		if utf8.RuneCountInString(line) > 81 {
			said.WriteString("a line of more than 80 columns: " + line)
		}
	}
	return said.String()
}

func TestCommandsOf(t *testing.T) {
	got := commandsOf("x\n\nUSAGE\n  slipway\n\nSTART\n  run  Run\n  exec Exec it\n\nOTHER\n  help Help\n\nOPTIONS\n  -h help\n")
	if want := []command{{"run", "Run"}, {"exec", "Exec it"}}; !slices.Equal(got, want) {
		t.Errorf("commandsOf = %q, want %q", got, want)
	}
}

func TestFromMarkdown(t *testing.T) {
	got := manual{}.fromMarkdown("x", "5", "y", "# Title\n\n<!-- made -->\n\nSee [it](a.md).\n\n## [s]\n\n| key | type | |\n| --- | --- | --- |\n"+
		"| `a\\|b` † | word | Does `-x`. |\n\n- point\n  that goes on\n\n| status | meaning | what to do |\n| --- | --- | --- |\n| 1 | it failed | try it again |\n\n```\n.code\n```\n")
	for _, want := range []string{"See it.\n", ".SH [S]\n", ".TP\n.B a|b †\n(word) Does \\-x.\n", ".IP \\(bu 2\npoint\nthat goes on\n", ".TP\n.B 1\nit failed. To do: try it again.\n", ".nf\n.RS 4\n\\&.code\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	for _, not := range []string{"Title", "made", "key", "---"} {
		if strings.Contains(got, not) {
			t.Errorf("%q is in\n%s", not, got)
		}
	}
}
