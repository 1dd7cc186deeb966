package life

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"slipway/internal/test/testkit"
	"slipway/supervise/bus"
	"slipway/supervise/child"
	"slipway/supervise/config"
	"slipway/supervise/logs"
	"slipway/supervise/logs/sink"
	"slipway/supervise/loop"
)

// newTable returns a table of groups that are never started.
func newTable() *Table {
	k := clock{}
	l := loop.New(k, nil)
	log := logs.NewActivity(k.Now)
	var table *Table
	table = New(Options{
		Kernel: k, Loop: l, Log: log, Running: func() bool { return true },
		Maker: &child.Maker{}, Targets: sink.NewTargets(sink.Options{}),
		Bus: bus.New(bus.Options{Loop: l, Log: log, Pools: func(do func(*bus.Pool)) { table.EachPool(do) }}),
	})
	table.Configure(&config.Config{})
	return table
}

func groupOf(name string, priority int, kind config.GroupKind) config.Group {
	return config.Group{Kind: kind, Name: name, Priority: priority, Events: []string{"TICK_5"}, Processes: []config.Process{{Name: name, Group: name, Program: name}}}
}

// However groups come and go, they are in start order, and are found by the first of their
// name, of which there may be several.
func TestGroupsComeAndGo(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(testkit.Seed(t)), 0))
	table := newTable()
	var there []*Group
	for range 3000 {
		if len(there) > 12 || len(there) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(there))
			table.Remove(there[i])
			table.Remove(there[i]) // it is not there any more
			there = slices.Delete(there, i, i+1)
		} else {
			kind := []config.GroupKind{config.KindGroup, config.KindListener}[r.IntN(2)]
			there = append(there, table.Add(groupOf(string(rune('a'+r.IntN(6))), r.IntN(3), kind)))
		}
		want := slices.Clone(there)
		slices.SortStableFunc(want, before)
		if !slices.Equal(table.Groups(), want) {
			t.Fatalf("the groups are %v, want %v", names(table.Groups()), names(want))
		}
		pools := 0
		table.EachPool(func(*bus.Pool) { pools++ })
		listeners := 0
		for _, g := range want {
			if g.Config.Kind == config.KindListener {
				listeners++
			}
		}
		if pools != listeners || table.processes != len(want) {
			t.Fatalf("%d pools, %d processes; want %d, %d", pools, table.processes, listeners, len(want))
		}
		for name := 'a'; name < 'g'; name++ {
			name := string(name)
			var first *Group
			if i := slices.IndexFunc(want, func(g *Group) bool { return g.Config.Name == name }); i >= 0 {
				first = want[i]
			}
			if got := table.FindGroup(name); got != first {
				t.Fatalf("%s is not the first of its name", name)
			}
			if p := table.Find(name, name); (p != nil) != (first != nil) || p != nil && p.Group != first {
				t.Fatalf("the process of %s is not found in the first group", name)
			}
		}
	}
}

func names(groups []*Group) (list []string) {
	for _, g := range groups {
		list = append(list, fmt.Sprint(g.Config.Priority, g.Config.Name))
	}
	return list
}

// The time for a group is the same, however many there are.
func TestLinearTimeOfGroups(t *testing.T) {
	many := func(n int) func() {
		var list []config.Group
		for i := range n {
			list = append(list, groupOf(fmt.Sprintf("g%06d", i), 999, config.KindGroup))
		}
		return func() {
			table := newTable()
			for _, g := range list {
				table.Add(g)
			}
			for _, g := range list {
				if table.Find(g.Name, g.Name) == nil {
					t.Fatalf("%s is not there", g.Name)
				}
			}
			for i := range list { // from the end: to close a gap moves a pointer for each that follows
				table.Remove(table.FindGroup(list[len(list)-1-i].Name))
			}
		}
	}
	testkit.WantLinear(t, many(625), many(10_000))
}
