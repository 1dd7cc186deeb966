package unnoticed

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// Nginx takes listening sockets over in its own way: the variable that it hands to its next
// executable. It ends in order on QUIT.
const nginx = `
[socket:web]
listen = tcp://127.0.0.1:PORT
[program:nginx]
command = nginx -c DIR/nginx.conf
environment = NGINX="%(fd_web)s;"
sockets = web
stopsignal = QUIT
MODE
`

const nginxConf = `
daemon off;
pid DIR/nginx.pid;
error_log DIR/error.log;
worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path DIR/body;
	proxy_temp_path DIR/proxy;
	fastcgi_temp_path DIR/fastcgi;
	uwsgi_temp_path DIR/uwsgi;
	scgi_temp_path DIR/scgi;
	server {
		listen 127.0.0.1:PORT;
		location / { return 200 $pid; }
	}
}
`

func TestNginx(t *testing.T) {
	testkit.Need(t, "nginx")
	for _, tt := range []struct {
		name, mode string
		n          int
	}{
		{"stop", "startsecs = 0", 10},
		{"overlap", "startsecs = 1\nrestart_mode = overlap", 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, address := supervise(t, strings.Replace(nginx, "MODE", tt.mode, 1), file{"nginx.conf", nginxConf})
			n := testkit.Repeat(t, tt.n)
			c := during(t, address, func() {
				for range n {
					s.restarts("nginx")
				}
			})
			if len(c.failed) > 0 || c.answered == 0 {
				t.Errorf("%d restarts: %s", n, c)
			}
		})
	}
}
