package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"slipway/internal/exit"
)

func newCompletion(a *app) *cobra.Command {
	c := &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "Print a completion script for a shell", GroupID: groupOther,
		Example: "  source <(slipway completion bash)",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("say bash, zsh or fish", "slipway completion takes the name of one shell")
			}
			return nil
		},
		ValidArgs: []string{"bash", "zsh", "fish"},
		RunE:      func(c *cobra.Command, args []string) error { return runCompletion(a, c.Root(), args[0]) },
	}
	exits(c, exit.OK, exit.Usage)
	return c
}

func runCompletion(a *app, root *cobra.Command, shell string) error {
	switch shell {
	case "bash":
		if _, err := io.WriteString(a.stdout, bashAlone); err != nil {
			return err
		}
		return root.GenBashCompletionV2(a.stdout, true)
	case "zsh":
		return root.GenZshCompletion(a.stdout)
	case "fish":
		return root.GenFishCompletion(a.stdout, true)
	}
	return usage("say bash, zsh or fish", "cannot complete for %s", fmt.Sprintf("%q", shell))
}

// bashAlone has the one function of the package bash-completion that the script of cobra calls
// there. Images seldom have that package, and without it each TAB was an error message.
const bashAlone = `# For a bash without the package bash-completion.
if ! declare -F _get_comp_words_by_ref >/dev/null; then
    # Splits the line up to the cursor into words at blanks alone, so that ":" and "=" do not
    # end a word, and sets the variables of its caller.
    _get_comp_words_by_ref()
    {
        local line=${COMP_LINE:0:COMP_POINT}
        read -ra words <<<"$line"
        case $line in
            *[[:blank:]]) words+=("") ;;
        esac
        cword=$((${#words[@]} - 1))
        cur=${words[cword]}
        prev=${words[cword > 0 ? cword - 1 : 0]}
    }
fi

`
