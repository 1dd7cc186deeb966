package language

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"slipway/internal/test/testkit"
	"slipway/sources/envfile"
)

// The tests of this file give hostile values to the escapers and read the
// result with the program that will read it in the field. A value that a
// format cannot carry has to be refused; one that is not refused has to arrive
// byte for byte.

func hostile() []string {
	out := []string{
		"", " ", "  ", "a", "plain-value_1.2:3/4", "it's; rm -rf /", `say "hi"`, `back\slash`, `C:\temp\new`, `trailing\`, "$HOME ${HOME} $(id) `id`", "a;b", "a ; b", "a # b", "#x", ";x", "[x]",
		"a=b", "a:b", "!x", "  lead", "trail  ", "tab\there", "new\nline", "cr\rlf\r\n", "\n", "é ü 漢字 🚢", "a  b", "100%", "%d%s%%", "%(ENV_X)s", "{{ .Env.X }}", "<a>&amp;</a>", "]]>", "<!-- x -->",
		"\x00", "\x01\x02", "\x1b[31m", "\x7f", "\u0085\u2028\u2029", "\ufeff", "\uffff", "\xff\xfe", "no", "on", "null", "~", "0123", "1e3", "12:30", "- x", "? x", "*a", "&a", "!!int 1", "| x", "> x", "@x", "`x",
		"${jndi:ldap://x}", "$$", "'", `"`, `\`, `\\`, `\"`, `\'`, "''", `"""`, "a,b", "a, b", "(x)", "{x}", "a&b", "a|b", "a<b>c", "*?[a]", "~user", "a!b", "-n", "--", "EOF", "\f\v", strings.Repeat("long ", 500),
	}
	r := rand.New(rand.NewSource(1)) // always the same strings
	alphabet := []rune(" \t\n\r'\"\\$`%#;=:!&|<>()[]{}*?~^,.-_/@aA0é漢🚢\x00\x01\x7f\u0085")
	for range 300 {
		b := make([]rune, 1+r.Intn(12))
		for i := range b {
			b[i] = alphabet[r.Intn(len(alphabet))]
		}
		out = append(out, string(b))
	}
	return out
}

// carried escapes every hostile value and returns those that were not refused.
func carried(t *testing.T, escape func(string) (string, error)) (values, escaped []string) {
	t.Helper()
	refusedOnes := 0
	for _, v := range hostile() {
		e, err := escape(v)
		var refusal *refusedError
		switch {
		case errors.As(err, &refusal):
			refusedOnes++
		case err != nil:
			t.Errorf("escaping %q: %v", v, err)
		default:
			values, escaped = append(values, v), append(escaped, e)
		}
	}
	t.Logf("%d carried, %d refused", len(values), refusedOnes)
	if len(values) < 60 {
		t.Errorf("only %d values are carried", len(values))
	}
	return values, escaped
}

func never(f func(string) string) func(string) (string, error) {
	return func(s string) (string, error) { return f(s), nil }
}

// escaper finds a function of the tables.
func escaper(t *testing.T, name string) func(string) (string, error) {
	t.Helper()
	switch f := newRegistry().ours[name].pure.(type) {
	case func(string) (string, error):
		return f
	case func(string) string:
		return never(f)
	}
	t.Fatalf("%s does not take one text", name)
	return nil
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("the reader sees %d values, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("the reader sees %q, want %q", got[i], want[i])
		}
	}
}

