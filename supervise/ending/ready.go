package ending

import "slipway/supervise/machine"

// BeforeReady is why a process that was started has not become ready. Failure is why it could
// not be executed, "" if it could.
func BeforeReady(p *machine.Proc, failure string) string {
	switch {
	case failure != "":
		return "could not be started: " + failure
	case p.SpawnErr == "" && p.How == "":
		return "has ended"
	case p.How == "" || p.How == p.SpawnErr:
		return "has failed: " + p.SpawnErr
	case p.SpawnErr == "":
		return "has ended: " + p.How
	}
	return "has failed: " + p.SpawnErr + " (" + p.How + ")"
}
