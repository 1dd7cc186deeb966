package early

// NoTasks is the exit status of an executable that finds no room for its threads: sysexits'
// EX_OSERR, "cannot fork".
const NoTasks = 71
