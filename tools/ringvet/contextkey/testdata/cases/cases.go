// Package cases has good and bad cases for the check contextkey.
package cases

import (
	"context"

	"github.com/ring-go/ring"
)

type userKey struct{}

func profile(ctx context.Context, id int) (string, error) {
	user, _ := ctx.Value(userKey{}).(string)
	return user, nil
}

func user(ctx context.Context) string {
	u, _ := ctx.Value(userKey{}).(string)
	return u
}

func greeting(ctx context.Context, word string) string { return word + user(ctx) }

func load(ctx context.Context, id int) (int, error) { return id, ctx.Err() }

func two(ctx context.Context, word string) string { return word + other(context.Background()) }

func other(ctx context.Context) string { return user(ctx) }

type values struct{}

func (values) Value(any) any { return nil }

func plain(ctx context.Context, v values) any { return v.Value(1) }

var (
	profiles  = ring.Wrap(profile, ring.Lru{})                   // want `reads a value of its context \(line 13\)`
	greetings = ring.Wrap(greeting, ring.Lru{})                  // want `reads a value of its context`
	literals  = ring.Wrap(func(ctx context.Context, n int) any { // want `reads a value of its context`
		return ctx.Value(n)
	}, ring.Lru{})

	loads  = ring.Wrap(load, ring.Lru{})
	twos   = ring.Wrap(two, ring.Lru{})
	plains = ring.Wrap(plain, ring.Lru{})
)
