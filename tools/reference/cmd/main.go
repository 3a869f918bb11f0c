// Cmd writes docs/reference.md. Run it in the module's directory, by make reference.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ring-go/ring/tools/reference"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	text, complaints, err := reference.Write(os.DirFS("."))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(reference.File), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(reference.File, []byte(text), 0o644); err != nil {
		return err
	}
	for _, c := range complaints {
		fmt.Fprintln(os.Stderr, c)
	}
	if len(complaints) > 0 {
		return fmt.Errorf("%s is written, but %d things do not agree", reference.File, len(complaints))
	}
	return nil
}
