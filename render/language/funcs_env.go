package language

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"slipway/render"
)

func envFuncs() []Func {
	return []Func{
		{
			Name: "env", Usage: `env "NAME" ["default"]`, Doc: "A variable, as .Env.NAME. Without a default it must be set. An empty value counts as set.",
			Example: `{{ env "APP_NAME" }} {{ env "NO_SUCH" "none" }}`, Want: "shop none", Refuses: `{{ env "NO_SUCH" }}`,
			Located: true, Reads: readsVariableOr,
			bound: func(f *frame) any {
				return func(at int, name string, fallback ...string) (string, error) {
					if len(fallback) > 1 {
						return "", refuse("", "env takes a name and at most one default")
					}
					if len(fallback) == 1 {
						if text, ok := f.orDefault(at, name); ok {
							return text, nil
						}
						return fallback[0], nil
					}
					text, _ := f.variable(at, name)
					return text, nil
				}
			},
		},
		{
			Name: "hasEnv", Usage: `hasEnv "NAME"`, Doc: "Whether a variable is set, be it to nothing.",
			Example: `{{ hasEnv "APP_NAME" }} {{ hasEnv "NO_SUCH" }}`, Want: "true false", Located: true, Reads: readsVariableOr,
			bound: func(f *frame) any {
				return func(at int, name string) bool {
					_, ok := f.peek(name)
					return ok
				}
			},
		},
		{
			Name: "expandenv", Usage: "expandenv TEXT", Doc: "Replaces $NAME and ${NAME} by variables, each of which must be set. The values themselves are not expanded.",
			Example: `{{ expandenv "$APP_NAME on ${LISTEN_PORT}" }}`, Want: "shop on 8080", Refuses: `{{ expandenv "$NO_SUCH" }}`, Located: true,
			bound: func(f *frame) any {
				return func(at int, text string) string {
					return expand(text, func(name string) string {
						v, _ := f.variable(at, name)
						return v
					})
				}
			},
		},
		{
			Name: "requiredOneOf", Usage: `requiredOneOf "NAME" "NAME" …`, Doc: "The first of the variables that is set and not empty.",
			Example: `{{ requiredOneOf "NO_SUCH" "APP_NAME" }}`, Want: "shop", Refuses: `{{ requiredOneOf "NO_SUCH" "NOR_THIS" }}`, Located: true, Reads: readsVariableOr,
			bound: func(f *frame) any {
				return func(at int, names ...string) string {
					for _, n := range names {
						if text, ok := f.orDefault(at, n); ok && text != "" {
							return text
						}
					}
					for _, n := range names {
						if text, ok := f.peek(n); ok && text != "" {
							port, _ := IsAddress(n, text)
							f.noPort(at, n, text, port)
							return ""
						}
					}
					f.note(at, render.KindMissing, strings.Join(names, ", "), "set one of them", "none of %s is set", strings.Join(names, ", "))
					return ""
				}
			},
		},
		typedAccessor("envInt", "a whole number, within MIN and MAX when they are given", `{{ envInt "LISTEN_PORT" 80 1 65535 }}`, "8080", `{{ envInt "APP_NAME" }}`, parseInt),
		typedAccessor("envFloat", "a number, within MIN and MAX when they are given", `{{ envFloat "RATIO" 0.5 0 1 }}`, "0.25", `{{ envFloat "APP_NAME" }}`, parseFloat),
		typedAccessor("envBool", "true, yes, on, 1 or false, no, off, 0 and nothing", `{{ if envBool "DEBUG" false }}debug{{ else }}quiet{{ end }}`, "debug", `{{ envBool "APP_NAME" }}`, parseBool),
		typedAccessor("envDuration", "a duration such as 1h30m or 250ms; a bare number is seconds", `{{ (envDuration "TIMEOUT" "10s").Seconds }}`, "30", `{{ envDuration "APP_NAME" }}`, parseDuration),
		typedAccessor("envSize", "a size in bytes: 512, 64k, 10M, 2GiB; all units are powers of 1024", `{{ envSize "CACHE_SIZE" "1M" }}`, "67108864", `{{ envSize "APP_NAME" }}`, parseSize),
		{
			Name: "envPrefix", Usage: `envPrefix "PREFIX_"`, Doc: "The variables whose names start with the prefix, sorted: a list of .Name (the full name), .Key (without the prefix) and .Value.",
			Example: `{{ range envPrefix "LOG4J_" }}{{ .Key }}={{ .Value }};{{ end }}`, Want: "logger_web=DEBUG;rootLogger=INFO;", Reads: readsPrefix, Located: true,
			bound: func(f *frame) any {
				return func(at int, prefix string) []Pair { return f.withPrefix(prefix) }
			},
		},
		{
			Name: "envList", Usage: `envList "PREFIX_"`, Doc: "The values of PREFIX_1, PREFIX_2, …, in the order of their numbers.",
			Example: `{{ envList "ES_HOST_" | join "," }}`, Want: "a,b,c", Reads: readsPrefix, Located: true,
			bound: func(f *frame) any {
				return func(at int, prefix string) []string {
					var found []Pair
					for _, p := range f.withPrefix(prefix) {
						if n, err := strconv.Atoi(p.Key); err == nil && n >= 0 {
							found = append(found, p)
						}
					}
					sort.SliceStable(found, func(i, j int) bool {
						a, _ := strconv.Atoi(found[i].Key)
						b, _ := strconv.Atoi(found[j].Key)
						return a < b
					})
					out := make([]string, len(found))
					for i, p := range found {
						out[i] = p.Value
					}
					return out
				}
			},
		},
		{
			Name: "secret", Usage: `secret "NAME"`, Doc: "A variable that must be a secret (from NAME_FILE, a secret folder, a secret prefix): a value that came in the open is refused. It must be set, within `if` and `with` as well; `| default` is the only way out.",
			Example: `{{ secret "DB_PASSWORD" }}`, Want: "s3cr3t, it's", Refuses: `{{ secret "APP_NAME" }}`, Reads: readsVariable, Located: true, Required: true,
			bound: func(f *frame) any {
				return func(at int, name string) string {
					text, ok := f.variable(at, name)
					if _, secret, _ := f.ex.b.data.get(name); ok && !secret {
						f.note(at, render.KindValue, name, fmt.Sprintf("give the path of a file in %s_FILE, or mount a secret", name), "the variable %s is not a secret: its value was given in the open", name)
					}
					return text
				}
			},
		},
	}
}

