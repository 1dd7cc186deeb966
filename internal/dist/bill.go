package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/licensecheck"
)

// mod is a module of others that is linked into an executable.
type mod struct {
	path, version, sum string
	licences           []string // SPDX names
	texts              []text   // the licence and notice files
}

type text struct{ name, body string }

// modules are the modules that the executables in dir say they are made of, and Go's
// own library. One whose licence is not found fails the release.
func (r *release) modules(dir string) ([]mod, error) {
	byPath := map[string]mod{}
	goVersion := ""
	for _, name := range executables {
		info, err := buildinfo.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		goVersion = strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")
		for _, d := range info.Deps {
			byPath[d.Path] = mod{path: d.Path, version: d.Version, sum: d.Sum}
		}
	}
	dirs, err := r.moduleFolders(byPath)
	if err != nil {
		return nil, err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("cannot ask Go for its folder: %w", err)
	}
	byPath["std"], dirs["std"] = mod{path: "std", version: goVersion}, strings.TrimSpace(string(goroot))
	var list []mod
	for path, m := range byPath {
		if err := m.readLicences(dirs[path]); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b mod) int { return strings.Compare(a.path, b.path) })
	return list, nil
}

// moduleFolders asks Go where the sources of the modules lie.
func (r *release) moduleFolders(of map[string]mod) (map[string]string, error) {
	args := []string{"list", "-m", "-json=Path,Dir"}
	for path := range of {
		args = append(args, path)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = r.root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list the modules: %w", err)
	}
	dirs := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var m struct{ Path, Dir string }
		if err := dec.Decode(&m); err != nil {
			return nil, err
		}
		dirs[m.Path] = m.Dir
	}
	return dirs, nil
}

// legal are the names of the files that have to go with a copy.
var legal = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|copyright)([.-].*)?$`)

func (m *mod) readLicences(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("cannot find the source of %s %s: %w", m.path, m.version, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !legal.MatchString(e.Name()) {
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		m.texts = append(m.texts, text{e.Name(), string(body)})
		for _, match := range licensecheck.Scan(body).Match {
			if match.ID != "" && !match.IsURL && !slices.Contains(m.licences, match.ID) {
				m.licences = append(m.licences, match.ID)
			}
		}
	}
	if len(m.licences) == 0 {
		return fmt.Errorf("cannot tell the licence of %s %s: no file in %s has one that is known", m.path, m.version, dir)
	}
	slices.Sort(m.licences)
	return nil
}

// licenceText is the licences of others, one module after the other.
func licenceText(modules []mod) []byte {
	var b strings.Builder
	b.WriteString("The executables of slipway contain the following. Each has its own licence.\n")
	for _, m := range modules {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n", strings.Repeat("=", 78), m.path, m.version, strings.Join(m.licences, ", "))
		for _, t := range m.texts {
			fmt.Fprintf(&b, "\n--- %s\n\n%s\n", t.name, strings.TrimRight(t.body, "\n"))
		}
	}
	return []byte(b.String())
}

// bill is the software bill of materials. It is named by what it says, so that the same
// parts make the same file.
func (r *release) bill(modules []mod) ([]byte, error) {
	purl := func(path, version string) string { return "pkg:golang/" + path + "@" + version }
	own := purl("slipway", r.build.Version)
	var parts []cdx.Component
	var refs []string
	for _, m := range modules {
		c := cdx.Component{
			BOMRef: purl(m.path, m.version), Type: cdx.ComponentTypeLibrary, Name: m.path, Version: m.version,
			PackageURL: purl(m.path, m.version), Scope: cdx.ScopeRequired,
		}
		var licences cdx.Licenses
		for _, id := range m.licences {
			licences = append(licences, cdx.LicenseChoice{License: &cdx.License{ID: id}})
		}
		c.Licenses = &licences
		if m.sum != "" {
			c.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.sum}}
		}
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{
		Timestamp: r.when.Format("2006-01-02T15:04:05Z"),
		Component: &cdx.Component{BOMRef: own, Type: cdx.ComponentTypeApplication, Name: "slipway", Version: r.build.Version, PackageURL: own},
	}
	bom.Components = &parts
	bom.Dependencies = &[]cdx.Dependency{{Ref: own, Dependencies: &refs}}
	digest := sha256.Sum256(fmt.Append(nil, own, bom.Metadata.Timestamp, refs))
	id := digest[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8: made from something else
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	var b bytes.Buffer
	if err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return nil, fmt.Errorf("cannot write the list of parts: %w", err)
	}
	return b.Bytes(), nil
}
