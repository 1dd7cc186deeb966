// Package attacks holds the attack suite: for each promise of SECURITY.md a program
// that tries to break it, in a container, under the engine's own seccomp filter and
// without one; those on files run beside a supervisor of this machine, as root's neighbour.
// It has no code of its own; the attackers are in package attacker, a subcommand each.
//
// An attacker ends with status 0 if it got what it wanted, 1 if it was repelled, and
// 2 if it could not even try, which is no success of anybody and fails the test.
// Every attack has succeeded against the commit before the one that repels it.
package attacks
