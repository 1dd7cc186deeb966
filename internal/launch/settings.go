package launch

import (
	"slices"
	"strings"

	"slipway/internal/launch/sections"
	"slipway/render/pattern"
	"slipway/sources"
	"slipway/supervise/boot"
)

// Variables that are settings, and of which no table has a row.
const (
	EnvConfig  = "SLIPWAY_CONFIG"  // the configuration file
	EnvControl = "SLIPWAY_CONTROL" // the control socket, for clients
)

// peerVariable is the shape of what docker run --link and Kubernetes' service links set
// for a peer that is called slipway.
var peerVariable = pattern.Lazy(`^SLIPWAY_(NAME$|PORT$|SERVICE_|PORT_[0-9]+_|[A-Z0-9_]*(_SERVICE_(HOST|PORT)|_PORT(_[0-9]+_(TCP|UDP|SCTP).*)?)$)`)

// peerSettings is what docker run --link passes on of that peer's own variables. Where there is
// no such peer, one of these is a typing error in a setting.
const peerSettings = "SLIPWAY_ENV_"

// unknownSettings are notes about variables that look like settings of slipway and are
// none: a typing error in one has no effect, which nobody sees. What an image declares is
// its own.
func unknownSettings(environ []string, declared func(name string) bool) []Note {
	known := append(sections.SettingVariables(), EnvConfig, EnvControl)
	own := []string{boot.EnvFiles, boot.EnvKeep, boot.EnvBootFD, boot.EnvKeptFD, boot.EnvReadyFD, boot.EnvVersion, boot.EnvCalled, boot.EnvProcessors, boot.EnvSecretNames, boot.EnvTermination,
		boot.EnvHook, boot.EnvMainPID, boot.EnvExitStatus, boot.EnvExitSignal}
	linked := slices.ContainsFunc(environ, func(e string) bool {
		return strings.HasPrefix(e, "SLIPWAY_NAME=") || strings.HasPrefix(e, "SLIPWAY_PORT=")
	})
	var notes []Note
	var said []string
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		switch {
		case !strings.HasPrefix(name, "SLIPWAY_"), slices.Contains(said, name):
		case slices.Contains(known, name), slices.Contains(own, name), peerVariable.MatchString(name), declared(name):
		case linked && strings.HasPrefix(name, peerSettings):
		default:
			said = append(said, name)
			notes = append(notes, Note{Text: "the variable " + name + " is no setting of slipway and has no effect on it", Hint: settingHint(name, known)})
		}
	}
	return notes
}

// settingHint is what to do about a variable that is no setting.
func settingHint(name string, known []string) string {
	key := strings.ToLower(strings.TrimPrefix(name, "SLIPWAY_"))
	section, variable := sections.SectionOf(key)
	if section != "" && variable == "" {
		return key + " is a key of [" + section + "], for which no variable stands"
	}
	if variable == "" {
		variable = sources.Nearest(name, known)
	}
	if variable != "" {
		return "did you mean " + variable + "?"
	}
	return "rename it, or declare [env:" + name + "] if it is the image's own"
}
