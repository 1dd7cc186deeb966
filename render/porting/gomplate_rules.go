package porting

import (
	"strconv"
	"strings"
)

func gomplateRules() map[string]rule {
	const (
		random = "is another one each time, so the file would change at every render: give the value as a secret"
		clock  = "reads the clock, so the file would change at every render"
		net    = "asks the network: declare [link:NAME] and use link or links"
		cloud  = "asks the cloud: give the value as a variable or a secret"
		file   = "reads files while rendering: put them below the data folder, or mount them as secrets"
		layout = "is laid out in another way, and means the same"
		source = "reads a data source: name it by a constant, and put its file below the data folder"
		none   = "has no equivalent"
	)
	rules := map[string]rule{
		"getenv":           {forms: []form{{1, `env $1 ""`}, {2, `default $2 (env $1 "")`}}},
		"env.":             noted(none),
		"contains":         swapped("contains"),
		"hasPrefix":        swapped("hasPrefix"),
		"hasSuffix":        swapped("hasSuffix"),
		"split":            swapped("splitList"),
		"trim":             swapped("trimAll"),
		"trimSpace":        to(1, "trim $1"),
		"replaceAll":       to(3, "replace $1 $2 $3"),
		"toUpper":          to(1, "upper $1"),
		"toLower":          to(1, "lower $1"),
		"squote":           to(1, `print "'" (replace "'" "''" $1) "'"`),
		"title":            {forms: []form{{1, "title $1"}}, differs: "takes what stands after a dot or an apostrophe for a word as well"},
		"indent":           {forms: []form{{2, `indent #1 $2`}, {1, "indent 1 $1"}}, differs: "indents empty lines as well here"},
		"splitN":           noted(none),
		"strings.":         noted(none),
		"strings.Contains": to(2, "contains $1 $2"), "strings.HasPrefix": to(2, "hasPrefix $1 $2"), "strings.HasSuffix": to(2, "hasSuffix $1 $2"),
		"strings.Split": to(2, "splitList $1 $2"), "strings.Trim": to(2, "trimAll $1 $2"), "strings.TrimPrefix": to(2, "trimPrefix $1 $2"), "strings.TrimSuffix": to(2, "trimSuffix $1 $2"),
		"strings.Repeat": to(2, "repeat #1 $2"), "strings.Trunc": to(2, "trunc #1 $2"), "strings.Quote": to(1, "quote $1"),
		"bool":           to(1, `has $1 (list "1" "t" "T" "TRUE" "true" "True")`),
		"conv.ToBool":    to(1, truth),
		"conv.ToInt":     to(1, "int $1"),
		"conv.ToInt64":   to(1, "int64 $1"),
		"conv.ToFloat64": to(1, "float64 $1"),
		"conv.ToString":  to(1, "toString $1"),
		"conv.Atoi":      to(1, "atoi $1"),
		"conv.Default":   to(2, "default $1 $2"),
		"conv.":          noted(none),
		"join":           swapped("join"),
		"urlParse":       to(1, "parseUrl $1"),
		"has":            {forms: []form{{2, "hasKey $1 $2"}}, differs: "is for dictionaries here: for a list write has $2 $1"},
		"slice":          to(anyCount, "list $*"),
		"append":         to(2, "append $2 $1"),
		"prepend":        to(2, "prepend $2 $1"),
		"set":            to(3, "set $3 $1 $2"),
		"unset":          to(2, "unset $2 $1"),
		"sort":           {forms: []form{{1, "sortAlpha $1"}}, differs: "sorts texts here"},
		"coll.Dict":      to(anyCount, "dict $*"),
		"coll.Uniq":      to(1, "uniq $1"),
		"coll.Reverse":   to(1, "reverse $1"),
		"coll.Index":     to(anyCount, "index $*"),
		"coll.Keys":      to(anyCount, "keys $*"),
		"coll.Values":    to(anyCount, "values $*"),
		"coll.Merge":     to(anyCount, "merge $*"),
		"coll.":          noted(none),
		"jsonpath":       noted(none),
		"jq":             noted(none),
		"flatten":        noted(none),
		"json":           to(1, "fromJson $1"),
		"jsonArray":      to(1, "fromJson $1"),
		"yaml":           to(1, "fromYaml $1"),
		"yamlArray":      to(1, "fromYaml $1"),
		"toJSON":         to(1, "toJson $1"),
		"toYAML":         {forms: []form{{1, "toYaml $1"}}, differs: layout},
		"toTOML":         {forms: []form{{1, "toToml $1"}}, differs: layout},
		"data.":          noted(none),
		"ds":             {special: dataSource, note: source, warn: whereData, doc: "`$.Data.NAME`"},
		"include":        noted("writes a data source as it is: make it a partial, or mount it as a secret"),
		"seq":            {forms: []form{{1, "untilStep 1 (int (add1 $1)) 1"}, {2, "untilStep #1 (int (add1 $2)) 1"}}, note: "has no step here: untilStep"},
		"rem":            to(2, "mod $1 $2"),
		"div":            {forms: []form{{2, "div $1 $2"}}, differs: "divides whole numbers here"},
		"pow":            noted(none),
		"math.Max":       to(anyCount, "max $*"),
		"math.Min":       to(anyCount, "min $*"),
		"math.":          noted(none),
		"test.Fail":      to(1, "fail $1"),
		"test.Required":  {forms: []form{{2, "required $1 $2"}, {1, `required "a value is missing" $1`}}},
		"required":       {forms: []form{{2, "required $1 $2"}, {1, `required "a value is missing" $1`}}},
		"ternary":        {special: ternary, doc: "`ternary $1 $2 $3` if $3 is a comparison, else with the test of conv.ToBool"},
		"kind":           to(1, "kindOf $1"),
		"isKind":         to(2, "kindIs $1 $2"),
		"test.":          noted(none),
		"assert":         noted("is not a function here: {{ if not … }}{{ fail \"…\" }}{{ end }}"),
		"base64.Encode":  to(1, "b64enc $1"),
		"base64.Decode":  to(1, "b64dec $1"),
		"base64.":        noted(none),
		"crypto.SHA1":    to(1, "sha1sum $1"),
		"crypto.SHA256":  to(1, "sha256sum $1"),
		"crypto.SHA512":  to(1, "sha512sum $1"),
		"crypto.":        noted(none),
		"regexp.Replace": to(3, "regexReplaceAll $1 $3 $2"), "regexp.ReplaceLiteral": to(3, "regexReplaceAllLiteral $1 $3 $2"), "regexp.Match": to(2, "regexMatch $1 $2"),
		"regexp.Find": to(2, "regexFind $1 $2"), "regexp.QuoteMeta": to(1, "regexQuoteMeta $1"), "regexp.": noted(none),
		"path.Base": to(1, "base $1"), "path.Dir": to(1, "dir $1"), "path.Ext": to(1, "ext $1"), "path.Clean": to(1, "clean $1"), "path.IsAbs": to(1, "isAbs $1"), "path.": noted(none),
		"filepath.Base": to(1, "base $1"), "filepath.Dir": to(1, "dir $1"), "filepath.Ext": to(1, "ext $1"), "filepath.Clean": to(1, "clean $1"), "filepath.": noted(none),
		"tmpl.":   noted("gives the output of a template as a text: write {{ template \"NAME\" . }}, or include a file"),
		"tpl":     noted("renders a value as a template: a value is a value here"),
		"random.": noted(random), "uuid.": noted(random), "time.": noted(clock), "net.": noted(net), "sockaddr.": noted(net), "aws.": noted(cloud), "gcp.": noted(cloud), "file.": noted(file), "semver.": noted(none),
	}
	for _, n := range []string{"toml", "csv", "csvByRow", "csvByColumn", "cue", "toCSV", "toCUE", "toJSONPretty"} {
		rules[n] = noted("has no equivalent: put data below the data folder, as a file")
	}
	for _, n := range []string{"datasourceExists", "datasourceReachable", "defineDatasource", "listDatasources"} {
		rules[n] = noted(source)
	}
	for _, n := range []string{"ec2meta", "ec2dynamic", "ec2tag", "ec2tags", "ec2region"} {
		rules[n] = noted(cloud)
	}
	for alias, of := range map[string]string{
		"env.Getenv": "getenv", "strings.ReplaceAll": "replaceAll", "strings.ToUpper": "toUpper", "strings.ToLower": "toLower", "strings.TrimSpace": "trimSpace", "strings.Squote": "squote", "strings.Title": "title", "strings.Indent": "indent",
		"conv.Bool": "bool", "conv.Join": "join", "conv.URL": "urlParse", "conv.Has": "has", "coll.Has": "has", "coll.Slice": "slice", "conv.Slice": "slice", "coll.Append": "append", "coll.Prepend": "prepend", "coll.Set": "set", "coll.Unset": "unset",
		"coll.Sort": "sort", "strings.Sort": "sort", "data.JSON": "json", "data.JSONArray": "jsonArray", "data.YAML": "yaml", "data.YAMLArray": "yamlArray", "data.ToJSON": "toJSON", "data.ToYAML": "toYAML", "data.ToTOML": "toTOML", "datasource": "ds",
		"test.Ternary": "ternary", "math.Rem": "rem", "math.Div": "div", "math.Seq": "seq", "test.Kind": "kind", "test.IsKind": "isKind", "test.Assert": "assert",
	} {
		rules[alias] = rules[of]
	}
	for _, n := range []string{"Add", "Sub", "Mul"} {
		rules["math."+n] = to(anyCount, strings.ToLower(n)+" $*")
	}
	return rules
}

// truth is the test of conv.ToBool.
const truth = `has (lower (toString $1)) (list "1" "t" "true" "yes" "1.0")`

// ternary takes any value for its condition there, and a truth value here.
func ternary(c call) (string, bool) {
	if len(c.args) != 4 {
		return "", false
	}
	for _, comparison := range []string{"(eq ", "(ne ", "(lt ", "(le ", "(gt ", "(ge ", "(not ", "(has", "(contains ", "(regexMatch "} {
		if strings.HasPrefix(c.args[3], comparison) {
			return fill("ternary $1 $2 $3", c.args[1:]), true
		}
	}
	return fill("ternary $1 $2 (", c.args[1:]) + fill(truth, c.args[3:]) + ")", true
}

// dataSource is a data source as a file of the data folder.
func dataSource(c call) (string, bool) {
	if len(c.args) != 2 {
		return "", false
	}
	name, ok := quoted(c.args[1])
	if !ok || name == "" {
		return "", false
	}
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return "index $.Data " + strconv.Quote(name), true
	}
	return "$.Data." + name, true
}

func whereData(c call) string {
	name, _ := quoted(c.args[1])
	return "is a file here: put the source below the data folder as " + name + ".yaml or " + name + ".json"
}