func scratch(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func command(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=/nowhere", "LC_ALL=C.UTF-8"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	return out
}

func nulSplit(out []byte) []string {
	s := strings.Split(string(out), "\x00")
	return s[:len(s)-1]
}

func TestShellsRead(t *testing.T) {
	for _, shell := range []string{"bash", "dash"} {
		t.Run(shell, func(t *testing.T) {
			testkit.Need(t, testkit.Thing(shell))
			t.Run("shellQuote", func(t *testing.T) {
				values, escaped := carried(t, shellQuote)
				var b strings.Builder
				for _, e := range escaped {
					fmt.Fprintf(&b, "V=%s\nprintf '%%s\\0' \"$V\"\n", e)
				}
				compare(t, nulSplit(command(t, shell, scratch(t, "f", b.String()))), values)
			})
			t.Run("shellQuoteTwice", func(t *testing.T) {
				values, escaped := carried(t, shellQuoteTwice)
				values, escaped = values[:90], escaped[:90] // each starts a shell
				var b strings.Builder
				for _, e := range escaped { // as the init scripts do
					fmt.Fprintf(&b, "V=%s\n%s -c \"W=\\\"$V\\\"; printf '%%s\\\\0' \\\"\\$W\\\"\"\n", e, shell)
				}
				compare(t, nulSplit(command(t, shell, scratch(t, "f", b.String()))), values)
			})
			t.Run("shellQuoteEval", func(t *testing.T) {
				values, escaped := carried(t, shellQuoteEval)
				var b strings.Builder
				var want []string
				for i, e := range escaped { // as catalina.sh does
					fmt.Fprintf(&b, "V=%s\neval show \"$V\" end\n", e)
					words, err := shellWords(values[i])
					if err != nil {
						t.Fatal(err)
					}
					want = append(append(want, words...), "end")
				}
				compare(t, nulSplit(command(t, shell, scratch(t, "f", "show() { for w; do printf '%s\\0' \"$w\"; done; }\n"+b.String()))), want)
			})
		})
	}
}

func TestJavaReadsProperties(t *testing.T) {
	testkit.Need(t, testkit.Java)
	values, escaped := carried(t, escaper(t, "propertiesEscapeRaw"))
	keys, escapedKeys := carried(t, escaper(t, "propertiesKey"))
	want := map[string]string{}
	var b strings.Builder
	for i, e := range escaped {
		fmt.Fprintf(&b, "v%d=%s\n", i, e)
		want[fmt.Sprintf("v%d", i)] = values[i]
	}
	for i, e := range escapedKeys {
		fmt.Fprintf(&b, "%s=%d\n", e, i)
		want[keys[i]] = fmt.Sprint(i)
	}
	b.WriteString("last=x\n")
	want["last"] = "x"
	got := map[string]string{}
	for _, line := range strings.Fields(string(command(t, "java", "-Xshare:auto", "testdata/ReadProperties.java", scratch(t, "f", b.String())))) {
		raw, err := hex.DecodeString(line[1:])
		if err != nil {
			t.Fatal(err)
		}
		got[fmt.Sprint(len(got))] = string(raw)
	}
	pairs := map[string]string{}
	for i := 0; i < len(got); i += 2 {
		pairs[got[fmt.Sprint(i)]] = got[fmt.Sprint(i+1)]
	}
	if !reflect.DeepEqual(pairs, want) {
		for k, v := range want {
			if pairs[k] != v {
				t.Errorf("Java reads %q = %q, want %q", k, pairs[k], v)
			}
		}
		t.Errorf("Java reads %d pairs, want %d", len(pairs), len(want))
	}
}

// python runs a script that reads the file argv[1] and prints a JSON list of strings.
func python(t *testing.T, script, text string) []string {
	t.Helper()
	testkit.Need(t, testkit.Python)
	var got []string
	out := command(t, "/usr/bin/python3", "-c", script, scratch(t, "f", text))
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v in %.200s", err, out)
	}
	return got
}

