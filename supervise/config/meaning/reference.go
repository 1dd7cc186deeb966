package meaning

import (
	"fmt"
	"strings"

	"slipway/supervise/config"
)

const referenceHead = `# Configuration reference

<!-- Generated from the option tables in supervise/config and internal/launch/sections: go test ./internal/launch/sections -run Reference -update -->

One file format serves Supervisor's sections and slipway's. Sections and keys marked with † are slipway's; the original
Supervisor ignores them, so one file can serve both.

* The file is the first of /etc/slipway/slipway.conf and Supervisor's own search path, or what -c names. Without any, the
  files in /etc/slipway/conf.d and /etc/supervisor/conf.d are read.
* Sections of the same name merge key by key, over all files; the last setting wins. ` + "`slipway layers`" + ` shows what won over what.
* ` + "`environment`" + ` is replaced as a whole; ` + "`environment+=`" + ` adds to it.
* ` + "`;` or `#`" + ` begins a comment at the start of a line or after a blank, in quotes too. An indented line continues the value above it.
* ` + "`%(name)s`" + ` is replaced in all values but those of type text: ` + "`%(here)s`" + ` is the folder of the file, ` + "`%(ENV_x)s`" + ` the environment variable x,
  ` + "`%(host_node_name)s`" + ` the host name, and in sections of programs ` + "`%(program_name)s`, `%(group_name)s`, `%(process_num)d` and `%(numprocs)d`" + `.
  ` + "`%%`" + ` is a percent sign.
* A value that is not what its type says is refused, with every other problem, with file, line and column. A key or section that is not
  known has no effect and is reported once.
* A number must not be negative, except for a priority and where the description says so. A list that has a default, or is required,
  must not be empty; others may be, which is as good as none: so a later file clears what an earlier one has. Called as
  ` + "`supervisord`" + `, slipway takes both as the original does.

Where ` + "`slipway run`" + ` has another default than supervisord, it follows behind a slash.
`

// Reference gives the reference page of the options of these tables, in Markdown.
func Reference(tables []config.Table) string {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, t := range tables {
		referenceTable(&b, &t)
	}
	b.WriteString("\n## Types\n\n| type | a value is |\n| --- | --- |\n")
	for _, typ := range config.Types() {
		fmt.Fprintf(&b, "| %s | %s |\n", typ, cell(typ.Expected()))
	}
	return b.String()
}

func referenceTable(b *strings.Builder, t *config.Table) {
	mark := ""
	if t.Own {
		mark = " †"
	}
	fmt.Fprintf(b, "\n## [%s]%s\n\n%s\n", t.Name, mark, t.Doc)
	head := "\n| key | type | default | |\n| --- | --- | --- | --- |\n"
	for o := range t.Options() {
		fmt.Fprintf(b, "%s| %s | %s | %s | %s |\n", head, key(o, t.Own), kind(o), defaults(o), cell(doc(o)))
		head = ""
	}
}

func key(o *config.Option, own bool) string {
	s := "`" + o.Name + "`"
	if o.Own && !own {
		s += " †"
	}
	return s
}

func kind(o *config.Option) string {
	if o.Type == config.TypeEnum {
		return cell("`" + strings.Join(o.Choices, "` `") + "`")
	}
	return o.Type.String()
}

func defaults(o *config.Option) string {
	switch {
	case o.Required:
		return "required"
	case o.Default == "" && o.RunDefault == "":
		return ""
	case o.RunDefault == "":
		return cell("`" + o.Default + "`")
	}
	return cell("`" + o.Default + "` / `" + o.RunDefault + "`")
}

func doc(o *config.Option) string {
	text := o.Doc
	if o.Empty != "" {
		text += " Empty: " + o.Empty + "."
	}
	if o.Env != "" {
		text += " Also `" + o.Env + "`."
	}
	return text
}

// cell keeps text from ending its cell, and from being taken for HTML.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s)
}
