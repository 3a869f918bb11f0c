package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/diskcache"
)

// errNoProduct is what the source says of a product that does not exist. That is worth
// remembering.
var errNoProduct = errors.New("there is no such product")

// errBusy is what a source says that has too much to do. It may have time for the next call.
var errBusy = errors.New("the source is busy")

type product struct {
	ID   int
	Name string
}

// shop is what the service sells, by its three cached functions.
type shop struct {
	products *ring.Rope // in memory
	prices   *ring.Rope // on Redis
	reports  *ring.Rope // in a directory
}

func newShop(rdb *redis.Client, files *diskcache.Cache) *shop {
	return &shop{
		products: ring.Wrap(findProduct, ring.Lru{MaxSize: 200, Expire: 4 * time.Second, Options: ring.Options{
			Freshness: ring.Freshness{
				RefreshAhead: time.Second, StaleWhileRevalidate: 10 * time.Second, MaxRefreshes: 1,
				CacheError: ring.CacheErrors(5*time.Second, errNoProduct),
			},
			OnError: ignore,
		}}, ring.Name("shop.product")),

		prices: ring.Wrap(askPrice, ring.Redis{Client: rdb, KeyPrefix: "shop.price", Expire: 5 * time.Second, Coder: "json", Options: ring.Options{
			Freshness: ring.Freshness{StaleWhileRevalidate: 5 * time.Second, StaleIfError: time.Minute, RunTimeout: time.Second},
			Lock:      ring.Lock{Lease: 2 * time.Second},
			FailOpen:  true, // a price without a cache is slow, and better than none
			OnError:   ignore,
		}}, ring.Name("shop.price"), ring.Signature("id, currency='EUR'")),

		reports: ring.Wrap(writeReport, ring.Disk{Obj: files, KeyPrefix: "shop.report", Expire: 20 * time.Second}, ring.Name("shop.report")),
	}
}

// ignore is for errors that the metrics count and that nobody has to read.
func ignore(context.Context, *ring.Error) {}

// shutdown ends the renewals.
func (s *shop) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return ring.Shutdown(ctx)
}

// findProduct takes as long as a look-up in a database.
func findProduct(ctx context.Context, id int) (product, error) {
	if err := take(ctx, 4*time.Millisecond, 20*time.Millisecond); err != nil {
		return product{}, err
	}
	switch {
	case id%20 == 19:
		return product{}, fmt.Errorf("product %d: %w", id, errNoProduct)
	case rand.IntN(50) == 0:
		return product{}, errBusy
	}
	return product{id, fmt.Sprintf("product %d", id)}, nil
}

// askPrice takes as long as a call of another service.
func askPrice(ctx context.Context, id int, currency string) (string, error) {
	if err := take(ctx, 20*time.Millisecond, 80*time.Millisecond); err != nil {
		return "", err
	}
	switch rand.IntN(200) {
	case 0:
		return "", take(ctx, 2*time.Second, 3*time.Second) // longer than RunTimeout
	case 1, 2, 3, 4, 5, 6, 7:
		return "", errBusy
	}
	return fmt.Sprintf("%d.99 %s", id, currency), nil
}

// writeReport takes as long as work does.
func writeReport(ctx context.Context, day int) (string, error) {
	if err := take(ctx, 100*time.Millisecond, 400*time.Millisecond); err != nil {
		return "", err
	}
	return fmt.Sprintf("on day %d, %d products were sold", day, 1000+day%7), nil
}

// take waits for a time between the two, or until the context ends.
func take(ctx context.Context, least, most time.Duration) error {
	select {
	case <-time.After(least + rand.N(most-least)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
