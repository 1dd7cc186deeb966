//go:build linux

package sink

import (
	"bytes"
	"io"
	"strconv"
	"testing"
)

func BenchmarkSource(b *testing.B) {
	for _, sources := range []int{1, 2} {
		b.Run(strconv.Itoa(sources)+" sources", func(b *testing.B) {
			sys := realSystem()
			sys.write = func(_ int, p []byte) (int, error) { return io.Discard.Write(p) }
			w := newWriter(1, "standard output", sys, func() {})
			w.policy = DropOldest
			all := make([]*Source, sources)
			for i := range all {
				all[i] = w.Source()
			}
			p := bytes.Repeat([]byte("x"), 99)
			p = append(p, '\n')
			b.SetBytes(int64(len(p)))
			b.ReportAllocs()
			for b.Loop() {
				all[0].Write(p)
			}
		})
	}
}
