package containers

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"slipway/internal/test/testkit"
)

// daemonImage is Debian with daemons that put themselves into the background.
const daemonImage = "slipway-test/launchers"

func buildDaemons(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Linux, testkit.Docker)
	if testing.Short() {
		t.Skip("starts containers")
	}
	testkit.Debian(t)
	bins := testkit.Binaries(t)
	testkit.Build(t, daemonImage, testkit.Context{
		"Dockerfile": {Text: strings.Join([]string{
			"FROM " + testkit.DebianImage,
			"ENV DEBIAN_FRONTEND=noninteractive",
			`RUN printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && apt-get update -q && ` +
				`apt-get install -qy --no-install-recommends nginx-light redis-server php-fpm openssh-server cron rsyslog haproxy postgresql screen sudo procps && ` +
				`ssh-keygen -A && mkdir -p /run/sshd && sed -i 's/^daemonize.*/daemonize yes/' /etc/redis/redis.conf`,
			`RUN install -d -o postgres /srv/db && su postgres -c "/usr/lib/postgresql/15/bin/initdb -D /srv/db/0 -A trust" && for i in 1 2 3 4 5; do cp -a /srv/db/0 /srv/db/$i; done`,
			"COPY slipway slipway-init /usr/local/bin/",
			"COPY daemon /srv/daemon",
			`ENTRYPOINT ["slipway"]`,
		}, "\n") + "\n"},
		"slipway":      {From: bins.Slipway},
		"slipway-init": {From: bins.Init},
		"daemon":       {Text: aDaemon, Mode: 0o755},
	})
}

// aDaemon writes its pid file, and removes it when it is asked to end, by itself.
const aDaemon = `#!/bin/sh
trap 'rm -f "$1"; exit 0' TERM
echo $$ > "$1"
while :; do sleep 1000 & wait $!; done
`

// daemon is a program that puts itself into the background. In its texts N is the number of
// the copy, PORT a port of its own, and DIR a folder of its own.
type daemon struct {
	name, command string
	file          string // text of DIR/conf
	pidfile       string
	keeps         bool   // it leaves its pid file when it ends
	more          string // options
	single        bool   // a machine has one of it
}

var daemons = []daemon{
	{name: "nginx", command: "nginx -c DIR/conf", pidfile: "DIR/pid",
		file: "pid DIR/pid; error_log DIR/err; events {} http { access_log off; server { listen 127.0.0.1:PORT; } }"},
	{name: "redis", command: "redis-server --daemonize yes --port PORT --pidfile DIR/pid --dir DIR --save ''", pidfile: "DIR/pid"},
	{name: "php", command: "php-fpm8.2 -D -y DIR/conf", pidfile: "DIR/pid",
		file: "[global]\npid = DIR/pid\nerror_log = DIR/err\n[www]\nuser = www-data\nlisten = 127.0.0.1:PORT\npm = static\npm.max_children = 2\n"},
	{name: "sshd", command: "/usr/sbin/sshd -p PORT -o PidFile=DIR/pid", pidfile: "DIR/pid"},
	{name: "rsyslogd", command: "rsyslogd -f DIR/conf -i DIR/pid", pidfile: "DIR/pid",
		file: "module(load=\"imtcp\")\ninput(type=\"imtcp\" port=\"PORT\" address=\"127.0.0.1\")\n*.* DIR/log\n"},
	{name: "haproxy", command: "haproxy -D -f DIR/conf -p DIR/pid", pidfile: "DIR/pid", keeps: true,
		file: "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\nfrontend f\n bind 127.0.0.1:PORT\n"},
	{name: "postgres", command: `su postgres -c "/usr/lib/postgresql/15/bin/pg_ctl start -D /srv/db/N -l /srv/db/N/log -o '-p PORT -k /tmp'"`,
		pidfile: "/srv/db/N/postmaster.pid", more: "stopsignal = INT\nstopwaitsecs = 60\nstartsecs = 5"},
	{name: "su", command: `su -s /bin/sh -c "setsid /srv/daemon /tmp/su-N &" nobody`, pidfile: "/tmp/su-N"},
	{name: "sudo", command: `sudo -u nobody setsid -f /srv/daemon /tmp/sudo-N`, pidfile: "/tmp/sudo-N"},
	{name: "screen", command: `screen -dmS sN /srv/daemon DIR/pid`},
	{name: "start-stop-daemon", command: "start-stop-daemon --start --quiet --background --pidfile DIR/own --make-pidfile --startas /srv/daemon -- DIR/pid", pidfile: "DIR/pid"},
	{name: "cron", command: "cron", pidfile: "/run/crond.pid", keeps: true, single: true},
	{name: "service-nginx", command: "service nginx start", pidfile: "/run/nginx.pid", single: true},
	{name: "service-redis", command: "service redis-server start", pidfile: "/run/redis/redis-server.pid", single: true},
	{name: "service-haproxy", command: "service haproxy start", pidfile: "/run/haproxy.pid", keeps: true, single: true},
	{name: "service-ssh", command: "service ssh start", pidfile: "/run/sshd.pid", single: true},
}

