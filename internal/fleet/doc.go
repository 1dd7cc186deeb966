// Package fleet decides when one container of many may act on a change, so that not all of
// them reload at one time.
//
// There are N slots. Each is a line of containers; the first in a line acts, the next waits
// until that one has left. A container joins the shortest line. Whoever waits looks at the
// one before it alone, so that a fleet of thousands costs its store a few requests for each
// container, not for each pair of them.
//
// All of it is a courtesy: a container that gets no answer for a time goes on, and says so.
//
// The package is pure: it is told what has happened and when, and answers what to do. The
// watcher and the source program act on it; so does a simulation of a large fleet.
package fleet
