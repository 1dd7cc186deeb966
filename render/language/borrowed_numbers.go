package language

import (
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// maxItems bounds the lists that a template can ask for by number.
const maxItems = 1_000_000

func borrowedNumbers(sprig map[string]any) []borrowed {
	const notWhole = "Fails for what is not a whole number. A text may be decimal, 0x… or, with a leading 0, octal; a number loses its fraction; true is 1, false 0."
	const notNumber = "Fails for what is not a finite number, and if the result is none."
	const bounded = " At most 1,000,000 items."
	rows := []borrowed{
		fails("int", func(v any) (int, error) { n, err := whole("int", v); return int(n), err }, notWhole, `{{ int "80O0" }}`),
		fails("int64", func(v any) (int64, error) { return whole("int64", v) }, notWhole, `{{ int64 "" }}`),
		fails("float64", func(v any) (float64, error) { return finite("float64", v) }, notNumber, `{{ float64 "1,5" }}`),
		fails("atoi", atoi, "Fails for what is not a decimal whole number.", `{{ atoi "80O0" }}`),
		fails("toDecimal", toDecimal, "Fails for what is not an octal number.", `{{ toDecimal "0o9" }}`),
		fails("add1", func(v any) (int64, error) { return sum("add1", v, 1) }, notWhole, `{{ add1 "x" }}`),
		fails("add", func(v ...any) (int64, error) { return sum("add", v...) }, notWhole+" A sum that is too large fails as well.", `{{ add 1 "x" }}`),
		fails("sub", difference, notWhole, `{{ sub 1 (dict) }}`),
		fails("mul", product, notWhole+" A product that is too large fails as well.", `{{ mul 9223372036854775807 2 }}`),
		fails("div", quotient("div"), notWhole+" Division by 0 fails.", `{{ div 1 0 }}`),
		fails("mod", quotient("mod"), notWhole+" Division by 0 fails.", `{{ mod 1 0 }}`),
		fails("until", func(n int) ([]int, error) { return steps("until", 0, n, direction(0, n)) }, "Fails for what is not a whole number."+bounded, `{{ until "5" }}`),
		fails("untilStep", func(start, stop, step int) ([]int, error) { return steps("untilStep", start, stop, step) },
			"Fails for a step of 0. A step that leads away from the end gives an empty list."+bounded, `{{ untilStep 0 5 0 }}`),
		fails("seq", seqOf(sprig["seq"].(func(...int) string)), "Fails without numbers, with more than three, and for a step of 0. A step that leads away from the end gives an empty text."+bounded, `{{ seq 1 0 5 }}`),
	}
	for _, name := range []string{"max", "min", "biggest"} {
		own := sprig[name].(func(any, ...any) int64)
		rows = append(rows, fails(name, func(a any, more ...any) (int64, error) {
			for _, v := range append([]any{a}, more...) {
				if _, err := whole(name, v); err != nil {
					return 0, err
				}
			}
			return own(a, more...), nil
		}, notWhole, "{{ "+name+` 1 "x" }}`))
	}
	for _, name := range []string{"maxf", "minf", "subf", "divf", "mulf"} {
		own := sprig[name].(func(any, ...any) float64)
		bad := notNumber
		if name == "divf" {
			bad += " Division by 0 fails."
		}
		rows = append(rows, fails(name, func(a any, more ...any) (float64, error) {
			for i, v := range append([]any{a}, more...) {
				n, err := finite(name, v)
				if err != nil {
					return 0, err
				}
				if n == 0 && i > 0 && name == "divf" {
					return 0, refuse("", "divf cannot divide by 0")
				}
			}
			return finite(name, own(a, more...))
		}, bad, "{{ "+name+` 1 "x" }}`))
	}
	for _, name := range []string{"ceil", "floor", "add1f"} {
		own := sprig[name].(func(any) float64)
		rows = append(rows, fails(name, func(v any) (float64, error) {
			if _, err := finite(name, v); err != nil {
				return 0, err
			}
			return own(v), nil
		}, notNumber, "{{ "+name+` "x" }}`))
	}
	addf, round := sprig["addf"].(func(...any) float64), sprig["round"].(func(any, int, ...float64) float64)
	return append(rows,
		fails("addf", func(v ...any) (float64, error) {
			for _, e := range v {
				if _, err := finite("addf", e); err != nil {
					return 0, err
				}
			}
			return finite("addf", addf(v...))
		}, notNumber, `{{ addf 1 "x" }}`),
		fails("round", func(v any, places int, on ...float64) (float64, error) {
			if _, err := finite("round", v); err != nil {
				return 0, err
			}
			return finite("round", round(v, places, on...))
		}, notNumber, `{{ round "x" 2 }}`),
	)
}

// whole is v as sprig's int64 has it, when it is a number at all.
func whole(fn string, v any) (int64, error) {
	const expected = "a whole number"
	switch n := v.(type) {
	case int:
		return int64(n), nil
	case int64:
		return n, nil
	case int32:
		return int64(n), nil
	case int16:
		return int64(n), nil
	case int8:
		return int64(n), nil
	case uint:
		return wholeUint(fn, uint64(n))
	case uint64:
		return wholeUint(fn, n)
	case uint32:
		return int64(n), nil
	case uint16:
		return int64(n), nil
	case uint8:
		return int64(n), nil
	case float32:
		return wholeFloat(fn, float64(n))
	case float64:
		return wholeFloat(fn, n)
	case json.Number:
		return whole(fn, string(n))
	case time.Month:
		return int64(n), nil
	case time.Weekday:
		return int64(n), nil
	case bool:
		if n {
			return 1, nil
		}
		return 0, nil
	case time.Duration:
		return 0, cannotTake(fn, v, expected, "take the .Seconds or .Milliseconds of a duration")
	case string:
		i, err := strconv.ParseInt(withoutZeroFraction(n), 0, 64)
		if err == nil {
			return i, nil
		}
		hint := ""
		if _, err := strconv.ParseInt(n, 10, 64); err == nil && strings.HasPrefix(strings.TrimLeft(n, "+-"), "0") {
			hint = "a leading 0 means octal: atoi reads decimal numbers"
		}
		return 0, cannotTake(fn, v, expected, hint)
	}
	return 0, cannotTake(fn, v, expected, "")
}

// withoutZeroFraction takes ".0" or ".00" from the end of a number.
func withoutZeroFraction(text string) string {
	if head, dot := strings.CutSuffix(strings.TrimRight(text, "0"), "."); dot && !strings.HasSuffix(text, ".") {
		return head
	}
	return text
}

func wholeUint(fn string, n uint64) (int64, error) {
	if n > math.MaxInt64 {
		return 0, cannotTake(fn, n, "a whole number of 64 bits", "")
	}
	return int64(n), nil
}

func wholeFloat(fn string, n float64) (int64, error) {
	if !(n >= -1<<63 && n < 1<<63) { // NaN is not either
		return 0, refuse("", "%s cannot take a number that is too large or none at all: expected a whole number of 64 bits", fn)
	}
	return int64(n), nil
}

// finite is v as sprig's float64 has it, when it is a number at all.
func finite(fn string, v any) (float64, error) {
	var n float64
	switch x := v.(type) {
	case float64:
		n = x
	case float32:
		n = float64(x)
	case uint64:
		n = float64(x)
	case uint:
		n = float64(x)
	case json.Number:
		return finite(fn, string(x))
	case string:
		var err error
		if n, err = strconv.ParseFloat(x, 64); err != nil {
			return 0, cannotTake(fn, v, "a number", "")
		}
	default:
		i, err := whole(fn, v)
		if err != nil {
			return 0, cannotTake(fn, v, "a number", "")
		}
		n = float64(i)
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, refuse("", "%s needs finite numbers, and gives one", fn)
	}
	return n, nil
}

func atoi(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, cannotTake("atoi", text, "a decimal whole number", "")
	}
	return n, nil
}

