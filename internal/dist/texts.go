package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// texts are the files of a release that no processor runs: completions, man pages, and
// what a licence asks to be there. slipway itself prints what they are made of.
func (r *release) texts(slipway string) ([]file, error) {
	ask := func(args ...string) ([]byte, error) {
		out, err := exec.Command(slipway, args...).Output()
		if err != nil {
			return nil, fmt.Errorf("cannot ask slipway for %s: %w", strings.Join(args, " "), err)
		}
		return out, nil
	}
	var list []file
	for shell, path := range map[string]string{
		"bash": "share/bash-completion/completions/slipway",
		"zsh":  "share/zsh/site-functions/_slipway",
		"fish": "share/fish/vendor_completions.d/slipway.fish",
	} {
		script, err := ask("completion", shell)
		if err != nil {
			return nil, err
		}
		list = append(list, file{path: path, data: script, mode: 0o644})
	}

	m := manual{version: "slipway " + r.build.file(), date: r.when.Format(time.DateOnly)}
	page := func(section, name, text string) error {
		data, err := compressed([]byte(text))
		list = append(list, file{path: fmt.Sprintf("share/man/man%s/%s.%s.gz", section, name, section), data: data, mode: 0o644})
		return err
	}
	help, err := ask("--help")
	if err != nil {
		return nil, err
	}
	if err := page("1", "slipway", m.fromHelp("slipway", "render an image's configuration, then supervise its programs", string(help))); err != nil {
		return nil, err
	}
	for _, c := range commandsOf(string(help)) {
		help, err := ask("help", c.word)
		if err != nil {
			return nil, err
		}
		if err := page("1", "slipway-"+c.word, m.fromHelp("slipway-"+c.word, c.what, string(help))); err != nil {
			return nil, err
		}
	}
	for _, ref := range references {
		text, err := os.ReadFile(filepath.Join(r.root, "docs/reference", ref.from))
		if err != nil {
			return nil, err
		}
		if err := page(ref.section, ref.name, m.fromMarkdown(ref.name, ref.section, ref.what, string(text))); err != nil {
			return nil, err
		}
	}

	license, err := os.ReadFile(filepath.Join(r.root, "LICENSE"))
	switch {
	case err == nil:
		list = append(list, file{path: "share/doc/slipway/LICENSE", data: license, mode: 0o644})
	case !os.IsNotExist(err):
		return nil, err
	}
	return list, nil
}

// references are the pages of docs/reference that are man pages as well.
var references = []struct{ from, name, section, what string }{
	{"configuration.md", "slipway.conf", "5", "configuration of slipway"},
	{"functions.md", "slipway-functions", "7", "functions of slipway's templates"},
	{"sources.md", "slipway-sources", "7", "sources of values for slipway"},
	{"exit-status.md", "slipway-exit-status", "7", "exit statuses of slipway"},
}

func compressed(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}
