package config

import "strings"

// Choice is a value of TypeEnum as a number, so that nothing compares words when it runs.
type Choice interface {
	// choice gives the number, and the words by number. The word of an unset value is "".
	choice() (number *uint8, words []string)
}

// OnExit says what the exit of a program means for the container.
type OnExit uint8

// The values of on_exit.
const (
	OnExitNone OnExit = iota
	OnExitRestart
	OnExitShutdown
)

var onExitWords = []string{OnExitNone: "none", OnExitRestart: "restart", OnExitShutdown: "shutdown"}

func (v OnExit) String() string              { return onExitWords[v] }
func (v *OnExit) choice() (*uint8, []string) { return (*uint8)(v), onExitWords }

// OnFatal says what it means for the container that a program cannot be kept up.
type OnFatal uint8

// The values of on_fatal. A program whose section does not say has the value of [slipway].
const (
	OnFatalUnset OnFatal = iota
	OnFatalShutdown
	OnFatalIgnore
)

var onFatalWords = []string{OnFatalUnset: "", OnFatalShutdown: "shutdown", OnFatalIgnore: "ignore"}
var onFatalChoices = []string{"shutdown", "ignore"} // of whoever sets it

func (v OnFatal) String() string              { return onFatalWords[v] }
func (v *OnFatal) choice() (*uint8, []string) { return (*uint8)(v), onFatalWords }

// Strays says what happens to processes that outlive the program that they belong to.
type Strays uint8

// The values of strays. A program whose section does not say has the value of [slipway].
const (
	StraysUnset Strays = iota
	StraysKeep
	StraysKill
)

var straysWords = []string{StraysUnset: "", StraysKeep: "keep", StraysKill: "kill"}
var straysChoices = []string{"keep", "kill"} // of whoever sets it

func (v Strays) String() string              { return straysWords[v] }
func (v *Strays) choice() (*uint8, []string) { return (*uint8)(v), straysWords }

// Holder says whether a program has a holder.
type Holder uint8

// The values of holder.
const (
	HolderAuto Holder = iota
	HolderYes
	HolderNo
)

var holderWords = []string{HolderAuto: "auto", HolderYes: "yes", HolderNo: "no"}

func (v Holder) String() string              { return holderWords[v] }
func (v *Holder) choice() (*uint8, []string) { return (*uint8)(v), holderWords }

// Conduct says how a program runs.
type Conduct uint8

// The values of type.
const (
	ConductSimple Conduct = iota
	ConductForking
	ConductOneshot
	ConductNotify
)

var conductWords = []string{ConductSimple: "simple", ConductForking: "forking", ConductOneshot: "oneshot", ConductNotify: "notify"}

func (v Conduct) String() string              { return conductWords[v] }
func (v *Conduct) choice() (*uint8, []string) { return (*uint8)(v), conductWords }

// Once says when a oneshot is run by itself.
type Once uint8

// The values of run.
const (
	OnceStart Once = iota // with every start of the supervisor
	OnceOnce              // until it has completed
)

var onceWords = []string{OnceStart: "start", OnceOnce: "once"}

func (v Once) String() string              { return onceWords[v] }
func (v *Once) choice() (*uint8, []string) { return (*uint8)(v), onceWords }

// Overlap says what becomes of a run whose time comes while the one before is not over.
type Overlap uint8

// The values of overlap.
const (
	OverlapSkip  Overlap = iota // it is left out
	OverlapQueue                // it comes when the one before is over
	OverlapKill                 // it ends the one before
)

var overlapWords = []string{OverlapSkip: "skip", OverlapQueue: "queue", OverlapKill: "kill"}

func (v Overlap) String() string              { return overlapWords[v] }
func (v *Overlap) choice() (*uint8, []string) { return (*uint8)(v), overlapWords }

// RestartMode says what a restart begins with.
type RestartMode uint8

// The values of restart_mode.
const (
	RestartStop    RestartMode = iota // the process that runs is stopped first
	RestartOverlap                    // another one is started first
)

var restartModeWords = []string{RestartStop: "stop", RestartOverlap: "overlap"}

func (v RestartMode) String() string              { return restartModeWords[v] }
func (v *RestartMode) choice() (*uint8, []string) { return (*uint8)(v), restartModeWords }

// Relay says whether what a program prints to the container's output passes the supervisor.
type Relay uint8

// The values of relay.
const (
	RelayAuto Relay = iota
	RelayYes
	RelayNo
)

var relayWords = []string{RelayAuto: "auto", RelayYes: "yes", RelayNo: "no"}

func (v Relay) String() string              { return relayWords[v] }
func (v *Relay) choice() (*uint8, []string) { return (*uint8)(v), relayWords }

// HealthAction says what is done with a program that is ill.
type HealthAction uint8

// The values of health_action.
const (
	HealthRestart HealthAction = iota
	HealthNone
	HealthShutdown
)

var healthActionWords = []string{HealthRestart: "restart", HealthNone: "none", HealthShutdown: "shutdown"}

func (v HealthAction) String() string              { return healthActionWords[v] }
func (v *HealthAction) choice() (*uint8, []string) { return (*uint8)(v), healthActionWords }

// SameChoice tells whether two choices of one type are the same.
func SameChoice(a, b Choice) bool {
	x, _ := a.choice()
	y, _ := b.choice()
	return *x == *y
}

// Choose sets a choice to the number of a word; ok is false if it has no such word.
func Choose(c Choice, word string) (ok bool) {
	number, words := c.choice()
	for i, w := range words {
		if strings.EqualFold(w, word) {
			*number = uint8(i)
			return true
		}
	}
	return false
}
