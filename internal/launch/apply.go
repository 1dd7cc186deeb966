package launch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"slipway/internal/launch/sections"
	"slipway/render"
	"slipway/render/language"
	"slipway/render/transaction"
	"slipway/render/transaction/durable"
	"slipway/supervise/config"
)

// ApplyOptions say for whom a plan is written.
type ApplyOptions struct {
	// Running says that programs run which know the files: a change has to survive a
	// power cut. The start of a container renders anew anyway.
	Running bool
	// NothingRuns says that this is the start of a container: no program has to be
	// told, and former debts and refusals are void.
	NothingRuns bool
	// Force applies a plan that was refused before.
	Force bool
}

// templates are the templates of an image.
type templates struct {
	set   language.Set
	files []string // that were looked for, there or not
	err   error
}

// discoverOnce reads the templates when they are asked for first.
func discoverOnce(c *config.Config, f *sections.Files) func() templates {
	return sync.OnceValue(func() templates { return discover(c, f) })
}

// discover collects the templates of the trees and of the sections.
func discover(c *config.Config, f *sections.Files) templates {
	described := make([]language.Template, len(f.Templates))
	for i, t := range f.Templates {
		described[i] = t.Template
	}
	files := render.Record(durable.OS{})
	set, err := language.Discover(files, c.Slipway.Templates, described)
	set.Checks = f.Checks
	return templates{set, files.Names(), err}
}

// Plan executes all templates: step 5. The error is [render.Problems].
func (im *Image) Plan(ctx context.Context, o ApplyOptions) (*render.Plan, error) {
	plan, err := im.plan(o)
	return plan, im.from.outside.hintKeys(ctx, im.from.missing, err)
}

// check is Plan that also finds calls which mean something else than in the tool that the
// template was written for. They are no error of a start: they render. There is a plan also
// with an error; it says which files are made.
func (im *Image) check(set language.Set) (*render.Plan, error) {
	data, err := im.data(ApplyOptions{}, set)
	if err != nil {
		return &render.Plan{Checks: set.Checks}, err
	}
	return language.Check(set, data)
}

func (im *Image) plan(o ApplyOptions) (*render.Plan, error) {
	found := im.templates()
	if found.err != nil {
		return nil, found.err
	}
	if len(found.set.Templates) == 0 {
		return language.Build(found.set, language.Data{})
	}
	data, err := im.data(o, found.set)
	if err != nil {
		return nil, err
	}
	plan, err := language.Build(found.set, data)
	if plan != nil {
		im.originate(plan)
	}
	return plan, err
}

// data is what the templates of a set see.
func (im *Image) data(o ApplyOptions, set language.Set) (language.Data, error) {
	opts, err := im.RenderOptions(o)
	if err != nil {
		return language.Data{}, err
	}
	data := im.from.data(im.Values, peers{im.from.resolved, im.from.made})
	data.Original = transaction.OriginalFile(durable.OS{}, opts)
	if im.from.made != nil {
		data.KV = im.from.made.withKeys(im.from.store, set)
	}
	return data, nil
}

// Former is the plan that puts the last generation of files back. The error is
// [render.ErrNoGeneration] when none is kept.
func (im *Image) Former(o ApplyOptions) (*render.Plan, error) {
	opts, err := im.RenderOptions(o)
	if err != nil {
		return nil, err
	}
	return transaction.RollbackPlan(durable.OS{}, opts)
}

// InPlace is the digest of the plan that the files are of, "" when nobody knows.
func (im *Image) InPlace(o ApplyOptions) (string, error) {
	opts, err := im.RenderOptions(o)
	if err != nil || opts.Runtime == "" {
		return "", err
	}
	return transaction.InPlace(durable.OS{}, opts)
}

// Refuse remembers that the plan of this digest was taken back by hand. What was
// refused before stays so: it is what the templates make, and to go back further
// changes nothing about that.
func (im *Image) Refuse(o ApplyOptions, digest string) error {
	opts, err := im.RenderOptions(o)
	if err != nil {
		return err
	}
	if last, err := transaction.LastRefused(durable.OS{}, opts); last != nil || err != nil {
		return err
	}
	return transaction.MarkRefused(durable.OS{}, opts, transaction.Refusal{Digest: digest, Reason: "taken back by hand", At: time.Now()})
}

// Apply writes a plan: step 6.
func (im *Image) Apply(ctx context.Context, plan *render.Plan, o ApplyOptions) (*transaction.Result, error) {
	if len(plan.Targets) == 0 && im.Root() != "" {
		return &transaction.Result{}, nil
	}
	opts, err := im.RenderOptions(o)
	if err != nil {
		return nil, err
	}
	if opts.Root != "" {
		if err := os.MkdirAll(opts.Root, 0o755); err != nil {
			return nil, &transaction.WriteError{Dest: opts.Root, What: "the root folder cannot be made: " + err.Error(), Err: err}
		}
	}
	makeRuntime(&opts)
	return transaction.Apply(ctx, durable.OS{}, rehearsed(plan, opts), opts)
}

// Compare says what Apply would do, and does nothing.
func (im *Image) Compare(plan *render.Plan, o ApplyOptions) (*transaction.Result, error) {
	opts, err := im.RenderOptions(o)
	if err != nil {
		return nil, err
	}
	return transaction.Compare(durable.OS{}, rehearsed(plan, opts), opts)
}

// rehearsed is a plan as it is written below a root: with the folders that the image has.
func rehearsed(plan *render.Plan, opts transaction.Options) *render.Plan {
	if opts.Root == "" {
		return plan
	}
	out := *plan
	out.Targets = slices.Clone(plan.Targets)
	for i := range out.Targets {
		t := &out.Targets[i]
		if info, err := os.Stat(filepath.Dir(t.Dest)); err == nil && info.IsDir() {
			t.Parents = true
		}
	}
	return &out
}

// Root is the folder that everything is written below, absolute; "" for /.
func (im *Image) Root() string { return im.Document.root }

// RenderOptions are the options of a transaction, also for paying what it owes.
func (im *Image) RenderOptions(o ApplyOptions) (transaction.Options, error) {
	opts := transaction.Options{
		Runtime:  im.Runtime(),
		Accounts: im.Document.accounts(),
		CheckEnv: im.Environ,
		Keep:     im.Config.Slipway.KeepGens,

		Sync:        o.Running,
		Force:       o.Force,
		NothingRuns: o.NothingRuns,
	}
	if im.from != nil {
		opts.Say = im.from.outside.say
	}
	if root := im.Root(); root != "" {
		opts.Root, opts.Runtime, opts.KeepOwner, opts.Sync = root, "", true, false
	}
	return opts, nil
}
