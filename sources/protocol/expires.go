package protocol

import (
	"errors"
	"time"
)

// never is the time of something that does not end, or not soon.
const never = "never"

// timeWord is a time as a word; never for the zero time.
func timeWord(t time.Time) string {
	if t.IsZero() {
		return never
	}
	return t.UTC().Format(time.RFC3339)
}

// parseTime reads what timeWord has written, and RFC 3339 in any zone.
func parseTime(word string) (time.Time, error) {
	if word == never {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, word)
	if err != nil || t.IsZero() {
		return time.Time{}, errors.New("expires is followed by a time such as 2030-01-31T12:00:00Z, or by never")
	}
	return t, nil
}
