// Package datafile reads structured data files, JSON, YAML, TOML and Java
// properties, as trees for templates (.Data).
//
// Each file is one branch, by its name without folder and extension:
// /etc/slipway/data/backends.yaml is .Data.backends. Trees are made of
// map[string]any, []any, string, bool, int64 and float64, and nil, whatever the
// format; a date is a string. A key that occurs twice in one map is an error in
// every format: which of the two holds would be chance.
//
// Errors name file, line and column, and show no value.
package datafile
