package superlance

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"os"
	"strings"
	"time"
)

// patience is how long a mail server may take for a mail.
const patience = time.Minute

// smtpMail is all of a mail but its text.
type smtpMail struct {
	from     string
	to       []string
	subject  string
	host     string // or host:port
	user     string
	password string
	tls      bool
}

// send hands the mail to the server. One of several addresses that the server refuses does
// not keep the mail from the others.
func (m smtpMail) send(body string) (err error) {
	address, host := m.host, m.host
	if h, _, err := net.SplitHostPort(m.host); err == nil {
		host = h
	} else {
		address = net.JoinHostPort(m.host, "25")
	}
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return err
	}
	name, err := os.Hostname()
	if err == nil {
		err = c.Hello(name)
	}
	if err == nil && m.tls {
		err = c.StartTLS(&tls.Config{ServerName: host})
	}
	if err == nil && m.user != "" && m.password != "" {
		err = m.login(c)
	}
	if err == nil {
		err = c.Mail(m.from)
	}
	if err != nil {
		return err
	}
	var refused []error
	for _, to := range m.to {
		if err := c.Rcpt(to); err != nil {
			refused = append(refused, fmt.Errorf("%s: %w", to, err))
		}
	}
	if len(refused) == len(m.to) {
		return errors.Join(refused...)
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(m.message(body, name, time.Now()))); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return errors.Join(append(refused, c.Quit())...)
}

// message is the mail with its headers, as it stands.
func (m smtpMail) message(body, host string, now time.Time) string {
	charset, encoding := "us-ascii", "7bit"
	if strings.ContainsFunc(body, func(r rune) bool { return r > 0x7e }) {
		charset, encoding = "utf-8", "8bit"
	}
	subject := ""
	if m.subject != "" {
		subject = "\nSubject: " + mime.QEncoding.Encode("utf-8", m.subject)
	}
	return "Content-Type: text/plain; charset=\"" + charset + "\"\nMIME-Version: 1.0\nContent-Transfer-Encoding: " + encoding + subject + "\nFrom: " + m.from + "\nTo: " + strings.Join(m.to, ", ") +
		"\nDate: " + now.UTC().Format(time.RFC1123Z) + "\nMessage-ID: <" + rand.Text() + "@" + host + ">\n\n" + body
}

// login uses what the server knows of, the best first.
func (m smtpMail) login(c *smtp.Client) error {
	_, known := c.Extension("AUTH")
	for _, way := range []struct {
		name string
		auth smtp.Auth
	}{{"CRAM-MD5", smtp.CRAMMD5Auth(m.user, m.password)}, {"PLAIN", words{m.user, m.password, "PLAIN"}}, {"LOGIN", words{m.user, m.password, "LOGIN"}}} {
		if strings.Contains(" "+known+" ", " "+way.name+" ") {
			return c.Auth(way.auth)
		}
	}
	return errors.New("the server knows no way to log in that is known here")
}

// words are the ways to log in that send the password. They do without TLS if the command
// line does, as the original: net/smtp's would not.
type words struct{ user, password, way string }

func (w words) Start(*smtp.ServerInfo) (string, []byte, error) {
	if w.way == "LOGIN" {
		return w.way, nil, nil
	}
	return w.way, []byte("\x00" + w.user + "\x00" + w.password), nil
}

func (w words) Next(question []byte, more bool) ([]byte, error) {
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(strings.ToLower(string(question)), "user"):
		return []byte(w.user), nil
	}
	return []byte(w.password), nil
}
