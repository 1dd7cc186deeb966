package datafile

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"slipway/internal/jsontext"
)

func parseYAML(data []byte) (any, error) {
	var doc yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return map[string]any{}, nil
	} else if err != nil {
		return nil, yamlError(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{Text: "more than one document"}
	}
	if err := asWritten(&doc); err != nil {
		return nil, err
	}
	var v any
	if err := doc.Decode(&v); err != nil {
		return nil, yamlError(err)
	}
	return plain(v)
}

// asWritten makes texts of what the library would give a value that is written otherwise
// than it stands in the file: dates, which would get a time and a zone; numbers with zeros
// in front (a mode, a telephone number), which YAML 1.1 takes for octal and YAML 1.2 for
// decimal; numbers that 64 bits cannot hold. And the names of keys, all of which are texts.
func asWritten(n *yaml.Node) error {
	for i, c := range n.Content {
		isKey := n.Kind == yaml.MappingNode && i%2 == 0
		if isKey && c.Kind == yaml.AliasNode && c.Alias.Kind == yaml.ScalarNode {
			key := *c.Alias // whose tag is that of another place
			key.Anchor = ""
			c, n.Content[i] = &key, &key
		}
		switch {
		case isKey && c.Kind != yaml.ScalarNode:
			return &Error{Line: c.Line, Col: c.Column, Text: "expected a text as a key"}
		case c.Kind == yaml.ScalarNode && c.Style == 0:
			tag := c.ShortTag()
			if isKey && tag != "!!merge" || !isKey && textual(tag, c.Value) {
				c.Tag = "!!str"
			}
		}
		if err := asWritten(c); err != nil {
			return err
		}
	}
	return nil
}

func textual(tag, value string) bool {
	switch tag {
	case "!!timestamp":
		return true
	case "!!int", "!!float":
		if !jsontext.Whole(value) {
			return false
		}
		digits := strings.TrimLeft(value, "+-")
		_, err := strconv.ParseInt(value, 10, 64)
		return err != nil || len(digits) > 1 && digits[0] == '0'
	}
	return false
}
