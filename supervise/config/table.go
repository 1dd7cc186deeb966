package config

import (
	"slices"
	"strings"
)

// Type says what the value of an option may be.
type Type uint8

// The types of options.
const (
	TypeString      Type = iota
	TypeText             // not expanded: prose, templates, regular expressions
	TypeInt              // Python's int(): sign, blanks around, 1_000
	TypeBool             // yes true on 1, no false off 0
	TypeSize             // bytes, KB, MB, GB
	TypeOctal            // 022, 22, 0o22
	TypeExitcodes        // comma list of 0 to 255
	TypeSignal           // name with or without SIG, or number
	TypeRestart          // true, false, unexpected
	TypeUser             // name or number of an account
	TypeOwner            // user or user:group
	TypeLevel            // level of the activity log
	TypeDir              // existing folder
	TypePath             // file in an existing folder
	TypeLog              // TypePath, NONE, AUTO, syslog
	TypeList             // comma list
	TypeWords            // list separated by commas or blanks
	TypeEnum             // one of Choices
	TypeDuration         // 1m30s, 500ms, or seconds
	TypeEnvironment      // KEY=value,KEY2="value 2"
	TypeAddress          // host:port, :port, *:port, port
	TypePort             // 1 to 65535
	TypeSocket           // unix:///path or tcp://host:port
	TypeEntryPoint       // module:function of a Python plug-in
	TypeProbe            // how to find out whether a program answers
	TypeReload           // how to make a program read its files again
)

// typeInfo describes the types for people: in reference pages and in messages.
var typeInfo = [...]struct{ name, expected string }{
	TypeString:      {"string", "text"},
	TypeText:        {"text", "text"},
	TypeInt:         {"integer", "a whole number"},
	TypeBool:        {"boolean", "true or false"},
	TypeSize:        {"size", "a number of bytes, or one with KB, MB or GB"},
	TypeOctal:       {"octal", "an octal number such as 022"},
	TypeExitcodes:   {"exit codes", "exit codes from 0 to 255 separated by commas"},
	TypeSignal:      {"signal", "a signal such as TERM or 15"},
	TypeRestart:     {"restart", "true, false or unexpected"},
	TypeUser:        {"user", "the name or number of a user"},
	TypeOwner:       {"user:group", "user or user:group"},
	TypeLevel:       {"level", "critical, error, warn, info, debug, trace or blather"},
	TypeDir:         {"folder", "an existing folder"},
	TypePath:        {"path", "a file in an existing folder"},
	TypeLog:         {"log file", "a file in an existing folder, NONE, AUTO or syslog"},
	TypeList:        {"list", "names separated by commas"},
	TypeWords:       {"list", "words separated by blanks or commas"},
	TypeEnum:        {"word", "one of its words"},
	TypeDuration:    {"duration", "a duration such as 500ms, 30s or 2m"},
	TypeEnvironment: {"variables", "KEY=value pairs separated by commas"},
	TypeAddress:     {"address", "host:port or a port number"},
	TypePort:        {"port", "a port from 1 to 65535"},
	TypeSocket:      {"socket", "unix:///path or tcp://host:port"},
	TypeEntryPoint:  {"entry point", "the module:function of a Python plug-in"},
	TypeProbe:       {"probe", "tcp://host:port, unix:///path, http://…, exec:command, file:/path, fd:N or notify"},
	TypeReload:      {"reload", "signal NAME, command …, restart or none"},
}

// Types gives all types.
func Types() []Type {
	list := make([]Type, len(typeInfo))
	for i := range list {
		list[i] = Type(i)
	}
	return list
}

// String gives the word that reference pages have for the type.
func (t Type) String() string { return typeInfo[t].name }

// Expected says what a value of the type looks like.
func (t Type) Expected() string { return typeInfo[t].expected }

// Option is a setting of a section. The tables of these are the one place
// where an option's name, type, default and documentation are written.
type Option struct {
	Name    string
	Type    Type
	Choices []string // of TypeEnum
	Default string   // as one would write it; "" means not set
	// RunDefault is the default of `slipway run` where it differs from
	// Supervisor's.
	RunDefault string
	Required   bool
	// Secret values are not shown.
	Secret bool
	// Own options are slipway's; Supervisor ignores them.
	Own bool
	// Env is an environment variable that overrides the file; "" means none.
	Env string
	Doc string
}

