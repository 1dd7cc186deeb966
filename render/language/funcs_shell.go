package language

import (
	"strings"
	"unicode/utf8"
)

func shellFuncs() []Func {
	return []Func{
		{
			Name: "shellQuote", Usage: "shellQuote TEXT", Doc: "A word of a POSIX shell that means exactly the text. For files that are sourced, and for commands.",
			Example: `{{ shellQuote "it's $HOME" }}`, Want: `'it'\''s $HOME'`, Refuses: `{{ shellQuote "\x00" }}`, pure: shellQuote,
		},
		{
			Name: "shellQuoteTwice", Usage: "shellQuoteTwice TEXT", Doc: "As shellQuote, for a variable whose value is put between double quotes and evaluated once more, as the init scripts of Tomcat 6 to 8 do with JAVA_OPTS. Line breaks and runs of blanks do not survive that, and are refused.",
			Example: `{{ shellQuoteTwice "-Da=\"$b\"" }}`, Want: `'-Da=\"\$b\"'`, Refuses: `{{ shellQuoteTwice "a  b" }}`, pure: shellQuoteTwice,
		},
		{
			Name: "shellQuoteEval", Usage: "shellQuoteEval TEXT", Doc: "As shellQuote, for a list of words that is given to eval, as catalina.sh does with JAVA_OPTS and CATALINA_OPTS. Quotes in the text group words, as they do there; dollars, back-ticks, semicolons and the like mean themselves.",
			Example: `{{ shellQuoteEval "-Xmx1g -Du=http://h/?a=1&b=$x" }}`, Want: `'-Xmx1g -Du=http://h/\?a=1\&b=\$x'`, Refuses: `{{ shellQuoteEval "-Da='b" }}`, pure: shellQuoteEval,
		},
		{
			Name: "envFileQuote", Usage: "envFileQuote TEXT", Doc: "A value of a file for env.d (the grammar of go-envparse).",
			Example: `{{ envFileQuote "it's #1\n" }}`, Want: `"it's #1\n"`, Refuses: `{{ envFileQuote "\x00" }}`, pure: envFileQuote,
		},
		{
			Name: "dockerEnvValue", Usage: "dockerEnvValue TEXT", Doc: "A value of a file for docker run --env-file, which takes everything up to the end of the line as it is: line breaks are refused.",
			Example: `{{ dockerEnvValue "it's #1" }}`, Want: "it's #1", Refuses: `{{ dockerEnvValue "a\nb" }}`, pure: dockerEnvValue,
		},
		{
			Name: "composeQuote", Usage: "composeQuote TEXT", Doc: "A value of a .env file or env_file of Docker Compose; nothing in it is interpolated (docker-compose 1.x replaces ${NAME} in any quotes).",
			Example: `{{ composeQuote "$a \"b\"" }}`, Want: `'$a "b"'`, Refuses: `{{ composeQuote "\x00" }}`,
			pure: func(text string) (string, error) {
				if err := noNUL(text); err != nil {
					return "", err
				}
				if !strings.ContainsAny(text, "'\\\n\r") { // as it is; 1.x takes no \$ back in the others
					return "'" + text + "'", nil
				}
				return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`).Replace(text) + `"`, nil
			},
		},
		{
			Name: "systemdQuote", Usage: "systemdQuote TEXT", Doc: "A value of an EnvironmentFile of systemd, which expands nothing.",
			Example: `{{ systemdQuote "$a \"b\"" }}`, Want: `"\$a \"b\""`, Refuses: `{{ systemdQuote "\x00" }}`,
			pure: func(text string) (string, error) {
				if err := noNUL(text); err != nil {
					return "", err
				}
				return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(text) + `"`, nil
			},
		},
		{
			Name: "shellWords", Usage: "shellWords TEXT", Doc: "The words of a text, split as a shell splits them; nothing is expanded.",
			Example: `{{ range shellWords "a 'b c'" }}[{{ . }}]{{ end }}`, Want: "[a][b c]", Refuses: `{{ shellWords "a 'b" }}`, pure: shellWords,
		},
		{
			Name: "shellName", Usage: "shellName TEXT", Doc: "Whether a name can be that of a shell variable: letters, digits and underscores, not a digit first.",
			Example: `{{ shellName "A_1" }} {{ shellName "a.b" }}`, Want: "true false", pure: shellName,
		},
		{
			Name: "envKept", Usage: "envKept NAME", Doc: "Whether a variable belongs into a file of defaults: its name is one of a shell variable, and neither the shell's own (PATH, HOME, PWD, IFS, …) nor slipway's.",
			Example: `{{ envKept "APP_NAME" }} {{ envKept "PATH" }}`, Want: "true false", pure: envKept,
		},
	}
}

