package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
	"slipway/internal/keys"
	"slipway/internal/launch"
	"slipway/internal/way"
	"slipway/render/transaction/durable"
	"slipway/sources/kv"
	"slipway/sources/program"
	"slipway/sources/protocol"
)

type kvOptions struct {
	imageOptions
	prefix   string
	contract string
	remove   bool
	dry      bool
	split    bool
	to       string
	output   string
}

func newKV(a *app) *cobra.Command {
	var o kvOptions
	c := &cobra.Command{
		Use: "kv get [PREFIX] | kv diff FILE | kv put FILE", Short: "Show the keys of etcd, compare them with files, and write them", GroupID: groupInspect,
		Long: `Read and write the keys that the section [etcd] of the configuration names, or the
variables SLIPWAY_ETCD_ENDPOINTS, SLIPWAY_ETCD_PREFIX and so on.

get prints keys as YAML, in the form that put reads, or writes them to a folder. diff
prints what put would do, and writes nothing. put brings etcd in line with FILE: a file
.yaml, .yml or .json, whose maps are the elements of keys, or a folder, each file of which
is a value without the line feed at its end, or - for YAML from standard input. Values are
texts, as they are written.

put writes only what differs, as one transaction: all of it or nothing. A key that somebody
else has changed meanwhile is never overwritten: then nothing is written, with status 65.
So it is if the image would refuse a value: by the sections [env:NAME] of the configuration,
and by --contract. A transaction has at most 128 keys and 1.5 MiB, unless the server is set
up otherwise. More than that is refused, or, with --split, several transactions, between
which a container may see a part.

With --output json get prints one object, whose names are whole keys; put reads that, too.

Keys are relative to the first prefix of [etcd], unless they begin with a slash. A secret is
printed as «redacted», and one that FILE gives as that stays as it is.`,
		Example: "  slipway kv get log\n  slipway kv diff keys.yaml\n  slipway inspect --output json > inspect.json\n" +
			"  slipway kv put --contract inspect.json --dry-run keys.yaml\n  slipway kv put --delete --prefix /shop/log/ log",
		Args: kvArgs,
		RunE: func(c *cobra.Command, args []string) error { return runKV(c.Context(), a, o, args) },
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return []string{"get", "diff", "put"}, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	o.flags(c)
	c.Flags().StringVar(&o.prefix, "prefix", "", "`PREFIX` that the keys of FILE are relative to, and that --delete is about (default: the first one of [etcd])")
	c.Flags().StringVar(&o.contract, "contract", "", "refuse what the image would, of which `FILE` has what slipway inspect --output json prints")
	_ = c.MarkFlagFilename("contract", "json") // fails only for a flag that is not there
	c.Flags().BoolVar(&o.remove, "delete", false, "delete keys that FILE does not have")
	c.Flags().BoolVar(&o.dry, "dry-run", false, "say what put would write, and write nothing")
	c.Flags().BoolVar(&o.split, "split", false, "write several transactions if one cannot hold all")
	c.Flags().StringVar(&o.to, "to", "", "write what get has to files in the folder `DIR`, secrets left out")
	_ = c.MarkFlagDirname("to") // fails only for a flag that is not there
	outputFlag(c, &o.output, "text", "json")
	exits(c, exit.OK, exit.Usage, exit.Data, exit.Unavailable, exit.CannotWrite, exit.Deadline, exit.Config)
	return c
}

func kvArgs(_ *cobra.Command, args []string) error {
	const hint = "slipway kv get [PREFIX], slipway kv diff FILE, or slipway kv put FILE"
	switch {
	case len(args) == 0 || !slices.Contains([]string{"get", "diff", "put"}, args[0]):
		return usage(hint, "slipway kv needs to know what to do: get, diff or put")
	case args[0] == "get" && len(args) > 2, args[0] != "get" && len(args) != 2:
		return usage(hint, "slipway kv %s got %d words after it", args[0], len(args)-1)
	}
	return nil
}

func runKV(ctx context.Context, a *app, o kvOptions, args []string) error {
	store, err := launch.Keys(o.options(a))
	if errors.Is(err, launch.ErrNoStore) {
		return &coded{exit.Config, err, "name a configuration with -c, or set SLIPWAY_ETCD_ENDPOINTS and SLIPWAY_ETCD_PREFIX"}
	}
	if err != nil {
		return err
	}
	rules := store.Rules
	if o.contract != "" {
		given, err := keys.ReadContract(o.contract)
		if err != nil {
			return &coded{exit.Data, err, ""}
		}
		rules.Rules = append(given.Rules, rules.Rules...) // of two, the first one holds
		rules.Keys = given.Keys
		if len(given.Rules) > 0 && len(store.Export) == 0 {
			a.note("no key becomes a variable, because export of [etcd] is not set: the variables of the contract are not looked at")
		}
	}
	if o.prefix != "" {
		store.Base = o.prefix
	}
	u, err := store.Program.Get(ctx)
	if err != nil {
		return err
	}
	store.Revision, store.Pairs = u.Revision, kv.New("etcd", u.Revision, store.Prefixes, u.Keys).Pairs()
	store.Hide(rules.Secret)
	if args[0] == "get" {
		return getKeys(a, o, store, slices.Concat(args[1:], []string{""})[0])
	}
	return bring(ctx, a, o, store, &rules, args)
}

// getKeys prints the keys below a prefix, or writes them to a folder.
func getKeys(a *app, o kvOptions, store *launch.KeyStore, prefix string) error {
	below := prefix
	if !strings.HasPrefix(prefix, "/") {
		below = kv.Normal(store.Base) + "/" + prefix
	}
	pairs := slices.DeleteFunc(store.Pairs, func(p kv.Pair) bool { return prefix != "" && !kv.Below(p.Key, below) })
	if len(pairs) == 0 {
		if prefix == "" {
			below = strings.Join(store.Prefixes, ", ")
		}
		a.note("no key lies below %s", below)
	}
	if o.to != "" {
		return writeKeys(a, o, pairs, store.Base)
	}
	if o.output == "json" {
		all, left := keys.Texts(pairs)
		a.leftOut(left)
		return writeJSON(a.stdout, all)
	}
	text, err := keys.YAML(pairs, store.Base)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}

// writeKeys writes keys to files.
func writeKeys(a *app, o kvOptions, pairs []kv.Pair, base string) error {
	files, left := keys.Files(pairs, base)
	view := kvFilesView{Files: []string{}, Left: append([]string{}, left...)}
	for _, f := range files {
		path := filepath.Join(o.to, filepath.FromSlash(f.Path))
		err := way.MakeDirs(filepath.Dir(path), 0o755)
		if err == nil {
			err = durable.Replace(durable.OS{}, path, []byte(f.Text), false)
		}
		if err != nil {
			return &coded{exit.CannotWrite, fmt.Errorf("cannot write %s: %w", path, err), ""}
		}
		if view.Files = append(view.Files, path); o.output != "json" {
			fmt.Fprintln(a.stdout, keys.Shown(path))
		}
	}
	a.leftOut(left)
	if o.output == "json" {
		return writeJSON(a.stdout, view)
	}
	return nil
}

// leftOut says which keys are not in what was printed or written.
func (a *app) leftOut(left []string) {
	if len(left) == 0 {
		return
	}
	shown := make([]string, len(left))
	for i, key := range left {
		shown[i] = keys.Shown(key)
	}
	a.note("left out, for a file cannot hold it, or must not: %s", strings.Join(shown, ", "))
}

// bring compares with a file, and writes.
func bring(ctx context.Context, a *app, o kvOptions, store *launch.KeyStore, rules *keys.Contract, args []string) error {
	wanted, err := keys.Read(args[1], store.Base, a.stdin)
	if err != nil {
		return dataError(err)
	}
	store.HideWanted(wanted, rules.Secret)
	change, err := keys.Plan(&store.Store, wanted, o.remove, store.Base)
	if err != nil {
		return dataError(err)
	}
	refused := rules.Check(&store.Store, change)
	if args[0] == "diff" || o.dry {
		if err := writeChange(a, o, change, kvChangeView{Revision: store.Revision}); err != nil {
			return err
		}
		return dataError(refused)
	}
	if refused != nil {
		return dataError(refused)
	}
	if change.Empty() {
		if o.output == "json" {
			return writeChange(a, o, change, kvChangeView{Revision: store.Revision})
		}
		fmt.Fprintf(a.stdout, "nothing differs at revision %d\n", store.Revision)
		return nil
	}
	q := protocol.Writing{Base: store.Revision, Split: o.split, Keys: change.Put}
	for _, p := range change.Deleted {
		q.Deleted = append(q.Deleted, p.Key)
	}
	revisions, err := store.Program.Write(ctx, q)
	if err != nil {
		return writingError(err, revisions)
	}
	last := revisions[len(revisions)-1]
	if err := writeChange(a, o, change, kvChangeView{Revision: last, Written: true, Transactions: len(revisions)}); err != nil || o.output == "json" {
		return err
	}
	of := ""
	if len(revisions) > 1 {
		of = fmt.Sprintf(", %d transactions", len(revisions))
	}
	fmt.Fprintf(a.stdout, "written at revision %d: %s, %d deleted%s\n", last, plural(len(change.Put), "key"), len(change.Deleted), of)
	return nil
}

// kvFilesView is what get --to has written, as JSON.
type kvFilesView struct {
	Files []string `json:"files"`    // that were written
	Left  []string `json:"left_out"` // keys that a file cannot hold, or must not
}

// kvChangeView is what diff has found, or put has done, as JSON.
type kvChangeView struct {
	Revision     int64          `json:"revision"`               // of the store: that was compared with, or the last one that was written
	Written      bool           `json:"written"`                // whether the changes are made
	Transactions int            `json:"transactions,omitempty"` // in how many
	Changes      []keys.Changed `json:"changes"`                // sorted by key
}

// writeChange prints a change.
func writeChange(a *app, o kvOptions, change *keys.Change, view kvChangeView) error {
	if o.output != "json" {
		return change.Write(a.stdout)
	}
	view.Changes = change.List()
	return writeJSON(a.stdout, view)
}

// dataError has the status of wrong values, each of a joined error.
func dataError(err error) error {
	if err == nil {
		return nil
	}
	return &launch.ValueError{Err: err}
}

// writingError says what to do when a store did not take what was to be written.
func writingError(err error, revisions []int64) error {
	var p *program.Error
	if !errors.As(err, &p) {
		return err
	}
	nothing := "nothing was written; "
	if len(revisions) > 0 {
		nothing = fmt.Sprintf("what came before is written, up to revision %d; ", revisions[len(revisions)-1])
	}
	switch p.Code {
	case protocol.CodeConflict:
		return &coded{exit.Data, err, nothing + "look at slipway kv diff, and write again"}
	case protocol.CodeTooLarge:
		return &coded{exit.Data, err, nothing + "--split writes several transactions, between which a container may see a part"}
	case protocol.CodeDenied:
		return &coded{exit.Unavailable, err, nothing + "the role of the user needs readwrite on the prefix"}
	}
	return &coded{sourceStatus(p.Code), err, nothing + "if no answer came, it may be written all the same: look at slipway kv diff"}
}
