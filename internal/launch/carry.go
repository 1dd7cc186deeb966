package launch

import (
	"cmp"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"slipway/sources"
	"slipway/sources/environ"
	"slipway/supervise/config"
	"slipway/supervise/dialect"
)

// A kernel carries an environment through execve only up to a size: that of a single
// variable, and that of all together with the arguments. Beyond it every program would fail
// to start with "argument list too long", which names nothing. Values that are too large are
// for templates alone.

// KeptOut is a value that programs do not get.
type KeptOut struct {
	Name   string
	Size   int // of the text, in bytes
	Origin sources.Origin
	Reason string
}

func (k KeptOut) note() Note {
	return Note{
		Text: fmt.Sprintf("%s from %s: its %d bytes are kept from programs: %s", k.Name, k.Origin, k.Size, k.Reason),
		Hint: fmt.Sprintf("templates have it all the same, as .Env.%s", k.Name),
	}
}

// capacity is what a kernel carries, in bytes.
type capacity struct{ one, all int }

// Linux takes a quarter of the stack's limit for arguments and environment, at least 128 KiB
// and at most 6 MiB, and 32 pages for one of them; see execve(2).
const (
	leastCarried = 128 << 10
	mostCarried  = 6 << 20
	// reserve is for the arguments of programs, and for variables of their own.
	reserve = 128 << 10
	// pointer is what each variable takes besides its text.
	pointer = 8
)

// carried is the capacity of this machine.
func carried() capacity {
	l := capacity{one: 32 * os.Getpagesize(), all: mostCarried}
	var stack unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_STACK, &stack) == nil && stack.Cur/4 < mostCarried {
		l.all = max(int(stack.Cur/4), leastCarried) //nolint:gosec // it is less than 6 MiB
	}
	return l
}

// keptOut are the values that are too large by themselves, and of the others, if they are
// too many, the largest. What the container was started with has been carried already.
func keptOut(values *sources.View, l capacity) []KeptOut {
	var out []KeptOut
	var rest []sources.Var
	all := 0
	for _, v := range values.Vars() {
		size := carriedSize(v)
		if len(v.Name)+len("=")+len(v.Value.Text)+1 > l.one {
			out = append(out, keep(v, fmt.Sprintf("a variable can have %d", l.one-len(v.Name)-2)))
			continue
		}
		all += size + pointer
		if v.Value.Origin.Source != environ.Source {
			rest = append(rest, v)
		}
	}
	if most := max(l.all-reserve, l.all/2); all > most {
		slices.SortStableFunc(rest, func(a, b sources.Var) int { return cmp.Compare(len(b.Value.Text), len(a.Value.Text)) })
		for ; all > most && len(rest) > 0; rest = rest[1:] {
			v := rest[0]
			all -= carriedSize(v) + pointer
			out = append(out, keep(v, fmt.Sprintf("all variables together can have %d, and this is the largest", most)))
		}
	}
	return out
}

// carriedSize is what a variable takes in bytes. The name of a secret is carried once more,
// in the list of the secrets.
func carriedSize(v sources.Var) int {
	size := len(v.Name) + len("=") + len(v.Value.Text) + 1
	if v.Value.Secret {
		size += len(v.Name) + 1
	}
	return size
}

func keep(v sources.Var, reason string) KeptOut {
	return KeptOut{Name: v.Name, Size: len(v.Value.Text), Origin: v.Value.Origin, Reason: reason}
}

// asVariable says why a name is no variable of programs though there is a value or a file of
// it, "" otherwise.
func (d *Decided) asVariable(files map[string]sources.File, name string) string {
	for _, k := range d.KeptOut {
		if k.Name == name {
			return fmt.Sprintf("%s has %d bytes (%s), and no program can be given it: %s", name, k.Size, k.Origin, k.Reason)
		}
	}
	if _, set := d.Values.Lookup(name); set && files[name].Absent {
		return "" // by another source
	}
	return unfit(files, name)
}

// unfit says that a secret file is there that can be no variable.
func unfit(files map[string]sources.File, name string) string {
	f, ok := files[name]
	if !ok || f.Unfit == "" {
		return ""
	}
	if f.Absent {
		return fmt.Sprintf("%s would be of %s: %s", name, f.Origin.File, f.Unfit)
	}
	return fmt.Sprintf("%s is the file %s of %d bytes, and can be no variable: %s; %s", name, f.Origin.File, f.Size, f.Unfit, f.Hint())
}

// needed reports the programs whose sections ask for a variable by name (secrets = …) that
// they cannot be given.
func (im *Image) needed(files map[string]sources.File) error {
	var found dialect.Report
	seen := map[string]bool{}
	for _, g := range im.Config.Groups {
		for i := range g.Processes {
			p := &g.Processes[i]
			for _, name := range p.Secrets {
				why := im.asVariable(files, name)
				if key := p.Program + "\x00" + name; why != "" && !seen[key] {
					seen[key] = true
					found.Add(im.cannotHave(p, name, why))
				}
			}
		}
	}
	return found.Err(im.Document.Files)
}

func (im *Image) cannotHave(p *config.Process, name, why string) *dialect.Problem {
	pos := p.Pos
	for _, kind := range []string{"program:", "eventlistener:", "fcgi-program:"} {
		if k := im.Document.Section(kind + p.Program).Key("secrets"); k != nil {
			pos = k.ValuePos
		}
	}
	return &dialect.Problem{
		Pos: pos, Section: "program:" + p.Program, Key: "secrets", Kind: dialect.KindOther,
		Text: "expected secrets that programs can be given, got " + name, Hint: why,
	}
}
