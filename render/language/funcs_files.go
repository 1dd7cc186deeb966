package language

import (
	"errors"
	"fmt"
	"io/fs"

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
		{
			Name: "readFile", Usage: `readFile "/path"`, Doc: "The text of a file below a folder of `readable` in `[slipway]` or a folder of secrets, up to 1 MiB; one of a secret is secret. It must be there, within `if` and `with` as well; `| default` is the only way out.",
			Example: `{{ readFile "/etc/motd" | trim }}`, Want: "welcome", Refuses: `{{ readFile "/etc/shadow" }}`, Located: true, Required: true, Reads: readsFile,
			bound: func(f *frame) any { return f.readFile },
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
	f.ex.uses(render.Origin{Kind: render.File, Name: sources.VarName(name), From: file.Origin.File, Secret: true})
	switch {
	case sources.VarName(name) == "":
		f.note(at, render.KindValue, name, "secretFile \"NAME\": the name of the file, or of the variable that it gives", "secretFile cannot take the name %q: it has no letter and no digit", name)
		return ""
	case ok && file.Absent && !f.c.refs[at].optional:
		f.note(at, render.KindMissing, name, "", "cannot take the secret file %s: %s", file.Origin.File, file.Unfit)
		return ""
	case ok && file.Absent:
		return ""
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

// readFile reads a file of the image or of a volume.
func (f *frame) readFile(at int, name string) string {
	read := f.ex.b.data.Read
	if read == nil {
		read = func(file string) ([]byte, bool, error) {
			return nil, false, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
		}
	}
	text, secret, err := read(name)
	if err == nil {
		f.ex.uses(render.Origin{Kind: render.File, Name: name, From: name, Secret: secret})
	} else {
		f.ex.uses(render.Origin{Kind: render.File, Name: name})
	}
	switch {
	case err == nil:
		return f.seen(string(text), secret)
	case errors.Is(err, fs.ErrNotExist) && f.c.refs[at].optional:
		return ""
	case errors.Is(err, fs.ErrNotExist):
		f.note(at, render.KindMissing, name, "give a default: readFile … | default …", "there is no file %q", name)
	default:
		f.noteError(at, render.KindValue, name, hintOf(err), err, fmt.Sprintf("cannot read %q: %v", name, reason(err)))
	}
	return ""
}

// hintOf is what an error says to do, or "".
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}
