package supervise

import (
	"os"
	"strconv"
)

// child is what the test binary does as a program under supervision.
func child(name string, args []string) int {
	switch name {
	case "wait-and-exit": // when the file appears
		code, _ := strconv.Atoi(args[0])
		return code
	}
	os.Stderr.WriteString("no such child: " + name + "\n")
	return 70
}
