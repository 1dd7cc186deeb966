// Package way leads to files past those who can change the way. A path is a list of names,
// and whoever may write a folder on it can put a link there between two looks: then root
// writes where he wants.
//
// [Folder] opens the folder of a file step by step, and everything that follows is done in
// the open folder, by the last name alone. On the way a symbolic link is followed if root
// or we made it, in a folder that only root or we can write: /var/run, a merged /usr,
// ..data. Any other is refused, with [LinkError].
//
// [File], [Rename], [Remove] and [OwnSocket] do for the last name what Folder does for the way:
// what others can have put there is not taken for a file of ours.
//
// It holds no state, starts nothing and waits for nothing.
package way
