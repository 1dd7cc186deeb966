package config

import (
	"slipway/supervise/dialect"
	"slipway/supervise/sockets"
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
	TypePause            // 1s, 1m, 2, 0.1
	TypeSignals          // TERM, INT, RTMIN+3
	TypeRoutes           // HUP:webapp, USR2:nginx=HUP
	TypeGroups           // names or numbers of groups
	TypeCommand          // a command and its arguments
	TypeAttribute        // what package attributes says
	TypeListen           // what package sockets says
)

// typeInfo describes the types for people, in reference pages and in messages, and
// says what kind of problem a value is that is none.
var typeInfo = [...]struct {
	name, expected string
	kind           dialect.Kind
}{
	TypeString:      {"string", "text", dialect.KindOther},
	TypeText:        {"text", "text", dialect.KindOther},
	TypeInt:         {"integer", "a whole number", dialect.KindBadNumber},
	TypeBool:        {"boolean", "true or false", dialect.KindBadBoolean},
	TypeSize:        {"size", "a number of bytes, or one with KB, MB or GB", dialect.KindBadNumber},
	TypeOctal:       {"octal", "an octal number such as 022", dialect.KindBadOctal},
	TypeExitcodes:   {"exit codes", "exit codes from 0 to 255 separated by commas", dialect.KindBadExitcodes},
	TypeSignal:      {"signal", "a signal such as TERM or 15", dialect.KindBadSignal},
	TypeRestart:     {"restart", "true, false or unexpected", dialect.KindBadAutorestart},
	TypeUser:        {"user", "the name or number of a user", dialect.KindUnknownUser},
	TypeOwner:       {"user:group", "user or user:group", dialect.KindUnknownOwner},
	TypeLevel:       {"level", "critical, error, warn, info, debug, trace or blather", dialect.KindBadLoglevel},
	TypeDir:         {"folder", "an existing folder", dialect.KindMissingDir},
	TypePath:        {"path", "a file in an existing folder", dialect.KindMissingDir},
	TypeLog:         {"log file", "a file in an existing folder, NONE, AUTO or syslog", dialect.KindMissingDir},
	TypeList:        {"list", "names separated by commas", dialect.KindOther},
	TypeWords:       {"list", "words separated by blanks or commas", dialect.KindOther},
	TypeEnum:        {"word", "one of its words", dialect.KindOther},
	TypeDuration:    {"duration", "a duration such as 500ms, 30s or 2m", dialect.KindBadNumber},
	TypeEnvironment: {"variables", "KEY=value pairs separated by commas", dialect.KindBadEnvironment},
	TypeAddress:     {"address", "host:port or a port number", dialect.KindBadPort},
	TypePort:        {"port", "a port from 1 to 65535", dialect.KindBadPort},
	TypeSocket:      {"socket", "unix:///path or tcp://host:port", dialect.KindBadSocket},
	TypeEntryPoint:  {"entry point", "the module:function of a Python plug-in", dialect.KindPlugin},
	TypeProbe:       {"probe", "tcp://host:port, unix:///path, http://…, exec:command, file:/path, fd:N or notify", dialect.KindOther},
	TypePause:       {"pause", "the first pause, the longest, a factor and a share of chance, such as 1s, 1m, 2, 0.1, or fixed", dialect.KindBadNumber},
	TypeSignals:     {"signals", "signals such as TERM, QUIT or RTMIN+3, separated by commas", dialect.KindBadSignal},
	TypeRoutes:      {"signals for programs", "SIGNAL:PROGRAM or SIGNAL:PROGRAM=SIGNAL, such as HUP:webapp, USR2:nginx=HUP", dialect.KindBadSignal},
	TypeGroups:      {"groups", "names or numbers of groups, separated by commas", dialect.KindOther},
	TypeCommand:     {"command", "a command and its arguments", dialect.KindOther},
	TypeAttribute:   {"attribute", "what its description says", dialect.KindOther},
	TypeListen:      {"address", sockets.Expected, dialect.KindBadSocket},
	TypeReload:      {"reload", "signal NAME, command …, restart or none", dialect.KindOther},
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

// Kind is the kind of problem that a value is which is none of the type.
func (t Type) Kind() dialect.Kind { return typeInfo[t].kind }
