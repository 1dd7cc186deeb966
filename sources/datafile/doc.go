// Package datafile reads structured data files, JSON, YAML, TOML and Java
// properties, as trees for templates (.Data).
//
// Each file is one branch, by its name without folder and extension:
// /etc/slipway/data/backends.yaml is .Data.backends. Trees are made of
// map[string]any, []any, string, bool, int64 and float64, and nil, whatever the
// format. A date is a string, in YAML as it is written, and so is a whole number that 64 bits
// do not hold, and in YAML one with a zero in front. A key that occurs twice in one map is an error in
// every format: which of the two holds would be chance.
//
// Errors name file, line and column, and show no value.
package datafile