func TestPythonReads(t *testing.T) {
	const ini = `import sys, json, configparser
p = configparser.RawConfigParser(%s)
p.read_string(open(sys.argv[1], newline='', encoding='utf-8').read())
print(json.dumps([p['s']['v%%d' %% i] for i in range(len(p['s']))]))`
	utf8Only := func(f func(string) (string, error)) func(string) (string, error) {
		return func(s string) (string, error) {
			if !utf8.ValidString(s) {
				return "", refuse("", "this reader wants UTF-8")
			}
			return f(s)
		}
	}
	lines := func(escaped []string, head, format string) string {
		var b strings.Builder
		b.WriteString(head)
		for i, e := range escaped {
			fmt.Fprintf(&b, format, i, e)
		}
		return b.String()
	}
	for _, args := range []string{"", "inline_comment_prefixes=(';', '#')", "strict=False, comment_prefixes=('#', ';'), delimiters=('=',)"} {
		t.Run("configparser "+args, func(t *testing.T) {
			values, escaped := carried(t, utf8Only(iniValue))
			compare(t, python(t, fmt.Sprintf(ini, args), lines(escaped, "[s]\n", "v%d = %s\n")), values)
		})
	}
	t.Run("supervisor's values", func(t *testing.T) {
		values, escaped := carried(t, utf8Only(escaper(t, "supervisorEscape")))
		script := strings.Replace(fmt.Sprintf(ini, "inline_comment_prefixes=(';', '#'), strict=False"), "['v%d' % i]", "['v%d' % i] % {}", 1)
		compare(t, python(t, script, lines(escaped, "[s]\n", "v%d = %s\n")), values)
	})
	t.Run("supervisor's environment", func(t *testing.T) {
		values, escaped := carried(t, utf8Only(escaper(t, "supervisorQuote")))
		script := "import shlex\n" + strings.Replace(fmt.Sprintf(ini, "inline_comment_prefixes=(';', '#'), strict=False"), "p['s']['v%d' % i]", "shlex.split(p['s']['v%d' % i] % {})[0][2:]", 1)
		compare(t, python(t, script, lines(escaped, "[s]\n", "v%d = X=%s\n")), values)
	})
	t.Run("yaml", func(t *testing.T) {
		testkit.Need(t, testkit.Python)
		values, escaped := carried(t, yamlString)
		compare(t, python(t, "import sys, json, yaml\nd = yaml.safe_load(open(sys.argv[1], encoding='utf-8'))\nprint(json.dumps([d['v%d' % i] for i in range(len(d))]))", lines(escaped, "", "v%d: %s\n")), values)
	})
	t.Run("toml", func(t *testing.T) {
		values, escaped := carried(t, tomlString)
		compare(t, python(t, "import sys, json, tomllib\nd = tomllib.load(open(sys.argv[1], 'rb'))\nprint(json.dumps([d['v%d' % i] for i in range(len(d))]))", lines(escaped, "", "v%d = %s\n")), values)
	})
	t.Run("json", func(t *testing.T) {
		values, escaped := carried(t, escaper(t, "jsonString"))
		compare(t, python(t, "import sys\nprint(open(sys.argv[1], encoding='utf-8').read())", "["+strings.Join(escaped, ",")+"]"), values)
	})
	t.Run("sqlite", func(t *testing.T) {
		values, escaped := carried(t, utf8Only(escaper(t, "sqlString")))
		compare(t, python(t, "import sys, json, sqlite3\nc = sqlite3.connect(':memory:')\nq = open(sys.argv[1], newline='', encoding='utf-8').read().split('\\0')\nprint(json.dumps([c.execute('select ' + s).fetchone()[0] for s in q]))", strings.Join(escaped, "\x00")), values)
	})
	t.Run("regular expressions", func(t *testing.T) {
		values, escaped := carried(t, func(s string) (string, error) {
			if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
				return "", refuse("", "not in this test")
			}
			if !regexp.MustCompile("^(?:" + regexp.QuoteMeta(s) + ")$").MatchString(s) {
				t.Errorf("Go does not match %q", s)
			}
			return regexp.QuoteMeta(s), nil
		})
		got := python(t, "import sys, json, re\nq = open(sys.argv[1], newline='', encoding='utf-8').read().split('\\0')\nprint(json.dumps([v if re.fullmatch(e, v) else 'no match: ' + e for e, v in zip(q[::2], q[1::2])]))", interleave(escaped, values))
		compare(t, got, values)
	})
	t.Run("urls", func(t *testing.T) {
		values, escaped := carried(t, utf8Only(escaper(t, "urlQuery")))
		compare(t, python(t, "import sys, json, urllib.parse as u\nprint(json.dumps([u.parse_qs('a=' + l, keep_blank_values=True)['a'][0] for l in open(sys.argv[1]).read().splitlines()]))", lines(escaped, "", "%[2]s\n")), values)
	})
}

func interleave(a, b []string) string {
	var out []string
	for i := range a {
		out = append(out, a[i], b[i])
	}
	return strings.Join(out, "\x00")
}

