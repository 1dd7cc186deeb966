package main

import (
	"fmt"
	"regexp"
	"strings"
)

// manual makes man pages.
type manual struct{ version, date string }

func (m manual) head(name, section, what string) string {
	return fmt.Sprintf(".TH %s %s %q %q\n.SH NAME\n%s \\- %s\n",
		strings.ToUpper(name), section, m.date, m.version, roff(name), roff(what))
}

// command is one of those that slipway --help lists, and what is said of it there.
type command struct{ word, what string }

// commandsOf are the commands that slipway --help lists: indented words below a heading.
func commandsOf(help string) []command {
	var list []command
	heading := ""
	for line := range strings.Lines(help) {
		switch {
		case isHeading(line):
			heading = strings.TrimSpace(line)
		case heading == "" || heading == "USAGE" || heading == "OPTIONS" || heading == "EXAMPLES" || heading == "EXIT STATUS":
		case strings.HasPrefix(line, "  "):
			word, what, _ := strings.Cut(strings.TrimSpace(line), " ")
			if word != "help" {
				list = append(list, command{word, strings.TrimSpace(what)})
			}
		}
	}
	return list
}

// isHeading tells the headings of a help text: capitals at the start of a line.
func isHeading(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && strings.ToUpper(line) == line && strings.Trim(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") == ""
}

// helpTerm is a line of a help text that explains a word: an option, a command, a status.
var helpTerm = regexp.MustCompile(`^ {2,6}(\S.*?) {2,}(\S.*)$`)

// fromHelp makes a page of what --help prints. Paragraphs are filled, so that they fit into
// any terminal; lists of options, commands and statuses become terms; what is indented, usage
// and examples stay as they are. what is it in one line.
func (m manual) fromHelp(name, what, help string) string {
	rest := help
	if first, more, _ := strings.Cut(help, "\n"); strings.TrimSuffix(strings.TrimSpace(first), ".") == what {
		rest = more // that is all of the description, or how it begins
	}
	var b strings.Builder
	b.WriteString(m.head(name, "1", what))
	section, asIs := "", false
	set := func(on bool) { // lines as they are, or filled
		if on != asIs {
			b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[on])
			asIs = on
		}
	}
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\n")
		word, means, isTerm := termOf(section, line)
		switch {
		case isHeading(line) && !strings.HasPrefix(line, " "):
			set(false)
			section = line
			fmt.Fprintf(&b, ".SH %s\n", line)
		case line == "":
			if section != "" && !asIs {
				b.WriteString(".PP\n")
			} else if asIs {
				b.WriteString("\n")
			}
		case isTerm:
			set(false)
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(word), roff(means))
		default:
			if section == "" {
				section = "DESCRIPTION"
				b.WriteString(".SH DESCRIPTION\n")
			}
			set(strings.HasPrefix(line, " "))
			b.WriteString(roff(line) + "\n")
		}
	}
	set(false)
	b.WriteString(".SH SEE ALSO\n.BR slipway (1),\n.BR slipway.conf (5),\n.BR slipway\\-functions (7),\n.BR slipway\\-exit\\-status (7)\n")
	return strings.ReplaceAll(b.String(), ".PP\n.SH", ".SH")
}

// termOf is the word that a line explains, and what it says of it. Descriptions, usage and
// examples explain none.
func termOf(section, line string) (word, means string, ok bool) {
	if section == "" || section == "DESCRIPTION" || section == "USAGE" || section == "EXAMPLES" {
		return "", "", false
	}
	m := helpTerm.FindStringSubmatch(line)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

var (
	mdComment = regexp.MustCompile(`(?s)<!--.*?-->\n?`)
	mdLinks   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	mdCode    = regexp.MustCompile("`([^`]*)`")
)

// fromMarkdown makes a page of one of the generated reference pages: headings, tables of
// which the first column is the term, lists and fenced blocks. It knows no more.
func (m manual) fromMarkdown(name, section, what, text string) string {
	var b strings.Builder
	b.WriteString(m.head(name, section, what))
	b.WriteString(".SH DESCRIPTION\n")
	fenced, form := false, inParentheses
	header := true // of a table: its head and the line below say nothing in a list of terms
	for line := range strings.Lines(mdComment.ReplaceAllString(text, "")) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			b.WriteString(map[bool]string{true: ".PP\n.nf\n.RS 4\n", false: ".RE\n.fi\n"}[fenced])
			continue
		}
		switch level, title, _ := strings.Cut(line, " "); {
		case fenced:
			b.WriteString(roff(line) + "\n")
		case line == "":
			b.WriteString(".PP\n")
			header = true
		case level == "#": // the title of the page is in its head
		case level == "##":
			fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(plainText(title))))
		case level != "" && strings.Trim(level, "#") == "":
			fmt.Fprintf(&b, ".SS %s\n", roff(plainText(title)))
		case strings.HasPrefix(line, "|"):
			if strings.HasPrefix(line, "| ---") {
				header = false
			} else if !header {
				b.WriteString(row(line, form))
			} else {
				form = inParentheses
				if strings.HasPrefix(line, "| status | meaning |") {
					form = inSentences
				}
			}
		case strings.HasPrefix(line, "* "), strings.HasPrefix(line, "- "):
			b.WriteString(".IP \\(bu 2\n" + roff(plainText(line[2:])) + "\n")
		default:
			b.WriteString(roff(plainText(strings.TrimSpace(line))) + "\n")
		}
	}
	return b.String()
}

// How a row of more than two columns is written: what is between the first and the last is a
// remark on the term, such as its type, or a sentence before the last one.
const (
	inParentheses = "(%s) %s"
	inSentences   = "%s. To do: %s."
)

// row is a line of a table as a term and its description, in one of the forms.
func row(line, form string) string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	var cells []string
	for _, c := range strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|") {
		if c = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|")); c != "" {
			cells = append(cells, roff(plainText(c)))
		}
	}
	if len(cells) == 0 {
		return ""
	}
	term := ".TP\n.B " + cells[0] + "\n"
	switch n := len(cells); n {
	case 1:
		return term + "\n"
	case 2:
		return term + cells[1] + "\n"
	default:
		return term + fmt.Sprintf(form, strings.Join(cells[1:n-1], "; "), cells[n-1]) + "\n"
	}
}

// plainText drops Markdown's links and marks of code.
func plainText(s string) string {
	s = mdLinks.ReplaceAllString(s, "$1")
	return strings.ReplaceAll(mdCode.ReplaceAllString(s, "$1"), `\|`, "|")
}

// roff protects a text from the typesetter: backslashes, hyphens that are to stay
// hyphens, and a full stop or quote at the start of a line, which would be a command.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
