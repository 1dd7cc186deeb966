package porting

import "strings"

// The keys of Consul have no slash in front, so they stay relative to the prefix in [etcd].
func consulRules() map[string]rule {
	const (
		services = "asks Consul for services: declare [link:NAME] and use link or links"
		vault    = "reads Vault: mount the value as a secret, and use secret"
		nomad    = "asks Nomad: give the value as a variable or as a key"
		clock    = "reads the clock, so the file would change at every render"
		waits    = "waits there until something is below it; here it is an empty list: use fail in {{ else }}"
		member   = "is for lists here: for a text or a dictionary write contains $1 $2 or hasKey $2 $1"
	)
	rules := map[string]rule{
		"key":             {forms: []form{{1, "kv $1"}}, warn: elsewhere},
		"keyOrDefault":    {forms: []form{{2, `default $2 (kvOr $1 "")`}}, warn: elsewhere},
		"keyExists":       {forms: []form{{1, "kvExists $1"}}, warn: elsewhere},
		"ls":              {forms: []form{{1, "kvKeys $1"}}, warn: elsewhere},
		"safeLs":          {forms: []form{{1, "kvKeys $1"}}, differs: waits, warn: elsewhere},
		"tree":            {forms: []form{{1, "kvTree $1"}}, warn: elsewhere},
		"safeTree":        {forms: []form{{1, "kvTree $1"}}, differs: waits, warn: elsewhere},
		"env":             to(1, `env $1 ""`),
		"envOrDefault":    to(2, "env $1 $2"),
		"mustEnv":         to(1, `required (print $1 " is empty") (env $1 "")`),
		"toLower":         to(1, "lower $1"),
		"toUpper":         to(1, "upper $1"),
		"toTitle":         {forms: []form{{1, "title $1"}}, differs: "takes what stands after a dot or an apostrophe for a word as well"},
		"trim":            to(2, "trimAll $1 $2"),
		"trimSpace":       to(1, "trim $1"),
		"replaceAll":      to(3, "replace $1 $2 $3"),
		"regexReplaceAll": to(3, "regexReplaceAll $1 $3 $2"),
		"split":           to(2, "splitTrimmed $1 $2"),
		"base64Encode":    to(1, "b64enc $1"),
		"base64Decode":    to(1, "b64dec $1"),
		"parseBool":       to(1, `parseBool (coalesce $1 "false")`),
		"parseInt":        to(1, `int64 (coalesce $1 "0")`),
		"parseUint":       to(1, `int64 (coalesce $1 "0")`),
		"parseFloat":      to(1, `float64 (coalesce $1 "0")`),
		"parseJSON":       to(1, `fromJson (coalesce $1 "{}")`),
		"toJSON":          to(1, "toJson $1"),
		"toJSONPretty":    to(1, "toPrettyJson $1"),
		"toUnescapedJSON": to(1, "toRawJson $1"),
		"sha256Hex":       to(1, "sha256sum $1"),
		"subtract":        to(2, "sub $2 $1"),
		"multiply":        to(2, "mul $1 $2"),
		"divide":          to(2, "div $2 $1"),
		"modulo":          to(2, "mod $2 $1"),
		"minimum":         to(2, "min $1 $2"),
		"maximum":         to(2, "max $1 $2"),
		"loop":            {forms: []form{{1, "untilStep 0 #1 1"}, {2, "untilStep #1 #2 1"}}},
		"contains":        {forms: []form{{2, "has $1 $2"}}, differs: member},
		"in":              {forms: []form{{2, "has $2 $1"}}, differs: member},
		"indent":          {forms: []form{{2, "indent #1 $2"}}, differs: "indents empty lines as well here"},
		"timestamp":       noted(clock),
		"executeTemplate": noted("gives the output of a define as a text: write {{ template \"NAME\" . }}, or include a file"),
		"scratch":         noted("has no equivalent: set a variable, {{ $x = … }}"),
		"scratch.":        noted("has no equivalent: set a variable, {{ $x = … }}"),
		"explode":         noted("makes a tree of keys: the whole of it is .KV"),
		"byKey":           noted("groups keys by their first level: range over kvFolders and kvTree below it"),
		"file":            noted("reads a file while rendering: put it below the data folder, or mount it as a secret"),
		"plugin":          noted("runs a program while rendering: make it a source, [source:NAME]"),
		"writeToFile":     noted("writes another file: give that its own template"),
		"parseYAML":       to(1, "fromYaml $1"),
		"toYAML":          {forms: []form{{1, "toYaml $1"}}, differs: "is laid out in another way, and means the same"},
		"toTOML":          {forms: []form{{1, "toToml $1"}}, differs: "is laid out in another way, and means the same"},
		"md5sum":          noted("has no equivalent: sha256sum"),
		"hmacSHA256Hex":   noted("has no equivalent"),
		"sockaddr":        noted("looks at the network interfaces: give the address as a variable"),
		"secret":          noted(vault),
		"secrets":         noted(vault),
		"pkiCert":         noted(vault),
		"slice":           noted(sliced),
		"sprig_":          {special: sprigs, warn: notOfSprig, doc: "the same without `sprig_`"},
	}
	for _, n := range []string{"service", "services", "node", "nodes", "datacenters", "connect", "caRoots", "caLeaf", "exportedServices", "partitions", "peerings", "byTag", "byMeta", "byPort"} {
		rules[n] = noted(services)
	}
	for _, n := range []string{"nomadService", "nomadServices", "nomadVar", "nomadVarList", "nomadVarListSafe", "nomadVarExists"} {
		rules[n] = noted(nomad)
	}
	for _, n := range []string{"base64URLEncode", "base64URLDecode", "containsAll", "containsAny", "containsNone", "containsNotAll", "explodeMap", "mergeMap", "mergeMapWithOverride", "splitToMap", "toUnescapedJSONPretty", "spew_dump", "spew_printf", "spew_sdump", "spew_sprintf"} {
		rules[n] = noted("has no equivalent")
	}
	return rules
}

// elsewhere is about keys that name a datacenter of Consul, or have options behind them.
func elsewhere(c call) string {
	if len(c.args) < 2 {
		return ""
	}
	if path, ok := quoted(c.args[1]); ok && strings.ContainsAny(path, "?@") {
		return "names a datacenter or options of Consul, which are a part of the key here"
	}
	return ""
}

// notOfSprig says why a function of sprig is not here.
func notOfSprig(c call) string {
	name := strings.TrimPrefix(c.raw[0], "sprig_")
	if why, refused := refusedOfSprig()[name]; refused {
		return why
	}
	if strings.Contains(" "+ofSprig+" "+ofTemplates+" ", " "+name+" ") {
		return ""
	}
	return "is no function of sprig that is known here: look what it is to give, and write that"
}

func sprigs(c call) (string, bool) {
	return strings.Join(append([]string{strings.TrimPrefix(c.args[0], "sprig_")}, c.args[1:]...), " "), true
}
