package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/launch"
)

type inspectOptions struct {
	imageOptions
	output string
}

func newInspect(a *app) *cobra.Command {
	var o inspectOptions
	c := &cobra.Command{
		Use: "inspect", Short: "Show what an image needs: the variables, peers and keys that it reads", GroupID: groupInspect, Args: noArgs,
		Long: `Show the interface of an image as a table: every variable, peer and key that its
templates and its configuration read, what is declared about it, and where it is used.
Nothing is executed, and no value is shown but defaults: those of [env:NAME], of templates,
and of the image's env files. What is read by a computed name is not seen.

As markdown it is a table for the image's README.`,
		RunE: func(c *cobra.Command, _ []string) error { return runInspect(c.Context(), a, o) },
	}
	o.flags(c)
	outputFlag(c, &o.output, "table", "json", "markdown")
	exits(c, exit.OK, exit.Usage, exit.Data, exit.Config)
	return c
}

func runInspect(_ context.Context, a *app, o inspectOptions) error {
	face, err := launch.Inspect(o.options(a))
	if err != nil {
		return err
	}
	switch o.output {
	case "json":
		return writeJSON(a.stdout, face)
	case "markdown":
		return writeMarkdown(a, face)
	}
	if len(face) == 0 {
		_, err := fmt.Fprintln(a.stdout, "the image reads nothing: no template and no section asks for a variable, a peer or a key")
		return err
	}
	t := newTable(a.stdout, "NAME", "KIND", "TYPE", "DEFAULT", "REQUIRED", "DESCRIPTION", "USED IN")
	for _, e := range face {
		t.row(e.Name, e.Kind, e.Type, e.Default, e.Need(), e.Description, strings.Join(e.Used, ", "))
	}
	return t.flush()
}

func writeMarkdown(a *app, face []launch.Entry) error {
	var b strings.Builder
	b.WriteString("| name | kind | type | default | required | description | used in |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	cell := func(s string) string { return strings.ReplaceAll(oneLine(s), "|", "\\|") }
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + strings.ReplaceAll(cell(s), "`", "'") + "`"
	}
	for _, e := range face {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n",
			code(e.Name), e.Kind, e.Type, code(e.Default), e.Need(), cell(e.Description), cell(strings.Join(e.Used, ", ")))
	}
	_, err := fmt.Fprint(a.stdout, b.String())
	return err
}
