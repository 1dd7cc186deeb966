package launch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"slipway/render/pattern"
	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/gather"
	"slipway/sources/link"
	"slipway/supervise/dialect"
)

// linkVariable is the shape of what docker run --link sets.
var linkVariable = pattern.Lazy(`^([A-Z][A-Z0-9_]*)_PORT_([0-9]{1,5})_(TCP|UDP|SCTP)(?:_(ADDR|PORT|PROTO))?$`)

// explain says what is known of a variable that a template misses, or "".
func (g *gathered) explain(values *sources.View, known peers, name string) string {
	if why := g.given(values, name); why != "" {
		return why
	}
	return explain(g.settings.Rules, known, name)
}

// given says what was given for a variable and does not count, or "": a file that can be no
// variable, or that nobody reads.
func (g *gathered) given(values *sources.View, name string) string {
	if why := unfit(g.files, name); why != "" {
		return why
	}
	why := gather.IgnoredFile(g.settings.Slipway.Sources, g.asked, values, name)
	if why != "" && !strings.HasPrefix(why, "SLIPWAY_") {
		why += fmt.Sprintf("; declare [env:%s], or use FILE__%s", name, name)
	}
	return why
}

// file is a secret file, by the name of its variable.
func (g *gathered) file(name string) (sources.File, bool) {
	f, ok := g.files[name]
	if !ok && g.made != nil {
		g.made.note("secret file " + name)
		return sources.File{Name: name, Bytes: []byte(madeUp), Origin: sources.Origin{Source: madeUp}}, true
	}
	return f, ok
}

// hintViolations says of the variables that are missing what was given for them all the same.
func (g *gathered) hintViolations(values *sources.View, errs []error) {
	for _, err := range errs {
		var v *contract.Violation
		if errors.As(err, &v) && v.Absent {
			if why := g.given(values, v.Name); why != "" {
				v.Hint = why
			}
		}
	}
}

// envName is how the configuration asks for a variable.
var envName = pattern.Lazy(`\bENV_(\w+)`)

// hintVariables says of the variables that the configuration asks for, and that are none, why
// that is so.
func (p *peered) hintVariables(err error) error {
	var problems *dialect.Problems
	if !errors.As(err, &problems) {
		return err
	}
	decided := p.decide()
	for _, one := range problems.List {
		m := envName.FindStringSubmatch(one.Text)
		if one.Kind != dialect.KindUnknownName || m == nil {
			continue
		}
		if why := decided.asVariable(p.files, m[1]); why != "" {
			one.Hint = why
		} else if why := p.given(p.values, m[1]); why != "" {
			one.Hint = why
		}
	}
	return err
}

// explain is the part of it that rules and peers know.
func explain(declared []contract.Rule, known peers, name string) string {
	for _, r := range declared {
		if r.Name == name {
			return fmt.Sprintf("%s declares it, without a default: say default = … there, or required = true", r.Origin)
		}
	}
	m := linkVariable.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	alias, proto := strings.ToLower(m[1]), strings.ToLower(m[3])
	port, _ := strconv.Atoi(m[2]) // the expression has checked it
	call := fmt.Sprintf("{{ (link %q %d).%s }}", alias, port, map[string]string{"": "URL", "ADDR": "Host", "PORT": "Port", "PROTO": "Proto"}[m[4]])
	_, err := known.known.Link(alias, port, proto)
	var lost *link.NotFound
	switch {
	case err == nil:
		return fmt.Sprintf("the peer is known, the variable is not made: write %s, or export = true in [link:%s]", call, alias)
	case errors.As(err, &lost) && lost.Known:
		return strings.TrimSuffix(err.Error()+"; "+lost.Hint(), "; ")
	}
	return fmt.Sprintf("no peer of that name is known, and Docker 29 and later set no such variables: write %s, and declare [link:%s] with port = %d", call, alias, port)
}