// Table describes the sections of one kind.
type Table struct {
	// Name is the section's: exact, or the part before the colon of its
	// names, with a word for what follows: "program:NAME".
	Name    string
	Own     bool // Supervisor ignores such sections
	Doc     string
	Options []Option
	// Base are the options of another table that hold as well.
	Base []Option
	// Open sections have keys that are not ours to know.
	Open bool
	// Suffix tells that names beginning like Name are of the same kind, as
	// [unix_http_server:second] is.
	Suffix bool
}

// Tables gives all kinds of sections.
func Tables() []Table {
	return []Table{
		{Name: "supervisord", Options: supervisordOptions[:],
			Doc: "The supervisor itself."},
		{Name: "program:NAME", Options: programOptions[:],
			Doc: "A program. Every program that no [group:…] names is a group of its own."},
		{Name: "group:NAME", Options: groupOptions[:],
			Doc: "Programs that are started and stopped together."},
		{Name: "eventlistener:NAME", Options: listenerOptions[:], Base: programOptions[:],
			Doc: "A pool of programs that are told about events on their standard input. All options of [program:NAME] hold as well."},
		{Name: "fcgi-program:NAME", Options: fcgiOptions[:], Base: programOptions[:],
			Doc: "A FastCGI program, whose processes share a listening socket as descriptor 0. All options of [program:NAME] hold as well."},
		{Name: "unix_http_server", Options: unixServerOptions[:], Suffix: true,
			Doc: "A control socket. Further ones are called [unix_http_server:NAME]."},
		{Name: "inet_http_server", Options: inetServerOptions[:], Suffix: true,
			Doc: "A control port. Further ones are called [inet_http_server:NAME]."},
		{Name: "rpcinterface:NAME", Options: rpcOptions[:], Open: true,
			Doc: "A set of remote procedures. There is one, supervisor; without it only system.* is answered."},
		{Name: "supervisorctl", Options: ctlOptions[:],
			Doc: "What supervisorctl connects to. It is read from the main file only."},
		{Name: "ctlplugin:NAME", Open: true,
			Doc: "A Python plug-in of supervisorctl; ignored."},
		{Name: "include", Options: includeOptions[:],
			Doc: "Further files, read after the main file; their [include] has no effect."},
		{Name: "slipway", Own: true, Options: slipwayOptions[:],
			Doc: "What is rendered, and how the container as a whole behaves."},
		{Name: "template:DEST", Own: true, Options: templateOptions[:],
			Doc: "A file that is rendered. The name is the path of the file."},
		{Name: "env:NAME", Own: true, Options: envOptions[:],
			Doc: "A variable that the image understands. It is checked before anything is written."},
		{Name: "link:NAME", Own: true, Options: linkOptions[:],
			Doc: "A peer whose address is found however it is known: variables, etcd or DNS."},
		{Name: "etcd", Own: true, Options: etcdOptions[:],
			Doc: "Values from etcd."},
		{Name: "source:NAME", Own: true, Options: sourceOptions[:], Open: true,
			Doc: "A source program, slipway-source-NAME, which sources of [slipway] names. All other keys are settings of its own."},
		{Name: "check:NAME", Own: true, Options: checkOptions[:],
			Doc: "A check of all rendered files together, before any is replaced."},
	}
}

// Kind gives the part of the name before the colon.
func (t *Table) Kind() string {
	kind, _, _ := strings.Cut(t.Name, ":")
	return kind
}

// holds tells whether a section of that name is of this kind.
func (t *Table) holds(name string) bool {
	if kind, _, ok := strings.Cut(t.Name, ":"); ok {
		return len(name) > len(kind) && name[len(kind)] == ':' && name[:len(kind)] == kind
	}
	return name == t.Name || t.Suffix && strings.HasPrefix(name, t.Name)
}

// option gives the row of that name.
func option(rows []Option, name string) *Option {
	for i := range rows {
		if rows[i].Name == name {
			return &rows[i]
		}
	}
	return nil
}

// SecretVariables are the names of the environment variables that are secret because the
// setting is that they stand for, sorted.
func SecretVariables() []string {
	var names []string
	for _, t := range Tables() {
		for _, o := range slices.Concat(t.Options, t.Base) {
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
func IsSecret(section, key string) bool {
	tables := Tables()
	for i := range tables {
		if tables[i].holds(section) {
			o := tables[i].option(key)
			return o != nil && o.Secret
		}
	}
	return false
}

func (t *Table) option(name string) *Option {
	if o := option(t.Options, name); o != nil {
		return o
	}
	return option(t.Base, name)
}
