package sections

import (
	"strings"
	"testing"

	"slipway/supervise/config"
)

// Of all tables of the launch stage, too, numbers are refused that are negative, and lists that
// have nothing but a comma, or nothing at all where they have a default.
func TestSenselessValues(t *testing.T) {
	supervisors := map[string]bool{}
	for _, table := range config.Tables() {
		supervisors[table.Name] = true
	}
	refused := func(section, option, value string) bool {
		needs := map[string]string{"etcd": "endpoints=http://a:1\nprefix=/a", "check:x": "command=a"}[section]
		if strings.HasPrefix(needs, option+"=") || strings.Contains(needs, "\n"+option+"=") {
			needs = strings.Replace(needs, option+"=", "#", 1)
		}
		_, _, _, err := both(program1 + "[" + section + "]\n" + needs + "\n" + option + " = " + value + "\n")
		return err != nil && strings.Contains(err.Error(), ": "+option+": expected ")
	}
	rows := 0
	for _, table := range Tables() {
		if supervisors[table.Name] {
			continue
		}
		section := strings.NewReplacer("DEST", "/x", "NAME", "x").Replace(table.Name)
		for o := range table.Options() {
			switch o.Type {
			case config.TypeInt, config.TypeSize, config.TypeOctal, config.TypeDuration, config.TypePort:
				rows++
				if !refused(section, o.Name, "-1") {
					t.Errorf("[%s] %s = -1 is not refused", section, o.Name)
				}
			case config.TypeList, config.TypeWords:
				rows++
				if got, want := refused(section, o.Name, ""), o.Empty == "" && o.Default != ""; got != want {
					t.Errorf("[%s] %s is empty, and refused: %v, want %v", section, o.Name, got, want)
				}
				if got, want := refused(section, o.Name, ","), o.Empty == ""; got != want {
					t.Errorf("[%s] %s = , is refused: %v, want %v", section, o.Name, got, want)
				}
			}
		}
	}
	if rows < 12 {
		t.Errorf("only %d rows were looked at", rows)
	}
}
