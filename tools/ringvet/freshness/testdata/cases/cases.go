// Package cases has options for the check freshness.
package cases

import (
	"time"

	"github.com/ring-go/ring"
)

func square(n int) int { return n * n }

func of(_ any, err error) error { return err }

var unknown = time.Minute

func init() { unknown = time.Hour }

// Bad holds options that the library refuses.
var Bad = []func() error{
	func() error {
		return of(ring.New(square, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Minute}}})) // want `need an Expire`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{Jitter: 0.5}}})) // want `need an Expire`
	},
	func() error {
		return of(ring.New(square, ring.Dict{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{RefreshAhead: time.Minute}}})) // want `RefreshAhead 1m0s is not shorter`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{RefreshAhead: 45 * time.Second, Jitter: 0.5}}})) // want `is not shorter`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{SoftTimeout: time.Second}}})) // want `SoftTimeout needs an old value`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{Jitter: 1.5}}})) // want `Jitter 1.5 is no part`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{Verify: 10}}})) // want `Verify 10 is no part`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: unknown, Options: ring.Options{Freshness: ring.Freshness{Jitter: -1}}})) // want `Jitter -1 is no part`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{RetryAfter: -time.Second}}})) // want `RetryAfter is negative`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{StaleIfError: unknown, RunTimeout: 5}}})) // want `RunTimeout is 5ns: for 5 seconds`
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{MaxRefreshes: -1}}})) // want `MaxRefreshes -1 are negative`
	},
	func() error {
		f := ring.Freshness{StaleIfError: time.Minute}
		return of(ring.New(square, ring.Lru{Options: ring.Options{Freshness: f}})) // want `need an Expire`
	},
}

// Good holds options that the library accepts.
var Good = []func() error{
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{StaleWhileRevalidate: time.Minute, Jitter: 1}}}))
	},
	func() error {
		return of(ring.New(square, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{Verify: 0.01}}}))
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: unknown, Options: ring.Options{Freshness: ring.Freshness{RefreshAhead: time.Minute}}}))
	},
	func() error {
		return of(ring.New(square, ring.Lru{Expire: time.Minute, Options: ring.Options{Freshness: ring.Freshness{SoftTimeout: time.Second, StaleIfError: unknown}}}))
	},
	func() error {
		return of(ring.New(square, ring.Lru{Options: ring.Options{Freshness: ring.Freshness{RunTimeout: time.Second, RetryAfter: time.Second}}}))
	},
	func() error {
		f := ring.Lru{Options: ring.Options{Freshness: ring.Freshness{StaleIfError: time.Minute}}}
		f.Expire = time.Hour
		return of(ring.New(square, f))
	},
}