// Pair is a variable or key found by its prefix.
type Pair struct{ Name, Key, Value string }

func (f *frame) withPrefix(prefix string) []Pair {
	var out []Pair
	for _, n := range f.ex.b.names {
		if key, ok := strings.CutPrefix(n, prefix); ok && key != "" {
			text, _ := f.peek(n)
			out = append(out, Pair{Name: n, Key: key, Value: text})
		}
	}
	return out
}

// typedAccessor makes a row for a function NAME [DEFAULT [MIN MAX]].
func typedAccessor(name, what, example, want, refuses string, parse func(string) (any, float64, error)) Func {
	return Func{
		Name: name, Usage: name + ` "NAME" [DEFAULT [MIN MAX]]`, Doc: "A variable as " + what + ". It must be set unless there is a default, within `if` and `with` as well.",
		Example: example, Want: want, Refuses: refuses, Located: true, Required: true, Reads: readsVariableOr,
		bound: func(f *frame) any {
			return func(at int, variable string, args ...any) (any, error) {
				return f.typed(at, variable, what, args, parse)
			}
		},
	}
}

func (f *frame) typed(at int, name, what string, args []any, parse func(string) (any, float64, error)) (any, error) {
	if fn := f.c.refs[at].fn; len(args) == 2 || len(args) > 3 {
		return nil, refuse(fn+` "NAME" [DEFAULT [MIN MAX]]`, "%s takes a name, a default, and either both bounds or none", fn)
	}
	kind, _, _ := strings.Cut(what, ", within")
	standIn, _, _ := parse("0")
	var text string
	if len(args) == 0 {
		var ok bool
		if text, ok = f.variable(at, name); !ok {
			if f.c.refs[at].optional {
				return nil, nil
			}
			return standIn, nil
		}
	} else {
		var ok bool
		if text, ok = f.orDefault(at, name); !ok {
			fallback, err := printed(args[0])
			if err != nil {
				return nil, refuse("", "the default of %s is %s: expected %s", name, given{args[0]}, what)
			}
			text = fmt.Sprint(fallback)
		}
	}
	value, n, err := parse(strings.TrimSpace(text))
	if err != nil {
		f.note(at, render.KindValue, name, "", "the variable %s is %q: expected %s", name, f.mask(name, text), what)
		return standIn, nil
	}
	if len(args) != 3 {
		return value, nil
	}
	_, low, err := parse(fmt.Sprint(args[1]))
	if err != nil {
		return nil, refuse("", "the lower bound %s is not %s", given{args[1]}, kind)
	}
	_, high, err := parse(fmt.Sprint(args[2]))
	if err != nil {
		return nil, refuse("", "the upper bound %s is not %s", given{args[2]}, kind)
	}
	if n < low || n > high {
		f.note(at, render.KindValue, name, "", "the variable %s is %s: it must be between %v and %v", name, f.mask(name, text), args[1], args[2])
		return standIn, nil
	}
	return value, nil
}

