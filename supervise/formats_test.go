package supervise

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"slipway/internal/test/testkit"
	"slipway/supervise/config"
	"slipway/supervise/control"
	"slipway/supervise/logs/format"
)

// logFormat sets the option, without times.
func logFormat(word string) func(*config.Process) {
	return func(p *config.Process) { p.Log.Format, p.Log.Time = word, "none" }
}

// spewLine is a line of a program that prints at full speed: who prints it, its number, and
// a length that differs. Every tenth is a JSON object.
func spewLine(who string, n int) string {
	pad := strings.Repeat("x", n*n%300)
	if n%10 == 9 {
		return `{"who": "` + who + ` ` + strconv.Itoa(n) + `", "pad": "` + pad + `"}`
	}
	return who + " " + strconv.Itoa(n) + " " + pad
}

// spew is a program that prints $LINES lines at full speed to each of its outputs. What it
// writes at once ends anywhere.
func spew() int {
	name := os.Getenv("SUPERVISOR_PROCESS_NAME")
	lines, _ := strconv.Atoi(os.Getenv("LINES"))
	out, err := bufio.NewWriterSize(os.Stdout, 64<<10), bufio.NewWriterSize(os.Stderr, 5000)
	for n := range lines {
		fmt.Fprintln(out, spewLine(name+" stdout", n))
		fmt.Fprintln(err, spewLine(name+" stderr", n))
	}
	out.Flush()
	err.Flush()
	return 0
}

func formats() *config.Config {
	var list []config.Group
	exe, _ := os.Executable()
	word := os.Getenv("FORMAT")
	programs, _ := strconv.Atoi(os.Getenv("PROGRAMS"))
	for i := range programs {
		list = append(list, program(fmt.Sprintf("p%02d", i), "", logFormat(word), toStdout, once, func(p *config.Process) {
			p.Stderr.Logfile, p.Relay = "/dev/stderr", config.RelayYes
			if word == "raw" {
				p.Stderr.Logfile = "/dev/stdout"
			}
			p.Argv, p.Holder = []string{exe, "spew"}, config.HolderNo
		}))
	}
	cfg := groups(list...)
	cfg.Slipway.Log = format.Options{Format: word, Time: "none"}
	return cfg
}

// unwrapped is a line without its format, and what that says of its origin; "" for the
// supervisor's own.
func unwrapped(t *testing.T, word, line string) (origin, text string) {
	t.Helper()
	switch word {
	case "prefix":
		name, text, ok := strings.Cut(line, " | ")
		if !ok {
			t.Fatalf("no prefix: %.200q", line)
		}
		if name = strings.TrimSpace(name); name == "slipway" {
			return "", ""
		}
		return name, text
	case "json":
		var o struct {
			Program, Stream, Message string
			PID                      int
			Partial                  bool
			Record                   json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil || o.Program == "" || o.PID == 0 || o.Partial {
			t.Fatalf("no whole object of a program: %.200q: %v", line, err)
		}
		if o.Program == "slipway" {
			return "", ""
		}
		return o.Program + " " + o.Stream, o.Message + string(o.Record)
	}
	if !strings.Contains(line, " stdout ") && !strings.Contains(line, " stderr ") {
		return "", "" // a line of the activity log
	}
	return "p", line
}

// TestFormats runs programs that print at full speed, beside each other, in each format: no
// line is lost, merged or out of order, also when the reader stops until nobody can write.
func TestFormats(t *testing.T) {
	programs := min(testkit.Rounds(t, 15, 40), 40)
	lines := min(testkit.Rounds(t, 1000, 2000), 2000) // more than a pipe holds
	for _, word := range []string{"raw", "prefix", "json"} {
		t.Run(word, func(t *testing.T) {
			read, write, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer read.Close()
			r := start(t, "formats", func(o *startOptions) {
				stderr := write
				if word == "raw" { // two writers to one pipe tear each other's lines
					stderr = nil
				}
				o.env, o.files = append(o.env, "FORMAT="+word, "PROGRAMS="+strconv.Itoa(programs), "LINES="+strconv.Itoa(lines)), []*os.File{nil, write, stderr}
			})
			write.Close()
			next := map[string]int{} // by program and output
			in := bufio.NewReaderSize(read, 64<<10)
			for n := 0; ; n++ {
				line, err := in.ReadString('\n')
				if err != nil {
					break
				}
				if n == 5000 {
					pipeIsFull(t, read)
				}
				origin, text := unwrapped(t, word, strings.TrimSuffix(line, "\n"))
				if origin == "" {
					continue
				}
				words := strings.Fields(strings.TrimPrefix(text, `{"who": "`))
				if len(words) < 2 {
					t.Fatalf("cut: %.200q", text)
				}
				who := words[0] + " " + words[1]
				if want := spewLine(who, next[who]); text != want || !strings.HasPrefix(who, origin) {
					t.Fatalf("%s: line %.200q, want %.200q", origin, text, want)
				}
				next[who]++
			}
			<-r.done
			for i := range programs {
				for _, stream := range []string{"stdout", "stderr"} {
					who := fmt.Sprintf("p%02d %s", i, stream)
					if next[who] != lines {
						t.Errorf("%s: %d lines, want %d", who, next[who], lines)
					}
				}
			}
		})
	}
}

// pipeIsFull waits until nobody can write to a pipe any more.
func pipeIsFull(t *testing.T, read *os.File) {
	t.Helper()
	testkit.Eventually(t, testkit.Patience, "the pipe is full", func() error {
		if n, err := unix.IoctlGetInt(int(read.Fd()), unix.TIOCINQ); err != nil || n < 32<<10 {
			return errors.Join(err, fmt.Errorf("%d bytes", n))
		}
		return nil
	})
}

// A format says who prints, for a program that would write to the container's output itself.
func TestFormatPassesTheSupervisor(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", "print 1 hello; pause", idiom, logFormat("prefix")))
	}, func(x *simulation) {
		x.prints("web | hello\n")
	})
	simulated(t, Run, func(x *simulation) *config.Config {
		return x.config(0, x.plays("web", "print 1 hello; pause", idiom, logFormat("prefix"), relay(config.RelayNo)))
	}, func(x *simulation) {
		x.prints("hello\n")
	})
}