func noNUL(text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return refuse("", "the value holds a NUL byte, which no shell, environment or configuration file can carry")
	}
	return nil
}

func shellQuote(text string) (string, error) {
	if err := noNUL(text); err != nil {
		return "", err
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'", nil
}

func shellQuoteTwice(text string) (string, error) {
	if strings.ContainsAny(text, "\n\r\t") {
		return "", refuse("", "the value has a line break or tab, which a second evaluation by the shell does not keep")
	}
	if strings.Contains(text, "  ") || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") {
		return "", refuse("", "the value has blanks at an end or several in a row, which a second evaluation by the shell does not keep")
	}
	return shellQuote(strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`").Replace(text))
}

func shellQuoteEval(text string) (string, error) {
	words, err := shellWords(text)
	if err != nil {
		return "", err
	}
	for i, w := range words {
		if strings.ContainsAny(w, "\n\r") {
			return "", refuse("", "a word of the value has a line break, which eval does not keep")
		}
		words[i] = shellEscape(w)
	}
	return shellQuote(strings.Join(words, " "))
}

// shellEscape puts a backslash before every byte that could mean something to
// a shell outside of quotes.
func shellEscape(word string) string {
	if word == "" {
		return "''"
	}
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		c := word[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80 || strings.IndexByte("_@%+=:,./-", c) >= 0) {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// shellWords splits as a POSIX shell does, without any expansion.
func shellWords(text string) ([]string, error) {
	if err := noNUL(text); err != nil {
		return nil, err
	}
	var words []string
	var word strings.Builder
	in := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n':
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		case c == '\'':
			in = true
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				return nil, refuse("close it, or put a backslash before it", "the value has a ' that is not closed")
			}
			word.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case c == '"':
			in = true
			i++
			for ; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' && i+1 < len(text) && strings.IndexByte("\\\"$`", text[i+1]) >= 0 {
					i++
				}
				word.WriteByte(text[i])
			}
			if i == len(text) {
				return nil, refuse("close it, or put a backslash before it", `the value has a " that is not closed`)
			}
		case c == '\\' && i+1 < len(text):
			in = true
			i++
			word.WriteByte(text[i])
		default:
			in = true
			word.WriteByte(c)
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}

func shellName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return name != ""
}

// envKept leaves out what an init script sets on purpose, what bash refuses to
// assign, and what could change how the script that reads the file works.
func envKept(name string) bool {
	if !shellName(name) {
		return false
	}
	switch name {
	case "PATH", "HOME", "USER", "LOGNAME", "SHELL", "HOSTNAME", "PWD", "OLDPWD", "SHLVL", "TERM", "_", "IFS", "ENV", "MAIL", "CDPATH", "PS1", "PS2", "PS3", "PS4",
		"UID", "EUID", "PPID", "GROUPS", "SHELLOPTS", "BASHOPTS", "OPTIND", "OPTARG", "OPTERR", "LINENO", "RANDOM", "SECONDS", "POSIXLY_CORRECT", "DIRSTACK", "FUNCNAME",
		"COMP_WORDBREAKS", "HISTCMD", "PROMPT_COMMAND":
		return false
	}
	for _, prefix := range []string{"BASH", "LD_", "SLIPWAY_", "SUPERVISOR_"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	return true
}

// envFileQuote writes the JSON string of a value: between double quotes go-envparse
// knows JSON's escapes, expands nothing, and refuses control characters as such.
func envFileQuote(text string) (string, error) {
	if err := noNUL(text); err != nil {
		return "", err
	}
	out := jsonString(text, func(r rune) bool { return r < 0x20 })
	if len(out) > 60<<10 {
		return "", refuse("", "the value has %d bytes; a line of an env file may have 64 KiB", len(text))
	}
	return out, nil
}

func dockerEnvValue(text string) (string, error) {
	if strings.ContainsAny(text, "\n\r") {
		return "", refuse("give it to the container by other means", "the value has a line break, which a file for docker run --env-file cannot carry")
	}
	if !utf8.ValidString(text) {
		return "", refuse("", "the value is not valid UTF-8, and docker refuses such a file")
	}
	if len(text) > 60<<10 {
		return "", refuse("", "the value has %d bytes; a line of an env file may have 64 KiB", len(text))
	}
	return text, noNUL(text)
}
