package main

import (
	"os"

	"github.com/spf13/cobra"

	"slipway/internal/compress"
	"slipway/internal/exit"
	"slipway/supervise/boot"
)

func newCompress(*app) *cobra.Command {
	c := &cobra.Command{
		Use: boot.Compress, Short: "Compress an old log file for the supervisor", Hidden: true, Args: noArgs,
		Long: `Compress the old log file that is descriptor 3 to the new one that is descriptor 4, at the
lowest priority. The supervisor starts this process for the key log_compress; it needs no other file, and what is wrong is
printed on standard error.`,
		RunE: func(*cobra.Command, []string) error { return runCompress() },
	}
	exits(c, exit.OK, exit.Usage, exit.CannotWrite)
	return c
}

func runCompress() error {
	compress.Lowest()
	err := compress.File(os.NewFile(boot.ControlFD, "the file"), os.NewFile(boot.ListenerFD, "the new file"))
	if err != nil {
		return &coded{exit.CannotWrite, err, ""}
	}
	return nil
}
