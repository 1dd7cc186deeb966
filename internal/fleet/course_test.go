package fleet

import (
	"testing"
	"time"
)

// clock is the time of a test, in seconds.
func at(seconds int) time.Time { return time.Unix(int64(seconds), 0) }

func want(t *testing.T, c *Course, r Rules, now int, action Action, again int) {
	t.Helper()
	got, next := c.Next(r, at(now))
	wantNext := time.Time{}
	if again >= 0 {
		wantNext = at(again)
	}
	if got != action || !next.Equal(wantNext) {
		t.Fatalf("Next at %d = %d, %v, want %d, %v", now, got, next, action, wantNext)
	}
}

func TestCourse(t *testing.T) {
	r := Rules{Slots: 1, Wait: time.Minute}
	t.Run("nothing to do", func(t *testing.T) {
		var c Course
		want(t, &c, r, 0, Nothing, -1)
	})
	t.Run("with a slot", func(t *testing.T) {
		var c Course
		c.Want(at(0), 5*time.Second)
		want(t, &c, r, 0, Nothing, 5)
		want(t, &c, r, 5, Ask, 5)
		c.Heard()
		want(t, &c, r, 6, Nothing, -1)
		c.Held()
		want(t, &c, r, 500, Act, 500)
		c.Acted(at(501))
		want(t, &c, r, 501, Nothing, 561)
		c.Calm()
		want(t, &c, r, 502, Return, -1)
		want(t, &c, r, 502, Nothing, -1)
	})
	t.Run("splay alone", func(t *testing.T) {
		var c Course
		c.Want(at(0), time.Second)
		want(t, &c, Rules{Splay: time.Second}, 0, Nothing, 1)
		want(t, &c, Rules{Splay: time.Second}, 1, Act, 1)
		c.Acted(at(1))
		want(t, &c, Rules{Splay: time.Second}, 2, Nothing, -1)
	})
	t.Run("no answer", func(t *testing.T) {
		var c Course
		c.Want(at(0), 0)
		want(t, &c, r, 0, Ask, 0)
		c.Silent(at(10)) // it was silent since it was asked
		want(t, &c, r, 10, Nothing, 60)
		want(t, &c, r, 60, Act, 60)
		if c.Alone() != "no answer for 1m0s" {
			t.Errorf("Alone = %q", c.Alone())
		}
		c.Acted(at(61))
		c.Calm()
		want(t, &c, r, 62, Return, -1)
	})
	t.Run("contact is lost in the line, and comes back", func(t *testing.T) {
		var c Course
		c.Want(at(0), 0)
		want(t, &c, r, 0, Ask, 0)
		c.Heard()
		c.Silent(at(100))
		c.Silent(at(130))
		want(t, &c, r, 130, Nothing, 160)
		c.Heard()
		want(t, &c, r, 170, Nothing, -1)
	})
	t.Run("denied", func(t *testing.T) {
		var c Course
		c.Want(at(0), 0)
		want(t, &c, r, 0, Ask, 0)
		c.Denied("may not")
		want(t, &c, r, 1, Act, 1)
		c.Acted(at(1))
		c.Calm()
		want(t, &c, r, 2, Nothing, -1)
		c.Want(at(3), 0)
		want(t, &c, r, 3, Ask, 3) // the role may have changed
	})
	t.Run("another change while acting", func(t *testing.T) {
		var c Course
		c.Want(at(0), 0)
		want(t, &c, r, 0, Ask, 0)
		c.Held()
		want(t, &c, r, 1, Act, 1)
		c.Acted(at(1))
		c.Want(at(2), 30*time.Second)
		want(t, &c, r, 2, Act, 2) // the slot is held still
		c.Acted(at(3))
		c.Calm()
		want(t, &c, r, 4, Return, -1)
	})
	t.Run("dropped in the line", func(t *testing.T) {
		var c Course
		c.Want(at(0), 0)
		want(t, &c, r, 0, Ask, 0)
		c.Drop()
		want(t, &c, r, 1, Return, -1)
		c.Want(at(2), 0)
		want(t, &c, r, 2, Ask, 2)
	})
	t.Run("a program that does not become healthy keeps no slot", func(t *testing.T) {
		var c Course
		c.Want(at(0), 0)
		want(t, &c, r, 0, Ask, 0)
		c.Held()
		want(t, &c, r, 1, Act, 1)
		c.Acted(at(1))
		want(t, &c, r, 61, Return, -1)
		want(t, &c, r, 62, Nothing, -1)
		c.Want(at(70), 0)
		want(t, &c, r, 70, Ask, 70)
	})
}

func TestLane(t *testing.T) {
	last := func(n int) int { return n - 1 }
	for _, row := range []struct {
		lengths []int
		want    int
	}{{[]int{0}, 0}, {[]int{3, 1, 2}, 1}, {[]int{2, 1, 1, 1}, 3}, {[]int{0, 0}, 1}} {
		if got := Lane(row.lengths, last); got != row.want {
			t.Errorf("Lane(%v) = %d, want %d", row.lengths, got, row.want)
		}
	}
}
