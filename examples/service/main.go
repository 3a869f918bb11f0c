// Command service is a small HTTP service with three cached functions, whose caches can be
// watched while a load makes them work: /metrics is for Prometheus.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// config is what the flags say.
type config struct {
	addr  string // where the service listens
	redis string // the address of a Redis; "": one within this process
	load  int    // calls per second of the load; 0: none
}

func main() {
	var c config
	flag.StringVar(&c.addr, "addr", "127.0.0.1:8080", "the `address` to listen on")
	flag.StringVar(&c.redis, "redis", os.Getenv("REDIS_ADDR"), "the `address` of a Redis; without one, the service brings its own")
	flag.IntVar(&c.load, "load", 200, "`calls` per second that the service makes itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, c, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

// run serves until the context ends. It says on out where.
func run(ctx context.Context, c config, out io.Writer) (err error) {
	rdb, where, closeRedis, err := openRedis(c.redis)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeRedis()) }()
	files, closeFiles, err := openFiles()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()

	listener, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	s := newShop(rdb, files)
	fmt.Fprintf(out, "http://%s/debug/ring/ shows what the caches do, and /metrics tells Prometheus\n", listener.Addr())
	fmt.Fprintf(out, "products are cached in memory, prices on %s, reports in a directory\n", where)
	loaded := make(chan struct{})
	go func() {
		defer close(loaded)
		s.work(ctx, c.load)
	}()
	err = serve(ctx, listener, newHandler(s))
	<-loaded
	return errors.Join(err, s.shutdown())
}

// serve answers requests until the context ends.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() {
		patience, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(patience) // what is not finished by then is cut off
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
