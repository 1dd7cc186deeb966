package porting

import "strings"

// shellLine writes a command of the shell as a value of our configuration, in which a
// semicolon or a hash after a blank begins a comment: the blank in front of a semicolon
// goes, and so does a comment. ok is false where neither can be, within quotes, or where the
// command has several lines. file takes the place of each of the words in src.
func shellLine(cmd string, file string, src ...string) (line string, ok bool) {
	var out strings.Builder
	ok = !strings.Contains(strings.Trim(cmd, blanks), "\n")
	eachShellByte(cmd, src, func(part string, quote byte, isSrc bool) bool {
		switch {
		case isSrc:
			out.WriteString(file)
			return true
		case part != ";" && part != "#" || !endsBlank(out.String()):
		case quote != 0:
			ok = false
		case part == ";":
			trimmed := strings.TrimRight(out.String(), blanks)
			out.Reset()
			out.WriteString(trimmed)
		default:
			return false
		}
		out.WriteString(part)
		return true
	})
	return strings.ReplaceAll(strings.Trim(out.String(), blanks), "%", "%%"), ok
}

// shellScript is a command as a script whose first argument takes the place of src.
func shellScript(cmd string, src ...string) string {
	var out strings.Builder
	eachShellByte(cmd, src, func(part string, quote byte, isSrc bool) bool {
		switch {
		case !isSrc:
			out.WriteString(part)
		case quote == '\'':
			out.WriteString(`'"$1"'`)
		case quote == '"':
			out.WriteString(`$1`)
		default:
			out.WriteString(`"$1"`)
		}
		return true
	})
	return "#!/bin/sh\n" + strings.Trim(out.String(), blanks) + "\n"
}

func endsBlank(s string) bool { return s == "" || strings.IndexByte(blanks, s[len(s)-1]) >= 0 }

// eachShellByte walks over a command; quote is what the part stands in, 0 for nothing. An
// escaped character is one part. It ends when f returns false.
func eachShellByte(cmd string, src []string, f func(part string, quote byte, isSrc bool) bool) {
	quote := byte(0)
next:
	for i := 0; i < len(cmd); {
		for _, s := range src {
			if strings.HasPrefix(cmd[i:], s) {
				if !f(s, quote, true) {
					return
				}
				i += len(s)
				continue next
			}
		}
		size := 1
		if cmd[i] == '\\' && quote != '\'' && i+1 < len(cmd) {
			size = 2
		}
		part := cmd[i : i+size]
		before := quote
		if size == 1 && (part == `"` || part == "'") {
			switch quote {
			case 0:
				quote = part[0]
			case part[0]:
				quote = 0
			}
		}
		if !f(part, before, false) {
			return
		}
		i += size
	}
}
