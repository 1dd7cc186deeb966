package launch

import (
	"regexp"
	"slices"
	"strings"

	"slipway/internal/launch/sections"
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
var peerVariable = regexp.MustCompile(`^SLIPWAY_(NAME$|ENV_|PORT$|SERVICE_|PORT_[0-9]+_|[A-Z0-9_]*(_SERVICE_(HOST|PORT)|_PORT(_[0-9]+_(TCP|UDP|SCTP).*)?)$)`)

// unknownSettings are notes about variables that look like settings of slipway and are
// none: a typing error in one has no effect, which nobody sees. What an image declares is
// its own.
func unknownSettings(environ []string, declared func(name string) bool) []Note {
	known := append(sections.SettingVariables(), EnvConfig, EnvControl)
	own := []string{boot.EnvBootFD, boot.EnvKeptFD, boot.EnvReadyFD, boot.EnvVersion, boot.EnvCalled, boot.EnvSecretNames, boot.EnvProbe}
	var notes []Note
	var said []string
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		switch {
		case !strings.HasPrefix(name, "SLIPWAY_"), slices.Contains(said, name):
		case slices.Contains(known, name), slices.Contains(own, name), peerVariable.MatchString(name), declared(name):
		default:
			said = append(said, name)
			n := Note{Text: "the variable " + name + " is no setting of slipway and has no effect on it", Hint: "rename it, or declare [env:" + name + "] if it is the image's own"}
			if near := sources.Nearest(name, known); near != "" {
				n.Hint = "did you mean " + near + "?"
			}
			notes = append(notes, n)
		}
	}
	return notes
}
