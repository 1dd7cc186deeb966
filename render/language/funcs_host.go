package language

import (
	"crypto/sha256"
	"fmt"
	"math"
	"path"
	"sort"
)

func hostFuncs() []Func {
	return []Func{
		{
			Name: "cpus", Usage: "cpus", Doc: "The CPUs that the container may use, rounded up: its quota, or what the machine has.", Example: "{{ cpus }}", Want: "2",
			bound: func(f *frame) any {
				return func() int { return max(1, int(math.Ceil(f.ex.b.data.host().CPUs))) }
			},
		},
		{
			Name: "memoryLimit", Usage: "memoryLimit [DEFAULT]", Doc: "The memory limit of the container in bytes; without one, DEFAULT (a size such as 512M) or 0.",
			Example: "{{ memoryLimit }}", Want: "1073741824",
			bound: func(f *frame) any {
				return func(fallback ...string) (int64, error) { return f.memory(fallback) }
			},
		},
		{
			Name: "jvmHeap", Usage: "jvmHeap PERCENT [DEFAULT]", Doc: "That part of the memory limit in the form of -Xmx; DEFAULT is the memory to assume when there is no limit.",
			Example: "-Xmx{{ jvmHeap 70 }}", Want: "-Xmx716m", Refuses: "{{ jvmHeap 120 }}",
			bound: func(f *frame) any {
				return func(percent int, fallback ...string) (string, error) {
					if percent < 1 || percent > 100 {
						return "", refuse("", "%d is not a percentage", percent)
					}
					limit, err := f.memory(fallback)
					if err != nil {
						return "", err
					}
					if limit == 0 {
						return "", refuse("give the container a memory limit, or a default: jvmHeap 70 \"1G\"", "the container has no memory limit of which %d %% could be taken", percent)
					}
					return fmt.Sprintf("%dm", limit/100*int64(percent)>>20), nil
				}
			},
		},
		{
			Name: "stableShuffle", Usage: "stableShuffle LIST", Doc: "The list in an order that differs from host to host and is always the same on one: spreads load without changing the file.",
			Example: `{{ stableShuffle (list "a" "b" "c" "d") | join "" }}`, Want: "dabc",
			bound: func(f *frame) any { return f.stableShuffle },
		},
		{
			Name: "original", Usage: "original", Doc: "The file at the destination as the distribution made it, before slipway wrote it for the first time; empty if there was none.",
			Example: "{{ original }}", Want: "# as shipped\n",
			bound: func(f *frame) any {
				return func() (string, error) {
					f.ex.original = true
					read := f.ex.b.data.Original
					if read == nil {
						return "", nil
					}
					text, _, err := read(f.ex.dest)
					return string(text), err
				}
			},
		},
		{
			Name: "fileHash", Usage: `fileHash "/path"`, Doc: "The SHA-256 of another file that is rendered in the same run: a file that holds it changes when that one does.",
			Example: `{{ fileHash "/other" | trunc 8 }}`, Want: "2cf24dba", Refuses: `{{ fileHash "/no-such" }}`,
			bound: func(f *frame) any {
				return func(dest string) (string, error) {
					h, ok := f.ex.b.hashes[path.Clean(dest)]
					if !ok {
						return "", refuse("name the destination of another template, one that does not use fileHash itself", "no template makes the file %s", dest)
					}
					return h, nil
				}
			},
		},
	}
}

func (f *frame) memory(fallback []string) (int64, error) {
	if limit := f.ex.b.data.host().MemoryLimit; limit > 0 || len(fallback) == 0 {
		return limit, nil
	}
	n, _, err := parseSize(fallback[0])
	if err != nil {
		return 0, refuse("", "the default %q is not a size such as 512M", fallback[0])
	}
	return n.(int64), nil
}

// stableShuffle orders by the hash of host name and item.
func (f *frame) stableShuffle(list any) ([]any, error) {
	items, ok := plain(list).([]any)
	if !ok {
		return nil, cannotTake("stableShuffle", list, "a list", "")
	}
	key := func(v any) string {
		sum := sha256.Sum256([]byte(f.ex.b.data.host().Name + "\x00" + fmt.Sprint(v)))
		return string(sum[:])
	}
	sort.SliceStable(items, func(i, j int) bool { return key(items[i]) < key(items[j]) })
	return items, nil
}