// prints waits until the container's stdout is want.
func (x *simulation) prints(want string) {
	x.t.Helper()
	for range 100 {
		if x.m.Output(1) == want {
			return
		}
		x.sleep(50 * time.Millisecond)
	}
	x.t.Errorf("stdout = %q, want %q", x.m.Output(1), want)
}

// The beginning of a line waits a moment for its end. It is glued to no other line.
func TestUnfinishedLines(t *testing.T) {
	const script = "fill 1 3; sleep 100ms; print 1 y; sleep 1s; fill 1 2; sleep 1s; print 1 z; fill 1 4; exit 0"
	rows := []struct{ format, want string }{
		{"prefix", "a | xxxy\na | xx\nb | one\na | z\na | xxxx\n"},
		{"json", `{"program":"a","stream":"stdout","pid":P,"message":"xxxy"}` + "\n" + `{"program":"a","stream":"stdout","pid":P,"message":"xx","partial":true}` + "\n" +
			`{"program":"b","stream":"stdout","pid":P,"message":"one"}` + "\n" + `{"program":"a","stream":"stdout","pid":P,"message":"z"}` + "\n" +
			`{"program":"a","stream":"stdout","pid":P,"message":"xxxx"}` + "\n"},
	}
	for _, row := range rows {
		simulated(t, Run, func(x *simulation) *config.Config {
			return x.config(0,
				x.plays("a", script, toStdout, once, logFormat(row.format)),
				x.plays("b", "sleep 1600ms; print 1 one; pause", toStdout, logFormat(row.format)))
		}, func(x *simulation) {
			x.sleep(1300 * time.Millisecond)
			if got := strings.Count(x.m.Output(1), "xx"); got != 1 {
				t.Errorf("%s: an unfinished line has not waited: %q", row.format, x.m.Output(1))
			}
			x.sleep(2 * time.Second)
			got := x.m.Output(1)
			if row.format == "json" {
				for line := range strings.Lines(got) {
					if !json.Valid([]byte(line)) {
						t.Errorf("no JSON: %q", line)
					}
				}
				got = pids.ReplaceAllString(got, `"pid":P`)
			}
			if got != row.want {
				t.Errorf("%s: stdout = %q, want %q", row.format, got, row.want)
			}
		})
	}
}

