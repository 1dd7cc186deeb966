package superlance

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"slipway/internal/supervisor/listener"
)

const batchUsage = `--toEmail ADDRESS[,ADDRESS]... --fromEmail ADDRESS [OPTION]...

Collects what has happened, and sends it in one mail.

  -i, --interval MINUTES   at most one mail in this time (default 1)
  -t, --toEmail ADDRESSES  whom to mail, separated by commas
  -f, --fromEmail ADDRESS  whom the mail is from
  -s, --subject SUBJECT    its subject
  -H, --smtpHost HOST      the mail server, HOST or HOST:PORT (default localhost)
  -e, --tickEvent EVENT    the event that counts the time (default TICK_60)
  -u, --userName NAME      the user at the mail server
  -p, --password PASSWORD  the user's password
      --tls                use TLS (STARTTLS)
`

// digest is how much of a mail is printed.
const digest = 76

// kind says what one of them collects.
type kind struct {
	event, subject string
	// message is what is said of an event that came at a time; "": nothing.
	message func(fields map[string]string, at string) string
}

func kindOf(name string) kind {
	switch name {
	case "fatalmailbatch":
		return kind{"PROCESS_STATE_FATAL", "Fatal start alert from supervisord", func(f map[string]string, at string) string {
			return fmt.Sprintf("%s -- Process %s:%s failed to start too many times", at, f["groupname"], f["processname"])
		}}
	case "crashsms":
		return kind{"PROCESS_STATE_EXITED", "", crashed("[%[2]s:%[3]s](%[4]s) exited unexpectedly %[1]s")}
	}
	return kind{"PROCESS_STATE_EXITED", "Crash alert from supervisord", crashed("%s -- Process %s:%s (pid %s) died unexpectedly")}
}

// crashed says of each exit that was not expected when it was, its group, name and number.
func crashed(format string) func(f map[string]string, at string) string {
	return func(f map[string]string, at string) string {
		if f["expected"] != "0" {
			return ""
		}
		return fmt.Sprintf(format, at, f["groupname"], f["processname"], f["pid"])
	}
}

// batch is crashmailbatch, fatalmailbatch and crashsms, by its name.
func batch(args []string, in io.Reader, out, errs io.Writer) int {
	name := filepath.Base(args[0])
	kind := kindOf(name)
	minutes, tickEvent, to := 1.0, "TICK_60", ""
	var mail smtpMail
	_, err := parse(args[1:], []option{
		{short: 'i', long: []string{"interval"}, set: func(v string) (err error) {
			if minutes, err = strconv.ParseFloat(v, 64); err != nil {
				return fmt.Errorf("interval: expected minutes, got %q", v)
			}
			return nil
		}},
		text('t', &to, "toEmail"),
		text('f', &mail.from, "fromEmail"),
		text('s', &mail.subject, "subject"),
		text('H', &mail.host, "smtpHost"),
		text('e', &tickEvent, "tickEvent"),
		text('u', &mail.user, "userName"),
		text('p', &mail.password, "password"),
		flag(0, &mail.tls, true, "tls"),
	}, true)
	seconds, isTick := strings.CutPrefix(tickEvent, "TICK_")
	tick, bad := strconv.ParseFloat(seconds, 64)
	switch {
	case err != nil:
		return refuse(name, batchUsage, err, 2, out, errs)
	case to == "" || mail.from == "":
		return refuse(name, batchUsage, errors.New("expected --toEmail and --fromEmail"), 1, out, errs)
	case !isTick || bad != nil:
		return refuse(name, batchUsage, fmt.Errorf("tickEvent: expected TICK_5, TICK_60 or TICK_3600, got %q", tickEvent), 1, out, errs)
	}
	for _, address := range strings.Split(to, ",") {
		mail.to = append(mail.to, strings.TrimSpace(address))
	}
	mail.subject, mail.host = cmp.Or(mail.subject, kind.subject), cmp.Or(mail.host, "localhost")
	var messages []string
	passed := 0.0 // minutes since the last mail
	return listener.Serve(name, in, out, errs, func(e listener.Event) (string, error) {
		switch e.Name() {
		case kind.event:
			if message := kind.message(e.Fields(), stamp(time.Now())); message != "" {
				fmt.Fprintln(errs, message)
				messages = append(messages, message)
			}
		case tickEvent:
			if passed += tick / 60; passed < minutes {
				break
			}
			if len(messages) > 0 {
				deliver(mail, strings.Join(messages, "\n"), errs)
			}
			messages, passed = nil, 0
		}
		return listener.OK, nil
	})
}

// deliver sends a mail and prints its beginning.
func deliver(mail smtpMail, body string, errs io.Writer) {
	if err := mail.send(body); err != nil {
		fmt.Fprintf(errs, "Error sending email: %v\n", err)
	}
	if len(body) > digest {
		body = body[:digest] + "..."
	}
	fmt.Fprintf(errs, "Sending notification email:\nTo: %s\nFrom: %s\nSubject: %s\nBody:\n%s\n",
		strings.Join(mail.to, ", "), mail.from, mail.subject, body)
}
