package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring/diskcache"
)

// openRedis returns a client of the Redis at addr, or of one within this process, and where it
// is.
func openRedis(addr string) (client *redis.Client, where string, closeAll func() error, err error) {
	if addr != "" {
		client = redis.NewClient(&redis.Options{Addr: addr, MaxRetries: 1})
		if err := client.Ping(context.Background()).Err(); err != nil {
			return nil, "", nil, errors.Join(fmt.Errorf("there is no Redis at %s: %w", addr, err), client.Close())
		}
		return client, "the Redis at " + addr, client.Close, nil
	}
	server, err := miniredis.Run()
	if err != nil {
		return nil, "", nil, err
	}
	stopClock := letTimePass(server)
	client = redis.NewClient(&redis.Options{Addr: server.Addr()})
	return client, "a Redis within this process", func() error {
		err := client.Close()
		stopClock()
		server.Close()
		return err
	}, nil
}

// letTimePass makes keys expire, which they do not by themselves in a Redis for tests.
func letTimePass(server *miniredis.Miniredis) (stop func()) {
	const tick = 100 * time.Millisecond
	clock, done := time.NewTicker(tick), make(chan struct{})
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			select {
			case <-clock.C:
				server.FastForward(tick)
			case <-done:
				return
			}
		}
	})
	return func() {
		clock.Stop()
		close(done)
		passing.Wait()
	}
}

// openFiles returns a cache in a directory that is removed with it.
func openFiles() (files *diskcache.Cache, closeAll func() error, err error) {
	dir, err := os.MkdirTemp("", "ring-service")
	if err != nil {
		return nil, nil, err
	}
	files, err = diskcache.Open(dir, nil)
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return files, func() error { return errors.Join(files.Close(), os.RemoveAll(dir)) }, nil
}
