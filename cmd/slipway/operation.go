package main

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
	"slipway/supervise/control/surface"
	"slipway/supervise/dialect"
)

// operationOptions are those of a command that is the verb of an operation.
type operationOptions struct {
	controlOptions
	noWait bool
	output string
}

// newOperation makes the command that is the verb of an operation. Its words, names and
// options follow from the arguments and the answer of the row.
func newOperation(a *app, op surface.Operation) *cobra.Command {
	var o operationOptions
	words := wordsOf(op)
	use := append([]string{op.Verb.Word}, words...)
	c := &cobra.Command{Short: op.Verb.Short, Long: op.Verb.Long, GroupID: groupControl}
	switch {
	case op.Takes(control.ArgProcess):
		use = append(use, "PROGRAM | GROUP:* | all ...")
		c.ValidArgsFunction = completeWords(words, o.completeNames(a))
	case op.Takes(control.ArgGroup):
		use = append(use, "GROUP...")
	}
	c.Use = strings.Join(use, " ")
	c.Args = func(c *cobra.Command, args []string) error { return checkWords(c, op, args) }
	c.RunE = func(c *cobra.Command, args []string) error {
		return runOperation(c.Context(), a, o, op, args[:len(words)], args[len(words):])
	}
	o.flags(c)
	if op.Takes(control.ArgWait) {
		c.Flags().BoolVar(&o.noWait, "no-wait", false, "return at once")
	}
	outputFlag(c, &o.output, "text", "json")
	return c
}

// wordsOf are the arguments of an operation that are given as words before the names.
func wordsOf(op surface.Operation) []string {
	var words []string
	for _, p := range op.Method.Args {
		switch p.Name {
		case control.ArgProcess, control.ArgGroup, control.ArgWait:
		default:
			words = append(words, strings.ToUpper(p.Name))
		}
	}
	return words
}

// completeWords offers the signals where a signal is the word, and what names offers behind the
// words.
func completeWords(words []string, names cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) >= len(words):
			return names(c, args, typed)
		case words[len(args)] == "SIGNAL":
			return dialect.SignalNames[1:], cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}

// isData reports whether the answer of an operation is for reading: it is neither true nor
// what became of each process.
func isData(op surface.Operation) bool {
	_, statuses := op.Of.(*control.Status)
	return op.Result != control.KindBool && !statuses
}

// named reports whether an operation is on what is named.
func named(op surface.Operation) bool {
	return op.Takes(control.ArgProcess) || op.Takes(control.ArgGroup)
}

// checkWords demands the words and at least one name, or no name.
func checkWords(c *cobra.Command, op surface.Operation, args []string) error {
	words := wordsOf(op)
	var takes []string
	for _, w := range words {
		takes = append(takes, "a "+strings.ToLower(w))
	}
	switch n := len(args) - len(words); {
	case named(op) && n > 0, !named(op) && n == 0:
		return nil
	case len(takes) == 0 && !named(op):
		return noArgs(c, args)
	case len(takes) == 0:
		return needNames(op.Verb.Word)(c, args)
	case named(op):
		takes = append(takes, "the names of programs")
	}
	return usage(op.Verb.Hint, "%s takes %s", c.CommandPath(), strings.Join(takes, " and "))
}

// runOperation calls the operation: once, or for every name, where it goes on after a
// failure and says what became of each.
func runOperation(ctx context.Context, a *app, o operationOptions, op surface.Operation, words, names []string) error {
	return o.with(ctx, a, func(c client.Caller) error {
		args := argumentsOf(op, words, !o.noWait)
		if !named(op) {
			return callOnce(ctx, a, c, o.output, op, args)
		}
		out := a.outcomes(o.output)
		for _, name := range names {
			results, err := callNamed(ctx, c, op, name, args)
			if len(results) == 1 && results[0].Code == control.BadName {
				results, err = nil, control.NewFault(control.BadName, name)
			}
			if err != nil {
				out.failed(name, failedOn(ctx, c, op.Verb.Word, name, op.Takes(control.ArgGroup), err))
				continue
			}
			out.take(op.Verb, name, results, nil, notUp(ctx, c))
		}
		return out.end()
	})
}

// argumentsOf are the arguments of an operation, but for the name, which comes first.
func argumentsOf(op surface.Operation, words []string, wait bool) []control.Value {
	var args []control.Value
	for _, p := range op.Method.Args {
		switch p.Name {
		case control.ArgProcess, control.ArgGroup:
		case control.ArgWait:
			args = append(args, control.Bool(wait))
		default:
			args = append(args, control.String(words[0]))
			words = words[1:]
		}
	}
	return args
}

// callOnce calls an operation that takes no name, and prints its answer.
func callOnce(ctx context.Context, a *app, c client.Caller, output string, op surface.Operation, args []control.Value) error {
	v, err := c.Call(ctx, op.Name, args...)
	switch {
	case err != nil && isData(op):
		return failed(op.Verb.Word, op.Verb.What, err)
	case isData(op) && output == "json":
		return writeJSON(a.stdout, surface.JSON{Value: v})
	case isData(op):
		return writeAnswer(a, v)
	}
	out := a.outcomes(output)
	switch {
	case err == nil && op.Result == control.KindList:
		out.take(op.Verb, op.Verb.What, control.ReadList[control.Status](v), nil, notUp(ctx, c))
	case err == nil:
		out.done(outcomeView{Name: op.Verb.What, Result: op.Verb.Done}, op.Verb.Done)
	default:
		out.take(op.Verb, op.Verb.What, nil, err, nil)
	}
	return out.end()
}

