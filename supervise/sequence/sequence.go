// Package sequence says what a configuration means for the order of its programs: who has
// which place, and what is wrong with what they wait for. It reads the configuration and
// decides nothing that happens later; package order does.
package sequence

import (
	"errors"
	"slices"

	"slipway/supervise/config"
	"slipway/supervise/dialect"
	"slipway/supervise/machine"
	"slipway/supervise/order"
)

// Member is the place of a process in the order, as its configuration says it.
func Member(g *config.Group, c *config.Process) order.Member {
	return order.Member{
		Program: c.Program, Group: c.Group, Name: c.Name, Needs: order.ParseNeeds(c.DependsOn),
		Priority: g.Priority, Wait: c.StopWait + c.Hooked.OfStop(c.Hooks.Limit),
	}
}

// Check returns an error for a configuration whose processes cannot be ordered.
func Check(cfg *config.Config) error {
	var members []*order.Member
	var places []dialect.Pos
	for g, p := range cfg.Processes() {
		m := Member(g, p)
		members = append(members, &m)
		places = append(places, p.Pos)
	}
	err := order.Check(members)
	var bad *order.Unordered
	if errors.As(err, &bad) && places[bad.Member].File != "" {
		return errors.New(places[bad.Member].String() + ": " + err.Error())
	}
	return err
}

// Names is what the names in a configuration mean, as far as that matters to those who wait
// for them. It is made once for all of depends_on: each can be as long as the file.
type Names map[string]*meaning

// meaning has, of the programs that a name means, the first that is not of a kind.
type meaning struct{ lasting, endless, unprobed, demand *config.Process }

// NamesOf looks through a configuration.
func NamesOf(cfg *config.Config) Names {
	names := Names{}
	for g, p := range cfg.Processes() {
		member := Member(g, p)
		for _, name := range member.Names() {
			m := names[name]
			if m == nil {
				m = new(meaning)
				names[name] = m
			}
			if m.demand == nil && p.OnDemand() {
				m.demand = p
			}
			oneshot := p.Conduct == config.ConductOneshot
			if m.lasting == nil && !oneshot {
				m.lasting = p
			}
			if m.endless == nil && !oneshot && p.Life().Autorestart == machine.RestartAlways {
				m.endless = p
			}
			if m.unprobed == nil && p.Health.Probe.Kind == config.ProbeNone {
				m.unprobed = p
			}
		}
	}
	return names
}

// Has reports whether a name means anything.
func (n Names) Has(name string) bool { return n[name] != nil }

// Settle writes the words of depends_on as what they mean. One that is the whole name of a
// process means that, though it ends like one with a condition: a group may have a process
// called "started". A oneshot is waited for until it has completed.
func (n Names) Settle(cfg *config.Config) {
	for _, p := range cfg.Processes() {
		for i, word := range p.DependsOn {
			need := order.ParseNeed(word)
			if need.IsSoft() {
				continue
			}
			if n.Has(word) {
				need = order.Need{Name: word}
			}
			text := need.String()
			switch m := n[need.Name]; {
			case need.Until == order.Ready && m != nil && m.lasting == nil:
				text += ":" + order.Completed.String()
			case order.ParseNeed(text) != need:
				text += ":" + order.Ready.String()
			}
			if text != word {
				p.DependsOn = slices.Clone(p.DependsOn) // the processes of a program share it
				p.DependsOn[i] = text
			}
		}
	}
}

// Mistake is what is wrong with what a program waits for. The zero Mistake is nothing.
type Mistake struct{ Text, Hint string }

// Wrong says what is wrong with a need whose name is known: a program that never ends, or
// of whose health nothing is known, would be waited for without an end.
func (n Names) Wrong(need order.Need) Mistake {
	m := n[need.Name]
	switch {
	case m == nil:
	case m.demand != nil:
		return Mistake{"expected programs that are started with the supervisor, got " + dialect.Quote(need.String()) + ", and " + m.demand.Program + " waits for somebody to connect (start = " + config.StartOnDemand + ")",
			"take it out: whoever connects to its sockets starts it, and is answered"}
	case need.Until == order.Healthy && m.unprobed != nil:
		return Mistake{"expected a program with a health option, got " + dialect.Quote(need.String()) + ", and " + m.unprobed.Program + " has none",
			"write " + dialect.Quote(need.Name) + ", which waits until it is ready"}
	case need.Until.IsEnd() && m.endless != nil:
		return Mistake{"expected a program that comes to its end, got " + dialect.Quote(need.String()) + ", and " + m.endless.Program + " is always started again",
			"give " + m.endless.Program + " autorestart = unexpected, or false"}
	}
	return Mistake{}
}
