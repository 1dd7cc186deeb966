package decode

import (
	"slices"
	"strings"

	"slipway/supervise/config"
	"slipway/supervise/decode/value"
	"slipway/supervise/dialect"
	"slipway/supervise/selection"
	"slipway/supervise/sequence"
	"slipway/supervise/system"
)

// Input is everything besides the files that a configuration depends on.
type Input struct {
	// Environ is the environment as os.Environ gives it.
	Environ []string
	// Secrets are the names of secret variables in it, besides those that the
	// document declares ([env:NAME] secret = true). Problems, warnings and notes do
	// not show their values.
	Secrets []string
	// System answers for the machine; the zero System is replaced by Unix("").
	System system.System
	// AsSupervisord reads as supervisord does: [supervisord] is required and
	// Supervisor's defaults hold. Otherwise those of `slipway run` do, where a
	// row of the tables has others.
	AsSupervisord bool
	// Plugins tells whether a Python entry point has a counterpart here. nil
	// means KnownPlugin.
	Plugins func(spec string) bool

	// Others are the sections that are not the supervisor's.
	Others Others

	programs config.Rows[config.Process] // of sections of programs; nil: programRows
}

// decoder gives a document its meaning. It goes through the sections in
// Supervisor's order, so that the first problem it finds is the one that
// Supervisor stops at.
type decoder struct {
	value.Context
	in       Input
	host     string
	env      map[string]string // Environ and that of [supervisord]
	cfg      *config.Config
	main     string // main file
	groupAt  map[string]dialect.Pos
	noted    map[dialect.Note]bool // nil: nothing yet
	names    []string              // of programs; nil: not yet collected
	out      selection.Out         // what is not to run
	meanings sequence.Names        // of the names in depends_on; nil: not yet collected
	known    []string              // that depends_on may have; nil: not yet collected
	started  startup               // by dependent_startup
	guesses  int                   // hints that were looked for, of those that are bounded
	program  config.Rows[config.Process]
}

func newDecoder(doc *dialect.Document, in Input) *decoder {
	d := &decoder{in: in, cfg: new(config.Config)}
	d.Doc, d.Sys, d.AsSupervisord, d.Note = doc, in.System.OrUnix(), in.AsSupervisord, d.note
	d.Environ = dialect.EnvironMap(in.Environ)
	d.env = d.Environ
	d.Paths = dialect.Paths{Sys: d.Sys, Dir: d.Sys.Getwd(), Home: d.Environ["HOME"]}
	d.host = d.Sys.Hostname()
	if len(doc.Files) > 0 {
		d.main = doc.Files[0]
	}
	if d.in.Plugins == nil {
		d.in.Plugins = KnownPlugin
	}
	if d.program = in.programs; d.program == nil {
		d.program = config.ProgramRows
	}
	d.cfg.Programs, d.cfg.Original = d.program, in.AsSupervisord
	d.cfg.Files = doc.Files
	d.cfg.Warnings = slices.Clone(doc.Warnings)
	d.cfg.Infos = doc.Infos
	d.cfg.Notes = slices.Clone(doc.Notes)
	return d
}

// Decode gives the document its meaning. The error, if any, is a *Problems:
// every problem, in the order of the files. The configuration is there all the same, for who
// looks for further mistakes: what is wrong in it reads as its default.
func Decode(doc *dialect.Document, in Input) (*config.Config, error) {
	d := newDecoder(doc, in)
	lateUser := d.supervisord()
	d.rpcinterfaces()
	d.groups()
	d.servers()
	lateUser()
	d.supervisorctl()
	d.slipway()
	d.survey()
	d.surveyOthers()
	d.redactNotes()
	return d.cfg, d.err()
}

// DecodeSlipway gives [slipway] and the sections of others their meaning and nothing else:
// what must be known before there are values under which Decode can give the rest its
// meaning. The error, if any, is a *Problems, and the configuration is there as that of
// [Decode] is.
func DecodeSlipway(doc *dialect.Document, in Input) (*config.Config, error) {
	d := newDecoder(doc, in)
	d.slipwaySection()
	d.decodeOthers()
	d.redactNotes()
	return d.cfg, d.err()
}

// DecodeCtl gives [supervisorctl] its meaning and nothing else: supervisorctl works
// with a file whose programs are broken, which may be why it is called. Without the
// section it returns nil and no error.
func DecodeCtl(doc *dialect.Document, in Input) (*config.Supervisorctl, error) {
	d := newDecoder(doc, in)
	d.supervisorctl()
	if p := d.cfg.CtlProblem; p != nil {
		return nil, p
	}
	return d.cfg.Ctl, nil
}

func (d *decoder) reader(s *dialect.Section, set config.OptionSet, has dialect.NameSet) *value.Reader {
	return d.Reader(s, set, &dialect.Names{Here: d.Doc.Here, Host: d.host, Has: has, Env: d.env})
}

// sections gives the sections of one kind, in the order of the document.
func (d *decoder) sections(kind string) []*dialect.Section {
	var found []*dialect.Section
	for _, s := range d.Doc.Sections {
		if strings.HasPrefix(s.Name, kind) {
			found = append(found, s)
		}
	}
	return found
}

