package containers

import (
	"strings"
	"testing"

	"slipway/internal/test/testkit"
)

// image is the name of the image that all tests share; what differs between them
// is mounted or given on the command line.
const image = "slipway-test/containers"

// build makes the image, once per state of the executables: the engine's cache
// knows the rest.
func build(t *testing.T) {
	t.Helper()
	testkit.Need(t, testkit.Linux, testkit.Docker)
	if testing.Short() {
		t.Skip("starts containers")
	}
	bins := testkit.Binaries(t)
	testkit.Build(t, image, testkit.Context{
		"Dockerfile": {Text: strings.Join([]string{
			"FROM scratch",
			"COPY root/ /",
			`RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /tmp /run /etc/slipway/conf.d && chmod 1777 /tmp"]`,
			// Destinations: files of the lower layer that belong to others, a folder of the
			// group that OpenShift gives, and links.
			`RUN mkdir -p /srv/open /srv/closed /data && chmod 775 /srv/open && \
				echo old >/srv/closed/owned && mkdir /srv/nobody && chown 65534:65534 /srv/nobody /srv/closed/owned && chmod 640 /srv/closed/owned && \
				cp -p /srv/closed/owned /srv/open/owned && chmod 644 /srv/open/owned && echo old >/data/real && ln -s /data/real /srv/closed/link`,
			"ENV PATH=/usr/local/bin:/bin",
			`ENTRYPOINT ["slipway"]`,
		}, "\n") + "\n"},
		"root/bin/busybox":                {From: testkit.Busybox(t), Mode: 0o755},
		"root/usr/local/bin/slipway":      {From: bins.Slipway},
		"root/usr/local/bin/slipway-init": {From: bins.Init},
		"root/etc/passwd":                 {Text: "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"},
		"root/etc/group":                  {Text: "root:x:0:\nnobody:x:65534:\n"},
	})
}

// program is a section that prints to the container's output.
func program(name, command string, keys ...string) string {
	return "[program:" + name + "]\ncommand=" + command + "\n" +
		"stdout_logfile=/dev/stdout\nstdout_logfile_maxbytes=0\nredirect_stderr=true\n" + strings.Join(keys, "\n") + "\n"
}

// configured are the flags that give a container its configuration. The file is
// mounted read-only: nothing may want to write there.
func configured(t *testing.T, ini string, flags ...string) []string {
	t.Helper()
	path := t.TempDir() + "/test.conf"
	write(t, path, ini)
	return append(flags, "-v", path+":/etc/slipway/conf.d/test.conf:ro")
}