func TestToYamlAndTomlAreReadBack(t *testing.T) {
	tree := map[string]any{
		"list": []any{"no", 1, true, map[string]any{"a": "x", "b": []any{}}, []any{1, 2}}, "empty": map[string]any{},
		"deep": map[string]any{"key with: blanks": "a\nb", "n": 0.5, "big": 1e20, "nested": map[string]any{"x": "y"}},
	}
	const want = `{"deep": {"big": 1e+20, "key with: blanks": "a\nb", "n": 0.5, "nested": {"x": "y"}}, "empty": {}, "list": ["no", 1, true, {"a": "x", "b": []}, [1, 2]]}`
	for _, r := range []struct {
		name, script string
		write        func(any) (string, error)
	}{
		{"yaml", "import sys, json, yaml\nprint(json.dumps([json.dumps(yaml.safe_load(open(sys.argv[1])), sort_keys=True)]))", toYaml},
		{"toml", "import sys, json, tomllib\nprint(json.dumps([json.dumps(tomllib.load(open(sys.argv[1], 'rb')), sort_keys=True)]))", toToml},
	} {
		t.Run(r.name, func(t *testing.T) {
			text, err := r.write(tree)
			if err != nil {
				t.Fatal(err)
			}
			if got := python(t, r.script, text); got[0] != want {
				t.Errorf("read back: %s\nwant       %s\nfrom\n%s", got[0], want, text)
			}
		})
	}
}

func TestXMLIsReadBack(t *testing.T) {
	values, escaped := carried(t, func(s string) (string, error) { return xmlEscape(s, false) })
	attrs, err := make([]string, len(values)), error(nil)
	var b strings.Builder
	b.WriteString("<r>")
	for i, v := range values {
		if attrs[i], err = xmlEscape(v, true); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, `<v a="%s" b='%s'>%s</v>`, attrs[i], attrs[i], escaped[i])
	}
	b.WriteString("</r>")
	t.Run("go", func(t *testing.T) {
		var doc struct {
			V []struct {
				A    string `xml:"a,attr"`
				B    string `xml:"b,attr"`
				Text string `xml:",chardata"`
			} `xml:"v"`
		}
		if err := xml.Unmarshal([]byte(b.String()), &doc); err != nil {
			t.Fatal(err)
		}
		var got, a, bb []string
		for _, v := range doc.V {
			got, a, bb = append(got, v.Text), append(a, v.A), append(bb, v.B)
		}
		compare(t, got, values)
		compare(t, a, values)
		compare(t, bb, values)
	})
	t.Run("expat", func(t *testing.T) {
		const script = "import sys, json, xml.etree.ElementTree as x\nr = x.parse(sys.argv[1]).getroot()\nprint(json.dumps([s for v in r for s in (v.text or '', v.get('a'), v.get('b'))]))"
		var want []string
		for _, v := range values {
			want = append(want, v, v, v)
		}
		compare(t, python(t, script, b.String()), want)
	})
	t.Run("libxml2", func(t *testing.T) {
		testkit.Need(t, "xmllint")
		command(t, "xmllint", "--noout", scratch(t, "f.xml", b.String()))
	})
}

func TestEnvFilesAreReadBack(t *testing.T) {
	t.Run("env.d", func(t *testing.T) {
		values, escaped := carried(t, envFileQuote)
		var b strings.Builder
		for i, e := range escaped {
			fmt.Fprintf(&b, "V%d=%s\n", i, e)
		}
		layer, notes, err := envfile.Parse("f", []byte(b.String()))
		if err != nil || len(notes) > 0 {
			t.Fatalf("%v %v", err, notes)
		}
		var got []string
		for _, v := range layer.Vars {
			got = append(got, v.Value.Text)
		}
		compare(t, got, values)
	})
	t.Run("systemd", func(t *testing.T) {
		testkit.Need(t, "systemd-tmpfiles")
		testSystemdEnvFile(t)
	})
}

// The client reads the file, and the engine keeps what it has read: nothing is started.
func TestDockerReadsEnvFiles(t *testing.T) {
	testkit.Need(t, testkit.Docker)
	values, escaped := carried(t, escaper(t, "dockerEnvValue"))
	file := scratch(t, "env", numbered("V%d=%s\n", escaped))
	image := "slipway-test/nothing:1"
	if out := testkit.MustDocker(t, "images", "-q", image); out == "" {
		testkit.Build(t, image, testkit.Context{"Dockerfile": {Text: "FROM scratch\nCOPY Dockerfile /\n"}})
	}
	id := strings.TrimSpace(testkit.MustDocker(t, "create", "--env-file", file, image, "none"))
	t.Cleanup(func() { testkit.MustDocker(t, "rm", id) })
	var env []string
	if err := json.Unmarshal([]byte(testkit.MustDocker(t, "inspect", "-f", "{{json .Config.Env}}", id)), &env); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range env {
		if name, value, _ := strings.Cut(e, "="); strings.HasPrefix(name, "V") {
			got = append(got, value)
		}
	}
	compare(t, got, values)
}

