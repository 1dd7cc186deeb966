package porting

// Tool is a tool whose templates can be ported.
type Tool string

// The tools.
const (
	Confd     Tool = "confd"
	Dockerize Tool = "dockerize"
	Envsubst  Tool = "envsubst"
)

// Tools lists the tools, as `slipway port --from` takes them.
func Tools() []Tool { return []Tool{Confd, Dockerize, Envsubst} }

// rules returns the functions of a tool that mean something else here, or are spelled
// otherwise. What is not listed is the same function.
func (tool Tool) rules() map[string]rule {
	switch tool {
	case Confd:
		return confdRules()
	case Dockerize:
		return dockerizeRules()
	}
	return nil
}

// languages are the tools whose templates have actions and functions, as ours have.
func languages() []Tool { return []Tool{Confd, Dockerize} }
