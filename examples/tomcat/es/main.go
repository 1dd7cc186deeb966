// Command es stands in for a search index: it answers on port 9200.
package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "{\"name\": %q}\n", name)
	})
	if err := http.ListenAndServe(":9200", nil); err != nil {
		fmt.Fprintln(os.Stderr, "es: error:", err)
		os.Exit(1)
	}
}
