package porting

import "strings"

// keyFunctions are confd's functions whose first argument is a key, or a pattern of keys:
// they are relative to the prefix of the resource.
var keyFunctions = map[string]string{
	"getv": "key", "exists": "key", "ls": "key", "lsdir": "key", "gets": "pattern", "getvs": "pattern", "get": "pattern",
}

// atRoot: confd counts the root as a level of its own, and finds nothing below it.
func atRoot(c call) string {
	if len(c.args) == 2 && c.args[1] == `"/"` {
		return "lists what lies at the root here; confd finds no folder there"
	}
	return noSlash(c)
}

// noSlash: confd compares keys as they are written, and all of its own begin with a slash.
func noSlash(c call) string {
	if len(c.args) < 2 {
		return ""
	}
	if key, ok := quoted(c.args[1]); ok && !strings.HasPrefix(key, "/") {
		return "is not found by confd, because the key has no slash in front; here it is"
	}
	return ""
}

// sliced is about the slice of text/template.
const sliced = "cuts texts and lists there, by places; here it is for lists: substr is for texts"

func confdRules() map[string]rule {
	const (
		crypt = "is encrypted with crypt: put the secret under a secret prefix or in a secret file"
		dns   = "asks the DNS: declare [link:NAME] and use link or links"
	)
	rules := map[string]rule{
		"getv":         {forms: []form{{1, "kv $1"}, {2, "kvOr $1 $2"}}, warn: noSlash},
		"exists":       {forms: []form{{1, "kvExists $1"}}, warn: noSlash},
		"ls":           {forms: []form{{1, "kvList $1"}}, warn: atRoot},
		"lsdir":        {forms: []form{{1, "kvFolders $1"}}, warn: atRoot},
		"get":          {forms: []form{{1, "kvPair PREFIX $1"}}},
		"gets":         {forms: []form{{1, "kvMatch PREFIX $1"}}},
		"getvs":        {forms: []form{{1, "kvMatchValues PREFIX $1"}}},
		"getenv":       {forms: []form{{1, `env $1 ""`}, {2, `default $2 (env $1 "")`}}},
		"split":        swapped("splitList"),
		"join":         swapped("join"),
		"contains":     swapped("contains"),
		"trimSuffix":   swapped("trimSuffix"),
		"replace":      {special: counted, doc: "`replace $2 $3 $1` if $4 is -1, else `replaceN $2 $3 $4 $1`"},
		"toUpper":      to(1, "upper $1"),
		"toLower":      to(1, "lower $1"),
		"base64Encode": to(1, "b64enc $1"),
		"base64Decode": to(1, "b64dec $1"),
		"parseBool":    to(1, "parseBool $1"),
		"json":         to(1, "fromJson $1"),
		"jsonArray":    to(1, "fromJson $1"),
		"map":          to(anyCount, "dict $*"),
		"seq":          to(2, "untilStep #1 (int (add1 $2)) 1"),
		"hostname":     to(0, "$.Host.Name"),
		"slice":        noted(sliced),
		"datetime":     noted("reads the clock, so the file would change at every render"),
		"fileExists":   noted("asks whether a file exists while rendering; slipway does not look at files"),
		"sortByLength": noted("has no equivalent: sortAlpha sorts by the alphabet"),
	}
	rules["sortKVByLength"] = noted("has no equivalent: kvTree is sorted by key")
	for _, n := range []string{"cget", "cgetv", "cgets", "cgetvs"} {
		rules[n] = noted(crypt)
	}
	for _, n := range []string{"lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV", "lookupIfaceIPV4", "lookupIfaceIPV6"} {
		rules[n] = noted(dns)
	}
	return rules
}
