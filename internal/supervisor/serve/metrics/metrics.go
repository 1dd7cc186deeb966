// Package metrics says of a supervisor and its processes what Prometheus can store: the text
// that the HTTP front answers at /metrics. It is made from what any client of the control
// connection can ask, and from /proc, by the front: PID 1 has no part in it but its answers.
package metrics

import (
	"encoding/json"
	"slices"
	"time"

	"slipway/internal/supervisor/serve/metrics/usage"
	"slipway/supervise/control"
)

// ContentType is that of the text.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Input is what is known at a moment.
type Input struct {
	Info      control.SupervisorInfo
	State     control.SupervisorState
	Processes []control.ProcessInfo
	Sources   []Source
	Unread    bool // what the watcher has written down of sources could not be read
	Usage     usage.Table
}

// Source is what the watcher has written down of a source that is followed; see
// docs/reference/json.md.
type Source struct {
	Name      string    `json:"source"`
	Connected time.Time `json:"connected_since"`
	Contact   time.Time `json:"last_contact"`
	Lost      time.Time `json:"stale_since"`
	Wanted    int64     `json:"revision_wanted"`
	Applied   int64     `json:"revision_applied"`
	Refused   string    `json:"refused"`
}

// ReadSources reads what the watcher has written down.
func ReadSources(text []byte) (list []Source, err error) {
	if len(text) > 0 {
		err = json.Unmarshal(text, &list)
	}
	return list, err
}

// states are those that a process can be in, and moods those of the supervisor.
var (
	states = []control.ProcessState{control.Stopped, control.Starting, control.Running, control.Backoff, control.Stopping, control.Exited, control.Fatal, control.Unknown}
	moods  = []control.Mood{control.MoodRunning, control.MoodRestarting, control.MoodShutdown, control.MoodFatal}
)

// row is a metric and its samples.
type row struct {
	Metric
	samples func(in *Input, sample func(value float64, labels ...string))
}

// Table returns all metrics, in the order in which they are written.
func Table() []Metric {
	var out []Metric
	for _, r := range rows() {
		out = append(out, r.Metric)
	}
	return out
}

// Text is the answer.
func Text(in *Input) string {
	var t text
	for _, r := range rows() {
		t.family(r.Metric, func(sample func(float64, ...string)) { r.samples(in, sample) })
	}
	return t.b.String()
}

func rows() []row { return slices.Concat(ofSupervisor(), ofProcesses(), ofSources()) }

func ofSupervisor() []row {
	return []row{
		{Metric{"slipway_info", Gauge, "The version and the mode of the supervisor; always 1.", []string{"version", "mode"}}, func(in *Input, sample func(float64, ...string)) {
			sample(1, in.Info.Version, in.Info.Mode)
		}},
		{Metric{"slipway_state", Gauge, "Whether the supervisor is in a state: 1 for one of them.", []string{"state"}}, func(in *Input, sample func(float64, ...string)) {
			for _, m := range moods {
				sample(truth(m == in.State.Code), m.String())
			}
		}},
		{Metric{"slipway_start_time_seconds", Gauge, "When the supervisor started, in seconds since the epoch.", nil}, func(in *Input, sample func(float64, ...string)) {
			sample(float64(in.Info.Start))
		}},
		{Metric{"slipway_cpu_seconds_total", Counter, "Processor time that the supervisor itself has used.", nil}, func(in *Input, sample func(float64, ...string)) {
			if u, ok := in.Usage.Process(in.Info.PID); ok {
				sample(u.CPU())
			}
		}},
		{Metric{"slipway_resident_memory_bytes", Gauge, "Memory of the supervisor itself that is in RAM.", nil}, func(in *Input, sample func(float64, ...string)) {
			if u, ok := in.Usage.Process(in.Info.PID); ok {
				sample(float64(u.Resident))
			}
		}},
	}
}

// ofProcess is a metric of each process for which value is known.
func ofProcess(name string, kind Kind, help string, value func(in *Input, p control.ProcessInfo) (float64, bool)) row {
	return row{Metric{name, kind, help, []string{"group", "process"}}, func(in *Input, sample func(float64, ...string)) {
		for _, p := range in.Processes {
			if v, known := value(in, p); known {
				sample(v, p.Group, p.Name)
			}
		}
	}}
}

