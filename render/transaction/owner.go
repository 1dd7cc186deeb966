package transaction

import (
	"fmt"
	"strconv"
	"strings"

	"slipway/render"
)

// UnknownOwners finds the targets of a plan whose user or group there is not; the error is of
// [*render.Problem].
func UnknownOwners(plan *render.Plan, acc Accounts) error {
	var problems render.Problems
	for _, t := range plan.Targets {
		if _, _, err := parseOwner(t.Owner, acc); err != nil {
			problems = append(problems, &render.Problem{
				Kind: render.KindSettings, Dest: t.Dest, Pos: t.Pos, Text: fmt.Sprintf("owner %s: %v", t.Owner, err),
				Hint: "add it in the image, or give its number",
			})
		}
	}
	return problems.Err()
}

// parseOwner reads user[:group], each a name or a number, either of which may
// be left out; -1 keeps. As with chown(1), "user:" means the user's own group.
func parseOwner(text string, acc Accounts) (uid, gid int, err error) {
	uid, gid = -1, -1
	user, group, colon := strings.Cut(text, ":")
	login := -1
	if user != "" {
		n, numeric := number(user)
		switch {
		case numeric:
			uid = n
		case acc.User == nil:
			return -1, -1, fmt.Errorf("there is no user %q", user)
		default:
			u, g, ok := acc.User(user)
			if !ok {
				return -1, -1, fmt.Errorf("there is no user %q", user)
			}
			uid, login = u, g
		}
	}
	if !colon {
		return uid, gid, nil
	}
	if group == "" {
		return uid, login, nil
	}
	if n, ok := number(group); ok {
		return uid, n, nil
	}
	if acc.Group != nil {
		if g, ok := acc.Group(group); ok {
			return uid, g, nil
		}
	}
	return -1, -1, fmt.Errorf("there is no group %q", group)
}

func number(s string) (int, bool) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err == nil
}
