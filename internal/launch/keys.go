package launch

import (
	"errors"
	"os"
	"path/filepath"

	"slipway/internal/keys"
	"slipway/internal/launch/sections"
	"slipway/sources/gather"
	"slipway/sources/program"
	"slipway/sources/protocol"
)

// KeyStore is what [etcd] says of a store, for people who read and write its keys.
type KeyStore struct {
	keys.Store
	Program program.Program
	// Base is the prefix of relative keys.
	Base string
	// Rules are those of the configuration.
	Rules keys.Contract
}

// ErrNoStore is that of a configuration without [etcd].
var ErrNoStore = errors.New("cannot read keys: there is no [etcd] in the configuration, and SLIPWAY_ETCD_ENDPOINTS is not set")

// Keys finds the store of the configuration and how it is read. The store is tried once,
// whatever start says.
func Keys(o Options) (*KeyStore, error) {
	doc, err := Read(o)
	if err != nil {
		return nil, err
	}
	settings, err := doc.settings()
	if err != nil {
		return nil, err
	}
	e := settings.Etcd
	if e == nil {
		return nil, ErrNoStore
	}
	outside := doc.outside(settings, o)
	own, err := os.Executable()
	if err != nil {
		own = "" // then PATH alone says where it is
	}
	path, err := program.Find(sections.Etcd, own, filepath.SplitList(outside.variable("PATH")), gather.Names())
	if err != nil {
		return nil, err
	}
	s := &KeyStore{
		Store:   keys.Store{Prefixes: e.Prefixes, Secret: e.SecretPrefixes, Export: e.Export},
		Program: program.Program{Name: sections.Etcd, Path: path, Environ: outside.environ(), Note: o.Say},
		Rules:   keys.Contract{Rules: settings.Rules},
	}
	if len(e.Prefixes) > 0 {
		s.Base = e.Prefixes[0]
	}
	for _, set := range e.Settings {
		if set.Name != "start" {
			s.Program.Settings = append(s.Program.Settings, set)
		}
	}
	s.Program.Settings = append(s.Program.Settings, protocol.Setting{Name: "start", Text: "optional"})
	return s, nil
}
