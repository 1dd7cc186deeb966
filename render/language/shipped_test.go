package language

import (
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"slipway/internal/test/testkit"
	"slipway/render"
	"slipway/templates"
)

// ship renders a template that ships.
func ship(t *testing.T, name string, data Data) string {
	t.Helper()
	tmpl, ok := templates.Get(name)
	if !ok {
		t.Fatalf("no template %s ships", name)
	}
	text, err := shipErr(tmpl, data)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func shipErr(tmpl templates.Template, data Data) (string, error) {
	plan, err := Build(Set{Templates: []Template{{Dest: tmpl.Dest, Name: "builtin:" + tmpl.Name, Text: tmpl.Text, Mode: render.Keep}}}, data)
	if err != nil {
		return "", err
	}
	return string(plan.Targets[0].Content), nil
}

// hostileEnv is an environment of hostile values under harmless names.
func hostileEnv(keep func(string) bool) Vars {
	env := Vars{"PATH": "/evil", "HOME": "/evil", "a.b": "x", "1A": "x", "SLIPWAY_X": "x", "BASH_ENV": "/evil", "IFS": "x"}
	for i, v := range hostile() {
		if strings.IndexByte(v, 0) < 0 && keep(v) {
			env[fmt.Sprintf("V%03d", i)] = v
		}
	}
	return env
}

func wantVars(env Vars) []string {
	var out []string
	for _, n := range env.Names() {
		if envKept(n) {
			out = append(out, n+"="+env[n])
		}
	}
	return out
}

func all(string) bool { return true }

func TestDefaultTomcat(t *testing.T) {
	env := hostileEnv(all)
	env["ELASTICSEARCH_PORT_9200_TCP_ADDR"] = "10.0.0.7"
	text := ship(t, "default-tomcat", Data{Env: env})
	for _, shell := range []string{"dash", "bash"} {
		t.Run(shell, func(t *testing.T) {
			testkit.Need(t, testkit.Thing(shell))
			var b strings.Builder
			fmt.Fprintf(&b, ". %s\n", scratch(t, "tomcat10", text+"DOCKER_OPTS=\"-Des=${ELASTICSEARCH_PORT_9200_TCP_ADDR}\"\n"))
			for _, n := range env.Names() {
				if envKept(n) {
					fmt.Fprintf(&b, "printf '%%s\\0' \"%s=$%s\"\n", n, n)
				}
			}
			b.WriteString("printf '%s\\0' \"$HOME\" \"$DOCKER_OPTS\"\n")
			compare(t, nulSplit(command(t, shell, scratch(t, "f", b.String()))), append(wantVars(env), "/nowhere", "-Des=10.0.0.7"))
		})
	}
	t.Run("JAVA_OPTS are words for eval", func(t *testing.T) {
		testkit.Need(t, "dash")
		env := Vars{"JAVA_OPTS": `-Xmx1g -Da="b c" -Du=http://h/?a=1&b=2;reboot -Dh=$HOME`, "CATALINA_OPTS": "-Dx=`id`"}
		text := ship(t, "default-tomcat", Data{Env: env})
		script := text + "eval printf \"'%s\\\\0'\" \"$JAVA_OPTS\" \"$CATALINA_OPTS\"\n"
		compare(t, nulSplit(command(t, "dash", scratch(t, "f", script))), []string{"-Xmx1g", "-Da=b c", "-Du=http://h/?a=1&b=2;reboot", "-Dh=$HOME", "-Dx=`id`"})
	})
}

func TestEnvFiles(t *testing.T) {
	t.Run("sh", func(t *testing.T) {
		env := hostileEnv(all)
		text := ship(t, "env-sh", Data{Env: env})
		got := nulSplit(command(t, "sh", "-c", "env -i sh -c '. \"$0\"; env -0' "+scratch(t, "f", text)))
		seen := map[string]bool{}
		for _, v := range got {
			seen[v] = true
		}
		for _, want := range wantVars(env) {
			if !seen[want] {
				t.Errorf("the shell does not export %q", want)
			}
		}
	})
	t.Run("docker", func(t *testing.T) {
		env := hostileEnv(func(v string) bool { return !strings.ContainsAny(v, "\r\n") && utf8.ValidString(v) })
		compare(t, strings.Split(strings.TrimSuffix(ship(t, "env-docker", Data{Env: env}), "\n"), "\n"), wantVars(env))
		tmpl, _ := templates.Get("env-docker")
		if _, err := shipErr(tmpl, Data{Env: Vars{"A": "x\ny"}}); err == nil || !strings.Contains(err.Error(), "line break") {
			t.Errorf("a line break gives %v, want it refused", err)
		}
	})
	t.Run("prefix", func(t *testing.T) {
		env := Vars{"APP_A": "1", "B": "2", "ENV_FILE_PREFIX": "APP_"}
		for name, want := range map[string]string{"env-sh": "export APP_A='1'\n", "env-systemd": "APP_A=\"1\"\n", "env-docker": "APP_A=1\n", "env-compose": "APP_A='1'\n"} {
			if got := ship(t, name, Data{Env: env}); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

// java compiles and runs one class with the jars of a Debian package.
func java(t *testing.T, jars []string, class, source string, args ...string) string {
	t.Helper()
	testkit.Need(t, testkit.Java)
	for _, j := range jars {
		if _, err := os.Stat(j); err != nil {
			if testkit.Required() {
				t.Fatalf("needs %s", j)
			}
			t.Skipf("needs %s", j)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, class+".java")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("java", append(append([]string{"-cp", strings.Join(jars, ":")}, args...), file)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("java: %v\n%s", err, out)
	}
	return string(out)
}

func TestLoggingTemplates(t *testing.T) {
	env := Vars{
		"LOG_LEVEL": "warn", "LOG4J_LOGGER_org_example": "debug", "LOGBACK_LOGGER_org_example": "debug",
		"LOG4J_PATTERN": "<%p> %m é%n", "LOGBACK_PATTERN": "<%level> %msg é%n",
	}
	const want = "<WARN> root é\n<DEBUG> example é\n"
	calls := `.warn("root"); %s("x").info("hidden"); %s("org.example.A").debug("example");`
	t.Run("log4j", func(t *testing.T) {
		file := scratch(t, "log4j.properties", ship(t, "log4j.properties", Data{Env: env}))
		get := "org.apache.log4j.Logger.getLogger"
		got := java(t, []string{"/usr/share/java/log4j-1.2.jar"}, "M", "public class M { public static void main(String[] a) { "+get+`("x")`+fmt.Sprintf(calls, get, get)+" } }",
			"-Dfile.encoding=UTF-8", "-Dlog4j.configuration=file:"+file)
		if got != want {
			t.Errorf("it prints %q, want %q", got, want)
		}
	})
	t.Run("log4j2", func(t *testing.T) {
		file := scratch(t, "log4j2.properties", ship(t, "log4j2.properties", Data{Env: env}))
		get := "org.apache.logging.log4j.LogManager.getLogger"
		got := java(t, []string{"/usr/share/java/log4j-api.jar", "/usr/share/java/log4j-core.jar"}, "M", "public class M { public static void main(String[] a) { "+get+`("x")`+fmt.Sprintf(calls, get, get)+" } }",
			"-Dfile.encoding=UTF-8", "-Dlog4j2.disable.jmx=true", "-Dlog4j2.configurationFile="+file)
		if got != want {
			t.Errorf("it prints %q, want %q", got, want)
		}
	})
	t.Run("logback", func(t *testing.T) {
		text := ship(t, "logback.xml", Data{Env: env})
		if err := xml.Unmarshal([]byte(text), new(any)); err != nil {
			t.Errorf("%v in\n%s", err, text)
		}
		get := "org.slf4j.LoggerFactory.getLogger"
		got := java(t, []string{"/usr/share/java/slf4j-api.jar", "/usr/share/java/logback-core.jar", "/usr/share/java/logback-classic.jar"}, "M", "public class M { public static void main(String[] a) { "+get+`("x")`+fmt.Sprintf(calls, get, get)+" } }",
			"-Dfile.encoding=UTF-8", "-Dlogback.configurationFile="+scratch(t, "logback.xml", text))
		if got != want {
			t.Errorf("it prints %q, want %q", got, want)
		}
	})
	t.Run("application.properties", func(t *testing.T) {
		testkit.Need(t, testkit.Java)
		env := Vars{"APP_PROPERTY_server_port": "8080", "APP_PROPERTY_a__b": `C:\x é`}
		out := string(command(t, "java", "testdata/ReadProperties.java", scratch(t, "f", ship(t, "application.properties", Data{Env: env}))))
		if want := fmt.Sprintf("x%x x%x\nx%x x%x\n", "a_b", `C:\x é`, "server.port", "8080"); out != want {
			t.Errorf("Java reads %s, want %s", out, want)
		}
	})
}

func shippedLinks() fakeLinks {
	l := exampleData().Links.(fakeLinks)
	l["api:9000"] = peer("api", "10.0.0.21", 9000)
	return l
}

func TestProxyTemplates(t *testing.T) {
	data := Data{Env: Vars{"UPSTREAMS": "backend:8080 api:9000", "BACKENDS": "backend:8080, api:9000"}, Links: shippedLinks()}
	t.Run("nginx", func(t *testing.T) {
		testkit.Need(t, "nginx")
		text := ship(t, "nginx-upstreams", data)
		for _, want := range []string{`upstream "backend" {`, `server "10.0.0.11:8080" max_fails=3 fail_timeout=5s;`, `server "10.0.0.12:8080"`, `server "10.0.0.21:9000"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
		dir := t.TempDir()
		conf := fmt.Sprintf("pid %s/pid;\nerror_log stderr;\nevents {}\nhttp { access_log off;\n%s\nserver { listen unix:%s/s; location / { proxy_pass http://backend; } }\n}\n", dir, text, dir)
		command(t, "nginx", "-t", "-c", scratch(t, "nginx.conf", conf), "-p", dir)
	})
	t.Run("haproxy", func(t *testing.T) {
		testkit.Need(t, "haproxy")
		text := ship(t, "haproxy-backends", data)
		for _, want := range []string{"backend backend\n", "server backend-1-0 10.0.0.11:8080 check", "server api-0 10.0.0.21:9000 check"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
		head := "defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\nfrontend f\n  bind unix@/tmp/no-such\n  default_backend backend\n"
		command(t, "haproxy", "-c", "-f", scratch(t, "haproxy.cfg", head+text))
	})
	t.Run("a peer that is not there", func(t *testing.T) {
		tmpl, _ := templates.Get("nginx-upstreams")
		if _, err := shipErr(tmpl, Data{Env: Vars{"UPSTREAMS": "nobody:1"}, Links: shippedLinks()}); err == nil || !strings.Contains(err.Error(), "no peer nobody at port 1") {
			t.Errorf("error is %v", err)
		}
	})
}

func TestServerTemplates(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		testkit.Need(t, "redis-server")
		dir := t.TempDir()
		env := Vars{"REDIS_PASSWORD": `it's "a" \ pass #word`, "REDIS_DIR": dir, "REDIS_LISTEN_PORT": "6399", "REDIS_PORT": "tcp://10.0.0.9:6379", "REDIS_BIND": "127.0.0.1"}
		text := ship(t, "redis.conf", Data{Env: env, Host: func() Host { return Host{MemoryLimit: 1 << 30} }})
		if !strings.Contains(text, "\nport 6399\n") || !strings.Contains(text, "\nmaxmemory 805306368\n") {
			t.Errorf("the file is\n%s", text)
		}
		socket := filepath.Join(dir, "s")
		serve(t, socket, "redis-server", scratch(t, "redis.conf", strings.Replace(text, "port 6399", "port 0", 1)+"unixsocket "+socket+"\nsave \"\"\n"))
	})
	t.Run("php-fpm", func(t *testing.T) {
		testkit.Need(t, "php-fpm8.2")
		env := Vars{"PHP_FPM_LISTEN": "127.0.0.1:9000", "PHP_VALUE_memory_limit": "256M", "PHP_VALUE_session__name": "a", "PHP_FPM_USER": "nobody"}
		text := ship(t, "php-fpm-pool", Data{Env: env, Host: func() Host { return Host{MemoryLimit: 1 << 30} }})
		if !strings.Contains(text, "\npm.max_children = 16\n") || !strings.Contains(text, "\nphp_admin_value[session.name] = a\n") {
			t.Errorf("the file is\n%s", text)
		}
		dir := t.TempDir()
		command(t, "php-fpm8.2", "-t", "-y", scratch(t, "fpm.conf", fmt.Sprintf("[global]\nerror_log = %s/log\npid = %s/pid\n%s", dir, dir, text)))
	})
	t.Run("hosts", func(t *testing.T) {
		l := peersOnly{peer("db", "10.0.0.5", 5432), peer("db", "10.0.0.5", 5433), peer("api", "api.internal", 80), peer("v6", "fd00::1", 80)}
		if got, want := ship(t, "hosts", Data{Links: l}), "10.0.0.5 db\nfd00::1 v6\n"; got != want {
			t.Errorf("the block is %q, want %q", got, want)
		}
	})
}

// peersOnly are links of which only All is asked.
type peersOnly []Peer

func (peersOnly) Link(string, int, string) (Peer, error)    { return Peer{}, fmt.Errorf("not asked") }
func (peersOnly) Links(string, int, string) ([]Peer, error) { return nil, nil }
func (l peersOnly) All() []Peer                             { return l }

func TestEveryShippedTemplateIsTested(t *testing.T) {
	text, err := os.ReadFile("shipped_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range templates.Names() {
		if !strings.Contains(string(text), `"`+name+`"`) {
			t.Errorf("%s is not tested with its reader", name)
		}
	}
}
