package keys

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"slipway/sources"
	"slipway/sources/kv"
)

// maxSize bounds a file, in bytes. etcd takes 1.5 MiB in one request.
const maxSize = 64 << 20

// Read returns the keys of a folder, each file of which is a value, or of a YAML or JSON
// file. "-" is YAML from stdin. base is the prefix of relative keys. The error joins
// everything that is wrong.
func Read(path, base string, stdin io.Reader) ([]kv.Pair, error) {
	r := reader{base: kv.Normal(base), file: path, seen: map[string]sources.Origin{}}
	if path == "-" {
		r.file = "stdin"
		text, err := io.ReadAll(io.LimitReader(stdin, maxSize))
		if err != nil {
			return nil, fmt.Errorf("cannot read stdin: %w", err)
		}
		r.document(text)
		return r.pairs, errors.Join(r.errs...)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", path, cause(err))
	case info.IsDir():
		r.folder(path)
	default:
		switch ext := strings.ToLower(filepath.Ext(path)); ext {
		case ".yaml", ".yml", ".json":
		default:
			return nil, fmt.Errorf("cannot read %s: expected a folder, or a file .yaml, .yml or .json, got %q", path, ext)
		}
		text, err := content(path)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", path, err)
		}
		r.document(text)
	}
	return r.pairs, errors.Join(r.errs...)
}

// cause is an error of a file without its path.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func content(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Size() > maxSize:
		return nil, fmt.Errorf("it has %d bytes, more than %d", info.Size(), maxSize)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, cause(err)
	}
	return text, nil
}

// reader collects keys.
type reader struct {
	base  string
	file  string
	pairs []kv.Pair
	seen  map[string]sources.Origin
	errs  []error
}

func (r *reader) add(key, text string, at sources.Origin) {
	if before, twice := r.seen[key]; twice {
		r.errs = append(r.errs, fmt.Errorf("cannot take key %s from %s: %s gives it already", Shown(key), at, before))
		return
	}
	r.seen[key] = at
	r.pairs = append(r.pairs, kv.Pair{Key: key, Value: sources.Value{Text: text, Origin: at}})
}

// folder reads a tree of files. Names that begin with a dot are left out: .git, and what
// Kubernetes has in its volumes.
func (r *reader) folder(dir string) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != dir && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(path) // links to files count as these
		if err != nil {
			r.errs = append(r.errs, fmt.Errorf("cannot read %s: %w", path, cause(err)))
			return nil
		}
		if d.IsDir() || info.IsDir() {
			return nil
		}
		text, err := content(path)
		if err != nil {
			r.errs = append(r.errs, fmt.Errorf("cannot read %s: %w", path, err))
			return nil
		}
		rest, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		r.add(r.base+"/"+filepath.ToSlash(rest), withoutEnd(string(text)), sources.Origin{Source: "files", File: path, Line: 1})
		return nil
	})
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("cannot read %s: %w", dir, err))
	}
}

// withoutEnd is a text without the line feed that editors put at the end of a file.
func withoutEnd(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return strings.TrimSuffix(text, "\r")
}

func (r *reader) document(text []byte) {
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	err := d.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return
	}
	if err == nil && !errors.Is(d.Decode(new(yaml.Node)), io.EOF) {
		err = errors.New("more than one document")
	}
	if err != nil {
		r.errs = append(r.errs, fmt.Errorf("cannot parse %s: %s", r.file, strings.TrimPrefix(err.Error(), "yaml: ")))
		return
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return
	}
	if root.Kind != yaml.MappingNode {
		r.wrong(root, "expected a map of keys")
		return
	}
	r.mapping(root, "", 0)
}

func (r *reader) at(n *yaml.Node) sources.Origin {
	return sources.Origin{Source: "files", File: r.file, Line: n.Line, Col: n.Column}
}

func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("cannot parse %s: %s", r.at(n), fmt.Sprintf(format, args...)))
}

// mapping adds the keys of a map. key is that of the map itself, "" for the whole file.
func (r *reader) mapping(n *yaml.Node, key string, depth int) {
	const deepest = 100
	if depth > deepest { // aliases can be nested without end
		r.wrong(n, "maps are nested more than %d deep", deepest)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		for value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		switch {
		case name.Kind != yaml.ScalarNode:
			r.wrong(name, "expected the name of a key")
			continue
		case name.Tag == "!!merge":
			r.wrong(name, "<< is not known here: write the keys")
			continue
		case key != "" && strings.HasPrefix(name.Value, "/"):
			r.wrong(name, "a whole key stands at the left: %q", name.Value)
			continue
		}
		r.value(value, r.join(key, name.Value), depth)
	}
}

// join is the key of a name within a map. The name "" is the key of the map itself.
func (r *reader) join(key, name string) string {
	switch {
	case key == "" && strings.HasPrefix(name, "/"):
		return name
	case key == "":
		key = r.base
	}
	if name == "" {
		return key
	}
	return key + "/" + name
}

func (r *reader) value(n *yaml.Node, key string, depth int) {
	switch {
	case n.Kind == yaml.MappingNode:
		r.mapping(n, key, depth+1)
	case n.Kind == yaml.SequenceNode:
		r.wrong(n, "%s: a store has no lists; write a map with the keys 1, 2 and so on", key)
	case n.Tag == "!!null":
		r.wrong(n, `%s has no value; write "" for an empty one`, key)
	case n.Tag == "!!binary":
		data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
		if err != nil {
			r.wrong(n, "%s: expected base64 after !!binary", key)
			return
		}
		r.add(key, string(data), r.at(n))
	default: // as it is written: 010 and 1.10 are texts here
		r.add(key, n.Value, r.at(n))
	}
}
