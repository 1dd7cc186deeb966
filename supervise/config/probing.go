package config

import "slipway/supervise/probe"

// Probing is what the options of a program say about its readiness and health.
func (p *Process) Probing() probe.Spec {
	t := probe.Spec{
		ReadyInterval: p.Ready.Interval, ReadyTimeout: p.Ready.Timeout, StartSecs: p.StartSecs,
		Health:         p.Health.Probe.Kind != ProbeNone,
		HealthInterval: p.Health.Interval, HealthTimeout: p.Health.Timeout, HealthRetries: p.Health.Retries,
		HealthSuccesses: p.Health.Successes, HealthGrace: p.Health.StartPeriod,
	}
	switch p.Ready.Probe.Kind {
	case ProbeNone:
		t.Ready = probe.ByRunning
	case ProbeFD, ProbeNotify:
		t.Ready = probe.ByItself
	default:
		t.Ready = probe.ByProbe
	}
	switch p.Health.Action {
	case HealthRestart:
		t.HealthPolicy = probe.Restart
	case HealthNone:
		t.HealthPolicy = probe.Ignore
	case HealthShutdown:
		t.HealthPolicy = probe.Shutdown
	}
	return t
}
