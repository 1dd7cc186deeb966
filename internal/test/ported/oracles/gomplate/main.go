// Command oracle renders templates by gomplate's own code. It reads a request for each line
// of its input, and answers with a line.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"

	"github.com/hairyhenderson/gomplate/v4"
)

type request struct {
	Template string
	Env      map[string]string
}

type answer struct {
	Text  []byte // not always text
	Error string
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var r request
		if in.Decode(&r) != nil {
			return
		}
		os.Clearenv()
		for name, value := range r.Env {
			os.Setenv(name, value)
		}
		var text bytes.Buffer
		var a answer
		if err := gomplate.NewRenderer(gomplate.RenderOptions{MissingKey: "error"}).Render(context.Background(), "t", r.Template, &text); err != nil {
			a.Error = err.Error()
		}
		a.Text = text.Bytes()
		if err := out.Encode(a); err != nil {
			panic(err)
		}
	}
}
