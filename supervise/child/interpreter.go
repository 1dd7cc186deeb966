package child

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// headSize is how much of an executable is read to find its interpreter: a script's first
// line, or the headers of an ELF file and what they refer to. Linkers put both first.
const headSize = 4096

// interpreter returns the interpreter of the executable at path, that of a script or the
// loader of a dynamic executable; "" if none can be told.
func (m *Maker) interpreter(path string) string {
	fd, info, err := m.Files.OpenRead(path)
	if err != nil {
		return ""
	}
	defer m.Files.Close(fd)
	if !info.IsRegular() {
		return ""
	}
	buf := make([]byte, headSize)
	n, _ := m.Files.ReadAt(fd, buf, 0)
	head := buf[:max(n, 0)]
	if line, ok := bytes.CutPrefix(head, []byte("#!")); ok {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		word, _, _ := strings.Cut(strings.Trim(string(line), " \t"), " ")
		return strings.TrimRight(word, "\r")
	}
	return loader(head)
}

// Where elf(5) has what is needed: of the two classes.
const (
	elfSegmentInterp = 3
	elf64            = 2
)

// loader returns the program interpreter that the head of an ELF file names, "" for none.
func loader(head []byte) string {
	if len(head) < 64 || !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return ""
	}
	var order binary.ByteOrder = binary.LittleEndian
	if head[5] == 2 {
		order = binary.BigEndian
	}
	wide := head[4] == elf64
	table, size, count := uint64(order.Uint32(head[28:])), int(order.Uint16(head[42:])), int(order.Uint16(head[44:]))
	if wide {
		table, size, count = order.Uint64(head[32:]), int(order.Uint16(head[54:])), int(order.Uint16(head[56:]))
	}
	for i := range count {
		if table > headSize || int(table)+(i+1)*size > len(head) || size < 32 {
			return ""
		}
		h := head[int(table)+i*size:]
		if order.Uint32(h) != elfSegmentInterp {
			continue
		}
		at, length := uint64(order.Uint32(h[4:])), uint64(order.Uint32(h[16:]))
		if wide {
			if size < 56 {
				return ""
			}
			at, length = order.Uint64(h[8:]), order.Uint64(h[32:])
		}
		if at > headSize || length > headSize || at+length > uint64(len(head)) {
			return ""
		}
		return string(bytes.TrimRight(head[at:at+length], "\x00"))
	}
	return ""
}
