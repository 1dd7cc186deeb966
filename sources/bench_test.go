package sources_test

import (
	"fmt"
	"testing"

	"slipway/sources"
	"slipway/sources/contract"
	"slipway/sources/environ"
	"slipway/sources/link"
)

// startup is what a container with 500 variables, 200 peers and 100 rules
// starts with.
func startup(b testing.TB) (environment []string, defaults sources.Layer, rules *contract.Contract) {
	b.Helper()
	defaults.Source = "env.d"
	for i := range 200 { // as Kubernetes writes them: 7 variables for each peer
		a, ip := fmt.Sprintf("SVC_%d", i), fmt.Sprintf("10.96.%d.%d", i>>8, i&255)
		environment = append(environment,
			a+"_SERVICE_HOST="+ip, a+"_SERVICE_PORT=80", a+"_PORT=tcp://"+ip+":80", a+"_PORT_80_TCP=tcp://"+ip+":80",
			a+"_PORT_80_TCP_PROTO=tcp", a+"_PORT_80_TCP_PORT=80", a+"_PORT_80_TCP_ADDR="+ip)
	}
	var rs []contract.Rule
	for i := range 500 {
		name := fmt.Sprintf("APP_SETTING_%d", i)
		environment = append(environment, name+"="+fmt.Sprint(i))
		if i%5 == 0 {
			defaults.Vars = append(defaults.Vars, sources.Var{Name: name, Value: sources.Value{Text: "0", Origin: sources.Origin{Source: "env.d", File: "/etc/slipway/env.d/a.env", Line: i}}})
			rs = append(rs, contract.Rule{Name: name, Type: "int", Min: "0", Max: "1000", Required: true})
		}
	}
	c, err := contract.New(rs)
	if err != nil {
		b.Fatal(err)
	}
	return environment, defaults, c
}

// captureMergeCheck is what the launch stage does with them.
func captureMergeCheck(b testing.TB, environment []string, defaults sources.Layer, rules *contract.Contract) {
	b.Helper()
	layer, _ := environ.Capture(environment)
	view := sources.Merge(defaults, layer)
	links := link.Parse(view.Vars(), link.Own{})
	view = view.Taint(links.Secrets()...)
	_, errs := rules.Check(view, func(*sources.View, contract.Rule) (string, bool, error) { return "", false, nil })
	if len(errs) != 0 || len(links.All()) != 200 {
		b.Fatalf("%d peers, errors %v", len(links.All()), errs)
	}
}

// BenchmarkCaptureMergeContract measures 1,900 variables: 500 of an application
// and those of 200 peers.
func BenchmarkCaptureMergeContract(b *testing.B) {
	environment, defaults, rules := startup(b)
	b.ReportAllocs()
	for b.Loop() {
		captureMergeCheck(b, environment, defaults, rules)
	}
}
