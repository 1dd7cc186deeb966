package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"slipway/sources/datafile"
	"slipway/sources/readable"
)

// templateFiles are the files that templates read. Each is read once, so that all templates
// of a render see the same; templates are executed side by side.
type templateFiles struct {
	from readable.Folders
	made *inventions // nil unless offline
	mu   sync.Mutex
	read map[string]templateFile
}

type templateFile struct {
	text   []byte
	secret bool
	err    error
}

func (g *gathered) templateFiles() *templateFiles {
	s := g.settings.Slipway
	return &templateFiles{from: readable.Folders{Open: s.Readable, Secret: s.SecretDirs}, made: g.made, read: map[string]templateFile{}}
}

// file is a file by its path. For a check, one that is not there is made up: it may be
// mounted.
func (t *templateFiles) file(name string) ([]byte, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.read[name]
	if !ok {
		f.text, f.secret, f.err = t.from.Read(name)
		if t.made != nil && errors.Is(f.err, fs.ErrNotExist) {
			t.made.note("file " + name)
			f.text, f.err = []byte(madeUp), nil
		}
		t.read[name] = f
	}
	return f.text, f.secret, f.err
}

// fromYAML reads YAML for templates. The error says where in the text it is wrong.
func fromYAML(text string) (any, error) {
	const name = "text" + ".yaml"
	v, err := datafile.Parse(name, []byte(text))
	var wrong *datafile.Error
	if errors.As(err, &wrong) {
		if wrong.Line > 0 {
			return nil, fmt.Errorf("line %d: %s", wrong.Line, strings.TrimSpace(wrong.Text))
		}
		return nil, errors.New(wrong.Text)
	}
	return v, err
}

// readableFolders are the folders that a change of such files would show in.
func (im *Image) readableFolders() []string {
	var out []string
	for _, dir := range im.Config.Slipway.Readable {
		out = append(out, filepath.Clean(dir))
	}
	return out
}
