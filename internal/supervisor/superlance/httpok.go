package superlance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"slipway/internal/supervisor/listener"
	"slipway/internal/supervisor/rpc"
	"slipway/internal/supervisor/serve/xmlrpc"
)

const httpokUsage = `[-p PROCESS]... [-a] [-t SECONDS] [-c STATUS]... [-b TEXT] [-m ADDRESS] [-s SENDMAIL]
              [-g GCORE] [-d FOLDER] [-e | -E] [-n NAME] URL

Asks for a URL with each TICK event, and restarts processes where the answer is not as expected.

  -p, --program PROCESS          restart this one: NAME or GROUP:NAME
  -a, --any                      restart all that are running
  -t, --timeout SECONDS          how long to wait for the answer (default 10)
  -c, --code STATUS              an expected status (default 200)
  -b, --body TEXT                what the answer must contain
  -m, --email ADDRESS            whom to mail after a restart
  -s, --sendmail_program COMMAND what takes the mail (default "/usr/sbin/sendmail -t -i")
  -g, --gcore COMMAND            what writes a core file (default "/usr/bin/gcore -o")
  -d, --coredir FOLDER           write a core file there before a restart
  -e, --eager                    ask even if none of the processes is running (default)
  -E, --not-eager                do not
  -n, --name NAME                what the subject of mails names
`

// retryPause lies between two tries to connect to a server that refuses connections; most is
// how much of an answer is looked at.
const (
	retryPause = 10 * time.Second
	most       = 16 << 20
)

// check is an httpok with its options.
type check struct {
	supervisor supervisor
	programs   []string
	any        bool
	url        string
	timeout    time.Duration
	statuses   []int
	body       string
	mail       mailer
	gcore      string
	coreDir    string
	lazy       bool
	title      string // what the subjects of mails begin with
	errs       io.Writer
}

func httpok(args []string, in io.Reader, out, errs io.Writer) int {
	c := &check{timeout: 10 * time.Second, title: "httpok", gcore: "/usr/bin/gcore -o", mail: mailer{sendmail, "", errs}, errs: errs}
	rest, err := parse(args[1:], []option{
		{short: 'p', long: []string{"program"}, set: func(v string) error { c.programs = append(c.programs, v); return nil }},
		flag('a', &c.any, true, "any"),
		{short: 't', long: []string{"timeout"}, set: func(v string) error {
			n, err := strconv.ParseUint(v, 10, 31)
			if err != nil || n == 0 {
				return fmt.Errorf("timeout: expected seconds, got %q", v)
			}
			c.timeout = time.Duration(n) * time.Second
			return nil
		}},
		{short: 'c', long: []string{"code"}, set: func(v string) error {
			n, err := strconv.Atoi(v)
			if err != nil {
				return fmt.Errorf("code: expected an HTTP status, got %q", v)
			}
			c.statuses = append(c.statuses, n)
			return nil
		}},
		text('b', &c.body, "body"),
		text('s', &c.mail.command, "sendmail_program"),
		text('m', &c.mail.to, "email"),
		text('g', &c.gcore, "gcore"),
		text('d', &c.coreDir, "coredir"),
		flag('e', &c.lazy, false, "eager"),
		flag('E', &c.lazy, true, "not-eager"),
		{short: 'n', long: []string{"name"}, set: func(v string) error { c.title = "httpok [" + v + "]"; return nil }},
	}, false)
	if err == nil && len(rest) != 1 {
		err = fmt.Errorf("expected one URL, got %d", len(rest))
	}
	if err == nil {
		c.url = rest[0]
		u, bad := url.Parse(c.url)
		if bad != nil || u.Scheme != "http" && u.Scheme != "https" {
			err = fmt.Errorf("expected a URL with http or https, got %q", c.url)
		}
	}
	if err != nil {
		return refuse("httpok", httpokUsage, err, statusUsage, out, errs)
	}
	if len(c.statuses) == 0 {
		c.statuses = []int{http.StatusOK}
	}
	if c.supervisor, err = connect(); err != nil {
		fmt.Fprintf(errs, "httpok: %v\n", err)
		return 1
	}
	return listener.Serve("httpok", in, out, errs, func(e listener.Event) (string, error) {
		if !strings.HasPrefix(e.Name(), "TICK") {
			return listener.OK, nil
		}
		return listener.OK, c.tick()
	})
}

