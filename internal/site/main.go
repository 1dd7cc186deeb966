// Site makes a static site of the pages of the repository: `make site`. It needs no network,
// neither to be made nor to be read, and no server: index.html opens as a file.
//
//	go run . [-root DIR] [-o DIR]
//
// A page keeps its place: docs/etcd.md becomes docs/etcd.html, and a README.md the index.html
// of its folder. Headings have the names that they have on code forges, so that links into a
// page lead to the same place here. The search is a script of a few lines and an index that the
// pages load as a script; both are made here.
//
// It is a module of its own, so that the product does not depend on what reads Markdown.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", "../..", "folder of the repository")
	out := flag.String("o", "../../site", "folder of the site; it is made anew")
	flag.Parse()
	if err := run(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "site: error:", err)
		os.Exit(1)
	}
}

func run(root, out string) error {
	s, err := read(root)
	if err != nil {
		return err
	}
	if err := s.write(out); err != nil {
		return err
	}
	if err := check(out); err != nil {
		return err
	}
	fmt.Printf("%d pages in %s\n", len(s.pages), out)
	return nil
}
