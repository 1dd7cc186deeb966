package etcd

import (
	"fmt"
	"testing"

	"slipway/sources/protocol"
)

// The shares of a rollout come one by one, in their order.
func TestSharesOfARequest(t *testing.T) {
	set := func(words ...string) (out []protocol.Setting) {
		for i := 0; i < len(words); i += 2 {
			out = append(out, protocol.Setting{Name: words[i], Text: words[i+1]})
		}
		return out
	}
	c, err := FromRequest(protocol.Request{Settings: set("endpoints", "http://h:1", "prefix", "/app/", "rollout", "1", "rollout", "10%", "rollout", "100%", "rollout_hold", "5s")})
	if got := fmt.Sprint(c.Shares, c.ShareHold); err != nil || got != "[1 10% 100%] 5s" {
		t.Errorf("shares are %s, %v", got, err)
	}
}
