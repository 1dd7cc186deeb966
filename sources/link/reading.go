package link

import "strings"

// role is what a variable is within its family.
type role uint8

const (
	roleURL        role = iota + 1 // A_PORT_<P>_<T>
	roleAddr                       // A_PORT_<P>_<T>_ADDR
	rolePort                       // A_PORT_<P>_<T>_PORT
	roleProto                      // A_PORT_<P>_<T>_PROTO
	roleStart                      // A_PORT_<p>_<T>_START, a URL
	roleEnd                        // A_PORT_<p>_<T>_END, a URL
	rolePortStart                  // A_PORT_<p>_<T>_PORT_START
	rolePortEnd                    // A_PORT_<p>_<T>_PORT_END
	roleFirst                      // A_PORT, a URL
	roleName                       // A_NAME
	roleHost                       // A_SERVICE_HOST
	roleService                    // A_SERVICE_PORT, a number
	roleServiceFor                 // A_SERVICE_PORT_<name>, a number
	roleEnv                        // A_ENV_<name>
)

// reading is one way to understand a variable, possible by its name and by the
// shape of its value. Whether it holds depends on the rest of the family.
type reading struct {
	member
	at hostPort // what the value says
}

// member is the place of a variable in a family.
type member struct {
	alias string
	role  role
	port  int    // of the name, 0 where it has none; roleServiceFor: of the value
	proto string // of the name, lower case
	label string // roleName, roleServiceFor, roleEnv: the rest of the name or value
}

// endpointSuffixes are the members of a family that belong to one port, longest
// first where one ends with another.
var endpointSuffixes = [...]struct {
	text string
	role role
}{
	{"_PORT_START", rolePortStart}, {"_PORT_END", rolePortEnd}, {"_START", roleStart}, {"_END", roleEnd},
	{"_ADDR", roleAddr}, {"_PROTO", roleProto}, {"_PORT", rolePort}, {"", roleURL},
}

// readings appends the ways to understand a variable by itself, except those
// that need to know which families exist: see lateReadings.
func readings(out []reading, name, value string) []reading {
	add := func(r reading, ok bool) {
		if ok && validAlias(r.alias) {
			out = append(out, r)
		}
	}
	if strings.Contains(name, "_PORT") {
		add(asEndpoint(name, value))
		if alias, ok := strings.CutSuffix(name, "_PORT"); ok {
			at, ok := asURL(value)
			add(reading{member{alias: alias, role: roleFirst}, at}, ok)
			alias, isService := strings.CutSuffix(alias, "_SERVICE")
			port, ok := asPort(value)
			add(reading{member{alias: alias, role: roleService, port: port}, hostPort{}}, isService && ok)
		}
	}
	if alias, ok := strings.CutSuffix(name, "_SERVICE_HOST"); ok {
		add(reading{member{alias: alias, role: roleHost}, hostPort{host: value}}, asHost(value))
	}
	if alias, ok := strings.CutSuffix(name, "_NAME"); ok {
		consumer, given, ok := asName(value)
		add(reading{member{alias: alias, role: roleName, label: given}, hostPort{host: consumer}}, ok && Alias(given) == alias)
	}
	return out
}

// asEndpoint reads A_PORT_<P>_<T> and what may follow, from right to left: an
// alias may contain _PORT_ itself.
func asEndpoint(name, value string) (reading, bool) {
	for _, s := range endpointSuffixes {
		base, ok := strings.CutSuffix(name, s.text)
		if !ok {
			continue
		}
		r := reading{member: member{role: s.role}}
		if r.alias, r.port, r.proto, ok = splitEndpoint(base); ok {
			return r, r.fits(value)
		}
	}
	return reading{}, false
}

// splitEndpoint cuts A_PORT_<P>_<T>.
func splitEndpoint(s string) (alias string, port int, proto string, ok bool) {
	for _, t := range [...]struct{ suffix, proto string }{{"_TCP", "tcp"}, {"_UDP", "udp"}, {"_SCTP", "sctp"}} {
		if !strings.HasSuffix(s, t.suffix) {
			continue
		}
		n := len(s) - len(t.suffix)
		i := strings.LastIndexByte(s[:n], '_')
		if i < 0 {
			return "", 0, "", false
		}
		if port, ok = asPort(s[i+1 : n]); !ok {
			return "", 0, "", false
		}
		alias, ok = strings.CutSuffix(s[:i], "_PORT")
		return alias, port, t.proto, ok
	}
	return "", 0, "", false
}

// fits reports whether the value has the shape that the role asks for, and
// keeps what it says.
func (r *reading) fits(value string) (ok bool) {
	switch r.role {
	case roleURL, roleStart, roleEnd:
		r.at, ok = asURL(value)
		return ok && r.at.proto == r.proto
	case roleAddr:
		r.at.host = value
		return asHost(value)
	case rolePort, rolePortStart, rolePortEnd:
		r.at.port, ok = asPort(value)
		return ok
	case roleProto:
		return value == r.proto
	}
	return false
}

// lateReadings appends the ways to understand a variable as the port of a named
// service port, or as the environment of a linked container. Names of both
// kinds are common among people's own variables, so they count only beside a
// family that is known. The shortest alias comes first.
func lateReadings(out []reading, name, value string, hasService, hasEnv func(alias string) bool) []reading {
	if port, ok := asPort(value); ok {
		forEachCut(name, "_SERVICE_PORT_", func(alias, label string) {
			if hasService(alias) {
				out = append(out, reading{member{alias: alias, role: roleServiceFor, label: label, port: port}, hostPort{}})
			}
		})
	}
	forEachCut(name, "_ENV_", func(alias, label string) {
		if hasEnv(alias) {
			out = append(out, reading{member{alias: alias, role: roleEnv, label: label}, hostPort{}})
		}
	})
	return out
}

// forEachCut calls f with what stands before and after each sep, left to right.
func forEachCut(s, sep string, f func(before, after string)) {
	for from := 0; ; {
		i := strings.Index(s[from:], sep)
		if i < 0 {
			return
		}
		i += from
		if before, after := s[:i], s[i+len(sep):]; before != "" && after != "" {
			f(before, after)
		}
		from = i + 1
	}
}
