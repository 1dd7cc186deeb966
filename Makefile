# Everything a developer or CI does. `make` builds; `make test` needs only Go.

export CGO_ENABLED ?= 0
# The entry of the two that can be PID 1: see supervise/early.
ENTRY         := $(if $(filter linux/amd64 linux/arm64,$(shell go env GOOS)/$(shell go env GOARCH)),-E slipway/supervise/early.entry)
BIN           ?= bin
ARCHES        ?= amd64,arm64,armv7

BENCHES       := ./internal/test/bench ./cmd/slipway-source-etcd
STATICCHECK   := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build dist site test test-all test-busy nightly outdated race lint fuzz conformance differential cross images bench bench-check ci clean

build: ## the three executables, static, into BIN (bin/)
	go build -trimpath -ldflags='-s -w $(ENTRY)' -o $(BIN)/ ./cmd/slipway ./cmd/slipway-init
	go build -trimpath -ldflags='-s -w' -o $(BIN)/ ./cmd/slipway-source-etcd

dist: ## a release in OUT (dist/): tarballs, .deb, .rpm, .apk for ARCHES, SHA256SUMS, parts, licences
	GOFLAGS= go run -C internal/dist . -root $(CURDIR) -o $(abspath $(or $(OUT),dist)) -arch $(ARCHES)

site: ## the documentation as a static site in OUT (site/), with search; links are checked
	GOFLAGS= go run -C internal/site . -root $(CURDIR) -o $(abspath $(or $(OUT),site))

test: ## what needs only Go and the system; the rest skips with a reason
	go test ./...

test-all: ## everything: what is absent is a failure
	SLIPWAY_REQUIRE=all go test -timeout 30m ./...

test-busy: ## the same as test, RUNS times (20) beside four busy loops
	.ci/busy $(or $(RUNS),20)

nightly: ## everything, REPEAT times (100) as often, seeds printed; differential 5 times; fuzzing; newer modules
	SLIPWAY_REQUIRE=all SLIPWAY_REPEAT=$(or $(REPEAT),100) go test -count=1 -timeout 8h -v ./...
	SLIPWAY_REQUIRE=all go test -count=5 -timeout 8h -run Differential -v ./...
	.ci/fuzz $(or $(FUZZTIME),10m)
	.ci/busy $(or $(RUNS),20)
	.ci/outdated

outdated: ## the modules that have a newer version; fails if slipway is built with one
	.ci/outdated

race: ## with the race detector; needs a C compiler
	.ci/race ./...

lint: ## formatting, vet, staticcheck, and the structure rules
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt on these"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go test ./internal/test/structure

fuzz: ## every fuzz target for FUZZTIME
	.ci/fuzz $(or $(FUZZTIME),5s)

conformance: ## the meaning of real Supervisor files against what Supervisor says
	SLIPWAY_CONFORMANCE=$(or $(CONFORMANCE),../shared/conformance/supervisor) go test -count=1 -run Conformance -v ./supervise/config/... ./cmd/...

differential: ## our scenarios against Debian's supervisord and slipway
	SLIPWAY_REQUIRE=all go test -count=1 -run Differential -v ./...

cross: ## what must build elsewhere: everything for Linux, the launch half for macOS
	for arch in amd64 arm64 arm; do GOOS=linux GOARCH=$$arch go build -o /dev/null ./cmd/... || exit; done
	for arch in amd64 arm64; do GOOS=darwin GOARCH=$$arch go vet ./cmd/slipway || exit; done

images: ## the image stack of examples/tomcat, into the local engine
	SLIPWAY_REQUIRE=all go test -count=1 -run TestStack -v ./examples/tomcat

bench: ## the benchmark table beside Debian's supervisors (root, gcc, the peers)
	SLIPWAY_REQUIRE=here go test -p 1 -run '^$$' -bench . -benchtime 9x -timeout 60m $(BENCHES)

bench-check: ## the same, failing above the bounds that are promised
	SLIPWAY_REQUIRE=all SLIPWAY_BENCH_CHECK=1 go test -count=1 -p 1 -run '^$$' -bench . -benchtime 9x -timeout 60m $(BENCHES)

ci: ## everything, as CI runs it
	bash .ci/run

clean:
	rm -rf bin site
