// Package structure holds the tests that keep the module's shape: who may import
// whom, one comment per package, no hidden start-up code, one place to exit, and
// documents whose examples, links and widths hold. It has no code of its own.
//
// Each rule names its reason, because a rule without one is broken at the first
// hurry. A rule that stands in the way of something better is changed here, in
// the same commit, with the reason.
package structure