const copies = 6

func daemonConfig() (ini string, all map[string]daemon) {
	var b strings.Builder
	all = map[string]daemon{}
	for k, d := range daemons {
		for i := range copies {
			if d.single && i > 0 {
				break
			}
			name := fmt.Sprintf("%s-%d", d.name, i)
			fill := strings.NewReplacer("DIR", "/srv/"+name, "PORT", strconv.Itoa(20000+100*k+i), "N", strconv.Itoa(i)).Replace
			d := daemon{name: name, command: fill(d.command), pidfile: fill(d.pidfile), keeps: d.keeps, more: d.more, file: fill(d.file)}
			all[name] = d
			fmt.Fprintf(&b, "[program:%s]\ncommand = %s\nstartsecs = 3\n%s\n", name, d.command, d.more)
			if d.pidfile != "" {
				fmt.Fprintf(&b, "pidfile = %s\n", d.pidfile)
			}
		}
	}
	return b.String(), all
}

// processOf is what slipway status shows of a program.
type processOf struct {
	Name, State, Level, FoundBy string
	PID                         int `json:"pid"`
}

// TestDaemonsOfDebian: each is adopted, as what its pid file names, none is killed or started
// twice, each ends by its own signal, and nothing is left of any.
func TestDaemonsOfDebian(t *testing.T) {
	buildDaemons(t)
	ini, all := daemonConfig()
	var files strings.Builder
	for name, d := range all {
		fmt.Fprintf(&files, "mkdir -p /srv/%s && cat > /srv/%s/conf <<'EOF'\n%s\nEOF\n", name, name, d.file)
	}
	for range testkit.Repeat(t, 1) {
		c := testkit.Run(t, testkit.RunOptions{
			Image: daemonImage, Flags: configured(t, ini, "--init=false", "--entrypoint", "/bin/sh", "--ulimit", "nofile=4096:4096"),
			Args: []string{"-c", files.String() + "exec slipway run"},
		})
		testkit.Eventually(t, testkit.Patience, "all daemons are adopted", func() error { return adopted(t, c, all) })
		if out, status := c.Exec(t, "slipway", "stop", "all"); status != 0 {
			t.Errorf("stop ended with %d: %s", status, out)
		}
		for name, d := range all {
			if _, status := c.Exec(t, "test", "-e", d.pidfile); status == 0 && d.pidfile != "" && !d.keeps {
				t.Errorf("%s has left its pid file: it was not stopped by its signal", name)
			}
		}
		if left := strings.TrimSpace(c.MustExec(t, "ps", "-e", "-o", "pid=,args=")); strings.Count(left, "\n") > 1 {
			t.Errorf("processes are left:\n%s", left)
		}
		log := c.Logs(t)
		if n := strings.Count(log, "spawned: "); n != len(all) {
			t.Errorf("%d starts, want %d", n, len(all))
		}
		if strings.Contains(log, "SIGKILL") {
			t.Error("something was killed")
		}
		c.Stop(t, 10*time.Second)
	}
}

// adopted returns what is missing until all daemons run under their holders.
func adopted(t *testing.T, c *testkit.Container, all map[string]daemon) error {
	out, _ := c.Exec(t, "slipway", "status", "--output", "json")
	var list []processOf
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	var missing []error
	for _, p := range list {
		d := all[p.Name]
		if p.State != "RUNNING" || p.Level != "holder" {
			missing = append(missing, fmt.Errorf("%s is %s, level %s", p.Name, p.State, p.Level))
			continue
		}
		if d.pidfile == "" {
			continue
		}
		text, _ := c.Exec(t, "head", "-n1", d.pidfile)
		if pid := strings.TrimSpace(text); pid != strconv.Itoa(p.PID) {
			missing = append(missing, fmt.Errorf("%s is %d, its file has %q", p.Name, p.PID, pid))
		}
	}
	if len(list) != len(all) {
		missing = append(missing, fmt.Errorf("%d programs, want %d", len(list), len(all)))
	}
	return errors.Join(missing...)
}
