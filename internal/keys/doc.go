// Package keys brings the keys of a store in line with files: it reads keys from a folder
// or from YAML, finds what differs from the store, and checks the result against what an
// image asks for. It decides, and writes nothing to a store.
//
// A key that does not begin with a slash is relative to the first prefix that is read, as
// in templates.
package keys