// mask returns text unless the variable is secret.
func (f *frame) mask(name, text string) string {
	if _, secret, _ := f.ex.b.data.get(name); secret {
		return render.Redacted
	}
	return text
}

func parseInt(s string) (any, float64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, float64(n), err
}

func parseFloat(s string) (any, float64, error) {
	n, err := strconv.ParseFloat(s, 64)
	return n, n, err
}

func parseBool(s string) (any, float64, error) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1", "t", "y":
		return true, 1, nil
	case "false", "no", "off", "0", "", "f", "n":
		return false, 0, nil
	}
	return false, 0, fmt.Errorf("not a truth value")
}

func parseDuration(s string) (any, float64, error) {
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		d := time.Duration(n * float64(time.Second))
		return d, float64(d), nil
	}
	d, err := time.ParseDuration(s)
	return d, float64(d), err
}

func parseSize(s string) (any, float64, error) {
	digits := strings.TrimRight(s, "kKmMgGtTiIbB ")
	unit := strings.ToLower(strings.TrimSpace(s[len(digits):]))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "b"), "i")
	shift, ok := map[string]uint{"": 0, "k": 10, "m": 20, "g": 30, "t": 40}[unit]
	if !ok {
		return int64(0), 0, fmt.Errorf("not a size")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > (1<<62)>>shift {
		return int64(0), 0, fmt.Errorf("not a size")
	}
	n <<= shift
	return n, float64(n), nil
}

// expand replaces $NAME and ${NAME} in a text by what value gives, as os.Expand does,
// which comes with everything that reaches a file.
func expand(text string, value func(name string) string) string {
	var out strings.Builder
	at := 0
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '$' {
			continue
		}
		name, size := expandedName(text[i+1:])
		out.WriteString(text[at:i])
		switch {
		case name != "":
			out.WriteString(value(name))
		case size == 0: // no name follows: a dollar
			out.WriteByte('$')
		}
		i += size
		at = i + 1
	}
	return out.String() + text[at:]
}

// expandedName is the name at the start of what follows a dollar, and how many bytes it
// takes there. Braces that do not close, or hold nothing, take bytes without being a name.
func expandedName(text string) (name string, size int) {
	const special = "*#$@!?-0123456789" // names of one character, as in a shell
	if text[0] == '{' {
		if len(text) > 2 && strings.IndexByte(special, text[1]) >= 0 && text[2] == '}' {
			return text[1:2], 3
		}
		switch end := strings.IndexByte(text, '}'); end {
		case -1:
			return "", 1
		case 1:
			return "", 2
		default:
			return text[1:end], end + 1
		}
	}
	if strings.IndexByte(special, text[0]) >= 0 {
		return text[:1], 1
	}
	for size < len(text) && (text[size] == '_' || '0' <= text[size] && text[size] <= '9' || 'a' <= text[size]|0x20 && text[size]|0x20 <= 'z') {
		size++
	}
	return text[:size], size
}
