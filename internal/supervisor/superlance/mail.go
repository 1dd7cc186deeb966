package superlance

import (
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// sendmail is the command that takes a mail, where no option names another.
const sendmail = "/usr/sbin/sendmail -t -i"

// mailer sends mails through a command.
type mailer struct {
	command string
	to      string
	errs    io.Writer
}

// send hands a mail to the command, and returns it. What the command prints goes to the
// listener's standard error: its standard output is the supervisor's.
func (m mailer) send(subject, message string) string {
	mail := "Subject: " + subject + "\n\n" + message
	if m.to != "" {
		mail = "To: " + m.to + "\n" + mail
	}
	cmd := exec.Command("/bin/sh", "-c", m.command)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(mail), m.errs, m.errs
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(m.errs, "cannot mail by %q: %v\n", m.command, err)
	}
	return mail
}

// stamp is a time as Supervisor's logs have it.
func stamp(t time.Time) string { return t.Format("2006-01-02 15:04:05,000") }
