module slipway/internal/test/ported/oracles/dockerize

go 1.26.0

tool github.com/jwilder/dockerize

require (
	github.com/fsnotify/fsnotify v1.10.1 // indirect
	github.com/hpcloud/tail v1.0.0 // indirect
	github.com/jwilder/dockerize v0.6.1 // indirect
	github.com/jwilder/gojq v0.0.0-00010101000000-000000000000 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	gopkg.in/fsnotify.v1 v1.4.7 // indirect
	gopkg.in/tomb.v1 v1.0.0-20141024135613-dd632973f1e7 // indirect
)

replace github.com/jwilder/gojq => ./gojq
