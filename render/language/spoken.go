package language

import (
	"fmt"
	"strings"

	"slipway/render/pattern"
)

// Words of other languages and tools that no function here has, and that no likeness of
// letters leads to.

// goCall is a function of a package or a namespace.
var goCall = pattern.Lazy(`^\w+\.(\w+)`)

// ofGo are the functions here that do what functions of Go or gomplate do.
var ofGo = map[string]string{
	"Split": `splitList "," TEXT`, "Fields": `splitList " " TEXT`, "Join": `join "," LIST`, "Replace": `replace "old" "new" TEXT`, "ReplaceAll": `replace "old" "new" TEXT`,
	"ToUpper": "upper TEXT", "ToLower": "lower TEXT", "Title": "title TEXT", "TrimSpace": "trim TEXT", "Trim": `trimAll "x" TEXT`, "TrimPrefix": `trimPrefix "x" TEXT`,
	"TrimSuffix": `trimSuffix "x" TEXT`, "Contains": `contains "x" TEXT`, "HasPrefix": `hasPrefix "x" TEXT`, "HasSuffix": `hasSuffix "x" TEXT`, "Repeat": `repeat 3 TEXT`,
	"Getenv": ".Env.NAME, or env \"NAME\" \"default\"", "LookupEnv": `hasEnv "NAME"`, "Atoi": "int TEXT", "ParseBool": "parseBool TEXT", "Itoa": "toString NUMBER",
	"Base": "base PATH", "Dir": "dir PATH", "Ext": "ext PATH", "Sprintf": `printf "%s" VALUE`, "Quote": "quote TEXT", "ReadFile": `readFile "/path"`, "Read": `readFile "/path"`,
	"Getv": `env "NAME" "default"`, "Encode": "b64enc TEXT", "Decode": "b64dec TEXT", "SHA1": "sha1sum TEXT", "SHA256": "sha256sum TEXT", "JSON": "fromJson TEXT", "YAML": "fromYaml TEXT",
	"ToJSON": "toJson VALUE", "ToYAML": "toYaml VALUE", "Marshal": "toJson VALUE", "Unmarshal": "fromJson TEXT", "Add": "add A B", "Sub": "sub A B", "Mul": "mul A B", "Div": "div A B", "Rem": "mod A B",
	"Max": "max A B", "Min": "min A B", "Seq": "seq FROM TO", "MustCompile": `regexMatch "pattern" TEXT`, "MatchString": `regexMatch "pattern" TEXT`, "Match": `regexMatch "pattern" TEXT`,
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
	"elseif":       elseHint, "elif": elseHint, "elsif": elseHint, "elseIf": elseHint,
	"endif": closedHint, "fi": closedHint, "endrange": closedHint, "endfor": closedHint, "endwith": closedHint, "endunless": closedHint, "done": closedHint, "End": closedHint, "endblock": closedHint,
	"for": loopHint, "foreach": loopHint, "each": loopHint, "forEach": loopHint, "while": "there is no loop without a list: {{ range $i := seq 1 3 }} … {{ end }}",
	"unless": "a condition is turned round by not: {{ if not .Env.A }} … {{ end }}",
	"switch": caseHint, "case": caseHint, "when": caseHint,
	"let": setHint, "var": setHint, "assign": setHint,
	"True": "write true", "TRUE": "write true", "False": "write false", "FALSE": "write false",
	"null": nullHint, "None": nullHint, "undefined": nullHint, "NULL": nullHint, "Nil": nullHint,
	"is": definedHint, "defined": definedHint, "isset": definedHint, "isSet": definedHint, "exist": definedHint,
	"in":     "whether a list has a value is asked by has VALUE LIST, whether a text has a part by contains \"PART\" TEXT",
	"import": includeHint, "partial": includeHint, "extends": includeHint, "require": includeHint,
	"to_upper": "write upper TEXT", "toupper": "write upper TEXT", "uppercase": "write upper TEXT", "upcase": "write upper TEXT", "upper_case": "write upper TEXT",
	"to_lower": "write lower TEXT", "tolower": "write lower TEXT", "lowercase": "write lower TEXT", "downcase": "write lower TEXT", "lower_case": "write lower TEXT",
	"capitalize": "title TEXT makes the first letter of each word a capital", "strip": "write trim TEXT", "length": "write len LIST", "size": "write len LIST", "count": "write len LIST",
	"b64encode": "write b64enc TEXT", "base64encode": "write b64enc TEXT", "b64decode": "write b64dec TEXT", "base64decode": "write b64dec TEXT", "base64": "write b64enc TEXT, or b64dec TEXT",
	"substring": "write substr FROM TO TEXT", "format": `write printf "%s" VALUE`, "sprintf": `write printf "%s" VALUE`, "concatenate": "texts are joined by print A B",
	"int_or_default": "write envInt \"NAME\" 1", "environ": environHint, "environment": environHint, "envs": environHint, "Env": environHint, "ENV": environHint, "process": environHint, "ansible_env": environHint,
	"equals": comparedHint, "equal": comparedHint, "OR": joinedHint, "AND": joinedHint, "NOT": joinedHint,
	"e": escapedByHint, "escape": escapedByHint, "safe": "nothing is escaped unless a function is asked to: shellQuote, xmlEscape, toJson",
	"then": conditionHint, "do": conditionHint, "begin": conditionHint,
	"basename": "write base PATH", "dirname": "write dir PATH", "mandatory": `write required "why it is needed" VALUE`, "tojson": "write toJson VALUE", "to_json": "write toJson VALUE", "to_yaml": "write toYaml VALUE",
	"to_nice_json": "write toPrettyJson VALUE", "to_nice_yaml": "write toYaml VALUE", "from_json": "write fromJson TEXT", "from_yaml": "write fromYaml TEXT", "regex_replace": `write regexReplaceAll "pattern" TEXT "new"`,
	"unique": "write uniq LIST", "sort": "write sortAlpha LIST", "hash": "write sha256sum TEXT", "md5": "md5sum is not here: write sha256sum TEXT", "bool": "write toBool TEXT", "float": "write float64 TEXT", "list_of": "write list VALUE …",
	"hostvars": environHint, "hostPort": `write (link "NAME" PORT).Addr for a peer, or urlParse TEXT`,
	"os":      environHint,
	"strings": `Go's packages are not here: splitList "," TEXT, replace "old" "new" TEXT, upper TEXT`,
}

