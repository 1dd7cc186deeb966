package config

const (
	sTemplates = iota
	sEnvDir
	sSecretDirs
	sData
	sSources
	sOnFatal
	sStrays
	sStopBudget
	sRuntime
	sCleanLinks
	sKeep
	sAllowSet
	sQuiet
	sMinInterval
	sSyslog
)

var slipwayOptions = [...]Option{
	sTemplates: {Name: "templates", Type: TypeWords, Default: "/etc/slipway/templates", Env: "SLIPWAY_TEMPLATES",
		Doc: "Folders whose trees mirror /: templates/etc/motd.tmpl renders to /etc/motd. Of two folders the later one wins, file by file."},
	sEnvDir: {Name: "env_dir", Type: TypeString, Default: "/etc/slipway/env.d", Env: "SLIPWAY_ENV_DIR",
		Doc: "Folder of the *.env files with default values; read in the order of their names, later ones win."},
	sSecretDirs: {Name: "secret_dirs", Type: TypeWords, Default: "/run/secrets", Env: "SLIPWAY_SECRET_DIRS",
		Doc: "Folders with one file per secret."},
	sData: {Name: "data", Type: TypeWords, Env: "SLIPWAY_DATA",
		Doc: "JSON, YAML, TOML and .properties files that templates see as .Data."},
	sSources: {Name: "sources", Type: TypeWords, Default: "env.d, etcd, environment, secrets", Env: "SLIPWAY_SOURCES",
		Doc: "Where values come from, weakest first. A name that is none of ours is an executable slipway-source-NAME."},
	sOnFatal: {Name: "on_fatal", Type: TypeEnum, Choices: []string{"shutdown", "ignore"}, Default: "ignore", RunDefault: "shutdown", Env: "SLIPWAY_ON_FATAL",
		Doc: "What it means for the container that a program cannot be kept up."},
	sStrays: {Name: "strays", Type: TypeEnum, Choices: []string{"keep", "kill"}, Default: "keep", RunDefault: "kill", Env: "SLIPWAY_STRAYS",
		Doc: "strays of programs that do not say."},
	sStopBudget: {Name: "stop_budget", Type: TypeDuration, Default: "0s", RunDefault: "9s", Env: "SLIPWAY_STOP_BUDGET",
		Doc: "Time that stopping everything may take; KILL comes early rather than late. Docker's own limit is 10 s. 0 for none."},
	sRuntime: {Name: "runtime", Type: TypeString, Default: "/run/slipway", Env: "SLIPWAY_RUNTIME",
		Doc: "Folder of the control socket and of what is kept between renders. Where it cannot be written, /tmp/slipway-UID is."},
	sCleanLinks: {Name: "clean_links", Type: TypeBool, Default: "false", Env: "SLIPWAY_CLEAN_LINKS",
		Doc: "Take the link and service variables out of the programs' environment. Those that export makes stay."},
	sKeep: {Name: "keep", Type: TypeInt, Default: "3", Env: "SLIPWAY_KEEP",
		Doc: "Generations of rendered files that are kept for a rollback."},
	sAllowSet: {Name: "allow_set", Type: TypeWords, Env: "SLIPWAY_ALLOW_SET",
		Doc: "Names such as PATH, LD_PRELOAD or HOME that sources besides the environment may set; they may not otherwise."},
	sQuiet: {Name: "quiet", Type: TypeDuration, Default: "500ms", Env: "SLIPWAY_QUIET",
		Doc: "Time without a further change until a change is acted upon."},
	sMinInterval: {Name: "min_interval", Type: TypeDuration, Default: "0s", Env: "SLIPWAY_MIN_INTERVAL",
		Doc: "Least time between two reloads of one program."},
	sSyslog: {Name: "syslog", Type: TypeString, Default: "/dev/log", Env: "SLIPWAY_SYSLOG",
		Doc: "Where stdout_syslog and the like go: the socket of a daemon, or udp://ADDRESS:PORT. The address is a numeric one: PID 1 asks no name server."},
}

const (
	tSource = iota
	tOwner
	tMode
	tCheck
	tNotify
	tWrite
	tPosition
	tComment
	tSkipIf
	tFor
	tParents
	tMinInterval
	tLeft
	tRight
)

