package porting

import "strings"

// What a template calls is either in the rules of its tool, or in a list of what is the same
// here. Anything else is no function of the tool: a fork has it, or a release that is newer
// than the rules. It has a note at each place, whatever is called so here.

// ofTemplates are what text/template itself has, and the words that are no calls. index and
// slice of it are in the rules where they differ.
const ofTemplates = "and or not call len index print printf println html js urlquery eq ne lt le gt ge end break continue nil true false"

// ofSprig are the functions of sprig that are here as well. jwilder's dockerize has none of
// them, powerman's has all.
const ofSprig = "abbrev abbrevboth add add1 add1f addf adler32sum all any append atoi b32dec b32enc b64dec b64enc base biggest camelcase cat ceil chunk clean " +
	"coalesce compact concat contains date dateInZone dateModify date_in_zone date_modify deepCopy deepEqual default dict dig dir div divf duration durationRound " +
	"empty env expandenv ext fail first float64 floor fromJson get has hasKey hasPrefix hasSuffix hello indent initial initials int int64 isAbs join kebabcase keys " +
	"kindIs kindOf last list lower max maxf merge mergeOverwrite min minf mod mul mulf mustAppend mustChunk mustCompact mustDateModify mustDeepCopy mustFirst " +
	"mustFromJson mustHas mustInitial mustLast mustMerge mustMergeOverwrite mustPrepend mustPush mustRegexFind mustRegexFindAll mustRegexMatch mustRegexReplaceAll " +
	"mustRegexReplaceAllLiteral mustRegexSplit mustRest mustReverse mustSlice mustToDate mustToJson mustToPrettyJson mustToRawJson mustUniq mustWithout " +
	"must_date_modify nindent nospace omit osBase osClean osDir osExt osIsAbs pick pluck plural prepend push quote regexFind regexFindAll regexMatch " +
	"regexQuoteMeta regexReplaceAll regexReplaceAllLiteral regexSplit repeat replace rest reverse round semver semverCompare seq set sha1sum sha256sum sha512sum " +
	"slice snakecase sortAlpha split splitList splitn squote sub subf substr swapcase ternary title toDate toDecimal toJson toPrettyJson toRawJson toString " +
	"toStrings trim trimAll trimPrefix trimSuffix trimall trunc tuple typeIs typeIsLike typeOf uniq unixEpoch unset until untilStep untitle upper urlJoin urlParse " +
	"values without wrap wrapWith"

// same are the functions of a tool that mean the same here, and are called alike.
func (tool Tool) same() string {
	switch tool {
	case Confd:
		return "add sub mul div mod atoi base dir reverse"
	case Dockerize:
		return ofSprig
	case Gomplate:
		return "add sub mul default dict keys values merge uniq reverse fail quote"
	case Consul:
		return "add join regexMatch trimPrefix trimSuffix"
	}
	return ""
}

// Known lists the functions that need no rule: the tool has them, and they are the same here.
func Known(tool Tool) []string { return strings.Fields(ofTemplates + " " + tool.same()) }

func known(tool Tool) map[string]bool {
	out := map[string]bool{}
	for _, name := range Known(tool) {
		out[name] = true
	}
	return out
}

// isFunction says whether the first word of a command names a function, and is no value.
func isFunction(word string) bool {
	if word == "" || strings.ContainsAny(word, "\"`'()$,:=") {
		return false
	}
	c := word[0]
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
