//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The names of many secrets are more than a kernel carries in one variable. A program starts
// with all of them as it does with one.
func TestSecretsWithLongNames(t *testing.T) {
	c := newContainer(t, "secret_dirs = DIR/secrets\n[program:count]\ncommand = /bin/sh -c \"env | grep -c ^SECRET_\"\nstartsecs = 0\nautorestart = false\nstdout_logfile = /dev/stdout\nstdout_logfile_maxbytes = 0\n")
	if err := os.Mkdir(filepath.Join(c.dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range 2500 {
		c.write(fmt.Sprintf("secrets/SECRET_%04d_%s", i, strings.Repeat("N", 60)), "v")
	}
	status, out := c.local("run -c app.conf")
	if status != 0 || !strings.Contains(out, "2500\n") {
		t.Errorf("run = %d, %s", status, out)
	}
}
