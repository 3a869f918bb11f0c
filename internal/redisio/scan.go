package redisio

import (
	"context"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Scan calls take with pages of the keys that begin with prefix or, if hash is not empty, of
// the fields of that hash. A key can come twice. It looks at about count keys in one command,
// so that the server answers others in between.
//
// The keys of several servers come from one server after the other, unless ctx is done.
func Scan(ctx context.Context, client redis.UniversalClient, hash, prefix string, count int, take func(ctx context.Context, keys []string) error) error {
	if hash != "" {
		return scanOne(ctx, client, []any{"hscan", hash}, prefix, count, func(ctx context.Context, pairs []string) error {
			return take(ctx, fieldsOf(pairs))
		})
	}
	return eachServer(ctx, client, func(ctx context.Context, server redis.UniversalClient) error {
		return scanOne(ctx, server, []any{"scan"}, prefix, count, take)
	})
}

// eachServer calls do for each server that has keys of its own, one at a time.
func eachServer(ctx context.Context, client redis.UniversalClient, do func(ctx context.Context, server redis.UniversalClient) error) error {
	turn := make(chan struct{}, 1) // the client asks them at once
	one := func(ctx context.Context, server *redis.Client) error {
		turn <- struct{}{}
		defer func() { <-turn }()
		return do(ctx, server)
	}
	switch c := client.(type) {
	case interface {
		ForEachMaster(context.Context, func(context.Context, *redis.Client) error) error
	}:
		return c.ForEachMaster(ctx, one)
	case interface {
		ForEachShard(context.Context, func(context.Context, *redis.Client) error) error
	}:
		return c.ForEachShard(ctx, one)
	}
	return do(ctx, client)
}

func scanOne(ctx context.Context, server redis.UniversalClient, command []any, prefix string, count int, take func(ctx context.Context, keys []string) error) error {
	for cursor := uint64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		args := append(command[:len(command):len(command)], cursor, "match", escapeGlob(prefix)+"*", "count", count)
		cmd := redis.NewScanCmd(ctx, nil, args...)
		cmd.SetVal([]string{unanswered}, 0)
		if err := Process(ctx, server, cmd); err != nil {
			return err
		}
		var page []string
		if page, cursor = cmd.Val(); len(page) > 0 {
			if err := take(ctx, page); err != nil {
				return err
			}
		}
		if cursor == 0 {
			return nil
		}
	}
}

// fieldsOf returns the first of each pair.
func fieldsOf(pairs []string) []string {
	fields := pairs[:0]
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, pairs[i])
	}
	return fields
}

// escapeGlob returns a pattern that matches the text alone.
func escapeGlob(text string) string { return globEscaper.Replace(text) }

var globEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "]", `\]`)