var templateOptions = [...]Option{
	tSource:      {Name: "source", Type: TypeString, Doc: "The template: a path, or builtin:NAME. Default: the same path under templates, plus .tmpl."},
	tOwner:       {Name: "owner", Type: TypeString, Doc: "user or user:group of the file. Default: unchanged."},
	tMode:        {Name: "mode", Type: TypeOctal, Doc: "Its mode. Default: unchanged; 0644 for a new file, 0600 for one that contains a secret."},
	tCheck:       {Name: "check", Type: TypeString, Doc: "Command that must succeed before the file is replaced; {file} is the new one."},
	tNotify:      {Name: "notify", Type: TypeWords, Doc: "Programs that are reloaded when the file has changed."},
	tWrite:       {Name: "write", Type: TypeEnum, Choices: []string{"replace", "block", "once"}, Default: "replace", Doc: "block keeps a marked block inside of a file that belongs to others; once never overwrites."},
	tPosition:    {Name: "position", Type: TypeEnum, Choices: []string{"top", "bottom"}, Default: "bottom", Doc: "Where a new block goes."},
	tComment:     {Name: "comment", Type: TypeString, Doc: "What begins a comment, for the marks of a block. Default: by the type of the file."},
	tSkipIf:      {Name: "skip_if", Type: TypeText, Doc: "Template; when it yields true, the file is not wanted, and is removed if it is ours."},
	tFor:         {Name: "for", Type: TypeText, Doc: "Template that yields one item per line; the section gives one file per item."},
	tParents:     {Name: "parents", Type: TypeBool, Default: "false", Doc: "Make missing folders."},
	tMinInterval: {Name: "min_interval", Type: TypeDuration, Doc: "Least time between two reloads of the programs in notify; those that come sooner wait. The longest one counts, the program's own included."},
	tLeft:        {Name: "left", Type: TypeText, Default: "{{", Doc: "What begins an action in the template, for formats that use {{ themselves. Partials and the keys of the section keep {{."},
	tRight:       {Name: "right", Type: TypeText, Default: "}}", Doc: "What ends an action."},
}

const (
	eRequired = iota
	eType
	eDefault
	eDescription
	eSecret
	eMin
	eMax
	eValues
	ePattern
)

var envOptions = [...]Option{
	eRequired:    {Name: "required", Type: TypeBool, Default: "false", Doc: "It must be set."},
	eType:        {Name: "type", Type: TypeEnum, Choices: []string{"string", "int", "bool", "port", "url", "host", "hostport", "duration", "size", "path", "enum", "json"}, Default: "string", Doc: "What its value must look like."},
	eDefault:     {Name: "default", Type: TypeText, Doc: "Template of the value when it is not set."},
	eDescription: {Name: "description", Type: TypeText, Doc: "For people: what it is good for."},
	eSecret:      {Name: "secret", Type: TypeBool, Default: "false", Doc: "Its value is never shown."},
	eMin:         {Name: "min", Type: TypeString, Doc: "Least value of a number, duration or size."},
	eMax:         {Name: "max", Type: TypeString, Doc: "Greatest value."},
	eValues:      {Name: "values", Type: TypeList, Doc: "The words of an enum."},
	ePattern:     {Name: "pattern", Type: TypeText, Doc: "Regular expression (RE2) that the whole value must match."},
}

const (
	kPort = iota
	kProtocol
	kRequired
	kWait
	kExport
	kHost
	kService
	kDescription
)

var linkOptions = [...]Option{
	kPort:        {Name: "port", Type: TypePort, Doc: "The peer's port. It is needed where only a name is known, as with DNS."},
	kProtocol:    {Name: "protocol", Type: TypeEnum, Choices: []string{"tcp", "udp"}, Default: "tcp", Doc: "Of the port."},
	kRequired:    {Name: "required", Type: TypeBool, Default: "false", Doc: "It must be known."},
	kWait:        {Name: "wait", Type: TypeDuration, Default: "0s", Doc: "How long to wait until it answers."},
	kExport:      {Name: "export", Type: TypeBool, Default: "false", Doc: "Make the variables NAME_PORT_9200_TCP_ADDR and so on that docker run --link sets."},
	kHost:        {Name: "host", Type: TypeString, Doc: "Name to look up in DNS. Default: the name of the section."},
	kService:     {Name: "service", Type: TypeString, Doc: "SRV record to look up, such as _http._tcp.example.org."},
	kDescription: {Name: "description", Type: TypeText, Doc: "For people: what it is good for."},
}

