package etcd

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"slipway/internal/fleet"
	"slipway/sources/kv"
	"slipway/sources/protocol"
)

// Config says which cluster is read, and what of it.
type Config struct {
	// Endpoints are URLs (http, https, unix, unixs) or host:port.
	Endpoints []string
	// SRV is a domain whose records _etcd-client-ssl._tcp and _etcd-client._tcp
	// name the endpoints, when there are no Endpoints.
	SRV string
	// Prefixes are read; those of SecretPrefixes are read too, and secret.
	Prefixes       []string
	SecretPrefixes []string

	User     string
	Password string
	// UserFile and PasswordFile are read anew at each attempt.
	UserFile     string
	PasswordFile string

	// CAFile, CertFile and KeyFile are PEM files. The certificate of the client
	// is read anew at each connection, so that it may be rotated.
	CAFile     string
	CertFile   string
	KeyFile    string
	ServerName string

	// Timeout limits one attempt to connect and one request.
	Timeout time.Duration
	// StartTimeout is how long Snapshot tries; 0 means a single attempt.
	StartTimeout time.Duration

	// Shares are those of a rollout, and ShareHold how long the members of one must be healthy
	// before the next one begins.
	Shares    []fleet.Share
	ShareHold time.Duration
}

// Defaults of the settings.
const (
	DefaultTimeout      = 5 * time.Second
	DefaultStartTimeout = 60 * time.Second
)

// setter puts the text of a setting into a Config.
type setter struct {
	name string
	set  func(*Config, string) error
}

// settings are the settings that this source knows: the keys of [etcd]. Those of
// the start policy, the watch and the export are slipway's own business, and
// known so that a whole section can be sent.
func settings() []setter {
	text := func(field func(*Config) *string) func(*Config, string) error {
		return func(c *Config, s string) error { *field(c) = s; return nil }
	}
	list := func(field func(*Config) *[]string) func(*Config, string) error {
		return func(c *Config, s string) error {
			*field(c) = append(*field(c), strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })...)
			return nil
		}
	}
	duration := func(field func(*Config) *time.Duration) func(*Config, string) error {
		return func(c *Config, s string) error {
			d, err := time.ParseDuration(s)
			if err != nil || d < 0 {
				return fmt.Errorf("expected a duration such as 5s, got %q", s)
			}
			*field(c) = d
			return nil
		}
	}
	ignored := func(*Config, string) error { return nil }
	return []setter{
		{"endpoints", list(func(c *Config) *[]string { return &c.Endpoints })},
		{"srv", text(func(c *Config) *string { return &c.SRV })},
		{"prefix", list(func(c *Config) *[]string { return &c.Prefixes })},
		{"secret_prefix", list(func(c *Config) *[]string { return &c.SecretPrefixes })},
		{"user", text(func(c *Config) *string { return &c.User })},
		{"user_file", text(func(c *Config) *string { return &c.UserFile })},
		{"password", text(func(c *Config) *string { return &c.Password })},
		{"password_file", text(func(c *Config) *string { return &c.PasswordFile })},
		{"ca_file", text(func(c *Config) *string { return &c.CAFile })},
		{"cert_file", text(func(c *Config) *string { return &c.CertFile })},
		{"key_file", text(func(c *Config) *string { return &c.KeyFile })},
		{"server_name", text(func(c *Config) *string { return &c.ServerName })},
		{"timeout", duration(func(c *Config) *time.Duration { return &c.Timeout })},
		{"start_timeout", duration(func(c *Config) *time.Duration { return &c.StartTimeout })},
		{"rollout", func(c *Config, s string) error {
			shares, err := fleet.ParseShares([]string{s})
			if err == nil {
				c.Shares = append(c.Shares, shares[0])
			}
			return err
		}},
		{"rollout_hold", duration(func(c *Config) *time.Duration { return &c.ShareHold })},
		{"start", ignored}, {"watch", ignored}, {"export", ignored}, {"split", ignored},
	}
}

// FromRequest makes a Config of the settings of a request. It reports everything
// that is wrong with them. Only start = require tries until start_timeout; the
// other policies have something to go on with, and try once.
func FromRequest(q protocol.Request) (Config, error) {
	c := Config{Timeout: DefaultTimeout, StartTimeout: DefaultStartTimeout}
	var errs []error
	known := []string{}
	for _, s := range settings() {
		known = append(known, s.name)
		for _, v := range q.Values(s.name) {
			if err := s.set(&c, v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", s.name, err))
			}
		}
	}
	for _, n := range q.Unknown(known) {
		errs = append(errs, fmt.Errorf("%s: no such setting of etcd", n))
	}
	if start := q.Values("start"); len(start) > 0 && start[len(start)-1] != "require" {
		c.StartTimeout = 0
	}
	errs = append(errs, c.check())
	return c, errors.Join(errs...)
}

