package datafile

import (
	"encoding/json"
	"errors"

	"slipway/internal/jsontext"
)

// parseJSON reads a file. Its numbers are int64 where they can be.
func parseJSON(data []byte) (any, error) {
	v, err := jsontext.Read(data, func(n json.Number) (any, error) {
		if i, err := n.Int64(); err == nil {
			return i, nil
		}
		if jsontext.Whole(n.String()) {
			return n.String(), nil
		}
		return n.Float64()
	})
	var wrong *jsontext.Error
	if errors.As(err, &wrong) {
		e := &Error{Text: wrong.Text}
		e.Line, e.Col = position(data, wrong.Offset)
		return nil, e
	}
	return v, err
}
