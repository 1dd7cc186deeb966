package launch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"slipway/sources/gather"
	"slipway/sources/kv"
	"slipway/sources/program"
	"slipway/sources/protocol"
	"slipway/supervise/config"
)

// etcdSource is the source whose settings are a section of their own.
const etcdSource = "etcd"

// outside finds the programs of the sources that are none of our own.
type outside struct {
	captured []string
	etcd     *config.Etcd      // nil when it is not configured
	programs []config.Source   // the settings of others
	offline  bool              // it is looked for, and not started
	say      func(text string) // what it waits for; may be nil
	found    bool              // there is one, so that there is a store
	store    *program.Program  // that of etcd, once it is found
}

// source is the program of a source; see [gather.Plan]. The default order names etcd, so
// that it is not configured is no error and starts nothing. Every other name was written
// by a person: one that is nothing is an error.
func (o *outside) source(name string) (gather.Outside, bool, error) {
	if name == etcdSource && o.etcd == nil {
		return gather.Outside{}, false, nil
	}
	own, err := os.Executable()
	if err != nil {
		own = "" // then PATH alone says where it is
	}
	path, err := program.Find(name, own, filepath.SplitList(o.variable("PATH")), gather.Names())
	if err != nil {
		return gather.Outside{}, false, err
	}
	o.found = true
	if o.offline {
		return gather.Outside{}, false, nil
	}
	found := gather.Outside{Program: program.Program{Name: name, Path: path, Environ: o.environ(), Note: o.say}}
	if name == etcdSource {
		found.Program.Settings = etcdSettings(o.etcd)
		found.Prefixes = etcdPrefixes(o.etcd)
		found.Export = o.etcd.Export
		found.Optional = o.etcd.Start == "optional"
		o.store = &found.Program
	}
	for _, s := range o.programs {
		if s.Name == name {
			found.Program.Settings, found.Program.Timeout = settings(s), s.Timeout
			found.Prefixes, found.Export, found.Optional = s.Prefix, s.Export, s.Start == "optional"
		}
	}
	return found, true, nil
}

func (o *outside) variable(name string) string {
	for _, e := range o.captured {
		if text, ok := strings.CutPrefix(e, name+"="); ok {
			return text
		}
	}
	return ""
}

// environ is what a program needs for its run-time library. What the container was given
// is not for it: it may hold secrets of others.
func (o *outside) environ() []string {
	names := []string{"PATH", "TZ", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
	var env []string
	for _, e := range o.captured {
		name, _, _ := strings.Cut(e, "=")
		if slices.Contains(names, name) || slices.Contains(names[2:], strings.ToUpper(name)) {
			env = append(env, e)
		}
	}
	return env
}

// settings are those of a [source:NAME] section.
func settings(s config.Source) []protocol.Setting {
	out := make([]protocol.Setting, len(s.Settings))
	for i, x := range s.Settings {
		out[i] = protocol.Setting{Name: x.Name, Text: x.Value, Secret: x.Secret}
	}
	return out
}

// etcdSettings are the keys of [etcd] under their names; what is empty is left out.
func etcdSettings(e *config.Etcd) []protocol.Setting {
	var out []protocol.Setting
	set := func(name string, texts ...string) {
		for _, t := range texts {
			if t != "" {
				out = append(out, protocol.Setting{Name: name, Text: t, Secret: name == "password"})
			}
		}
	}
	set("endpoints", e.Endpoints...)
	set("srv", e.SRV)
	set("prefix", e.Prefix...)
	set("secret_prefix", e.SecretPrefix...)
	set("start", e.Start)
	set("start_timeout", e.StartTimeout.String())
	set("timeout", e.Timeout.String())
	set("user", e.User)
	set("password", e.Password)
	set("password_file", e.PasswordFile)
	set("user_file", e.UserFile)
	set("ca_file", e.CAFile)
	set("cert_file", e.CertFile)
	set("key_file", e.KeyFile)
	set("server_name", e.ServerName)
	return out
}

// etcdPrefixes are those that keys in templates are relative to. Secret ones that lie
// below another are reached from there.
func etcdPrefixes(e *config.Etcd) []string {
	out := slices.Clone(e.Prefix)
	for _, secret := range e.SecretPrefix {
		if !slices.ContainsFunc(out, func(p string) bool { return kv.Below(secret, p) }) {
			out = append(out, secret)
		}
	}
	return out
}
