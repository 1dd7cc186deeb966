package transaction

import (
	"context"
	"testing"
	"time"

	"slipway/render"
	"slipway/render/transaction/durable"
)

// TestFailing: it is failing since the first failure, for the last reason, until a change is
// made, or it is said to work again.
func TestFailing(t *testing.T) {
	w := newWorld(t)
	at := time.Unix(1000, 0)
	w.opts.Now = func() time.Time { return at }
	want := func(reason string, since int64) {
		t.Helper()
		f, err := LastFailing(durable.OS{}, w.opts)
		if err != nil || (f == nil) != (reason == "") || f != nil && (f.Reason != reason || f.Since.Unix() != since) {
			t.Errorf("failing is %+v, %v, want %q since %d", f, err, reason, since)
		}
	}
	want("", 0)
	if _, err := Apply(context.Background(), durable.OS{}, &render.Plan{Targets: []render.Target{target("/etc/a", "a\n")}}, w.opts); err != nil {
		t.Fatal(err)
	}
	for i, reason := range []string{"one", "one", "two"} {
		at = time.Unix(2000+int64(i), 0)
		if err := MarkFailing(durable.OS{}, w.opts, reason, false); err != nil {
			t.Fatal(err)
		}
		want(reason, 2000)
	}
	if err := ClearFailing(durable.OS{}, w.opts); err != nil {
		t.Fatal(err)
	}
	want("", 0)
	if err := MarkFailing(durable.OS{}, w.opts, "three", true); err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(context.Background(), durable.OS{}, &render.Plan{Targets: []render.Target{target("/etc/a", "b\n")}}, w.opts); err != nil {
		t.Fatal(err)
	}
	want("", 0)
}
