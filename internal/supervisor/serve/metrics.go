package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"slipway/internal/supervisor/serve/metrics"
	"slipway/internal/supervisor/serve/metrics/usage"
	"slipway/supervise/control"
	"slipway/supervise/control/client"
)

// maxSources bounds what is read of the file of the watcher.
const maxSources = 1 << 20

// metrics answers with the state of everything in the text format of Prometheus.
func (s *site) metrics(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		errorPage(w, http.StatusMethodNotAllowed)
		return
	}
	in, err := s.measure(r.Context())
	if err != nil {
		refuseMetrics(w, "the supervisor does not answer: "+err.Error())
		return
	}
	text := metrics.Text(in)
	b := s.budget()
	defer b.done()
	if err := b.take(int64(len(text))); err != nil {
		refuseMetrics(w, control.FaultOf(err).Detail)
		return
	}
	w.Header().Set("Content-Type", metrics.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = io.WriteString(w, text) // a client that is gone reads nothing
}

// refuseMetrics says why there are none. A scraper takes the status for an absent target.
func refuseMetrics(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = fmt.Fprintf(w, "There are no metrics: %s.\n", strings.TrimSuffix(why, "."))
}

// measure asks the supervisor and the kernel.
func (s *site) measure(ctx context.Context) (*metrics.Input, error) {
	in := &metrics.Input{Usage: usage.Read(s.conf.Proc)}
	var err error
	if in.Info, err = client.Info(ctx, s.conf.Control); err != nil {
		return nil, err
	}
	mood, err := client.State(ctx, s.conf.Control)
	if err != nil {
		return nil, err
	}
	in.State = control.NewState(mood)
	if in.Processes, err = client.Processes(ctx, s.conf.Control); err != nil {
		return nil, err
	}
	in.Sources, err = s.sources(ctx)
	in.Unread = err != nil
	return in, nil
}

// sources are what the watcher has written down; none where there is no watcher.
func (s *site) sources(ctx context.Context) ([]metrics.Source, error) {
	_, f, err := s.conf.Control.CallFile(ctx, control.OpSources)
	if errors.Is(err, &control.Fault{Code: control.NoFile}) {
		return nil, nil
	}
	if err != nil || f == nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSources))
	if err != nil {
		return nil, err
	}
	return metrics.ReadSources(text)
}
