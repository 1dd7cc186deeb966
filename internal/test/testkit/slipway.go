package testkit

import "testing"

// SlipwayImage makes the image that others copy the product from, as `docker build -t slipway .`
// does, from the executables of the tests, and returns its name.
func SlipwayImage(t testing.TB) string {
	t.Helper()
	Need(t, Docker)
	bins := Binaries(t)
	const tag = "slipway-test/slipway"
	Build(t, tag, Context{
		"Dockerfile":                             {Text: "FROM scratch\nCOPY root/ /\n"},
		"root/usr/local/bin/slipway":             {From: bins.Slipway},
		"root/usr/local/bin/slipway-init":        {From: bins.Init},
		"root/usr/local/bin/slipway-source-etcd": {From: bins.SourceEtcd},
	})
	return tag
}

// BuildExample builds the Dockerfile of a folder of examples, of which the arguments DEBIAN and
// SLIPWAY name the images below.
func BuildExample(t testing.TB, tag, dir string) {
	t.Helper()
	Debian(t)
	BuildDir(t, tag, dir, "--build-arg", "DEBIAN="+DebianImage, "--build-arg", "SLIPWAY="+SlipwayImage(t))
}