func (c *Config) check() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(c.Endpoints) == 0 && c.SRV == "" {
		bad("endpoints: expected the URL of a server, such as http://etcd:2379, or srv")
	}
	if len(c.Prefixes)+len(c.SecretPrefixes) == 0 {
		bad("prefix: expected what to read, such as /myapp/")
	}
	schemes := map[bool]bool{}
	for _, e := range c.Endpoints {
		secure, err := c.endpoint(e)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		schemes[secure] = true
	}
	if len(schemes) == 2 {
		bad("endpoints: some with TLS and some without; the client uses one for all")
	}
	if schemes[false] && !schemes[true] && c.CAFile+c.CertFile+c.KeyFile != "" {
		bad("ca_file, cert_file and key_file have no effect on endpoints without https")
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		bad("cert_file and key_file belong together")
	}
	if user := c.User + c.UserFile; (user == "") != (c.Password+c.PasswordFile == "") {
		bad("user and password belong together")
	}
	if c.User != "" && c.UserFile != "" || c.Password != "" && c.PasswordFile != "" {
		bad("user and user_file, password and password_file exclude each other")
	}
	if c.Timeout == 0 {
		bad("timeout: 0 would wait for ever")
	}
	return errors.Join(errs...)
}

// endpoint reports whether an endpoint uses TLS.
func (c *Config) endpoint(e string) (secure bool, err error) {
	scheme, rest, ok := strings.Cut(e, "://")
	if !ok {
		if _, _, err := net.SplitHostPort(e); err != nil {
			return false, fmt.Errorf("endpoints: expected a URL or host:port, got %q", e)
		}
		return c.CAFile+c.CertFile != "", nil
	}
	switch scheme {
	case "http", "https":
		u, err := url.Parse(e)
		if err != nil || u.Port() == "" || strings.Trim(u.Path, "/") != "" || u.User != nil {
			return false, fmt.Errorf("endpoints: expected %s://host:port and nothing else", scheme)
		}
		return scheme == "https", nil
	case "unix", "unixs":
		if rest == "" {
			return false, fmt.Errorf("endpoints: expected a path after %s://", scheme)
		}
		return scheme == "unixs", nil
	}
	return false, fmt.Errorf("endpoints: expected http, https, unix or unixs, got %q", scheme)
}

// secure reports whether endpoints, which check has passed, use TLS.
func (c *Config) secure(endpoints []string) bool {
	if len(endpoints) == 0 {
		return false
	}
	secure, err := c.endpoint(endpoints[0])
	return err == nil && secure
}

// tls reads the certificates. Those of the authorities are fixed for the life of
// a client; that of the client is read for each handshake.
func (c *Config) tls() (*tls.Config, error) {
	t := &tls.Config{ServerName: c.ServerName, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca_file: no certificate in %s", c.CAFile)
		}
	}
	if c.CertFile != "" {
		load := func() (*tls.Certificate, error) {
			cert, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
			if err != nil {
				return nil, fmt.Errorf("cert_file, key_file: %w", err)
			}
			return &cert, nil
		}
		if _, err := load(); err != nil {
			return nil, err
		}
		t.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }
	}
	return t, nil
}

// credentials reads user and password.
func (c *Config) credentials() (user, password string, err error) {
	user, password = c.User, c.Password
	for _, f := range []struct {
		name, path string
		into       *string
	}{{"user_file", c.UserFile, &user}, {"password_file", c.PasswordFile, &password}} {
		if f.path == "" {
			continue
		}
		data, err := os.ReadFile(f.path)
		if err != nil {
			return "", "", fmt.Errorf("%s: %w", f.name, err)
		}
		if *f.into = strings.TrimRight(string(data), "\r\n"); *f.into == "" {
			return "", "", fmt.Errorf("%s: %s is empty", f.name, f.path)
		}
	}
	return user, password, nil
}

// user is the name that is logged in with, for people.
func (c *Config) user() string {
	user, _, err := c.credentials()
	if err != nil {
		return c.UserFile // it could be read a moment ago
	}
	return user
}

// secret reports whether the value of a key is secret.
func (c *Config) secret(key string) bool {
	for _, p := range c.SecretPrefixes {
		if kv.Below(key, p) {
			return true
		}
	}
	return false
}
