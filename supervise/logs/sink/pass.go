//go:build linux

package sink

import (
	"slipway/supervise/kernel"
	"slipway/supervise/loop"
)

var _ loop.FDOwner = (*Writer)(nil)

// pass writes p as far as the way takes it, and queues the rest. w.mu is held.
func (w *Writer) pass(p []byte) {
	lost := w.drops.unsaid.bytes > 0
	if !w.running && !lost {
		p = w.put(p)
	}
	if len(p) == 0 {
		return
	}
	w.queue = w.way.Queue(w.queue, p)
	if w.running {
		return
	}
	w.running = true
	if lost {
		w.onward()
	}
	w.indirect()
}

// put writes what the way takes of p and returns the rest. w.mu is held.
func (w *Writer) put(p []byte) (rest []byte) {
	n, err := w.way.Write(p)
	if n > 0 {
		w.drops.cut = p[n-1] != '\n'
		w.reading.taken += int64(n)
	}
	switch {
	case err != nil:
		w.lose(err, p[n:])
		w.trouble.wakes = true
		return nil
	case n < len(p) && (n > 0 || !w.running):
		w.reading.at = w.sys.Now()
	}
	return p[n:]
}

// onward writes what of the queue the way takes, behind the summary of a loss. w.mu is held.
func (w *Writer) onward() {
	if w.drops.unsaid.bytes > 0 && len(w.queue) > 0 {
		head := w.sayLost(nil)
		w.drops.unsaid = loss{}
		w.queue = w.way.Queue(nil, append(head, w.queue...))
	}
	w.queue = w.put(w.queue)
	w.running = len(w.queue) > 0
}

// OnReadable implements loop.FDOwner: the descriptor takes something, or has no reader.
func (w *Writer) OnReadable(int, kernel.Mode) {
	w.mu.Lock()
	defer w.unlock()
	if w.way.Good() && w.running {
		w.onward()
		w.indirect()
	}
}

// indirect has a goroutine write what is queued if the way has turned out to be no good. w.mu
// is held.
func (w *Writer) indirect() {
	if !w.way.Good() && w.running {
		w.spare = nil // the queue may be a part of it
		go w.drain()  // ends with the queue; Close waits for it
	}
}

// unlock is the end of what the loop does with w: it watches for what waits, and is woken for
// what is to be reported.
func (w *Writer) unlock() {
	if w.way.Good() && w.running {
		w.watch()
	}
	w.awaken()
}

// awaken unlocks w.mu, and wakes the loop if it has to be told something.
func (w *Writer) awaken() {
	wake := w.trouble.wakes
	w.trouble.wakes = false
	w.mu.Unlock()
	if wake {
		w.wake()
	}
}

// watch has the loop watch the descriptor exactly while something waits. It is called on the
// loop. w.mu is held.
func (w *Writer) watch() {
	if !w.way.Watch(w, w.way.Good() && w.running) {
		w.way.End() // a file that is always ready, and yet takes nothing
		w.indirect()
	}
}

// leave has a goroutine write from now on, as there is no loop any more.
func (w *Writer) leave() {
	w.mu.Lock()
	if w.way.Good() {
		w.way.End()
		w.running = len(w.queue) > 0
		w.watch()
		w.indirect()
	}
	w.mu.Unlock()
}
