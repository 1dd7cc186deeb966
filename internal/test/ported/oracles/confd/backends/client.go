// Package backends stands for confd's clients of stores: the oracle has its keys in memory.
package backends

// StoreClient is what confd reads keys from.
type StoreClient interface {
	GetValues(keys []string) (map[string]string, error)
	WatchPrefix(prefix string, keys []string, waitIndex uint64, stopChan chan bool) (uint64, error)
}