// concerns says whether a process is restarted if the answer is wrong.
func (c *check) concerns(p process) bool { return c.any || slices.ContainsFunc(c.programs, p.is) }

func (c *check) tick() error {
	if c.lazy {
		all, err := c.supervisor.processes()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(p process) bool { return p.running && c.concerns(p) }) {
			return nil
		}
	}
	status, body, message := c.ask()
	switch {
	case !slices.Contains(c.statuses, status):
		c.act(c.url+": bad status returned", message)
	case !strings.Contains(body, c.body):
		c.act(c.url+": bad body returned", message)
	}
	return nil
}

// ask makes the request; status is 0 if there was no answer. As the original it follows no
// redirection and takes any certificate: what is asked is whether the server answers, and
// that one is mostly this container.
func (c *check) ask() (status int, body, message string) {
	client := &http.Client{
		Timeout:       c.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
	resp, err := c.request(client)
	var content []byte
	if err == nil {
		content, err = io.ReadAll(io.LimitReader(resp.Body, most))
		resp.Body.Close()
	}
	if err != nil {
		return 0, "", fmt.Sprintf("error contacting %s:\n\n %s", c.url, rpc.ErrorText(err))
	}
	return resp.StatusCode, string(content), fmt.Sprintf("status contacting %s: %s", c.url, resp.Status)
}

// request tries again while the connection is refused and a whole pause is left of the
// timeout: a server that has just been restarted gets the time to come up.
func (c *check) request(client *http.Client) (*http.Response, error) {
	for left := int(c.timeout / retryPause); ; left-- {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, c.url, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("User-Agent", "httpok")
		resp, err := client.Do(req)
		if left <= 1 || !errors.Is(err, syscall.ECONNREFUSED) {
			return resp, err
		}
		<-time.After(retryPause)
	}
}

// act restarts what is concerned, and mails what it did.
func (c *check) act(subject, message string) {
	messages := []string{message}
	say := func(format string, args ...any) {
		line := fmt.Sprintf(format, args...)
		fmt.Fprintln(c.errs, line)
		messages = append(messages, line)
	}
	all, err := c.supervisor.processes()
	if err != nil {
		say("Exception retrieving process info %v, not acting", err)
		return
	}
	if c.any {
		say("Restarting all running processes")
	} else {
		say("Restarting selected processes %s", list(c.programs))
	}
	waiting := slices.Clone(c.programs)
	for _, p := range all {
		if c.concerns(p) {
			c.restart(p, say)
			waiting = slices.DeleteFunc(waiting, p.is)
		}
	}
	if len(waiting) > 0 {
		say("Programs not restarted because they did not exist: %s", list(waiting))
	}
	if c.mail.to != "" {
		fmt.Fprintf(c.errs, "Mailed:\n\n%s\n", c.mail.send(c.title+": "+subject, strings.Join(messages, "\n")))
	}
}

func (c *check) restart(p process, say func(format string, args ...any)) {
	name := p.namespec()
	if !p.running {
		say("%s not in RUNNING state, NOT restarting", name)
		return
	}
	if c.coreDir != "" && c.gcore != "" {
		cmd := exec.Command("/bin/sh", "-c", c.gcore+` "$0" `+strconv.Itoa(p.pid), path.Join(c.coreDir, name))
		cmd.Stderr = c.errs
		printed, err := cmd.Output()
		say("gcore output for %s:\n\n %s", name, printed)
		if err != nil {
			say("gcore for %s: %v", name, err)
		}
	}
	say("%s is in RUNNING state, restarting", name)
	if err := c.supervisor.stop(p); err != nil {
		say("Failed to stop process %s: %v", name, err)
	}
	if err := c.supervisor.start(p); err != nil {
		say("Failed to start process %s: %v", name, err)
		return
	}
	say("%s restarted", name)
}

// list writes words as Python writes a list of them.
func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = xmlrpc.Repr(w)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
