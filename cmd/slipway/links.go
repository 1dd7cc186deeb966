package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

type linksOptions struct {
	imageOptions
	fresh  bool
	output string
}

func newLinks(a *app) *cobra.Command {
	var o linksOptions
	c := &cobra.Command{
		Use: "links", Short: "Show the peers that are known, and how each was found", GroupID: groupInspect, Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLinks(c.Context(), a, o) },
	}
	o.flags(c)
	c.Flags().BoolVar(&o.fresh, "fresh", false, "as a start would find them now, also where a supervisor runs")
	outputFlag(c, &o.output, "table", "json")
	imageExits(c)
	return c
}

// peerView is a peer as JSON.
type peerView struct {
	Name     string `json:"name"`              // of the peer
	Host     string `json:"host"`              // its name or address
	Port     int    `json:"port"`              // that it answers at
	Exposed  int    `json:"exposed"`           // the port it is asked for by
	Proto    string `json:"proto"`             // tcp or udp
	URL      string `json:"url"`               // as link variables have it: tcp://HOST:PORT
	Source   string `json:"source"`            // how it was found
	Variable string `json:"from"`              // the place of the value that the address came from
	Self     bool   `json:"self,omitempty"`    // whether it is this container
	Partial  bool   `json:"partial,omitempty"` // whether some of its variables are missing or were set by hand
	Note     string `json:"note,omitempty"`    // what else there is to know
}

func runLinks(ctx context.Context, a *app, o linksOptions) error {
	values, err := a.values(ctx, o.imageOptions, o.fresh)
	if err != nil {
		return err
	}
	peers := values.Peers
	if o.output == "json" {
		views := make([]peerView, len(peers))
		for i, p := range peers {
			views[i] = peerView{
				Name: p.Name, Host: p.Host, Port: p.Port, Exposed: p.Exposed, Proto: p.Proto, URL: p.URL(), Source: p.Source,
				Variable: p.Origin.String(), Self: p.Self, Partial: p.Partial, Note: p.Note,
			}
		}
		return writeJSON(a.stdout, views)
	}
	if len(peers) == 0 {
		fmt.Fprintln(a.stdout, "no peer is known: there are no link or service variables, and no [link:NAME] found one")
		return nil
	}
	t := newTable(a.stdout, "PEER", "PORT", "ADDRESS", "FOUND BY", "NOTE")
	for _, p := range peers {
		note := p.Note
		switch {
		case p.Self:
			note = "this container itself"
		case p.Partial && note == "":
			note = "some of its variables are missing or were set by hand"
		}
		t.row(p.Name, fmt.Sprintf("%d/%s", p.Exposed, p.Proto), p.Addr(), p.Source, note)
	}
	return t.flush()
}
