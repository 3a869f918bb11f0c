package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
)

func TestShop(t *testing.T) {
	c := &Catalogue{Region: t.Name(), Products: []Product{{"apple", "Red  Apple", 120}}}
	s := newShop(c)
	mux := http.NewServeMux()
	mux.Handle("/price/{id}", s)
	get := func(path, want string) {
		t.Helper()
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		if got := answer.Body.String(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	get("/price/apple", "red-apple: 1.20 EUR\n")
	get("/price/apple?quantity=3", "red-apple: 3.60 EUR\n")
	get("/price/plum", "there is no product \"plum\"\n")
	if c.Queries != 2 {
		t.Errorf("%d queries, want one for the apple and one for the plum, which is not cached", c.Queries)
	}
	if err := s.rename(t.Context(), Product{"apple", "Big Apple", 130}); err != nil {
		t.Fatal(err)
	}
	get("/price/apple", "big-apple: 1.30 EUR\n")
	known, err := s.known(t.Context(), "apple", "plum")
	if err != nil || !known[0] || known[1] {
		t.Errorf("%v, %v: want the apple alone", known, err)
	}
}

// TestSignature: the request makes no difference, and a country without prices is an error.
func TestSignature(t *testing.T) {
	ctx := t.Context()
	first, err := price.Key(ctx, 100, 1, "DE", 0, "a")
	if err != nil {
		t.Fatal(err)
	}
	second, err := price.Key(ctx, 100, 1, "DE", 0, "b")
	if err != nil || first != second {
		t.Errorf("%q and %q, %v", first, second, err)
	}
	if _, err := price.Call(ctx, 100, 1, "XX", 0, "a"); err == nil {
		t.Error("no error for a country without prices")
	}
}

// TestGenerated: ring_gen.go is what ringgen writes.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds ringgen")
	}
	command := exec.CommandContext(t.Context(), "go", "tool", "ringgen", "-check")
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		t.Error(err)
	}
}
