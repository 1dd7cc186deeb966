package keys

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"slipway/sources"
	"slipway/sources/kv"
)

// YAML writes pairs, which are sorted, so that [Read] reads them back. A secret is written
// as [sources.Redacted]. Keys below base are relative to it; the others are whole.
func YAML(pairs []kv.Pair, base string) ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	base = kv.Normal(base)
	for _, p := range pairs {
		path, ok := relative(p.Key, base)
		if !ok {
			path = []string{p.Key}
		}
		insert(root, path, scalar(p.Value))
	}
	if len(root.Content) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(root); err != nil {
		return nil, err
	}
	return out.Bytes(), e.Close()
}

// relative are the elements of a key below base, if they can be told apart again.
func relative(key, base string) ([]string, bool) {
	rest, ok := kv.Rest(key, base)
	if !ok || base == "" && strings.HasPrefix(key, "/") {
		return nil, false
	}
	elements := strings.Split(rest, "/")
	if rest != "" && slices.Contains(elements, "") {
		return nil, false
	}
	return elements, true
}

func insert(m *yaml.Node, path []string, value *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value != path[0] {
			continue
		}
		sub := m.Content[i+1]
		if sub.Kind != yaml.MappingNode { // a key that has keys below it as well
			sub = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{text(""), sub}}
			m.Content[i+1] = sub
		}
		if len(path) == 1 {
			path = []string{path[0], ""}
		}
		insert(sub, path[1:], value)
		return
	}
	if len(path) > 1 {
		sub := &yaml.Node{Kind: yaml.MappingNode}
		insert(sub, path[1:], value)
		value = sub
	}
	m.Content = append(m.Content, text(path[0]), value)
}

func scalar(v sources.Value) *yaml.Node { return text(v.String()) }

// text is a scalar that reads back as a text: "12" has quotes. Bytes that are no UTF-8
// become !!binary.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: s}
	if utf8.ValidString(s) {
		n.Tag = "!!str"
	}
	return n
}

// longestName is how long the name of a file can be, without what is put behind it while it
// is written.
const longestName = 240

// File is a file of a folder of keys.
type File struct {
	Path string // relative to the folder
	Text string
}

// Files are the files of a folder of keys that [Read] reads back, and the keys that no file
// can hold: secrets, those that are not below base, those that have keys below them, and
// those whose names mean something to a folder, or are too long for one.
func Files(pairs []kv.Pair, base string) (files []File, left []string) {
	base = kv.Normal(base)
	for i, p := range pairs {
		path, ok := relative(p.Key, base)
		above := slices.ContainsFunc(pairs[i+1:], func(other kv.Pair) bool { return kv.Below(other.Key, p.Key) })
		hidden := slices.ContainsFunc(path, func(e string) bool {
			return strings.HasPrefix(e, ".") || strings.IndexByte(e, 0) >= 0 || len(e) > longestName
		})
		if !ok || above || hidden || p.Value.Secret || path[0] == "" {
			left = append(left, p.Key)
			continue
		}
		files = append(files, File{strings.Join(path, "/"), p.Value.Text + "\n"})
	}
	return files, left
}

// Texts are the values by their whole keys, secrets redacted, and the keys that JSON cannot
// hold: those with bytes in them or in their values that are no UTF-8.
func Texts(pairs []kv.Pair) (texts map[string]string, left []string) {
	texts = map[string]string{}
	for _, p := range pairs {
		if value := p.Value.String(); utf8.ValidString(p.Key) && utf8.ValidString(value) {
			texts[p.Key] = value
		} else {
			left = append(left, p.Key)
		}
	}
	return texts, left
}
