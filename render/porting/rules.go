package porting

// Tool is a tool whose templates can be ported.
type Tool string

// The tools.
const (
	Confd     Tool = "confd"
	Dockerize Tool = "dockerize"
)

// portRule says how one function of another tool is spelled here. The first form
// that fits the number of arguments is taken; one argument less than Args counts as
// given by the pipeline, and fits only if the last one stays last.
type portRule struct {
	forms []portForm
	note  string // why there is no form, or what differs
}

type portForm struct {
	args int
	text string // $1, $2, … are the arguments
}

func form(args int, text string) portRule {
	return portRule{forms: []portForm{{args, text}}}
}

func same(note string) portRule { return portRule{note: note} }

// portRules returns the functions of a tool that mean something else here, or are
// spelled otherwise. What is not listed is the same function.
func portRules(tool Tool) map[string]portRule {
	swapped := func(name string) portRule { return form(2, name+" $2 $1") }
	rules := map[string]portRule{
		"split": swapped("splitList"), "replace": form(4, "replace $2 $3 $1"), "toUpper": form(1, "upper $1"), "toLower": form(1, "lower $1"),
		"isTrue": form(1, "eq (lower $1) \"true\""), "parseBool": form(1, "eq (lower $1) \"true\""), "parseInt": form(1, "int64 $1"), "parseUrl": form(1, "urlParse $1"),
		"base64Encode": form(1, "b64enc $1"), "base64Decode": form(1, "b64dec $1"),
	}
	switch tool {
	case Dockerize:
		rules["default"] = swapped("default")
		rules["contains"] = form(2, "hasKey $1 $2")
		rules["exists"] = same("asks whether a file exists while rendering; slipway does not look at files, declare it as a variable")
		rules["jsonQuery"] = same("has no equivalent: use fromJson and index")
		rules["loop"] = portRule{forms: []portForm{{1, "until (int $1)"}, {2, "untilStep (int $1) (int $2) 1"}, {3, "untilStep (int $1) (int $2) (int $3)"}}}
	case Confd:
		rules["getv"] = portRule{forms: []portForm{{1, "kv $1"}, {2, "kvOr $1 $2"}}}
		rules["exists"] = form(1, "kvExists $1")
		rules["getenv"] = portRule{forms: []portForm{{1, "env $1 \"\""}, {2, "env $1 $2"}}}
		rules["ls"] = form(1, "kvList $1")
		rules["get"] = same("returns a pair: kv gives its .Value; its .Key is the argument")
		rules["gets"] = same("matches a pattern: kvTree gives all keys below a prefix, with .Name, .Key (below the prefix) and .Value")
		rules["getvs"] = same("matches a pattern: range over kvTree and take .Value")
		for _, n := range []string{"cget", "cgetv", "cgets", "cgetvs"} {
			rules[n] = same("is encrypted with crypt: put the secret under a secret prefix or in a secret file")
		}
		rules["lsdir"] = same("lists folders only: kvList lists keys as well")
		rules["join"] = swapped("join")
		rules["contains"] = swapped("contains")
		rules["trimSuffix"] = swapped("trimSuffix")
		rules["json"], rules["jsonArray"] = form(1, "fromJson $1"), form(1, "fromJson $1")
		rules["map"] = same("is dict here, with the same arguments")
		rules["datetime"] = same("reads the clock, so the file would change at every render")
		for _, n := range []string{"lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV"} {
			rules[n] = same("asks the DNS: declare [link:NAME] and use link or links")
		}
		rules["fileExists"] = same("asks whether a file exists while rendering; slipway does not look at files")
		rules["seq"] = form(2, "untilStep (int $1) (int (add1 $2)) 1")
		rules["sortByLength"], rules["sortKVByLength"] = same("has no equivalent: sortAlpha sorts by the alphabet"), same("has no equivalent: kvTree is sorted by key")
	}
	return rules
}
