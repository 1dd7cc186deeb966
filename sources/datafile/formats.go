package datafile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

// parseJSON reads token by token: the standard decoder takes the last of two
// equal keys in silence, and makes every number a float. Only its check of the
// whole text knows where an error is.
func parseJSON(data []byte) (any, error) {
	at := func(offset int, text string) error {
		e := &Error{Text: text}
		e.Line, e.Col = position(data, offset)
		return e
	}
	var raw json.RawMessage
	var syntax *json.SyntaxError
	switch err := json.Unmarshal(data, &raw); {
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		return nil, at(len(data), syntax.Error())
	case errors.As(err, &syntax):
		return nil, at(int(syntax.Offset)-1, syntax.Error())
	case err != nil:
		return nil, &Error{Text: err.Error()}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := jsonValue(d)
	if err != nil {
		return nil, at(int(d.InputOffset()), err.Error())
	}
	return v, nil
}

func jsonValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return jsonObject(d)
		}
		return jsonArray(d)
	case json.Number:
		if n, err := t.Int64(); err == nil {
			return n, nil
		}
		return t.Float64()
	default:
		return t, nil
	}
}

func jsonObject(d *json.Decoder) (any, error) {
	m := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if _, twice := m[key]; twice {
			return nil, fmt.Errorf("key %q occurs twice", key)
		}
		if m[key], err = jsonValue(d); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return m, err
}

func jsonArray(d *json.Decoder) (any, error) {
	a := []any{}
	for d.More() {
		v, err := jsonValue(d)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	_, err := d.Token()
	return a, err
}

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
	var v any
	if err := doc.Decode(&v); err != nil {
		return nil, yamlError(err)
	}
	return plain(v)
}

// yamlError finds the line in the library's texts: "yaml: line 3: …" and "yaml:
// unmarshal errors:\n  line 3: …".
func yamlError(err error) error {
	text := err.Error()
	var te *yaml.TypeError
	if errors.As(err, &te) && len(te.Errors) > 0 {
		text = "yaml: " + te.Errors[0]
	}
	e := &Error{Text: text}
	var rest string
	if n, _ := fmt.Sscanf(text, "yaml: line %d: %s", &e.Line, &rest); n > 0 {
		_, e.Text, _ = cut2(text, ": ")
	} else if len(text) > len("yaml: ") {
		e.Text = text[len("yaml: "):]
	}
	return e
}

// cut2 cuts at the second sep.
func cut2(s, sep string) (before, after string, ok bool) {
	i := bytes.Index([]byte(s), []byte(sep))
	if i < 0 {
		return s, "", false
	}
	j := bytes.Index([]byte(s[i+len(sep):]), []byte(sep))
	if j < 0 {
		return s[:i], s[i+len(sep):], false
	}
	j += i + len(sep)
	return s[:j], s[j+len(sep):], true
}

func parseTOML(data []byte) (any, error) {
	var v map[string]any
	if err := toml.Unmarshal(data, &v); err != nil {
		e := &Error{Text: err.Error()}
		var de *toml.DecodeError
		if errors.As(err, &de) {
			e.Line, e.Col = de.Position()
			e.Text = de.Error()
		}
		return nil, e
	}
	return plain(v)
}

// plain makes the types of a tree the same for all formats.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			p, err := plain(x)
			if err != nil {
				return nil, err
			}
			v[k] = p
		}
		if v == nil {
			v = map[string]any{}
		}
		return v, nil
	case map[any]any: // YAML with keys that are no strings
		m := map[string]any{}
		for k, x := range v {
			p, err := plain(x)
			if err != nil {
				return nil, err
			}
			key := fmt.Sprint(k)
			if _, twice := m[key]; twice {
				return nil, &Error{Text: fmt.Sprintf("key %q occurs twice", key)}
			}
			m[key] = p
		}
		return m, nil
	case []any:
		for i, x := range v {
			p, err := plain(x)
			if err != nil {
				return nil, err
			}
			v[i] = p
		}
		return v, nil
	case int:
		return int64(v), nil
	case uint64:
		if v > math.MaxInt64 {
			return strconv.FormatUint(v, 10), nil
		}
		return int64(v), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case toml.LocalDate:
		return v.String(), nil
	case toml.LocalTime:
		return v.String(), nil
	case toml.LocalDateTime:
		return v.String(), nil
	default:
		return v, nil
	}
}
