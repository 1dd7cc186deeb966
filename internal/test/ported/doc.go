// Package ported compares templates that `slipway port` has converted with what the tools
// themselves make of the templates as they were: the same text, or both refuse.
//
// The tools are nested modules below oracles, so that go.mod does not know them. They are
// built when a run asks for them (SLIPWAY_REQUIRE=oracles, here or all), once for each state
// of their go.sum.
package ported
