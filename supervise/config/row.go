package config

import "iter"

// Option is what is written about a setting of a section: for the reader of a file, for
// the decoder, and for the reference page.
type Option struct {
	Name    string
	Type    Type
	Choices []string // of TypeEnum
	Default string   // as one would write it; "" means not set
	// RunDefault is the default of `slipway run` where it differs from
	// Supervisor's.
	RunDefault string
	Required   bool
	// Signed numbers may be negative. As supervisord all may, as with the original.
	Signed bool
	// Empty says what a list means that has nothing in it, or nothing between two commas.
	// Without it that is a mistake, but where the list has no default: there an empty one is
	// as good as none. As supervisord it is none, as with the original.
	Empty string
	// Secret values are not shown.
	Secret bool
	// Own options are slipway's; Supervisor ignores them.
	Own bool
	// Env is an environment variable that overrides the file; "" means none.
	Env string
	Doc string
}

// Fallback is the default in one of the two ways to be called.
func (o *Option) Fallback(asSupervisord bool) string {
	if !asSupervisord && o.RunDefault != "" {
		return o.RunDefault
	}
	return o.Default
}

// Row is an option together with the field of a T that holds its value. It is the one
// place where an option is written: decoding, defaults, validation, the comparison of
// two configurations, the JSON of a configuration and the reference page follow from it.
type Row[T any] struct {
	Option
	// Bind gives a pointer to the field. It is a function because PID 1 does without
	// reflection. nil: the value has no field of its own, and whoever acts on it reads it.
	Bind func(*T) any
	when Turn
	// shown says that other fields show the value: it is neither compared nor printed.
	shown bool
	// more are the rows that stand in place of this one: those that follow from another
	// table. A table without them is data of the executable, so that it costs PID 1 neither
	// time nor memory of its own.
	more *Rows[T]
}

// Turn says when a row is read. Supervisor refuses a file for the first problem that it
// finds, so the order is part of the meaning: within a turn it is that of the rows.
type Turn uint8

// The turns.
const (
	InOrder    Turn = iota // with the section
	PerProcess             // for every process, whose %(process_num)s is then known
	Late                   // expanded in order, understood at the end
	ByHand                 // where the code of the section says so
)

// Rows are the options of one kind of section.
type Rows[T any] []Row[T]

// OptionSet is Rows for those to whom the fields do not matter.
type OptionSet interface {
	// Option gives the row of that name, or nil.
	Option(name string) *Option
	All(yield func(*Option) bool)
}

// Option implements OptionSet.
func (rows Rows[T]) Option(name string) *Option {
	if r := rows.row(name); r != nil {
		return &r.Option
	}
	return nil
}

// each gives every row until do is false, and whether it never was.
func (rows Rows[T]) each(do func(*Row[T]) bool) bool {
	for i := range rows {
		if more := rows[i].more; more != nil {
			if !more.each(do) {
				return false
			}
		} else if !do(&rows[i]) {
			return false
		}
	}
	return true
}

func (rows Rows[T]) row(name string) (found *Row[T]) {
	for i := range rows {
		if more := rows[i].more; more != nil {
			if found = more.row(name); found != nil {
				return found
			}
		} else if rows[i].Name == name {
			return &rows[i]
		}
	}
	return nil
}

func (rows Rows[T]) All(yield func(*Option) bool) {
	rows.each(func(row *Row[T]) bool { return yield(&row.Option) })
}

// Each gives every option whose turn it is, and a pointer to its field of t. In order, a
// late one is given without a field.
func (rows Rows[T]) Each(t *T, when Turn, do func(o *Option, field any)) {
	rows.each(func(row *Row[T]) bool {
		switch {
		case row.when == when && row.Bind != nil:
			do(&row.Option, row.Bind(t))
		case row.when == Late && when == InOrder:
			do(&row.Option, nil)
		}
		return true
	})
}

// One gives the option of that name, and a pointer to its field of t.
func (rows Rows[T]) One(t *T, name string) (o *Option, field any) {
	row := rows.row(name)
	return &row.Option, row.Bind(t)
}

// Equal tells whether a and b have the same values.
func (rows Rows[T]) Equal(a, b *T, same func(o *Option, a, b any) bool) bool {
	return rows.each(func(row *Row[T]) bool {
		return row.Bind == nil || row.shown || same(&row.Option, row.Bind(a), row.Bind(b))
	})
}

// Fields gives every option that has a field, and a pointer to the field of t.
func (rows Rows[T]) Fields(t *T) iter.Seq2[*Option, any] {
	return func(yield func(*Option, any) bool) {
		rows.each(func(row *Row[T]) bool {
			return row.Bind == nil || row.shown || yield(&row.Option, row.Bind(t))
		})
	}
}
