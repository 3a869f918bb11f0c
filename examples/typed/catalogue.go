package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ring-go/ring"
)

//go:generate go tool ringgen

// Product is what the shop sells.
type Product struct {
	ID    string
	Name  string
	Cents int
}

// Price is what a customer pays.
type Price struct {
	Cents    int
	Currency string
}

// Catalogue stands for the database of a service.
type Catalogue struct {
	Region   string
	Products []Product
	Queries  int // how often it was asked
}

// RingKey tells apart the catalogues whose results differ.
func (c *Catalogue) RingKey() string { return c.Region }

// product is a method expression: Bind gives it its catalogue.
var product = NewProductRope(ring.Wrap((*Catalogue).findProduct, ring.Lru{MaxSize: 1000, Expire: time.Minute}))

// findProduct reads a product from the database.
func (c *Catalogue) findProduct(_ context.Context, id string) (Product, error) {
	c.Queries++
	for _, p := range c.Products {
		if p.ID == id {
			return p, nil
		}
	}
	return Product{}, fmt.Errorf("there is no product %q", id)
}

// price depends on much; who asked makes no difference.
var price = NewPriceRope(ring.Wrap(computePrice,
	ring.Lru{Options: ring.Options{IgnorableKeys: []string{"requestID"}}},
	ring.Signature("cents, quantity=1, country='DE', discount=0, requestID=''")))

// computePrice returns what a customer pays for a number of products. The discount is in
// percent.
func computePrice(_ context.Context, cents, quantity int, country string, discount int, requestID string) (Price, error) {
	total := cents * quantity * (100 - discount) / 100
	switch country {
	case "DE", "FR":
		return Price{total, "EUR"}, nil
	case "US":
		return Price{total * 11 / 10, "USD"}, nil
	}
	return Price{}, fmt.Errorf("request %s: no prices for %q", requestID, country)
}

// slug has no error: one of the cache would go to Options.OnError, and the function would run.
var slug = NewSlugRope(ring.Wrap(makeSlug, ring.Lru{}))

// makeSlug returns a name as it is in a URL.
func makeSlug(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(name)), "-")
}