func toDecimal(v any) (int64, error) {
	n, err := strconv.ParseInt(fmt.Sprint(v), 8, 64)
	if err != nil {
		return 0, cannotTake("toDecimal", v, "an octal number", "")
	}
	return n, nil
}

func tooLarge(fn string) error {
	return refuse("", "the result of %s has more than 64 bits", fn)
}

func sum(fn string, values ...any) (int64, error) {
	var total int64
	for _, v := range values {
		n, err := whole(fn, v)
		if err != nil {
			return 0, err
		}
		next := total + n
		if n > 0 && next < total || n < 0 && next > total {
			return 0, tooLarge(fn)
		}
		total = next
	}
	return total, nil
}

func difference(a, b any) (int64, error) {
	x, err := whole("sub", a)
	if err != nil {
		return 0, err
	}
	y, err := whole("sub", b)
	if err != nil {
		return 0, err
	}
	d := x - y
	if y > 0 && d > x || y < 0 && d < x {
		return 0, tooLarge("sub")
	}
	return d, nil
}

func product(a any, more ...any) (int64, error) {
	total, err := whole("mul", a)
	if err != nil {
		return 0, err
	}
	for _, v := range more {
		n, err := whole("mul", v)
		if err != nil {
			return 0, err
		}
		high, low := bits.Mul64(magnitude(total), magnitude(n))
		negative := total < 0 != (n < 0)
		if high != 0 || low > math.MaxInt64 && !(negative && low == 1<<63) {
			return 0, tooLarge("mul")
		}
		total *= n
	}
	return total, nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func quotient(fn string) func(a, b any) (int64, error) {
	return func(a, b any) (int64, error) {
		x, err := whole(fn, a)
		if err != nil {
			return 0, err
		}
		y, err := whole(fn, b)
		switch {
		case err != nil:
			return 0, err
		case y == 0:
			return 0, refuse("", "%s cannot divide by 0", fn)
		case fn == "mod":
			return x % y, nil
		case x == math.MinInt64 && y == -1:
			return 0, tooLarge(fn)
		}
		return x / y, nil
	}
}

func direction(from, to int) int {
	if to < from {
		return -1
	}
	return 1
}

// steps are the numbers from start on, before stop.
func steps(fn string, start, stop, step int) ([]int, error) {
	n, err := countSteps(fn, start, stop, step)
	if err != nil {
		return nil, err
	}
	out := make([]int, n)
	for i := range out {
		out[i] = start + i*step
	}
	return out, nil
}

func countSteps(fn string, start, stop, step int) (int, error) {
	switch {
	case step == 0:
		return 0, refuse("", "%s cannot go on by steps of 0", fn)
	case start == stop || (stop < start) != (step < 0):
		return 0, nil
	}
	distance, stride := uint64(stop)-uint64(start), uint64(step)
	if step < 0 {
		distance, stride = -distance, -stride
	}
	n := (distance-1)/stride + 1
	if n > maxItems {
		return 0, refuse("", "%s would make %d items: at most %d are made", fn, n, maxItems)
	}
	return int(n), nil
}

// seqOf bounds sprig's seq, which leaves out what it has no use for.
func seqOf(own func(...int) string) func(...int) (string, error) {
	return func(params ...int) (string, error) {
		start, step, end := 1, 0, 0
		switch len(params) {
		case 1:
			end = params[0]
		case 2:
			start, end = params[0], params[1]
		case 3:
			start, step, end = params[0], params[1], params[2]
			if step == 0 {
				return "", refuse("", "seq cannot go on by steps of 0")
			}
		default:
			return "", refuse("seq FIRST LAST, or seq FIRST STEP LAST", "seq takes one to three numbers, and got %d", len(params))
		}
		if step == 0 {
			step = direction(start, end)
		}
		if end == math.MaxInt || end == math.MinInt {
			return "", refuse("", "seq would make more than %d items", maxItems)
		}
		if _, err := countSteps("seq", start, end, step); err != nil {
			return "", err
		}
		return own(params...), nil
	}
}
