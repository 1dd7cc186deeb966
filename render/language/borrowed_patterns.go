package language

import (
	"reflect"
	"regexp"
	"strings"
)

func borrowedPatterns(sprig map[string]any) []borrowed {
	const badPattern = "Fails for what is not a regular expression."
	urlParse, urlJoin := sprig["urlParse"].(func(string) map[string]any), sprig["urlJoin"].(func(map[string]any) string)
	compare := sprig["semverCompare"].(func(string, string) (bool, error))
	rows := []borrowed{
		defined("regexQuoteMeta", nil, "Defined for every text.", `{{ regexQuoteMeta "" }}`, ""),
		fails("urlParse", func(text string) (out map[string]any, err error) {
			defer func() {
				if recover() != nil { // sprig has no other way to say it
					out, err = nil, cannotTake("urlParse", text, "a URL", "")
				}
			}()
			return urlParse(text), nil
		}, "Fails for what is not a URL.", `{{ (urlParse "http://a:b:c").host }}`),
		fails("urlJoin", func(parts map[string]any) (out string, err error) {
			defer func() {
				if recover() != nil {
					out, err = "", refuse("", "urlJoin cannot make a URL of its parts: each must be a text, and userinfo that of a URL")
				}
			}()
			return urlJoin(parts), nil
		}, "Fails for parts that are not texts, and for a userinfo that cannot stand in a URL.", `{{ urlJoin (dict "host" 1) }}`),
		fails("semver", version(sprig), "Fails for what is not a version.", `{{ (semver "one").Major }}`),
		fails("semverCompare", func(constraint, version string) (bool, error) {
			ok, err := compare(constraint, version)
			if err != nil {
				return false, refuse("", "semverCompare cannot compare %s with %s: expected a constraint such as ^1.2, and a version", given{constraint}, given{version})
			}
			return ok, nil
		}, "Fails for what is not a constraint, and for what is not a version.", `{{ semverCompare "^1" "one" }}`),
	}
	both := func(name string, fn func(spelling string) any, rest string) {
		for _, spelling := range []string{strings.ToLower(name[:1]) + name[1:], "must" + name} {
			rows = append(rows, fails(spelling, fn(spelling), badPattern, "{{ "+spelling+` "(" `+rest+" }}"))
		}
	}
	both("RegexMatch", func(name string) any {
		return func(pattern, text string) (bool, error) {
			return withPattern(name, pattern, func(r *regexp.Regexp) bool { return r.MatchString(text) })
		}
	}, `"a"`)
	both("RegexFind", func(name string) any {
		return func(pattern, text string) (string, error) {
			return withPattern(name, pattern, func(r *regexp.Regexp) string { return r.FindString(text) })
		}
	}, `"a"`)
	both("RegexFindAll", func(name string) any {
		return func(pattern, text string, n int) ([]string, error) {
			return withPattern(name, pattern, func(r *regexp.Regexp) []string { return r.FindAllString(text, n) })
		}
	}, `"a" 1`)
	both("RegexSplit", func(name string) any {
		return func(pattern, text string, n int) ([]string, error) {
			return withPattern(name, pattern, func(r *regexp.Regexp) []string { return r.Split(text, n) })
		}
	}, `"a" 1`)
	both("RegexReplaceAll", func(name string) any {
		return func(pattern, text, by string) (string, error) {
			return withPattern(name, pattern, func(r *regexp.Regexp) string { return r.ReplaceAllString(text, by) })
		}
	}, `"a" "b"`)
	both("RegexReplaceAllLiteral", func(name string) any {
		return func(pattern, text, by string) (string, error) {
			return withPattern(name, pattern, func(r *regexp.Regexp) string { return r.ReplaceAllLiteralString(text, by) })
		}
	}, `"a" "b"`)
	return rows
}

func withPattern[T any](fn, pattern string, use func(*regexp.Regexp) T) (T, error) {
	r, err := regexp.Compile(pattern)
	if err != nil {
		var none T
		return none, cannotTake(fn, pattern, "a regular expression (RE2)", "")
	}
	return use(r), nil
}

// version wraps sprig's semver, whose type is of a package that is not imported here.
func version(sprig map[string]any) func(string) (any, error) {
	own := reflect.ValueOf(sprig["semver"])
	return func(text string) (any, error) {
		out := own.Call([]reflect.Value{reflect.ValueOf(text)})
		if !out[1].IsNil() {
			return nil, cannotTake("semver", text, "a version such as 1.2.3", "")
		}
		return out[0].Interface(), nil
	}
}