// Debian's docker-compose is of 1.x, which replaces ${NAME} in any quotes, loses its way
// after \\ at the end of double ones, and prints YAML without NEL: what is in single
// quotes is read back here, the others by nobody.
func TestComposeReadsEnvFiles(t *testing.T) {
	testkit.Need(t, "docker-compose", testkit.Python)
	values, escaped := carried(t, func(s string) (string, error) {
		e, err := escaper(t, "composeQuote")(s)
		if err == nil && (e[0] != '\'' || !utf8.ValidString(s) || strings.Contains(s, "${") || strings.ContainsAny(s, "\u0085\u2028\u2029\ufeff\uffff")) {
			return "", refuse("", "not in this test")
		}
		return e, err
	})
	dir := t.TempDir()
	for name, text := range map[string]string{
		"env": numbered("V%d=%s\n", escaped), "c.yml": "version: '3'\nservices:\n  a:\n    image: x\n    env_file: env\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := string(command(t, "docker-compose", "-f", filepath.Join(dir, "c.yml"), "config"))
	const script = "import sys, json, yaml\nd = yaml.safe_load(open(sys.argv[1], encoding='utf-8'))['services']['a']['environment']\n" +
		"print(json.dumps([(d.get('V%d' % i, 'MISSING') or '').replace('$$', '$') for i in range(%s)]))"
	compare(t, python(t, strings.Replace(script, "%s", strconv.Itoa(len(values)), 1), config), values)
}

// numbered writes a line for each text, with its number.
func numbered(format string, texts []string) string {
	var b strings.Builder
	for i, s := range texts {
		fmt.Fprintf(&b, format, i, s)
	}
	return b.String()
}

// systemd reads os-release by the reader of EnvironmentFile=, and
// systemd-tmpfiles writes a field of it into a file: %B is BUILD_ID.
func testSystemdEnvFile(t *testing.T) {
	values, escaped := carried(t, func(s string) (string, error) {
		// os-release has to be UTF-8 without control characters; an EnvironmentFile= takes less offence.
		if s == "" || !utf8.ValidString(s) || strings.ContainsAny(s, "\x01\x02\x1b\x7f\v\f\r\n\t\u0085") || strings.ContainsAny(s, "\ufeff\uffff\u2028\u2029") || s != strings.TrimSpace(s) {
			return "", refuse("", "not in this test")
		}
		return escaper(t, "systemdQuote")(s)
	})
	var got []string
	for _, e := range escaped[:60] {
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "etc/os-release"), []byte("ID=x\nBUILD_ID="+e+"\nVERSION_ID=1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		command(t, "systemd-tmpfiles", "--root="+root, "--create", scratch(t, "t.conf", "f /out 0644 - - - %B\n"))
		text, err := os.ReadFile(filepath.Join(root, "out"))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(text))
	}
	compare(t, got, values[:60])
}

func TestURLsAreReadBack(t *testing.T) {
	for _, v := range hostile() {
		user, path := escaper(t, "urlUser"), escaper(t, "urlPath")
		u, _ := user(v)
		p, _ := path(v)
		got, err := url.Parse("http://" + u + ":" + u + "@h/x" + p + "?q=" + url.QueryEscape(v))
		if err != nil {
			t.Errorf("%q: %v", v, err)
			continue
		}
		pw, _ := got.User.Password()
		if got.User.Username() != v || pw != v || got.Path != "/x"+v || got.Query().Get("q") != v {
			t.Errorf("%q is read back as %v", v, got)
		}
	}
}

// serve starts a server in the foreground and ends it with the test.
func serve(t *testing.T, socket string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // ends with the process, which the cleanup kills and waits for
		cmd.Wait() //nolint:errcheck // it is killed
		close(done)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended
		<-done
	})
	deadline := time.Now().Add(testkit.Patience)
	for {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return
		}
		select {
		case <-done:
			t.Fatalf("%s ended: %s", name, out.String())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer: %s", name, out.String())
		}
	}
}

