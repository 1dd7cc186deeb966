package language

import (
	"strings"
)

func borrowedTexts(sprig map[string]any) []borrowed {
	const (
		everyText = "Defined for every text."
		bytes     = "Defined for every text and number; it counts bytes."
		notText   = "Fails for a dictionary, a peer and the dot; nothing is left out."
	)
	rows := []borrowed{
		defined("hello", nil, "Takes nothing.", `{{ hello }}`, "Hello!"),
		defined("abbrev", nil, "A text that is to be shorter than 4 stays as it is.", `{{ abbrev 2 "long text" }}`, "long text"),
		defined("abbrevboth", nil, "A text that is to be shorter than 4, or than 7 with an offset, stays as it is.", `{{ abbrevboth 1 2 "long text" }}`, "long text"),
		defined("trunc", nil, bytes, `{{ trunc 9 "abc" }} {{ trunc -9 "abc" }}`, "abc abc"),
		defined("trim", nil, everyText, `{{ trim "" }}`, ""),
		defined("upper", nil, everyText, `{{ upper "" }}`, ""),
		defined("lower", nil, everyText, `{{ lower "" }}`, ""),
		defined("title", nil, everyText, `{{ title "" }}`, ""),
		defined("untitle", nil, everyText, `{{ untitle "" }}`, ""),
		defined("trimall", nil, everyText, `{{ trimall "" "a" }}`, "a"),
		defined("trimAll", nil, everyText, `{{ trimAll "" "a" }}`, "a"),
		defined("trimSuffix", nil, everyText, `{{ trimSuffix "x" "a" }}`, "a"),
		defined("trimPrefix", nil, everyText, `{{ trimPrefix "x" "a" }}`, "a"),
		defined("nospace", nil, everyText, `{{ nospace "" }}`, ""),
		defined("initials", nil, everyText, `{{ initials "" }}`, ""),
		defined("swapcase", nil, everyText, `{{ swapcase "" }}`, ""),
		defined("snakecase", nil, everyText, `{{ snakecase "" }}`, ""),
		defined("camelcase", nil, everyText, `{{ camelcase "" }}`, ""),
		defined("kebabcase", nil, everyText, `{{ kebabcase "" }}`, ""),
		defined("wrap", nil, "Defined for every text; a width below 1 is 1.", `{{ wrap 0 "a b" }}`, "a\nb"),
		defined("wrapWith", nil, "Defined for every text; a width below 1 is 1.", `{{ wrapWith 0 "+" "a b" }}`, "a+b"),
		defined("contains", nil, everyText, `{{ contains "" "" }}`, "true"),
		defined("hasPrefix", nil, everyText, `{{ hasPrefix "" "" }}`, "true"),
		defined("hasSuffix", nil, everyText, `{{ hasSuffix "" "" }}`, "true"),
		defined("replace", nil, everyText, `{{ replace "x" "y" "a" }}`, "a"),
		defined("plural", nil, "Defined for every number; all but 1 are many.", `{{ plural "one" "many" -1 }}`, "many"),
		defined("split", nil, "Defined for every text; a part that is not there is missing.", `{{ (split "/" "a")._0 }}{{ (split "/" "a")._1 | default "-" }}`, "a-"),
		defined("splitList", nil, everyText, `{{ splitList "/" "" | len }}`, "1"),
		defined("splitn", nil, "Defined for every text and number; 0 parts are none, a negative number is all.", `{{ splitn "/" 0 "a/b" | len }}`, "0"),
		defined("base", nil, "Defined for every text; of nothing it is a dot.", `{{ base "" }}`, "."),
		defined("dir", nil, "Defined for every text; of nothing it is a dot.", `{{ dir "" }}`, "."),
		defined("clean", nil, "Defined for every text; of nothing it is a dot.", `{{ clean "" }}`, "."),
		defined("ext", nil, everyText, `{{ ext "" }}`, ""),
		defined("isAbs", nil, everyText, `{{ isAbs "" }}`, "false"),
		defined("osBase", nil, "Defined for every text; of nothing it is a dot.", `{{ osBase "" }}`, "."),
		defined("osDir", nil, "Defined for every text; of nothing it is a dot.", `{{ osDir "" }}`, "."),
		defined("osClean", nil, "Defined for every text; of nothing it is a dot.", `{{ osClean "" }}`, "."),
		defined("osExt", nil, everyText, `{{ osExt "" }}`, ""),
		defined("osIsAbs", nil, everyText, `{{ osIsAbs "" }}`, "false"),

		fails("substr", substr, "Fails for a start beyond the end of the text, and for an end before the start. It counts bytes; a negative start is 0, a negative end the end.", `{{ substr 5 9 "abc" }}`),
		fails("repeat", repeat, "Fails for a negative count, and for a result of more than 64 MiB.", `{{ repeat -1 "a" }}`),
		fails("indent", indented(sprig, "indent"), "Fails for a negative number of blanks, and for a result of more than 64 MiB.", `{{ indent -1 "a" }}`),
		fails("nindent", indented(sprig, "nindent"), "Fails for a negative number of blanks, and for a result of more than 64 MiB.", `{{ nindent -1 "a" }}`),
		fails("toString", func(v any) (string, error) {
			out, err := allPrinted([]any{v}, false)
			if err != nil {
				return "", err
			}
			return sprig["toString"].(func(any) string)(out[0]), nil
		}, "Fails for nothing, a dictionary, a peer and the dot.", `{{ toString (dict) }}`),
	}
	for _, name := range []string{"quote", "squote", "cat"} {
		own := sprig[name].(func(...any) string)
		rows = append(rows, fails(name, func(values ...any) (string, error) {
			out, err := allPrinted(values, true)
			if err != nil {
				return "", err
			}
			return own(out...), nil
		}, notText, "{{ "+name+" (dict) }}"))
	}
	return rows
}

func tooLong(fn string) error {
	return refuse("", "%s would make more than 64 MiB", fn)
}

func substr(start, end int, text string) (string, error) {
	from, to := max(start, 0), end
	// sprig takes the end as it is after a negative start, and as open when it is beyond the text.
	if start >= 0 && (end < 0 || end > len(text)) {
		to = len(text)
	}
	if from > to || to > len(text) || to < 0 {
		return "", refuse("", "substr cannot take the bytes %d to %d: the text has %d", start, end, len(text))
	}
	return text[from:to], nil
}

func repeat(count int, text string) (string, error) {
	if count < 0 {
		return "", refuse("", "repeat cannot repeat a text %d times", count)
	}
	if len(text) > 0 && count > maxOutput/len(text) {
		return "", tooLong("repeat")
	}
	return strings.Repeat(text, count), nil
}

func indented(sprig map[string]any, name string) func(int, string) (string, error) {
	own := sprig[name].(func(int, string) string)
	return func(blanks int, text string) (string, error) {
		if blanks < 0 {
			return "", refuse("", "%s cannot indent by %d blanks", name, blanks)
		}
		if blanks > maxOutput/(strings.Count(text, "\n")+1) {
			return "", tooLong(name)
		}
		return own(blanks, text), nil
	}
}
