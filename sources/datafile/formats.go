package datafile

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

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
			key, err := keyText(k)
			if err != nil {
				return nil, err
			}
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
	case time.Time: // of TOML, or of YAML with the tag !!timestamp
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

// keyText is a key of YAML that a tag made something else than a text.
func keyText(k any) (string, error) {
	switch p, err := plain(k); p := p.(type) {
	case string, bool, int64, float64:
		return fmt.Sprint(p), err
	default:
		return "", &Error{Text: "expected a text as a key"}
	}
}
