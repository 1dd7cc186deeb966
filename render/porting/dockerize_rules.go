package porting

import (
	"strconv"
	"strings"
)

// There are two dockerize. jwilder's takes the text first. powerman's has the functions of
// sprig, in its order, which is ours: a call whose constant stands in front is its, and stays.
func dockerizeRules() map[string]rule {
	rules := map[string]rule{
		"default": {special: dockerizeDefault, doc: "`env \"X\" $2` for a variable X, else `default $2 $1`; in powerman's order it is left",
			note: "is the word after default in jwilder's dockerize, whatever comes through the pipeline; here and in powerman's it is that word if nothing comes"},
		"contains":  {special: dockerizeContains, doc: "`hasKey $1 $2` for .Env; in powerman's order it is left"},
		"index":     {special: envIndex, doc: "`env $2 \"\"` for .Env: a variable that is not set is empty there"},
		"split":     {special: jwilders(fillWith("splitList $2 $1")), doc: "`splitList $2 $1`; in powerman's order it is left"},
		"replace":   {special: dockerizeReplace, doc: "`replace $2 $3 $1` if $4 is -1, else `replaceN $2 $3 $4 $1`; with three arguments it is powerman's, and left"},
		"isTrue":    {forms: []form{{1, `has (lower $1) (list "1" "t" "true")`}}, differs: "newer releases of dockerize take yes and on for true as well: add them to the list if they shall be"},
		"parseUrl":  to(1, "parseUrl $1"),
		"loop":      {special: loop, forms: []form{{1, "untilStep 0 #1 1"}, {2, "untilStep #1 #2 1"}, {3, "untilStep #1 #2 #3"}}},
		"jsonQuery": {special: jsonQuery, note: "is converted only if the path is written out: use fromJson and index", doc: "`index (fromJson $1) \"a\" 0 \"b\"` for the path \"a.[0].b\""},
		"exists":    noted("asks whether a file exists while rendering; slipway does not look at files, declare it as a variable"),
		"readFile":  noted("reads a file that is not declared: mount it as a secret, or below a data folder, and read that"),
	}
	for name, why := range refusedOfSprig() {
		rules[name] = noted(why)
	}
	return rules
}

// refusedOfSprig are the functions of sprig that slipway does not have, with the reason.
func refusedOfSprig() map[string]string {
	const (
		random = "is another one each time, so the file would change at every render: give the value as a secret"
		clock  = "reads the clock, so the file would change at every render"
		crypto = "has no equivalent: give the value as a secret"
	)
	out := map[string]string{
		"getHostByName": "asks the DNS while rendering: declare [link:NAME] and use link",
		"shuffle":       "is in another order each time: stableShuffle",
	}
	for why, names := range map[string]string{
		random: "randAlphaNum randAlpha randAscii randNumeric randBytes randInt uuidv4 bcrypt htpasswd encryptAES genPrivateKey genCA genCAWithKey " +
			"genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey",
		clock: "now ago",
	} {
		for _, name := range strings.Fields(names) {
			out[name] = why
		}
	}
	return out
}

// envName is the variable that an operand reads: .Env.NAME or $.Env.NAME.
func envName(s string) (string, bool) {
	name, ok := strings.CutPrefix(strings.TrimPrefix(s, "$"), ".Env.")
	return name, ok && name != "" && !strings.ContainsAny(name, ".()|\" ")
}

func isEnv(s string) bool { return s == ".Env" || s == "$.Env" }

// jwilders decides about calls in jwilder's order only.
func jwilders(f func(c call) (string, bool)) func(c call) (string, bool) {
	return func(c call) (string, bool) {
		if len(c.args) == 3 && constant(c.args[1]) && !constant(c.args[2]) {
			return "", true
		}
		return f(c)
	}
}

func fillWith(text string) func(c call) (string, bool) {
	return func(c call) (string, bool) {
		if len(c.args) != 3 {
			return "", true
		}
		return fill(text, c.args[1:]), true
	}
}

// dockerizeDefault: a variable that is set to nothing is a value there, as it is for env.
func dockerizeDefault(c call) (string, bool) {
	switch {
	case len(c.args) == 2 && !c.piped:
		return c.args[1], true
	case len(c.args) != 3 || c.piped:
		return "", false
	case constant(c.args[1]) && !constant(c.args[2]):
		return "", true // powerman's
	}
	if name, ok := envName(c.args[1]); ok {
		return "env " + strconv.Quote(name) + " " + c.args[2], true
	}
	return fill("default $2 $1", c.args[1:]), true
}

func dockerizeReplace(c call) (string, bool) {
	if len(c.args) == 4 {
		return "", true // sprig's
	}
	return counted(c)
}

func dockerizeContains(c call) (string, bool) {
	if len(c.args) == 3 && isEnv(c.args[1]) {
		return fill("hasKey $1 $2", c.args[1:]), true
	}
	return "", true
}

func envIndex(c call) (string, bool) {
	if len(c.args) == 3 && isEnv(c.args[1]) {
		return fill(`env $2 ""`, c.args[1:]), true
	}
	return "", true
}

// loop runs upwards only: with a step below zero it yields nothing, where untilStep counts down.
func loop(c call) (string, bool) {
	if len(c.args) == 4 && !isNumber(c.args[3]) {
		return fill("untilStep #1 (max #1 #2 | int) #3", c.args[1:]), true
	}
	if len(c.args) == 4 && strings.HasPrefix(c.args[3], "-") {
		return "list", true
	}
	return "", false
}

// jsonQuery takes a path of names and [numbers], with dots between them.
func jsonQuery(c call) (string, bool) {
	if len(c.args) != 3 {
		return "", false
	}
	path, ok := quoted(c.args[2])
	if !ok || path == "" || strings.ContainsAny(path, `'"\ `) {
		return "", false
	}
	out := "index (fromJson " + c.args[1] + ")"
	for _, step := range strings.Split(path, ".") {
		if n, ok := strings.CutPrefix(step, "["); ok {
			n = strings.TrimSuffix(n, "]")
			if !isNumber(n) {
				return "", false
			}
			out += " " + n
			continue
		}
		if step == "" {
			return "", false
		}
		out += " " + strconv.Quote(step)
	}
	return out, true
}
