package launch

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"slipway/sources/contract"
	"slipway/sources/link"
)

// linkVariable is the shape of what docker run --link sets.
var linkVariable = regexp.MustCompile(`^([A-Z][A-Z0-9_]*)_PORT_([0-9]{1,5})_(TCP|UDP|SCTP)(?:_(ADDR|PORT|PROTO))?$`)

// explain says what is known of a variable that a template misses, or "".
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
