// Package rotation is what happens to the files that a log leaves behind: when one is put
// away, how the names move, how much of them is kept, and how old ones are compressed.
//
// # What is never lost
//
// A file is put away by renames alone, from the oldest on: whoever looks between two of them
// finds all that is kept, under some name. A compressed file comes into the place of its
// original only when it is whole and on the disk, and then the original goes. After a crash
// between the two both are there: the original holds, and is compressed again. What was begun
// has a name of its own, which is never read, and is begun anew.
//
// # Who compresses
//
// Not this process, which opens the two files and gives the names. The original may be moved
// on meanwhile, or go: its number is followed, and what has no original any more is thrown
// away. One file is compressed at a time, the oldest first.
package rotation
