// Package compress compresses one old log file, for the supervisor: see `slipway compress`.
package compress

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
)

// bufferSize is how much is read and written at once, in bytes.
const bufferSize = 64 << 10

// File writes a gzip file of what from has to the new file to, which gets owner, mode and time
// of from, and is on the disk when File returns. Where it may not give the owner, the file stays
// its own.
func File(from, to *os.File) error {
	info, err := from.Stat()
	if err != nil {
		return fmt.Errorf("cannot look at the file: %w", err)
	}
	out := bufio.NewWriterSize(to, bufferSize)
	zip := gzip.NewWriter(out)
	zip.ModTime = info.ModTime()
	_, err = io.CopyBuffer(struct{ io.Writer }{zip}, struct{ io.Reader }{from}, make([]byte, bufferSize))
	if err != nil {
		return fmt.Errorf("cannot compress: %w", err)
	}
	if err = zip.Close(); err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = like(to, info)
	}
	if err == nil {
		err = to.Sync()
	}
	if err != nil {
		return fmt.Errorf("cannot write the compressed file: %w", err)
	}
	return nil
}
