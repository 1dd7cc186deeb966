package attacks

import (
	"strings"
	"testing"
)

// TestFront: the process that speaks HTTP is closed to the users that programs have, and is
// replaced when it does not answer.
func TestFront(t *testing.T) {
	build(t)
	const address = "127.0.0.1:9001"
	for _, filter := range filters {
		t.Run(filter.name, func(t *testing.T) {
			t.Parallel()
			c := victim(t, rpc("port="+address+"\nusername=admin\npassword=correct-horse"), filter.flags...)
			for _, user := range []string{"65534", "1000"} {
				repelled(t, c, user, "memory", address, "correct-horse")
				repelled(t, c, user, "takeover", address)
				if said := repelled(t, c, user, "freeze", address); strings.Contains(said, "is back") {
					t.Errorf("user %s may stop the front", user)
				}
			}
			// In a container root has no CAP_SYS_PTRACE.
			repelled(t, c, "0", "memory", address, "correct-horse")
			repelled(t, c, "0", "takeover", address)
			t.Log(repelled(t, c, "0", "freeze", address))
			alive(t, c)
		})
	}
}
