package attributes

import (
	"slices"
	"strconv"
	"strings"
)

// capabilityNames are those of capabilities(7), by number.
var capabilityNames = [...]string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID",
	"SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW",
	"IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT",
	"SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD",
	"LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG",
	"WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
}

// CapabilityName is the name of a capability as capabilities(7) has it.
func CapabilityName(n int) string {
	if n < 0 || n >= len(capabilityNames) {
		return "capability " + strconv.Itoa(n)
	}
	return "CAP_" + capabilityNames[n]
}

func capabilities(s string) (value, bool) {
	v := value{}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' })
	if len(words) == 1 && strings.EqualFold(words[0], "none") {
		return v, true
	}
	for _, word := range words {
		name := strings.TrimPrefix(strings.ToUpper(word), "CAP_")
		n := slices.Index(capabilityNames[:], name)
		if n < 0 {
			return nil, false
		}
		if !slices.Contains(v, n) {
			v = append(v, n)
		}
	}
	return v, len(v) > 0
}
