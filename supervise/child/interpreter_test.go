package child

import (
	"os"
	"path/filepath"
	"testing"

	"slipway/supervise/kernel"
)

// disk are the files of this machine.
type disk struct{}

func (disk) Stat(path string) (kernel.FileInfo, error) { return new(kernel.Linux).Stat(path) }
func (disk) MayExecute(path string) error              { return new(kernel.Linux).MayExecute(path) }
func (disk) OpenRead(path string) (int, kernel.FileInfo, error) {
	return new(kernel.Linux).OpenRead(path)
}
func (disk) ReadAt(fd int, p []byte, off int64) (int, error) {
	return new(kernel.Linux).ReadAt(fd, p, off)
}
func (disk) Close(fd int) error { return new(kernel.Linux).Close(fd) }

func TestInterpreter(t *testing.T) {
	elf := make([]byte, 256) // one segment of 56 bytes at 64: PT_INTERP, 11 bytes at 128
	copy(elf, "\x7fELF\x02\x01\x01")
	elf[32], elf[54], elf[56] = 64, 56, 1
	elf[64], elf[72], elf[96] = 3, 128, 11
	copy(elf[128:], "/lib/ld.so\x00")
	far := append([]byte(nil), elf...)
	far[73] = 0x70 // beyond what is read
	narrow := make([]byte, 256)
	copy(narrow, "\x7fELF\x01\x01\x01")
	narrow[28], narrow[42], narrow[44] = 52, 32, 1
	narrow[52], narrow[56], narrow[68] = 3, 128, 11
	copy(narrow[128:], "/lib/ld.so\x00")
	for _, tt := range []struct{ name, text, want string }{
		{"script", "#!/usr/bin/python3 -u\nprint()\n", "/usr/bin/python3"},
		{"script with a blank", "#! /bin/sh\n", "/bin/sh"},
		{"script from Windows", "#!/bin/bash\r\necho\r\n", "/bin/bash"},
		{"script without an end of line", "#!/bin/x", "/bin/x"},
		{"text", "echo\n", ""},
		{"empty", "", ""},
		{"elf", string(elf), "/lib/ld.so"},
		{"elf, 32 bits", string(narrow), "/lib/ld.so"},
		{"elf whose loader is too far away", string(far), ""},
		{"elf cut off", string(elf[:100]), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, []byte(tt.text), 0o755); err != nil {
				t.Fatal(err)
			}
			m := Maker{Files: disk{}}
			if got := m.interpreter(path); got != tt.want {
				t.Errorf("interpreter %q, want %q", got, tt.want)
			}
		})
	}
	if got := (&Maker{Files: disk{}}).interpreter("/no/such"); got != "" {
		t.Errorf("interpreter of nothing: %q", got)
	}
}
