package control

// Answer is a struct that travels in an answer. Members is its one list of fields: both
// directions of the wire, JSON and the reference page follow from it. A reader that is
// newer than its peer finds the zero value in what the peer does not send.
type Answer interface{ Members() []Member }

// Member is one field of an Answer.
type Member struct {
	Name string
	// At points at the field: *string, *int64, *bool, *[]string, *[]int64, *ProcessState,
	// *Mood or *Code, or it is a nested Answer. Reflection would take any type, and brings
	// what PID 1 must not link.
	At any
}

// Kind returns the kind of value that the member travels as.
func (m Member) Kind() Kind { return m.value().Kind() }

func (m Member) value() Value {
	switch at := m.At.(type) {
	case *string:
		return String(*at)
	case *int64:
		return Int(*at)
	case *bool:
		return Bool(*at)
	case *[]string:
		return Strings(*at)
	case *[]int64:
		list := make([]Value, len(*at))
		for i, n := range *at {
			list[i] = Int(n)
		}
		return List(list...)
	case *ProcessState:
		return Int(int64(*at))
	case *Mood:
		return Int(int64(*at))
	case *Code:
		return Int(int64(*at))
	case Answer:
		return Encode(at)
	}
	return Value{}
}

func (m Member) set(v Value) {
	switch at := m.At.(type) {
	case *string:
		*at = v.Str()
	case *int64:
		*at = v.Int()
	case *bool:
		*at = v.Bool()
	case *[]string:
		*at = v.Strings()
	case *[]int64:
		*at = nil
		for _, item := range v.List() {
			*at = append(*at, item.Int())
		}
	case *ProcessState:
		*at = ProcessState(v.Int())
	case *Mood:
		*at = Mood(v.Int())
	case *Code:
		*at = Code(v.Int())
	case Answer:
		Decode(v, at)
	}
}

// Encode returns an answer for the wire.
func Encode(a Answer) Value {
	members := a.Members()
	fields := make([]Field, len(members))
	for i, m := range members {
		fields[i] = Field{m.Name, m.value()}
	}
	return Struct(fields...)
}

// Decode reads an answer; what the value does not hold becomes zero.
func Decode(v Value, a Answer) {
	for _, m := range a.Members() {
		m.set(v.Get(m.Name))
	}
}

// Read returns a value as an answer: Read[ProcessInfo](v).
func Read[T any, A interface {
	*T
	Answer
}](v Value) T {
	var t T
	Decode(v, A(&t))
	return t
}

// ReadList returns the items of a list as answers.
func ReadList[T any, A interface {
	*T
	Answer
}](v Value) []T {
	list := make([]T, len(v.List()))
	for i, item := range v.List() {
		Decode(item, A(&list[i]))
	}
	return list
}

// EncodeList returns answers as the items of a list.
func EncodeList[T any, A interface {
	*T
	Answer
}](items []T) Value {
	list := make([]Value, len(items))
	for i := range items {
		list[i] = Encode(A(&items[i]))
	}
	return List(list...)
}