// A reader that takes nothing for ten seconds holds up programs, and no line is lost.
func TestFormatsWithAReaderThatStops(t *testing.T) {
	const programs, lines = 40, 3000
	for _, word := range []string{"prefix", "json"} {
		slowly(t, func(x *simulation) *config.Config {
			var list []config.Process
			for i := range programs {
				list = append(list, x.plays(fmt.Sprintf("p%02d", i), fmt.Sprintf("flood 1 %d; exit 0", lines), toStdout, once, logFormat(word)))
			}
			return x.config(9*time.Second, append(list, x.plays("keeper", "pause"))...)
		}, func(x *simulation) {
			x.sleep(10 * time.Second)
			x.m.Stall(1, false)
			x.sleep(10 * time.Second)
			next := map[string]int{}
			for line := range strings.Lines(x.m.Output(1)) {
				who, text := unwrapped(t, word, strings.TrimSuffix(line, "\n"))
				if text != "line "+strconv.Itoa(next[who]) {
					t.Fatalf("%s: %q, want number %d", who, text, next[who])
				}
				next[who]++
			}
			for who, n := range next {
				if n != lines {
					t.Errorf("%s: %d lines, want %d", who, n, lines)
				}
			}
			if len(next) != programs {
				t.Errorf("lines of %d programs, want %d", len(next), programs)
			}
		})
	}
}

// The supervisor's own lines have the format of all, and what is lost is said in it.
func TestOwnLinesHaveTheFormat(t *testing.T) {
	simulated(t, Run, func(x *simulation) *config.Config {
		cfg := x.config(0, x.plays("web", "pause", logFormat("json")))
		cfg.Slipway.Log = format.Options{Format: "json"}
		cfg.Supervisord.Logfile = "/dev/stderr"
		return cfg
	}, func(x *simulation) {
		x.up("web")
		n := 0
		for line := range strings.Lines(x.m.Output(2)) {
			var o struct{ Time, Program, Stream, Level, Message string }
			if err := json.Unmarshal([]byte(line), &o); err != nil || o.Program != "slipway" || o.Stream != "stderr" || o.Level != "info" || o.Message == "" {
				t.Errorf("line %q: %v", line, err)
			}
			if _, err := time.Parse(time.RFC3339Nano, o.Time); err != nil {
				t.Error(err)
			}
			n++
		}
		if n == 0 {
			t.Error("nothing on stderr")
		}
	})
}

// log_keep is how much tail has to show.
func TestLogKeep(t *testing.T) {
	for keep, want := range map[string]int{"": 200, "32KiB": 1000, "0": 0} {
		simulated(t, Run, func(x *simulation) *config.Config {
			return x.config(0, x.plays("web", "flood 1 1000; pause", toStdout, relay(config.RelayYes), func(p *config.Process) { p.Log.Keep = keep }))
		}, func(x *simulation) {
			x.up("web")
			call := x.begin(control.OpProcessRecent, control.String("web"), control.String("stdout"), control.Bool(false))
			if got := strings.Count(strings.Join(x.chunks(call), ""), "\n"); got != want && !(keep == "" && got > 100 && got <= want) {
				t.Errorf("log_keep = %q: %d lines, want %d", keep, got, want)
			}
		})
	}
}

// pids are those of JSON lines.
var pids = regexp.MustCompile(`"pid":\d+`)

// What is dropped is counted exactly, and said in the format of the log.
func TestLossesAreObjects(t *testing.T) {
	slowly(t, func(x *simulation) *config.Config {
		cfg := x.config(0, x.plays("web", "pid 1; fill 1 60000; print 1; exit 1", crashing, logFormat("json")))
		cfg.Slipway.Log.Format = "json"
		return cfg
	}, func(x *simulation) {
		for x.count("spawned: 'web'") < 20 {
			x.sleep(time.Second)
		}
		x.says("bytes that web had printed before it ended are lost: its output is read too slowly")
		x.ask(control.Success, control.OpProcessStop, control.String("web"), waiting)
		x.m.Stall(1, false)
		x.sleep(time.Second)
		printed, arrived, lost := x.count("spawned: 'web'"), 0, 0
		for line := range strings.Lines(x.m.Output(1)) {
			var o struct {
				Program, Message string
				Lines            int `json:"lost_lines"`
			}
			if err := json.Unmarshal([]byte(line), &o); err != nil {
				t.Fatalf("no JSON: %.200q: %v", line, err)
			}
			if _, err := strconv.Atoi(o.Message); err == nil && o.Program == "web" {
				arrived++
			}
			lost += o.Lines / 2
		}
		if arrived+lost != printed || lost == 0 {
			t.Errorf("%d incarnations have printed, %d have arrived, %d are counted as lost", printed, arrived, lost)
		}
	})
}
