package launch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"slipway/render"
	"slipway/sources"
	"slipway/supervise/config"
)

// defaultSource is the source of values that [env:NAME] default gives.
const defaultSource = "default"

// ContractError is one value that is not as its [env:NAME] section wants it.
type ContractError struct {
	Name string
	Pos  config.Pos // of the section
	Text string
	hint string
}

func (e *ContractError) Error() string { return fmt.Sprintf("%s: %s: %s", e.Pos, e.Name, e.Text) }

// Hint says what to do.
func (e *ContractError) Hint() string { return e.hint }

// contract gives the variables of the [env:NAME] sections their defaults and their
// secrecy, and checks them; every violation comes in one error.
func (im *Image) contract(rules []config.EnvRule, system config.System) error {
	var defaults sources.Layer
	var secrets []string
	var errs []error
	data := render.Data{Env: im.Values, Links: peers{im.Peers}, Host: render.Host{Name: hostname(system)}}
	for _, r := range rules {
		if r.Secret {
			secrets = append(secrets, r.Name)
		}
		if _, set := im.Values.Lookup(r.Name); set || !r.HasDefault {
			continue
		}
		text, secret, err := render.Eval(fmt.Sprintf("%s (default of %s)", r.Pos.File, r.Name), r.Default, data)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		origin := sources.Origin{Source: defaultSource, File: r.Pos.File, Line: r.Pos.Line}
		defaults.Vars = append(defaults.Vars, sources.Var{Name: r.Name, Value: sources.Value{Text: text, Secret: secret, Origin: origin}})
	}
	im.layers = append([]sources.Layer{defaults}, im.layers...)
	im.Values = sources.Merge(im.layers...).Taint(append(secrets, im.Peers.Secrets()...)...)
	for _, r := range rules {
		if err := im.checkRule(r); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (im *Image) checkRule(r config.EnvRule) error {
	e, set := im.Values.Lookup(r.Name)
	wrong := func(text, hint string) error {
		if r.Description != "" {
			text += " (" + r.Description + ")"
		}
		return &ContractError{Name: r.Name, Pos: r.Pos, Text: text, hint: hint}
	}
	switch {
	case !set && r.HasDefault: // its default could not be made, which is said already
		return nil
	case !set && r.Required:
		hint := "set it, for instance by docker run -e " + r.Name + "=…"
		if near := sources.Nearest(r.Name, im.Values.Names()); near != "" {
			hint = fmt.Sprintf("did you mean %s, which is set?", near)
		}
		return wrong("it is required and not set", hint)
	case !set:
		return nil
	}
	if reason := violates(r, e.Value.Text); reason != "" {
		return wrong(fmt.Sprintf("%s, got %q from %s", reason, e.Value.String(), e.Value.Origin), "")
	}
	return nil
}

// violates says what a rule expects of a value that is not so, or "".
func violates(r config.EnvRule, text string) string {
	switch r.Type {
	case "int":
		return number(r, text, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }, "a whole number")
	case "duration":
		return number(r, text, func(s string) (int64, error) { d, err := time.ParseDuration(s); return int64(d), err }, "a duration such as 30s")
	case "size":
		return number(r, text, parseSize, "a size such as 64MB")
	case "port":
		if n, err := strconv.Atoi(text); err != nil || n < 1 || n > 65535 {
			return "expected a port from 1 to 65535"
		}
	case "bool":
		if !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "1", "0"}, strings.ToLower(text)) {
			return "expected true or false"
		}
	case "url":
		if u, err := url.Parse(text); err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" && u.Path == "" {
			return "expected a URL such as http://host/"
		}
	case "host":
		if text == "" || strings.ContainsAny(text, "/ \t\n@") {
			return "expected a host name or an address"
		}
	case "hostport":
		if host, port, err := net.SplitHostPort(text); err != nil || host == "" || port == "" {
			return "expected host:port"
		}
	case "path":
		if !strings.HasPrefix(text, "/") {
			return "expected an absolute path"
		}
	case "enum":
		if !slices.Contains(r.Values, text) {
			return "expected " + strings.Join(r.Values, ", ")
		}
	case "json":
		if !json.Valid([]byte(text)) {
			return "expected JSON"
		}
	}
	return mismatch(r, text)
}

func mismatch(r config.EnvRule, text string) string {
	if r.Pattern == "" {
		return ""
	}
	re, err := regexp.Compile(`\A(?:` + r.Pattern + `)\z`)
	switch {
	case err != nil:
		return "its pattern is no regular expression: " + err.Error()
	case !re.MatchString(text):
		return "expected what " + r.Pattern + " matches"
	}
	return ""
}

// number checks a value that has an order, and its bounds.
func number(r config.EnvRule, text string, parse func(string) (int64, error), what string) string {
	n, err := parse(text)
	if err != nil {
		return "expected " + what
	}
	if least, err := parse(r.Min); err == nil && n < least {
		return "expected at least " + r.Min
	}
	if most, err := parse(r.Max); err == nil && n > most {
		return "expected at most " + r.Max
	}
	return ""
}

// parseSize reads 64, 64KB, 64MB, 64GB, with or without the B, in powers of 1024.
func parseSize(s string) (int64, error) {
	digits := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(s)), "B")
	shift := 0
	for i, unit := range []string{"K", "M", "G", "T"} {
		if d, ok := strings.CutSuffix(digits, unit); ok {
			digits, shift = d, 10*(i+1)
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > (1<<62)>>shift {
		return 0, fmt.Errorf("cannot read size %q", s)
	}
	return n << shift, nil
}
