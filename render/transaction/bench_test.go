package transaction

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"slipway/render"
	"slipway/render/language"
	"slipway/render/transaction/durable"
)

// benchText is a configuration file of 60 lines with ten variables and two loops.
func benchText() string {
	var b strings.Builder
	b.WriteString("# {{ .Env.APP_NAME }} ({{ .Env.APP_ENV }})\nworker_processes {{ .Env.WORKERS }};\nerror_log /dev/stderr {{ .Env.LOG_LEVEL }};\nhttp {\n")
	loop := `{{ range $k, $v := .Env }}{{ if hasSuffix "_PORT_8080_TCP_ADDR" $k }}` + "        server {{ $v }}:8080;\n{{ end }}{{ end }}"
	b.WriteString(loop + "        keepalive 16;\n" + loop)
	b.WriteString("listen {{ .Env.LISTEN_ADDR }}:{{ .Env.LISTEN_PORT }};\nproxy_read_timeout {{ .Env.TIMEOUT }}s;\n")
	for i := range 6 {
		fmt.Fprintf(&b, "location /v%d/ {\n  proxy_pass http://{{ .Env.APP_NAME }}/v%d/;\n  proxy_set_header Host $host;\n  proxy_set_header X-Env {{ .Env.APP_ENV }};\n}\n", i, i)
	}
	b.WriteString("# dsn postgres://{{ .Env.DB_USER }}@{{ .Env.DB_HOST }}:{{ .Env.DB_PORT }}/\n")
	for strings.Count(b.String(), "\n") < 56 {
		b.WriteString("# filler\n")
	}
	return b.String()
}

func benchEnv() language.Vars {
	env := language.Vars{
		"APP_NAME": "shop", "APP_ENV": "production", "LISTEN_ADDR": "0.0.0.0", "LISTEN_PORT": "8080", "WORKERS": "4", "TIMEOUT": "30", "LOG_LEVEL": "info",
		"DB_HOST": "db.internal", "DB_PORT": "5432", "DB_USER": "shop",
	}
	for i := range 5 {
		env[fmt.Sprintf("BACKEND_%d_PORT_8080_TCP_ADDR", i)] = fmt.Sprintf("172.17.0.%d", i)
		env[fmt.Sprintf("BACKEND_%d_PORT_8080_TCP_PORT", i)] = "8080"
	}
	for i := range 10 {
		env[fmt.Sprintf("OTHER_%d", i)] = "x"
	}
	return env
}

func benchSet(n int) language.Set {
	var set language.Set
	text := benchText()
	for i := range n {
		set.Templates = append(set.Templates, language.Template{Dest: fmt.Sprintf("/etc/t%04d.conf", i), Name: "t", Text: text, Mode: render.Keep})
	}
	return set
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{1, 1000} {
		set, data := benchSet(n), language.Data{Env: benchEnv()}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := language.Build(set, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkApply1000(b *testing.B) {
	plan, err := language.Build(benchSet(1000), language.Data{Env: benchEnv()})
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range []struct {
		name    string
		fsys    durable.FS
		runtime bool
		sync    bool
	}{
		{"stateless", durable.OS{}, false, false}, {"journal", durable.OS{}, true, false},
		{"journal and syncfs", durable.OS{}, true, true}, {"journal and fsync of each file", fsyncEach{}, true, false},
	} {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				opts := Options{Root: b.TempDir(), Sync: row.sync}
				if row.runtime {
					opts.Runtime = b.TempDir()
				}
				if err := (durable.OS{}).Mkdir(opts.Root+"/etc", 0o755); err != nil {
					b.Fatal(err)
				}
				if _, err := Apply(context.Background(), row.fsys, plan, opts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("unchanged", func(b *testing.B) {
		opts := Options{Root: b.TempDir(), Runtime: b.TempDir()}
		if err := (durable.OS{}).Mkdir(opts.Root+"/etc", 0o755); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := Apply(context.Background(), durable.OS{}, plan, opts); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// fsyncEach flushes every file by itself, for comparison with syncfs.
type fsyncEach struct{ durable.OS }

func (f fsyncEach) Create(name string, perm uint32) (durable.File, error) {
	file, err := f.OS.Create(name, perm)
	return fsyncFile{file}, err
}

type fsyncFile struct{ durable.File }

func (f fsyncFile) Close() error {
	if err := f.Sync(); err != nil {
		f.File.Close()
		return err
	}
	return f.File.Close()
}
