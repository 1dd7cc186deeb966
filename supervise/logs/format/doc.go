// Package format writes what programs print line by line, so that lines of several programs
// can be told apart: with the name of the program before each (Prefix), or as a JSON object
// each (JSON).
//
// # What must not happen
//
// No line is lost, merged with another, or given in another order. JSON is valid whatever
// bytes a program prints. Memory is bounded: of an unfinished line no more than a limit is
// held, and of what a read makes no more is handed on at once than a batch.
//
// The package is pure: it asks nobody for the time and writes to an Out only. It works on
// slices of bytes, and a line allocates nothing.
package format
