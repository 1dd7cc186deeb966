module github.com/kelseyhightower/confd

go 1.26.0

require (
	github.com/BurntSushi/toml v0.3.1
	github.com/kelseyhightower/memkv v0.1.1
	github.com/sirupsen/logrus v1.9.3
	github.com/xordataexchange/crypt v0.0.3-0.20170626215501-b2862e3d0a77
)

require (
	golang.org/x/crypto v0.17.0 // indirect
	golang.org/x/sys v0.15.0 // indirect
)
