package serve

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

//go:embed page.css
var stylesheet []byte

//go:embed page.html
var pageSource string

// tokenCookie holds the token that every action must repeat. Another site can make
// a browser send the cookie, but can neither read nor guess it.
const tokenCookie = "slipway_token"

// page answers everything that is no method and no log.
func (s *site) page(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/ok.html":
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", "2")
		_, _ = w.Write([]byte("OK"))
	case "/stylesheets/supervisor.css":
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(stylesheet)
	case "/tail.html":
		s.tailPage(w, r)
	case "/", "/index.html":
		if r.Method == http.MethodPost {
			s.action(w, r)
			return
		}
		s.statusPage(w, r)
	default:
		errorPage(w, http.StatusNotFound)
	}
}

// statusData is what the status page shows.
type statusData struct {
	Identifier string
	Message    string
	Error      string
	Token      string
	Processes  []processRow
}

type processRow struct {
	Name, State, Class, Description string
	Running, Stopped                bool
}

func (s *site) statusPage(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		errorPage(w, http.StatusBadRequest)
		return
	}
	query := r.URL.Query()
	data := statusData{Message: query.Get("message"), Token: s.token(w, r)}
	status := http.StatusOK
	switch action := query.Get("action"); action {
	case "":
	case "refresh":
		data.Message = "Page refreshed at " + s.now().Format(time.ANSIC)
	default:
		// The original acts on a GET, so every link, crawler and prefetch can
		// stop programs.
		status = http.StatusMethodNotAllowed
		w.Header().Set("Allow", "POST")
		data.Error = "Nothing was done: the action \"" + action + "\" needs a POST. Use the buttons of this page, " +
			"supervisorctl, or XML-RPC."
	}
	info, err := client.Info(r.Context(), s.conf.Control)
	if err == nil {
		data.Identifier = info.Identifier
	}
	list, err := client.Processes(r.Context(), s.conf.Control)
	if err != nil {
		status, data.Error = http.StatusServiceUnavailable, "The supervisor does not answer: "+err.Error()
	}
	for _, p := range list {
		data.Processes = append(data.Processes, s.row(p))
	}
	s.render(w, status, "status", data)
}

func (s *site) row(p control.ProcessInfo) processRow {
	row := processRow{
		Name: p.FullName(), State: strings.ToLower(p.State.String()), Class: "statusnominal",
		Description: Describe(p, s.now().Location()),
	}
	switch p.State {
	case control.Running:
		row.Running, row.Class = true, "statusrunning"
	case control.Fatal, control.Backoff:
		row.Class = "statuserror"
	}
	row.Stopped = p.State == control.Stopped || p.State == control.Exited || p.State == control.Fatal
	return row
}

// render executes a template of page.html. The pages have no scripts, and say so.
func (s *site) render(w http.ResponseWriter, status int, name string, data any) {
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		errorPage(w, http.StatusInternalServerError) // cannot happen: the source is embedded and tested
		return
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, name, data); err != nil {
		errorPage(w, http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(b.String())) // a client that is gone reads nothing
}

// token returns the browser's token, which it gets with the first page. It lives
// in the cookie, because the front ends when idle and must know it again.
func (s *site) token(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(tokenCookie); err == nil && len(c.Value) == 32 {
		return c.Value
	}
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	token := hex.EncodeToString(raw[:])
	http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	return token
}

// action does what a button of the status page says and leads back to it.
func (s *site) action(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.conf.BodyTimeout))
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		errorPage(w, http.StatusBadRequest)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	if !s.sameSite(r) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("The request does not carry the token of this page. Load the page again and repeat the action.\n"))
		return
	}
	// What the user ordered is done even if the browser leaves.
	message, ok := s.act(context.WithoutCancel(r.Context()), r.PostForm.Get("action"), r.PostForm.Get("processname"))
	if !ok {
		errorPage(w, http.StatusBadRequest)
		return
	}
	w.Header().Set("Location", "/?message="+url.QueryEscape(message))
	w.WriteHeader(http.StatusSeeOther)
}

// sameSite checks the token. Where the browser tells the origin, foreign has checked that.
func (s *site) sameSite(r *http.Request) bool {
	c, err := r.Cookie(tokenCookie)
	if err != nil || len(c.Value) != 32 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(c.Value), []byte(r.PostForm.Get("token"))) == 1
}

// act runs one action and returns its message; false means that there is no such
// action.
func (s *site) act(ctx context.Context, action, name string) (string, bool) {
	wait, ctl := control.Bool(true), s.conf.Control
	at := func(what string) string { return what + " at " + s.now().Format(time.ANSIC) }
	one := func(done string, ops ...string) (string, bool) {
		for i, op := range ops {
			args := []control.Value{control.String(name), wait}
			if op == control.OpProcessClearLogs {
				args = args[:1]
			}
			_, err := ctl.Call(ctx, op, args...)
			if i+1 < len(ops) && errors.Is(err, &control.Fault{Code: control.NotRunning}) {
				err = nil // a restart starts what is stopped
			}
			if err != nil {
				return failure(err, name), true
			}
		}
		return done, true
	}
	all := func(done string, ops ...string) (string, bool) {
		for _, op := range ops {
			if _, err := ctl.Call(ctx, op, wait); err != nil {
				return failure(err, ""), true
			}
		}
		return at(done), true
	}
	switch action {
	case "refresh":
		return at("Page refreshed"), true
	case "stopall":
		return all("All stopped", control.OpAllStop)
	case "restartall":
		return all("All restarted", control.OpAllStop, control.OpAllStart)
	case "start":
		return one("Process "+name+" started", control.OpProcessStart)
	case "stop":
		return one("Process "+name+" stopped", control.OpProcessStop)
	case "restart":
		return one("Process "+name+" restarted", control.OpProcessStop, control.OpProcessStart)
	case "clearlog":
		return one("Log for "+name+" cleared", control.OpProcessClearLogs)
	}
	return "", false
}

// failure words a fault as the original's page does.
func failure(err error, name string) string {
	f := control.FaultOf(err)
	problem := map[control.Code]string{
		control.NoFile: "no such file", control.NotExecutable: "file not executable", control.AlreadyStarted: "already started",
		control.SpawnError: "spawn error", control.AbnormalTermination: "abnormal termination",
	}[f.Code]
	switch {
	case f.Code == control.BadName:
		return "No such process named " + name
	case problem != "":
		return "ERROR: Process " + name + ": " + problem
	}
	return "unexpected rpc fault [" + strconv.Itoa(int(f.Code)) + "] " + f.Error()
}

// tailPage shows the end of a process's stdout log.
func (s *site) tailPage(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("processname")
	limit, err := strconv.ParseInt(r.URL.Query().Get("limit"), 10, 64)
	if err != nil {
		limit = tailHead
	}
	limit = min(max(limit, tailHead), maxRead)
	data := struct{ Name, Text string }{Name: name}
	c := &call{site: s, ctx: r.Context(), budget: s.budget(), args: []any{name, int64(-limit), int64(0)}}
	defer c.budget.done()
	switch v, err := readProcess("stdout")(c); {
	case name == "":
		data.Text = "No process name found"
	case errors.Is(err, &control.Fault{Code: control.NoFile}):
		data.Text = "No file for " + name
	case err != nil:
		f := control.FaultOf(err)
		data.Text = "ERROR: unexpected rpc fault [" + strconv.Itoa(int(f.Code)) + "] " + f.Error()
	default:
		data.Text, _ = v.(string)
	}
	s.render(w, http.StatusOK, "tail", data)
}