const (
	xEndpoints = iota
	xSRV
	xPrefix
	xSecretPrefix
	xExport
	xStart
	xStartTimeout
	xTimeout
	xUser
	xPassword
	xPasswordFile
	xUserFile
	xCAFile
	xCertFile
	xKeyFile
	xServerName
)

var etcdOptions = [...]Option{
	xEndpoints:    {Name: "endpoints", Type: TypeWords, Env: "SLIPWAY_ETCD_ENDPOINTS", Doc: "URLs of the servers."},
	xSRV:          {Name: "srv", Type: TypeString, Env: "SLIPWAY_ETCD_SRV", Doc: "Domain whose SRV records name the servers."},
	xPrefix:       {Name: "prefix", Type: TypeWords, Env: "SLIPWAY_ETCD_PREFIX", Doc: "Prefixes or keys to read. /app is the key and all below /app/, never /app2."},
	xSecretPrefix: {Name: "secret_prefix", Type: TypeWords, Env: "SLIPWAY_ETCD_SECRET_PREFIX", Doc: "Prefixes whose values are secret."},
	xExport:       {Name: "export", Type: TypeWords, Env: "SLIPWAY_ETCD_EXPORT", Doc: "Prefixes whose keys become variables: /app/log/level below /app is LOG_LEVEL."},
	xStart:        {Name: "start", Type: TypeEnum, Choices: []string{"require", "optional"}, Default: "require", Env: "SLIPWAY_ETCD_START", Doc: "What happens when no server answers at the start: the start fails, or goes on without its values."},
	xStartTimeout: {Name: "start_timeout", Type: TypeDuration, Default: "60s", Env: "SLIPWAY_ETCD_START_TIMEOUT", Doc: "How long require tries."},
	xTimeout:      {Name: "timeout", Type: TypeDuration, Default: "5s", Env: "SLIPWAY_ETCD_TIMEOUT", Doc: "How long a single request may take."},
	xUser:         {Name: "user", Type: TypeString, Env: "SLIPWAY_ETCD_USER", Doc: "Name to log in with."},
	xPassword:     {Name: "password", Type: TypeString, Secret: true, Env: "SLIPWAY_ETCD_PASSWORD", Doc: "Password to log in with."},
	xPasswordFile: {Name: "password_file", Type: TypeString, Env: "SLIPWAY_ETCD_PASSWORD_FILE", Doc: "File with the password."},
	xUserFile:     {Name: "user_file", Type: TypeString, Env: "SLIPWAY_ETCD_USER_FILE", Doc: "File with the name to log in with."},
	xCAFile:       {Name: "ca_file", Type: TypeString, Env: "SLIPWAY_ETCD_CA_FILE", Doc: "Certificates of the authorities that are trusted."},
	xCertFile:     {Name: "cert_file", Type: TypeString, Env: "SLIPWAY_ETCD_CERT_FILE", Doc: "Certificate of the client."},
	xKeyFile:      {Name: "key_file", Type: TypeString, Env: "SLIPWAY_ETCD_KEY_FILE", Doc: "Key of the client."},
	xServerName:   {Name: "server_name", Type: TypeString, Env: "SLIPWAY_ETCD_SERVER_NAME", Doc: "Name that the server's certificate must have."},
}

const (
	oPrefix = iota
	oExport
	oSecret
	oStart
	oTimeout
)

var sourceOptions = [...]Option{
	oPrefix:  {Name: "prefix", Type: TypeWords, Doc: "Prefixes that keys in templates are relative to."},
	oExport:  {Name: "export", Type: TypeWords, Doc: "Prefixes whose keys become variables: /app/log/level below /app is LOG_LEVEL."},
	oSecret:  {Name: "secret", Type: TypeWords, Doc: "Settings among the other keys that are not shown."},
	oStart:   {Name: "start", Type: TypeEnum, Choices: []string{"require", "optional"}, Default: "require", Doc: "What happens when it fails: the start does too, or goes on without its values."},
	oTimeout: {Name: "timeout", Type: TypeDuration, Default: "60s", Doc: "How long it may take; 0s for no limit."},
}

const (
	hCommand = iota
	hTimeout
)

var checkOptions = [...]Option{
	hCommand: {Name: "command", Type: TypeString, Required: true, Doc: "Command that must succeed; {staged:/etc/nginx/nginx.conf} is that file in a copy of /etc/nginx in which all files are as they will be, includes as well."},
	hTimeout: {Name: "timeout", Type: TypeDuration, Default: "30s", Doc: "How long it may take."},
}