// callNamed calls an operation for a name: at once for a group and all where there is an
// operation for that, else one process after the other.
func callNamed(ctx context.Context, c client.Caller, op surface.Operation, name string, args []control.Value) ([]control.Status, error) {
	onName := func(name string) []control.Value { return append([]control.Value{control.String(name)}, args...) }
	if op.Takes(control.ArgGroup) {
		_, err := c.Call(ctx, op.Name, onName(name)...)
		if err != nil {
			return nil, err
		}
		return []control.Status{control.NewStatus(name, name, nil)}, nil
	}
	t := targetOf(name)
	switch {
	case t.all && op.All != "":
		return client.Statuses(ctx, c, op.All, args...)
	case t.group != "" && op.Group != "":
		return client.Statuses(ctx, c, op.Group, onName(t.group)...)
	}
	rolls := op.Name == control.OpProcessRestart || op.Name == control.OpProcessReload
	return oneByOne(ctx, c, t, rolls, func(name string) error {
		_, err := c.Call(ctx, op.Name, onName(name)...)
		return err
	})
}

// oneByOne calls do for every process that a target means, and makes statuses of
// what comes back. With rolls it does so for as many at once as the program says. The error is
// one of the connection, or of the target itself.
func oneByOne(ctx context.Context, c client.Caller, t target, rolls bool, do func(name string) error) ([]control.Status, error) {
	var list []control.ProcessInfo
	if !t.all && t.group == "" {
		group, name := control.SplitName(t.text)
		list = []control.ProcessInfo{{Group: group, Name: name}}
	} else {
		all, err := client.Processes(ctx, c)
		if err != nil {
			return nil, err
		}
		if list, err = selectProcesses(all, []string{t.text}); err != nil {
			return nil, err
		}
	}
	var out []control.Status
	for len(list) > 0 {
		n := 1
		for n < len(list) && rolls && list[0].Rolling > 0 && list[n].Program == list[0].Program && list[n].Group == list[0].Group {
			n++
		}
		errs := make([]error, n)
		begun := client.Roll(n, int(list[0].Rolling), func(i int) error {
			errs[i] = do(list[i].FullName())
			return errs[i]
		})
		for i := range list[:n] {
			var f *control.Fault
			switch {
			case i >= begun:
				f = control.NewFault(control.Failed, list[i].FullName()+": left as it is, since one before it has failed (rolling)")
			case errs[i] != nil && !errors.As(errs[i], &f):
				return out, errs[i]
			}
			s := control.NewStatus(list[i].Group, list[i].Name, f)
			if f != nil {
				s.Description = f.Detail
			}
			out = append(out, s)
		}
		list = list[n:]
	}
	return out, nil
}

// take says what became of each process that a name means. Of one that did not come up why
// has more to say, if it is not nil.
func (o *outcomes) take(v *surface.Verb, name string, results []control.Status, err error, why reason) {
	o.failed(name, failed(v.Word, name, err))
	for _, r := range results {
		full := control.FullName(r.Group, r.Name)
		switch {
		case r.Code == control.Success:
			o.done(outcomeView{Name: full, Result: v.Done}, "")
		case v.Already != 0 && r.Code == v.Already:
			o.done(outcomeView{Name: full, Result: v.Said}, "")
		default:
			detail := strings.TrimPrefix(strings.TrimPrefix(r.Description, r.Code.Name()), ": ")
			said := failed(v.Word, full, control.NewFault(r.Code, detail))
			if why != nil && (r.Code == control.SpawnError || r.Code == control.AbnormalTermination) {
				said = why(v.Word, full, said)
			}
			o.failed(full, said)
		}
	}
}

// writeAnswer prints an answer for people: a struct as lines NAME: VALUE, a list of structs
// as a table.
func writeAnswer(a *app, v control.Value) error {
	t := newTable(a.stdout)
	switch v.Kind() {
	case control.KindStruct:
		for _, f := range v.Fields() {
			t.row(f.Name+":", plainText(f.Value))
		}
	case control.KindList:
		for i, item := range v.List() {
			var heading, cells []string
			for _, f := range item.Fields() {
				heading, cells = append(heading, strings.ToUpper(f.Name)), append(cells, plainText(f.Value))
			}
			if item.Kind() != control.KindStruct {
				cells = []string{plainText(item)}
			}
			if i == 0 && heading != nil {
				t.row(heading...)
			}
			t.row(cells...)
		}
	default:
		t.row(plainText(v))
	}
	return t.flush()
}

// plainText is a value in one cell.
func plainText(v control.Value) string {
	if v.Kind() == control.KindString {
		return v.Str()
	}
	text, err := surface.JSON{Value: v}.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(text)
}
