package language

import "regexp"

// Words of other languages and tools that no function here has, and that no likeness of
// letters leads to.

// package-qualified is a function of Go as people remember it.
var goCall = regexp.MustCompile(`^(?:strings|os|strconv|path|filepath|fmt|json|env|conv|file|tmpl|coll)\.(\w+)`)

// ofGo are the functions here that do what functions of Go or gomplate do.
var ofGo = map[string]string{
	"Split": `splitList "," TEXT`, "Fields": `splitList " " TEXT`, "Join": `join "," LIST`, "Replace": `replace "old" "new" TEXT`, "ReplaceAll": `replace "old" "new" TEXT`,
	"ToUpper": "upper TEXT", "ToLower": "lower TEXT", "Title": "title TEXT", "TrimSpace": "trim TEXT", "Trim": `trimAll "x" TEXT`, "TrimPrefix": `trimPrefix "x" TEXT`,
	"TrimSuffix": `trimSuffix "x" TEXT`, "Contains": `contains "x" TEXT`, "HasPrefix": `hasPrefix "x" TEXT`, "HasSuffix": `hasSuffix "x" TEXT`, "Repeat": `repeat 3 TEXT`,
	"Getenv": ".Env.NAME, or env \"NAME\" \"default\"", "LookupEnv": `hasEnv "NAME"`, "Atoi": "int TEXT", "ParseBool": "parseBool TEXT", "Itoa": "toString NUMBER",
	"Base": "base PATH", "Dir": "dir PATH", "Ext": "ext PATH", "Sprintf": `printf "%s" VALUE`, "Quote": "quote TEXT", "ReadFile": `readFile "/path"`, "Read": `readFile "/path"`,
	"Exists": `hasEnv "NAME" for a variable; whether a file is there cannot be asked`, "ToBool": "toBool TEXT", "ToInt": "int TEXT", "Has": `hasKey DICT "key"`, "Dict": `dict "key" VALUE`, "Slice": "list VALUE …",
}

// elsewhere are functions of other tools without a likeness here.
var elsewhere = map[string]string{
	"exists":       `confd's exists is kvExists "/key" here. Whether a file is there, as dockerize's asks, cannot be asked: ask for a variable by hasEnv "NAME"`,
	"key":          `consul-template's key is kv "KEY" here`,
	"keyOrDefault": `consul-template's keyOrDefault is kvOr "KEY" "default" here`,
	"service":      `consul-template's service is link "NAME" PORT here, or links for all of them`,
	"services":     "the peers that are known are .Links",
	"file":         `files are read by readFile "/path", and secrets by secretFile "NAME"`,
	"tree":         `consul-template's tree is kvTree "PREFIX" here`,
	"os":           `a variable of the environment is .Env.NAME`,
	"strings":      `Go's packages are not here: splitList "," TEXT, replace "old" "new" TEXT, upper TEXT`,
}

// spokenElsewhere is the hint for a word at a place in a template that other languages and
// tools have, or "".
func spokenElsewhere(text, name string, offset int) string {
	if m := goCall.FindStringSubmatch(text[offset:]); m != nil {
		if here := ofGo[m[1]]; here != "" {
			return "write " + here
		}
	}
	return elsewhere[name]
}
