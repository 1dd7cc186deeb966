package language

import (
	"fmt"

	"slipway/render"
	"slipway/sources"
)

func fileFuncs() []Func {
	return []Func{
		{
			Name: "secretFile", Usage: `secretFile "NAME"`, Doc: "The content of a secret file, byte by byte, up to 1 MiB: a keystore, say, which can be no variable. NAME is the name of the file, or of the variable that it gives. It must be there, within `if` and `with` as well; `| default` is the only way out.",
			Example: `{{ secretFile "keystore.p12" | b64enc }}`, Want: "MIIAAQI=", Refuses: `{{ secretFile "keystore.p21" }}`, Located: true, Required: true, Reads: readsFile,
			bound: func(f *frame) any { return f.secretFile },
		},
	}
}

// secretFile reads a secret file.
func (f *frame) secretFile(at int, name string) string {
	var file sources.File
	ok := false
	if read := f.ex.b.data.File; read != nil {
		file, ok = read(sources.VarName(name))
	}
	switch {
	case !ok && f.c.refs[at].optional:
		return ""
	case !ok:
		f.note(at, render.KindMissing, name, "mount it below a secret folder (secret_dirs of [slipway]), or give its path in "+sources.VarName(name)+"_FILE", "there is no secret file %q", name)
		return ""
	case file.Bytes == nil:
		f.note(at, render.KindValue, name, "", "cannot take the secret file %s: %s", file.Origin, fmt.Sprintf("it has %d bytes, more than 1 MiB", file.Size))
		return ""
	}
	return f.seen(string(file.Bytes), true)
}
