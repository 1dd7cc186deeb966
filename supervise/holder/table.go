package holder

import "encoding/binary"

// The layout of a table, in bytes: a header of four-byte numbers (Version, the length of
// what follows, the number of rows, the signal for the program when PID 1 is gone), the
// rows, the data. A row is eight eight-byte numbers: the system call, its six arguments,
// and a mask of those that are an offset into the data, with the operation above it.
const (
	Version    = 1
	HeaderSize = 16
	RowSize    = 64
)

// OpShift is where the operation of a row begins in its last number.
const OpShift = 32

// The operations.
const (
	OpCall = iota // the system call
	OpPID         // the number of the process is written into the data, as four bytes
	OpEnv         // it is written as the value of a variable, which has room for it, in digits
)

// Table is what the process of a program does to itself between its fork and its execve:
// system calls in an order. The first that fails ends it.
type Table struct {
	rows  []row
	steps []string
	data  []byte
}

type row struct {
	call  uint64
	args  [6]uint64
	marks uint64
}

// Bytes is an argument that is the address of some bytes.
type Bytes []byte

// Add appends a system call. An argument is an int or Bytes. Step is what it is for, as a
// failure names it: "setuid to 33".
func (t *Table) Add(step string, call int, args ...any) {
	r := row{call: uint64(call)}
	for i, arg := range args {
		switch v := arg.(type) {
		case int:
			r.args[i] = uint64(v)
		case Bytes:
			r.args[i] = uint64(t.put(v))
			r.marks |= 1 << i
		}
	}
	t.rows, t.steps = append(t.rows, r), append(t.steps, step)
}

// AddWithPID appends a system call whose argument number at is the address of the number of
// the process, as an int.
func (t *Table) AddWithPID(step string, call, at int, args ...any) {
	slot := t.put(make([]byte, 4))
	t.rows = append(t.rows, row{args: [6]uint64{uint64(slot)}, marks: 1 | OpPID<<OpShift})
	t.steps = append(t.steps, step)
	t.Add(step, call, args...)
	last := &t.rows[len(t.rows)-1]
	last.args[at] = uint64(slot)
	last.marks |= 1 << at
}

// SetPID has the variable of that name have the number of the process as its value. In the
// environment it must have a value as long as the longest number.
func (t *Table) SetPID(name string) {
	at := t.put([]byte(name + "=\x00"))
	t.rows = append(t.rows, row{args: [6]uint64{uint64(at)}, marks: 1 | OpEnv<<OpShift})
	t.steps = append(t.steps, "set "+name)
}

// put adds to the data and returns where; everything begins at a multiple of eight.
func (t *Table) put(b []byte) int {
	at := len(t.data)
	t.data = append(t.data, b...)
	for len(t.data)%8 != 0 {
		t.data = append(t.data, 0)
	}
	return at
}

// Step is what a row is for, "" for what is no row.
func (t *Table) Step(row int) string {
	if row < 0 || row >= len(t.steps) {
		return ""
	}
	return t.steps[row]
}

// Encode returns the table as it is sent. The holder sends deathSignal to the program when
// PID 1 is gone; 0: none.
func (t *Table) Encode(deathSignal int) []byte {
	size := RowSize*len(t.rows) + len(t.data)
	b := make([]byte, 0, HeaderSize+size)
	for _, v := range [...]int{Version, size, len(t.rows), deathSignal} {
		b = binary.NativeEndian.AppendUint32(b, uint32(v))
	}
	for _, r := range t.rows {
		b = binary.NativeEndian.AppendUint64(b, r.call)
		for _, a := range r.args {
			b = binary.NativeEndian.AppendUint64(b, a)
		}
		b = binary.NativeEndian.AppendUint64(b, r.marks)
	}
	return append(b, t.data...)
}
