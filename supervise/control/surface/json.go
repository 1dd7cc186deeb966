package surface

import (
	"bytes"
	"encoding/json"
	"strconv"

	"slipway/supervise/control"
)

// JSON is an answer as JSON: structs are objects with their fields in the order of the
// wire.
type JSON struct{ Value control.Value }

// MarshalJSON implements [json.Marshaler].
func (j JSON) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	err := writeValue(&b, j.Value)
	return b.Bytes(), err
}

func writeValue(b *bytes.Buffer, v control.Value) error {
	switch v.Kind() {
	case control.KindInt:
		b.WriteString(strconv.FormatInt(v.Int(), 10))
	case control.KindBool:
		b.WriteString(strconv.FormatBool(v.Bool()))
	case control.KindString:
		return writeString(b, v.Str())
	case control.KindList:
		return writeItems(b, '[', ']', len(v.List()), func(i int) error { return writeValue(b, v.List()[i]) })
	case control.KindStruct:
		return writeItems(b, '{', '}', len(v.Fields()), func(i int) error {
			f := v.Fields()[i]
			if err := writeString(b, f.Name); err != nil {
				return err
			}
			b.WriteByte(':')
			return writeValue(b, f.Value)
		})
	default:
		b.WriteString("null")
	}
	return nil
}

func writeItems(b *bytes.Buffer, open, end byte, n int, item func(i int) error) error {
	b.WriteByte(open)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := item(i); err != nil {
			return err
		}
	}
	b.WriteByte(end)
	return nil
}

// writeString leaves < and & as they are; an encoder that escapes them still does.
func writeString(b *bytes.Buffer, s string) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	b.Truncate(b.Len() - 1) // the line feed
	return err
}
