//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// plant puts another name of a file of root's in the place of one that root writes, over and
// over, and looks whether that file changes. Second names of the file itself ("hard") are ready
// in the folder NAME.names, numbered, as the kernel may let nobody make them.
func plant(args []string) error {
	if len(args) != 4 {
		return notTried(fmt.Errorf("plant takes four arguments, got %d", len(args)))
	}
	kind, name, victim := args[0], args[1], args[2]
	rounds, err := strconv.Atoi(args[3])
	if err != nil {
		return notTried(err)
	}
	make := map[string]func(round int, at string) error{
		"symlink": func(_ int, at string) error { return os.Symlink(victim, at) },
		"hard": func(round int, at string) error {
			return os.Rename(filepath.Join(name+".names", strconv.Itoa(round)), at)
		},
	}[kind]
	if make == nil {
		return notTried(fmt.Errorf("there is no way to plant %q", kind))
	}
	var before, now unix.Stat_t
	if err := unix.Stat(victim, &before); err != nil {
		return notTried(err)
	}
	planted := name + ".planted"
	for i := range rounds {
		time.Sleep(time.Millisecond) // so that root gets to it between two rounds
		if err := make(i, planted); err != nil && !os.IsExist(err) {
			return notTried(err)
		}
		err := unix.Renameat2(unix.AT_FDCWD, name, unix.AT_FDCWD, planted, unix.RENAME_EXCHANGE)
		if err == unix.ENOENT { // it is being rotated
			err = unix.Renameat2(unix.AT_FDCWD, planted, unix.AT_FDCWD, name, unix.RENAME_NOREPLACE)
		}
		if err != nil && err != unix.ENOENT && err != unix.EEXIST {
			return notTried(err)
		}
		if i%2 == 1 { // now and then there is nothing
			os.Remove(name)
		}
		if err := unix.Stat(victim, &now); err != nil {
			return notTried(err)
		}
		if now.Size != before.Size || now.Mode != before.Mode || now.Uid != before.Uid || now.Mtim != before.Mtim {
			return nil
		}
	}
	return fmt.Errorf("%s is what it was, after %d rounds", victim, rounds)
}

// swap exchanges a folder of ours for a link, over and over, until a folder of root's is told to
// have something in it, or the time in seconds is over.
func swap(args []string) error {
	if len(args) != 4 {
		return notTried(fmt.Errorf("swap takes four arguments, got %d", len(args)))
	}
	folder, link, foreign := args[0], args[1], args[2]
	seconds, err := strconv.Atoi(args[3])
	if err != nil {
		return notTried(err)
	}
	rounds := 0
	for end := time.Now().Add(time.Duration(seconds) * time.Second); time.Now().Before(end); rounds++ {
		if err := unix.Renameat2(unix.AT_FDCWD, folder, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE); err != nil {
			return notTried(err)
		}
		if found, err := os.ReadDir(foreign); err != nil {
			return notTried(err)
		} else if len(found) > 0 {
			fmt.Println("root has made", found[0].Name())
			return nil
		}
	}
	return fmt.Errorf("%s is empty after %d exchanges", foreign, rounds)
}
