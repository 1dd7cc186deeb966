package main

import (
	"errors"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	reference = regexp.MustCompile(`<(a|img|link|script)\b[^>]*\b(?:href|src)="([^"]*)"`)
	anchor    = regexp.MustCompile(`\bid="([^"]*)"`)
)

// check follows every link of a site: to its own files, and to headings in them. A page loads
// nothing from elsewhere.
func check(out string) error {
	names := map[string]map[string]bool{} // file → the ids in it
	var pages []string
	err := filepath.WalkDir(out, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		names[file] = map[string]bool{}
		if !strings.HasSuffix(file, ".html") {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		pages = append(pages, file)
		for _, m := range anchor.FindAllStringSubmatch(string(text), -1) {
			names[file][html.UnescapeString(m[1])] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		for _, m := range reference.FindAllStringSubmatch(string(text), -1) {
			if err := follow(names, page, m[1], html.UnescapeString(m[2])); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", page, err))
			}
		}
	}
	return errors.Join(errs...)
}

func follow(names map[string]map[string]bool, page, tag, to string) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	if u.IsAbs() || u.Host != "" {
		if tag != "a" {
			return fmt.Errorf("it loads %s from elsewhere", to)
		}
		return nil
	}
	file := page
	if u.Path != "" {
		file = filepath.Join(filepath.Dir(page), u.Path)
	}
	ids, ok := names[file]
	if !ok {
		return fmt.Errorf("the link to %s leads nowhere", to)
	}
	if u.Fragment != "" && !ids[u.Fragment] {
		return fmt.Errorf("the link to %s finds no such heading", to)
	}
	return nil
}
