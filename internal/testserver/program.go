package testserver

import (
	"fmt"
	"os"
)

// Program replaces a testing.TB where there is no test, as in TestMain. A failure ends
// the program.
type Program struct{ cleanups []func() }

var _ TB = (*Program)(nil)

// Close stops what was started, the last one first.
func (p *Program) Close() {
	for len(p.cleanups) > 0 {
		last := len(p.cleanups) - 1
		cleanup := p.cleanups[last]
		p.cleanups = p.cleanups[:last]
		cleanup()
	}
}

// Helper implements TB.
func (p *Program) Helper() {}

// Cleanup implements TB.
func (p *Program) Cleanup(f func()) { p.cleanups = append(p.cleanups, f) }

// Error implements TB.
func (p *Program) Error(args ...any) { fmt.Fprintln(os.Stderr, args...) }

// Fatal implements TB.
func (p *Program) Fatal(args ...any) {
	p.Error(args...)
	p.Close()
	os.Exit(1)
}

// Fatalf implements TB.
func (p *Program) Fatalf(format string, args ...any) { p.Fatal(fmt.Sprintf(format, args...)) }

// Skipf implements TB. It ends the program, without a failure.
func (p *Program) Skipf(format string, args ...any) {
	fmt.Printf("    "+format+"\n--- SKIP: all of the package\n", args...)
	p.Close()
	os.Exit(0)
}

// TempDir implements TB.
func (p *Program) TempDir() string {
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
