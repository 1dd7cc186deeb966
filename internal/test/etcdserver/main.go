// Command etcdserver is a real etcd server for tests. It is a module of its own,
// so that the server and what it needs stay out of the product's go.mod.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