// spokenElsewhere is the hint for a word at a place in a template that other languages and
// tools have, or "".
func spokenElsewhere(text, name string, offset int) string {
	if m := goCall.FindStringSubmatch(text[offset:]); m != nil {
		if strings.HasPrefix(elsewhere[name], environHint) && environName.MatchString(m[1]) {
			return "a variable of the environment is .Env." + m[1]
		}
		if here := ofGo[m[1]]; here != "" {
			return "write " + here
		}
	}
	return elsewhere[name]
}

// isMeant says whether a function that is near by its letters can be what a name means. rest
// is what follows it. A name before a dot is one of a package, and a short word with another
// first letter is another word.
func isMeant(name, near, rest string) bool {
	if strings.HasPrefix(rest, ".") {
		return false
	}
	return len(name) > 5 || strings.EqualFold(name[:1], near[:1])
}

const (
	conditionHint = `nothing stands behind a condition: {{ if eq .Env.A "b" }} … {{ end }}`
	escapedByHint = "a value is escaped for what reads the file: xmlEscape, shellQuote, toJson and others"
	elseHint      = "another condition is {{ else if … }}"
	caseHint      = `cases are {{ if eq .Env.A "x" }} … {{ else if eq .Env.A "y" }} … {{ else }} … {{ end }}`
	nullHint      = "what is not there is asked for by hasEnv \"NAME\", or replaced by default"
	definedHint   = `whether a variable is set is asked by {{ if hasEnv "NAME" }}`
	includeHint   = `another template is written by include "_name" .`
	environHint   = "a variable of the environment is .Env.NAME"
	levelsHint    = "there are .Env, .Data, .KV, .Links, .Host, .Dest, .Item and .Index"
	goneHelmHint  = "Helm's values are not here: a variable of the environment is .Env.NAME, and a key of a data file .Data.FILE.KEY"
)

var helms = map[string]bool{"Values": true, "Release": true, "Chart": true, "Files": true, "Capabilities": true}

// levelHint is for a field of the dot that there is not, and of which a field was taken.
func levelHint(name, next string) string {
	switch {
	case helms[name]:
		return goneHelmHint
	case isEnvirons.MatchString(name) && next != "":
		return "a variable of the environment is " + envPath(next)
	}
	return levelsHint
}

var (
	isEnvirons = pattern.Lazy(`^(?i:envs?|environ|environment|vars)$`)
	plainName  = pattern.Lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// envPath is how a template writes a variable, whatever its name.
func envPath(name string) string {
	if plainName.MatchString(name) {
		return ".Env." + name
	}
	return fmt.Sprintf("(index .Env %q)", name)
}