// note takes a note in once: numprocs and groups read a section several times.
func (d *decoder) note(at dialect.Pos, text, hint string) {
	n := dialect.Note{Pos: at, Text: text, Hint: hint}
	if d.noted == nil {
		d.noted = make(map[dialect.Note]bool)
		for _, n := range slices.Concat(d.cfg.Notes, d.cfg.OtherNotes) {
			d.noted[n] = true
		}
	}
	if d.noted[n] {
		return
	}
	d.noted[n] = true
	d.cfg.Notes = append(d.cfg.Notes, n)
}

// supervisord reads [supervisord]. What it returns looks the user up, which
// Supervisor does last.
func (d *decoder) supervisord() (lateUser func()) {
	s := d.Doc.Section("supervisord")
	if s == nil {
		if d.AsSupervisord {
			d.Bad.Add(&dialect.Problem{Pos: dialect.Pos{File: d.main}, Kind: dialect.KindNoSupervisord,
				Text: "there is no [supervisord] section",
				Hint: "add a line [supervisord], or include the file from one that has it"})
		}
		s = &dialect.Section{Name: "supervisord", Pos: dialect.Pos{File: d.main}}
	}
	r := d.reader(s, config.SupervisordRows, dialect.HasHere)
	c := &d.cfg.Supervisord
	config.SupervisordRows.Each(c, config.InOrder, r.Fill)
	c.LoglevelGiven = r.IsSet("loglevel")
	c.Logfile = d.ownFile(c.Logfile)
	c.Pidfile = d.pidfile(c.Pidfile)
	if c.Childlogdir == "" {
		c.Childlogdir = d.tempDir()
	}
	r.Names.Has |= dialect.HasHost
	c.Environment = r.Environment(r.Row("environment"), true)
	if len(c.Environment) > 0 {
		d.env = make(map[string]string, len(d.Environ)+len(c.Environment))
		for k, v := range d.Environ {
			d.env[k] = v
		}
		for _, v := range c.Environment {
			d.env[v.Name] = v.Value
		}
	}
	return func() {
		r.Names.Has &^= dialect.HasHost
		config.SupervisordRows.Each(c, config.Late, r.Fill)
	}
}

// tempDir is what Python's tempfile.gettempdir chooses: the folder that TMPDIR,
// TEMP or TMP names, or the system's. (Python also tries to write there; that is
// left to whoever does.)
func (d *decoder) tempDir() string {
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} {
		if dir := d.Environ[name]; dir != "" && d.IsDir(dir) {
			return d.Paths.Abs(dir)
		}
	}
	return d.Sys.TempDir()
}

// ownFile makes a path of [supervisord] absolute; syslog is a word.
func (d *decoder) ownFile(s string) string {
	if s == config.SyslogWord {
		return s
	}
	return d.Paths.Abs(s)
}

// pidfile knows that NONE means none for `slipway run`, and is the name of a
// file for supervisord.
func (d *decoder) pidfile(s string) string {
	if !d.AsSupervisord && s == "NONE" {
		return ""
	}
	return d.Paths.Abs(s)
}

// KnownPlugin tells which Python entry points have a counterpart here.
func KnownPlugin(spec string) bool { return OriginalPlugin(spec) || spec == config.StdoutHandler }

// OriginalPlugin tells which entry points are part of Supervisor.
func OriginalPlugin(spec string) bool {
	return spec == config.MainInterface || spec == config.DefaultHandler
}

// plugin reads an entry point and checks that there is one.
func (d *decoder) plugin(r *value.Reader, o *config.Option, known string) string {
	spec, k := r.Raw(o)
	if k != nil && !d.in.Plugins(spec) {
		r.Wrong(k, o.Type.Kind(), "expected "+known+", got "+dialect.Quote(spec),
			"Python plug-ins cannot be loaded; take the section out, or the setting")
	}
	return spec
}

func (d *decoder) rpcinterfaces() {
	for _, s := range d.sections("rpcinterface:") {
		r := d.reader(s, config.RPCRows, 0)
		factory := &config.RPCRows[0].Option
		if _, _, ok := r.Given(factory); !ok {
			d.Bad.Add(&dialect.Problem{Pos: s.Pos, Section: s.Name, Kind: dialect.KindOther, Text: "expected a setting " + factory.Name,
				Hint: "write " + factory.Name + " = " + config.MainInterface})
			continue
		}
		i := config.RPCInterface{Name: s.Name[len("rpcinterface:"):]}
		i.Factory = d.plugin(r, factory, config.MainInterface)
		for j := range s.Keys {
			k := &s.Keys[j]
			if k.Name == factory.Name {
				continue
			}
			v, err := r.Names.Expand(d.Doc.Text(k), false)
			if err != nil {
				d.Bad.Add(r.Names.Problem(s.Name, k, err))
			}
			i.Keys = append(i.Keys, dialect.Var{Name: k.Name, Value: v})
		}
		d.cfg.RPCInterfaces = append(d.cfg.RPCInterfaces, i)
	}
}