func ofProcesses() []row {
	used := func(of func(u usage.Usage) float64) func(*Input, control.ProcessInfo) (float64, bool) {
		return func(in *Input, p control.ProcessInfo) (float64, bool) {
			u, ok := in.Usage.Program(p.PID, in.Info.PID)
			return of(u), ok
		}
	}
	return []row{
		{
			Metric{"slipway_process_info", Gauge, "The program that a process is of, what kind of section that is, and how its descendants are known; always 1.", []string{"group", "process", "program", "kind", "level"}},
			func(in *Input, sample func(float64, ...string)) {
				for _, p := range in.Processes {
					sample(1, p.Group, p.Name, p.Program, p.Kind, p.Level)
				}
			},
		},
		{
			Metric{"slipway_process_state", Gauge, "Whether a process is in a state: 1 for one of them.", []string{"group", "process", "state"}},
			func(in *Input, sample func(float64, ...string)) {
				for _, p := range in.Processes {
					for _, s := range states {
						sample(truth(s == p.State), p.Group, p.Name, s.String())
					}
				}
			},
		},
		ofProcess("slipway_process_ready", Gauge, "Whether a process can be used, as its ready probe says, or because it runs.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return truth(p.Ready && p.State == control.Running), true
		}),
		ofProcess("slipway_process_healthy", Gauge, "Whether the health probe of a process succeeds; absent without one.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return truth(p.Health == "healthy"), p.Health != ""
		}),
		ofProcess("slipway_process_starts_total", Counter, "How often a process was started.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return float64(p.Generation), true
		}),
		ofProcess("slipway_process_restarts_total", Counter, "How often a process was started though nobody had asked for it.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return float64(p.Restarts), true
		}),
		ofProcess("slipway_process_exits_total", Counter, "How often a process has ended.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return float64(p.Generation) - truth(p.PID != 0 && p.Generation > 0), true
		}),
		ofProcess("slipway_process_last_exit_status", Gauge, "How the last run of a process has ended: its exit status, or 128 and the number of the signal; absent before the first end.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			if p.Signal != 0 {
				return float64(128 + p.Signal), p.Stop != 0
			}
			return float64(p.LastStatus), p.Stop != 0
		}),
		ofProcess("slipway_process_start_time_seconds", Gauge, "When a process that runs was started, in seconds since the epoch.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return float64(p.Start), p.PID != 0
		}),
		ofProcess("slipway_process_next_run_time_seconds", Gauge, "When a process with a schedule runs next, in seconds since the epoch.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return float64(p.NextRun), p.NextRun != 0
		}),
		ofProcess("slipway_process_lost_log_bytes_total", Counter, "Output of a process that no log could take.", func(_ *Input, p control.ProcessInfo) (float64, bool) {
			return float64(p.LostLog), true
		}),
		ofProcess("slipway_process_cpu_seconds_total", Counter, "Processor time of a process and its descendants in this run, those included that have ended and were waited for.", used(func(u usage.Usage) float64 { return u.CPU() })),
		ofProcess("slipway_process_resident_memory_bytes", Gauge, "Memory of a process and its descendants that is in RAM; what they share counts for each.", used(func(u usage.Usage) float64 { return float64(u.Resident) })),
		ofProcess("slipway_process_members", Gauge, "How many processes a process is, with its descendants.", used(func(u usage.Usage) float64 { return float64(u.Processes) })),
		ofProcess("slipway_process_threads", Gauge, "Threads of a process and its descendants.", used(func(u usage.Usage) float64 { return float64(u.Threads) })),
	}
}

// ofSource is a metric of each source that is followed, for which value is known.
func ofSource(name, help string, value func(s Source) (float64, bool)) row {
	return row{Metric{name, Gauge, help, []string{"source"}}, func(in *Input, sample func(float64, ...string)) {
		for _, s := range in.Sources {
			if v, known := value(s); known {
				sample(v, s.Name)
			}
		}
	}}
}

func ofSources() []row {
	return []row{
		{Metric{"slipway_sources_known", Gauge, "Whether what is known of sources that are followed could be read; where nothing is followed there is nothing to read.", nil}, func(in *Input, sample func(float64, ...string)) {
			sample(truth(!in.Unread))
		}},
		ofSource("slipway_source_connected", "Whether a source that is followed, such as etcd, has contact to its store.", func(s Source) (float64, bool) {
			return truth(s.Lost.IsZero() && !s.Connected.IsZero()), true
		}),
		ofSource("slipway_source_last_contact_time_seconds", "When a source was last heard of, in seconds since the epoch; it is written down once a minute.", func(s Source) (float64, bool) {
			return seconds(s.Contact)
		}),
		ofSource("slipway_source_stale_since_time_seconds", "Since when a source has no contact, in seconds since the epoch; absent while it has.", func(s Source) (float64, bool) {
			return seconds(s.Lost)
		}),
		ofSource("slipway_source_wanted_revision", "The revision of the newest content of a source that is known.", func(s Source) (float64, bool) {
			return float64(s.Wanted), s.Wanted != 0
		}),
		ofSource("slipway_source_applied_revision", "The revision of a source that files and programs are of.", func(s Source) (float64, bool) {
			return float64(s.Applied), s.Applied != 0
		}),
		ofSource("slipway_source_refused", "Whether the wanted revision of a source is refused: it does not come into force by itself.", func(s Source) (float64, bool) {
			return truth(s.Refused != ""), true
		}),
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// seconds is a time as Prometheus has it; false for none.
func seconds(t time.Time) (float64, bool) {
	return float64(t.UnixMilli()) / 1000, !t.IsZero()
}
