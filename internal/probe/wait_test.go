package probe

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is told at the end is what the other side has answered, not that the time was up.
func TestWaitTellsTheLastAnswer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	p, err := Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if err := Wait(ctx, p, nil); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("Wait = %v, want the answer 403 in it", err)
	}
}
