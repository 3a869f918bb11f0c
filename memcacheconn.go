package ring

import (
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/bradfitz/gomemcache/memcache"
)

// A server that was restarted, or that closes what is idle, leaves the client with
// connections that are dead, each of which fails one request. The storage asks once more
// then, on a connection that is new: the client is told to close those that are idle,
// and may still be used afterwards.

// onLiveConnection runs do, and once more when it has met a connection that was closed.
func onLiveConnection[T any](s *MemcacheStorage, do func() (T, error)) (T, error) {
	closings := s.closings.Load()
	result, err := do()
	if err == nil || !s.dropClosed(err, closings) {
		return result, err
	}
	return do()
}

// write is onLiveConnection for a change. The server may have made it already: to make it
// again changes nothing, and the caller still waits for it.
func (s *MemcacheStorage) write(do func() error) error {
	_, err := onLiveConnection(s, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// dropClosed tells whether err comes of a connection that was closed. It closes the idle
// ones, unless somebody has done so since there had been so many closings.
func (s *MemcacheStorage) dropClosed(err error, closings int64) bool {
	if !isClosed(err) {
		return false
	}
	if c, ok := s.Client.(*memcache.Client); ok && s.closings.CompareAndSwap(closings, closings+1) {
		_ = c.Close()
	}
	return true
}

func isClosed(err error) bool {
	for _, closed := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.EPIPE, syscall.ECONNRESET, syscall.ECONNABORTED} {
		if errors.Is(err, closed) {
			return true
		}
	}
	return false
}

func isTimeout(err error) bool {
	var dial *memcache.ConnectTimeoutError
	var timeout net.Error
	return errors.As(err, &dial) || errors.As(err, &timeout) && timeout.Timeout()
}
