// A service with typed ropes: what catalogue.go caches has the types of its functions, by
// way of ring_gen.go, which go generate writes.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"time"
)

// shop answers requests such as /price/apple?quantity=2.
type shop struct{ products ProductWire }

func newShop(c *Catalogue) *shop { return &shop{products: product.Bind(c)} }

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := s.price(r.Context(), r.PathValue("id"), r.FormValue("quantity"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_, _ = fmt.Fprintln(w, text)
}

// price returns the line that a request is answered with.
func (s *shop) price(ctx context.Context, id, quantity string) (string, error) {
	p, err := s.products.Call(ctx, id)
	if err != nil {
		return "", err
	}
	call := NewPriceArgs(p.Cents) // with the defaults of the Signature
	if quantity != "" {
		if call.Quantity, err = strconv.Atoi(quantity); err != nil {
			return "", err
		}
	}
	cost, err := price.Call(ctx, call.Cents, call.Quantity, call.Country, call.Discount, id)
	return fmt.Sprintf("%s: %d.%02d %s", slug.Call(p.Name), cost.Cents/100, cost.Cents%100, cost.Currency), err
}

// rename changes a product, and what is cached of it.
func (s *shop) rename(ctx context.Context, p Product) error {
	return s.products.Set(ctx, p, p.ID)
}

// known returns which of the products are cached.
func (s *shop) known(ctx context.Context, ids ...string) ([]bool, error) {
	calls := make([]ProductWireArgs, len(ids))
	for i, id := range ids {
		calls[i].ID = id
	}
	return s.products.HasMany(ctx, calls...)
}

func main() {
	mux := http.NewServeMux()
	mux.Handle("/price/{id}", newShop(&Catalogue{Region: "eu", Products: []Product{{"apple", "Red Apple", 120}, {"pear", "Green Pear", 95}}}))
	server := &http.Server{Addr: "localhost:8080", Handler: mux, ReadHeaderTimeout: time.Second}
	log.Printf("http://%s/price/apple?quantity=2", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