// get asks for /vN over a unix socket and returns the body, byte for byte.
func get(t *testing.T, socket string, n int) string {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /v%d HTTP/1.0\r\nHost: h\r\n\r\n", n)
	var b bytes.Buffer
	if _, err := b.ReadFrom(c); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	return body
}

func TestServersReadBack(t *testing.T) {
	t.Run("nginx", func(t *testing.T) {
		testkit.Need(t, "nginx")
		dir := t.TempDir()
		socket := filepath.Join(dir, "s")
		values, escaped := carried(t, escaper(t, "nginxQuote"))
		var b strings.Builder
		fmt.Fprintf(&b, "daemon off; master_process off; pid %s/pid; error_log stderr;\nevents {}\nhttp { access_log off; client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/c;\nserver { listen unix:%s;\n", dir, dir, dir, dir, dir, dir, socket)
		for i, e := range escaped {
			fmt.Fprintf(&b, "location = /v%d { return 200 %s; }\n", i, e)
		}
		b.WriteString("}}\n")
		serve(t, socket, "nginx", "-c", scratch(t, "nginx.conf", b.String()), "-p", dir)
		for i, v := range values {
			if got := get(t, socket, i); got != v {
				t.Errorf("nginx reads %q, want %q", got, v)
			}
		}
	})
	t.Run("haproxy", func(t *testing.T) {
		testkit.Need(t, "haproxy")
		socket := filepath.Join(t.TempDir(), "s")
		values, escaped := carried(t, haproxyQuote)
		var b strings.Builder
		fmt.Fprintf(&b, "global\n  maxconn 100\ndefaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\nfrontend f\n  bind unix@%s\n", socket)
		for i, e := range escaped {
			if e == `""` {
				continue // this action wants a text
			}
			fmt.Fprintf(&b, "  http-request return status 200 content-type text/plain string %s if { path /v%d }\n", e, i)
		}
		serve(t, socket, "haproxy", "-db", "-f", scratch(t, "haproxy.cfg", b.String()))
		for i, v := range values {
			if v == "" {
				continue
			}
			if got := get(t, socket, i); got != v {
				t.Errorf("haproxy reads %q, want %q", got, v)
			}
		}
	})
	t.Run("apache", func(t *testing.T) {
		testkit.Need(t, "apache2")
		values, escaped := carried(t, escaper(t, "apacheQuote"))
		var b strings.Builder
		b.WriteString("ServerName h\nLoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\nDefaultRuntimeDir /tmp\nPidFile /tmp/no.pid\nErrorLog /dev/null\n")
		for i, e := range escaped {
			fmt.Fprintf(&b, "Define V%d %s\n", i, e)
		}
		out := string(command(t, "apache2", "-t", "-D", "DUMP_RUN_CFG", "-f", scratch(t, "apache2.conf", b.String())))
		for i, v := range values {
			want := fmt.Sprintf("Define: V%d=%s\n", i, v)
			if v == "" {
				want = fmt.Sprintf("Define: V%d\n", i)
			}
			if !strings.Contains(out, want) {
				t.Errorf("apache does not read %q (%s)", v, escaped[i])
			}
		}
	})
	t.Run("redis", func(t *testing.T) {
		testkit.Need(t, "redis-server")
		testRedis(t)
	})
}

func testRedis(t *testing.T) {
	values, escaped := carried(t, escaper(t, "redisQuote"))
	for i, v := range values[:90] {
		if v == "" {
			continue // "" turns masterauth off
		}
		dir := t.TempDir()
		socket := filepath.Join(dir, "s")
		// save "" and a port of 0: nothing but the socket.
		serve(t, socket, "redis-server", scratch(t, "redis.conf", fmt.Sprintf("port 0\nunixsocket %s\nsave \"\"\ndir %s\nmasterauth %s\n", socket, dir, escaped[i])))
		c, err := net.Dial("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, "CONFIG GET masterauth\r\nQUIT\r\n")
		var b bytes.Buffer
		b.ReadFrom(c) //nolint:errcheck // judged by what came
		c.Close()
		if want := fmt.Sprintf("*2\r\n$10\r\nmasterauth\r\n$%d\r\n%s\r\n+OK\r\n", len(v), v); b.String() != want {
			t.Errorf("redis reads %q, want %q", b.String(), want)
		}
	}
}
