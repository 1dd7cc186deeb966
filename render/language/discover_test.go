package language

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slipway/render"
	"slipway/render/porting"
	"slipway/render/transaction/durable"
)

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDiscover(t *testing.T) {
	base := tree(t, map[string]string{"etc/a.conf.tmpl": "base a", "etc/b.conf.tmpl": "base b", "etc/README": "not a template", "lib/_x.tmpl": "partial"})
	child := tree(t, map[string]string{"etc/b.conf.tmpl": "child b", "run.sh.tmpl": "#!", "snippets/c.tmpl": "c"})
	if err := os.Chmod(filepath.Join(child, "run.sh.tmpl"), 0o755); err != nil {
		t.Fatal(err)
	}
	set, err := Discover(durable.OS{}, []string{base, "/no/such/folder", child}, []Template{
		{Dest: "/etc/a.conf", Owner: "root", Mode: 0o600},
		{Dest: "/opt/c", Source: "snippets/c.tmpl", Mode: render.Keep},
		{Dest: "/etc/default/tomcat10", Source: "builtin:default-tomcat", Mode: render.Keep},
		{Dest: "/given", Text: "given", Mode: render.Keep},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range set.Templates {
		text, _, _ := strings.Cut(x.Text, "\n")
		got = append(got, x.Dest+"="+strings.TrimPrefix(text, "{{/*")+"/"+x.Owner+"/"+x.Write)
	}
	want := "/etc/a.conf=base a/root/ /etc/b.conf=child b// /etc/default/tomcat10=//block /given=given// /opt/c=c// /run.sh=#!// /snippets/c=c//"
	if strings.Join(got, " ") != want {
		t.Errorf("templates are\n%s\nwant\n%s", strings.Join(got, " "), want)
	}
	if p, ok := set.partial("lib/_x"); !ok || p.Text != "partial" {
		t.Errorf("partials are %v", set.Partials)
	}
	if x := set.Templates[5]; x.SourcePerm != 0o755 {
		t.Errorf("the mode of %s is %o", x.Dest, x.SourcePerm)
	}
}

func TestKubernetesVolumeIsATree(t *testing.T) {
	dir := tree(t, map[string]string{"..2026_01_01/app.conf.tmpl": "x"})
	for from, to := range map[string]string{"..data": "..2026_01_01", "app.conf.tmpl": "..data/app.conf.tmpl"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	set, err := Discover(durable.OS{}, []string{dir}, nil)
	if err != nil || len(set.Templates) != 1 || set.Templates[0].Dest != "/app.conf" {
		t.Errorf("templates are %v, %v, want /app.conf alone", set.Templates, err)
	}
}

func TestDiscoverProblemsAllAtOnce(t *testing.T) {
	dir := tree(t, nil)
	pos := render.Pos{File: "app.conf", Line: 3}
	_, err := Discover(durable.OS{}, []string{dir}, []Template{
		{Dest: "/a", Pos: pos}, {Dest: "/b", Source: "nope.tmpl", Pos: pos}, {Dest: "/c", Source: "builtin:default-tomcaat", Pos: pos}, {Dest: "rel", Pos: pos},
	})
	var problems render.Problems
	if !errors.As(err, &problems) || len(problems) != 4 {
		t.Fatalf("error is %v, want four problems", err)
	}
	for i, want := range []string{
		"cannot render /a: app.conf:3: no template a.tmpl in " + dir,
		"cannot render /b: app.conf:3: cannot read the template " + dir + "/nope.tmpl or nope.tmpl: no such file or directory",
		"cannot render /c: app.conf:3: there is no template builtin:default-tomcaat",
		`cannot render rel: app.conf:3: the destination "rel" is not an absolute path`,
	} {
		if problems[i].Error() != want {
			t.Errorf("problem %d is\n%s, want\n%s", i, problems[i], want)
		}
	}
	if !strings.Contains(problems[2].Hint, `did you mean "default-tomcat"?`) {
		t.Errorf("hint is %q", problems[2].Hint)
	}
}

// What a folder becomes makes the files that it made, and no others.
func TestPortedFolderRenders(t *testing.T) {
	dir := tree(t, map[string]string{
		"conf.d/app.toml":        "[template]\nsrc = \"sub/app.tmpl\"\ndest = \"/etc/app.conf\"\n",
		"templates/sub/app.tmpl": "host = {{getenv \"HOST\" \"localhost\"}}\n",
	})
	files, _, err := porting.Dir(durable.OS{}, porting.Confd, dir, porting.DirOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = f.Text
	}
	to := tree(t, out)
	set, err := Discover(durable.OS{}, []string{to + "/templates"}, []Template{{Dest: "/etc/app.conf", Mode: render.Keep}})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Check(set, Data{Env: Vars{}})
	if err != nil || len(plan.Targets) != 1 || plan.Targets[0].Dest != "/etc/app.conf" || string(plan.Targets[0].Content) != "host = localhost\n" {
		t.Errorf("Check = %+v, %v, want /etc/app.conf alone", plan, err)
	}
}
