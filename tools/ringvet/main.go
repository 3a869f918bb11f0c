// Command ringvet checks programs that use package ring: calls that can only fail, ropes that
// Wrap would refuse, and caches that do not do what they seem to.
//
//	go get -tool github.com/ring-go/ring/tools/ringvet
//	go tool ringvet ./...
//
// It is also a tool for go vet: go vet -vettool=$(go tool -n ringvet) ./...
//
// docs/checks.md has the checks.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/ring-go/ring/tools/ringvet/checks"
)

func main() { multichecker.Main(checks.All()...) }
