//go:build linux

// Command attacker is what a stranger would run: a subcommand for each attack. It ends
// with 0 if it got what it wanted, 1 if it was repelled, 2 if it could not even try.
package main

import (
	"errors"
	"fmt"
	"os"
)

// attack tries something. A nil error is a success.
type attack struct {
	name string
	doc  string
	run  func(args []string) error
}

// errNotTried is part of the error of an attack that could not be tried.
var errNotTried = errors.New("not tried")

// notTried wraps the cause.
func notTried(err error) error { return fmt.Errorf("%w: %w", errNotTried, err) }

func attacks() []attack {
	return []attack{
		{"control", "PATH: stop the program web over the control socket", control},
		{"neighbour", "PID-NAMESPACE: stop web over the abstract control socket, as one who shares the network", neighbour},
		{"page", "HOST:PORT origin|fetch|rebinding: stop web from a foreign page", page},
		{"reach", "HOST:PORT: stop web over the network", reach},
		{"memory", "HOST:PORT WORD: find a word in the memory of the HTTP front", memory},
		{"takeover", "HOST:PORT: take the connection of the HTTP front to the supervisor", takeover},
		{"freeze", "HOST:PORT: stop the HTTP front for good", freeze},
		{"guess", "HOST:PORT: try passwords", guess},
		{"plant", "symlink|hard FILE VICTIM ROUNDS: have root write VICTIM, where FILE is a log in a folder of ours", plant},
		{"swap", "FOLDER LINK FOREIGN SECONDS: have root make something in FOREIGN, which LINK in the place of FOLDER leads to", swap},
		{"spy", "PATTERN WORD: find a word in a process of root's, or take its descriptors", spy},
		{"notify", "tell every socket of sd_notify(3) that its program is ready", notify},
		{"read", "HOST:PORT PATH: read a page without the password", read},
		{"swell", "HOST:PORT: make the HTTP front grow by one request", swell},
	}
}

func main() {
	if len(os.Args) > 1 {
		for _, a := range attacks() {
			if a.name == os.Args[1] {
				os.Exit(status(a.run(os.Args[2:])))
			}
		}
	}
	for _, a := range attacks() {
		fmt.Fprintf(os.Stderr, "attacker %s %s\n", a.name, a.doc)
	}
	os.Exit(2)
}

func status(err error) int {
	switch {
	case err == nil:
		fmt.Println("it got what it wanted")
		return 0
	case errors.Is(err, errNotTried):
		fmt.Println(err)
		return 2
	}
	fmt.Println("repelled:", err)
	return 1
}
