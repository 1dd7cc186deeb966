package superlance

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"

	"slipway/internal/supervisor/listener"
)

const crashmailUsage = `[-p PROCESS]... [-a] [-o PREFIX] [-m ADDRESS] [-s SENDMAIL]

Sends a mail for each process that exits unexpectedly.

  -p, --program PROCESS          only for this one: NAME, GROUP:NAME or GROUP:*
  -a, --any                      for all, whatever -p says
  -o, --optionalheader PREFIX    what the subject begins with
  -m, --email ADDRESS            whom to mail
  -s, --sendmail_program COMMAND what takes the mail (default "/usr/sbin/sendmail -t -i")
`

// crashmail mails what has exited and was not expected to. The original mails for every
// process, whatever -p says; its documentation does not. Without an address, a command that
// was named is run all the same, as the original does: it may know whom to mail.
func crashmail(args []string, in io.Reader, out, errs io.Writer) int {
	var programs []string
	var all bool
	var prefix, to, command string
	_, err := parse(args[1:], []option{
		{short: 'p', long: []string{"program"}, set: func(v string) error { programs = append(programs, v); return nil }},
		flag('a', &all, true, "any"),
		text('o', &prefix, "optionalheader"),
		text('s', &command, "sendmail_program"),
		text('m', &to, "email"),
	}, false)
	if err != nil {
		return refuse("crashmail", crashmailUsage, err, statusUsage, out, errs)
	}
	if prefix != "" {
		prefix += ":"
	}
	mail := mailer{cmp.Or(command, sendmail), to, errs}
	return listener.Serve("crashmail", in, out, errs, func(e listener.Event) (string, error) {
		if e.Name() != "PROCESS_STATE_EXITED" {
			return listener.OK, nil
		}
		f := e.Fields()
		p := process{group: f["groupname"], name: f["processname"]}
		named := func(name string) bool { return p.is(name) || name == p.group+":*" }
		if f["expected"] != "0" || len(programs) > 0 && !all && !slices.ContainsFunc(programs, named) || to == "" && command == "" {
			return listener.OK, nil
		}
		fmt.Fprintln(errs, "unexpected exit, mailing")
		sent := mail.send(fmt.Sprintf("%s %s crashed at %s", prefix, p.name, stamp(time.Now())),
			fmt.Sprintf("Process %s in group %s exited unexpectedly (pid %s) from state %s", p.name, p.group, f["pid"], f["from_state"]))
		fmt.Fprintf(errs, "Mailed:\n\n%s\n", sent)
		return listener.OK, nil
	})
}
