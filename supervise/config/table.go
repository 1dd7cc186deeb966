package config

import (
	"iter"
	"slices"
	"strings"
)

// Table describes the sections of one kind.
type Table struct {
	// Name is the section's: exact, or the part before the colon of its
	// names, with a word for what follows: "program:NAME".
	Name    string
	Own     bool // Supervisor ignores such sections
	Doc     string
	options OptionSet // nil: none
	// base are the options of another table that hold as well.
	base OptionSet
	// Open sections have keys that are not ours to know.
	Open bool
	// Suffix tells that names beginning like Name are of the same kind, as
	// [unix_http_server:second] is.
	Suffix bool
}

// Tables gives all kinds of sections that are the supervisor's.
func Tables() []Table { return TablesWith(ProgramRows) }

// TablesWith gives the tables with these rows for programs.
func TablesWith(programRows Rows[Process]) []Table {
	return []Table{
		{Name: "supervisord", options: SupervisordRows,
			Doc: "The supervisor itself."},
		{Name: "program:NAME", options: programRows,
			Doc: "A program. Every program that no [group:…] names is a group of its own."},
		{Name: "group:NAME", options: GroupRows,
			Doc: "Programs that are started and stopped together."},
		{Name: "eventlistener:NAME", options: ListenerRows, base: programRows,
			Doc: "A pool of programs that are told about events on their standard input. All options of [program:NAME] hold as well."},
		{Name: "fcgi-program:NAME", options: FCGIRows, base: programRows,
			Doc: "A FastCGI program, whose processes share a listening socket as descriptor 0. All options of [program:NAME] hold as well."},
		{Name: "socket:NAME", Own: true, options: SocketRows,
			Doc: "A listening socket that the supervisor holds for the programs that name it in sockets. Who connects while they are down waits, and is not refused."},
		{Name: "unix_http_server", options: UnixServerRows, Suffix: true,
			Doc: "A control socket. Further ones are called [unix_http_server:NAME]."},
		{Name: "inet_http_server", options: InetServerRows, Suffix: true,
			Doc: "A control port. Further ones are called [inet_http_server:NAME]."},
		{Name: "rpcinterface:NAME", options: RPCRows, Open: true,
			Doc: "A set of remote procedures. There is one, supervisor; without it only system.* is answered."},
		{Name: "supervisorctl", options: CtlRows,
			Doc: "What supervisorctl connects to. It is read from the main file only."},
		{Name: "ctlplugin:NAME", Open: true,
			Doc: "A Python plug-in of supervisorctl; ignored."},
		{Name: "include", options: includeRows,
			Doc: "Further files, read after the main file; their [include] has no effect."},
		{Name: "slipway", Own: true, options: SlipwayRows,
			Doc: "What is rendered, and how the container as a whole behaves."},
	}
}

// With is the table with these options.
func With[T any](t Table, rows Rows[T]) Table {
	t.options = rows
	return t
}

// ForeignTables are all sections that are of this dialect and not the supervisor's. It
// knows their names alone, so that it does not take them for mistakes.
func ForeignTables() []Table {
	var tables []Table
	for _, name := range []string{"template:DEST", "env:NAME", "link:NAME", "etcd", "source:NAME", "check:NAME"} {
		tables = append(tables, Table{Name: name, Own: true, Open: true})
	}
	return tables
}

// Kind gives the part of the name before the colon.
func (t *Table) Kind() string {
	kind, _, _ := strings.Cut(t.Name, ":")
	return kind
}

// Holds tells whether a section of that name is of this kind.
func (t *Table) Holds(name string) bool {
	if kind, _, ok := strings.Cut(t.Name, ":"); ok {
		return len(name) > len(kind) && name[len(kind)] == ':' && name[:len(kind)] == kind
	}
	return name == t.Name || t.Suffix && strings.HasPrefix(name, t.Name)
}

// Options are the settings of the sections, without those of another table that hold as
// well.
func (t *Table) Options() iter.Seq[*Option] {
	if t.options == nil {
		return func(func(*Option) bool) {}
	}
	return t.options.All
}

// All are the settings that hold in the sections.
func (t *Table) All() iter.Seq[*Option] {
	return func(yield func(*Option) bool) {
		for _, set := range [...]OptionSet{t.options, t.base} {
			if set == nil {
				continue
			}
			for o := range set.All {
				if !yield(o) {
					return
				}
			}
		}
	}
}

// SecretVariables are the names of the environment variables that are secret because the
// setting is that they stand for, sorted.
func SecretVariables(tables []Table) []string {
	var names []string
	for _, t := range tables {
		for o := range t.All() {
			if o.Secret && o.Env != "" {
				names = append(names, o.Env)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// IsSecret tells whether the value of a key is a password or the like, which
// must not be shown.
func IsSecret(tables []Table, section, key string) bool {
	for i := range tables {
		if tables[i].Holds(section) {
			o := tables[i].Option(key)
			return o != nil && o.Secret
		}
	}
	return false
}

// Option gives the setting of that name, or nil.
func (t *Table) Option(name string) *Option {
	for _, set := range [...]OptionSet{t.options, t.base} {
		if set == nil {
			continue
		}
		if o := set.Option(name); o != nil {
			return o
		}
	}
	return nil
}

// Required gives the setting without which a section is only an addition; of those of a
// program and of its kind, the program's.
func (t *Table) Required() (name string) {
	for o := range t.All() {
		if o.Required {
			name = o.Name
		}
	}
	return name
}
