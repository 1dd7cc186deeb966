package sections

import (
	"slices"

	"slipway/supervise/config"
)

// own gives the kinds of sections of the launch half.
func own() []config.Table {
	return []config.Table{
		config.With(config.Table{Name: "template:DEST", Own: true,
			Doc: "A file that is rendered. The name is the path of the file."}, templateRows),
		config.With(config.Table{Name: "env:NAME", Own: true,
			Doc: "A variable that the image understands. It is checked before anything is written."}, envRows),
		config.With(config.Table{Name: "link:NAME", Own: true,
			Doc: "A peer whose address is found however it is known: variables, etcd or DNS."}, linkRows),
		config.With(config.Table{Name: "etcd", Own: true,
			Doc: "Values from etcd."}, etcdRows),
		config.With(config.Table{Name: "source:NAME", Own: true, Open: true,
			Doc: "A source program, slipway-source-NAME, which sources of [slipway] names. All other keys are settings of its own."}, sourceRows),
		config.With(config.Table{Name: "check:NAME", Own: true,
			Doc: "A check of all rendered files together, before any is replaced."}, checkRows),
	}
}

// Tables gives all kinds of sections, those of the supervisor first.
func Tables() []config.Table { return append(config.Tables(), own()...) }

// SecretVariables are the names of the environment variables that are secret because the
// setting is that they stand for, such as SLIPWAY_ETCD_PASSWORD; sorted.
func SecretVariables() []string { return config.SecretVariables(Tables()) }

// SettingVariables are the names of all environment variables that stand for a setting.
func SettingVariables() []string {
	var names []string
	for _, t := range Tables() {
		for o := range t.All() {
			if o.Env != "" && !slices.Contains(names, o.Env) {
				names = append(names, o.Env)
			}
		}
	}
	return names
}

// SectionOf is the first kind of sections that has a key, and the variable that stands for it;
// "" if there is none.
func SectionOf(key string) (section, variable string) {
	for _, t := range Tables() {
		for o := range t.All() {
			if o.Name == key {
				return t.Name, o.Env
			}
		}
	}
	return "", ""
}

// IsSecret tells whether the value of a key is a password or the like, which must not be
// shown.
func IsSecret(section, key string) bool { return config.IsSecret(Tables(), section, key) }
