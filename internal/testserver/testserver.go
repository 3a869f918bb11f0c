// Package testserver starts real servers for tests, each on a free port or a separate
// socket. It can kill, stop and restart them.
package testserver

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// TB is the part of testing.TB that the package uses.
type TB interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Error(args ...any)
	Skipf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// Server is a process that listens on an address.
type Server struct {
	Network string // "tcp" or "unix"
	Addr    string

	name string
	args []string
	dir  string
	cmd  *exec.Cmd
	log  *os.File
	t    TB
}

// Redis starts a redis-server that stores nothing on disk. args are further arguments.
func Redis(t TB, args ...string) *Server {
	t.Helper()
	port := freePort(t)
	args = append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--protected-mode", "no", "--repl-diskless-sync-delay", "0"}, args...)
	return start(t, "redis-server", "tcp", "127.0.0.1:"+port, args)
}

// RedisSocket is Redis on a Unix socket.
func RedisSocket(t TB, args ...string) *Server {
	t.Helper()
	socket := filepath.Join(socketDir(t), "redis.sock")
	return start(t, "redis-server", "unix", socket, append([]string{"--port", "0", "--unixsocket", socket, "--save", ""}, args...))
}

// Memcached starts a memcached.
func Memcached(t TB, args ...string) *Server {
	t.Helper()
	port := freePort(t)
	return start(t, "memcached", "tcp", "127.0.0.1:"+port, append([]string{"-l", "127.0.0.1", "-p", port, "-U", "0", "-u", "nobody"}, args...))
}

// MemcachedSocket is Memcached on a Unix socket.
func MemcachedSocket(t TB, args ...string) *Server {
	t.Helper()
	socket := filepath.Join(socketDir(t), "memcached.sock")
	return start(t, "memcached", "unix", socket, append([]string{"-s", socket, "-a", "777", "-u", "nobody"}, args...))
}

// socketDir returns a directory with a short name: the path of a socket is limited to
// about 100 bytes.
func socketDir(t TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ring")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// freePort returns a port that nobody listens on. It is below those that systems give to
// outgoing connections: one of these could take the port before the server does.
func freePort(t TB) string {
	t.Helper()
	const first, count = 10_000, 12_000 // the second port of a node of a Cluster is 10,000 above
	for range 100 {
		port := strconv.Itoa(first + rand.IntN(count))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

func start(t TB, name, network, addr string, args []string) *Server {
	t.Helper()
	if Short() {
		t.Skipf(reason, name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: on Debian, apt-get install redis-server memcached prometheus; make test does it as root, and make test-quick goes without", name)
	}
	s := &Server{Network: network, Addr: addr, name: path, args: args, dir: t.TempDir(), t: t}
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

// Start starts the server, or restarts a killed one, and waits until it answers.
func (s *Server) Start() {
	s.t.Helper()
	var err error
	if s.log, err = os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(s.name, s.args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = s.dir, s.log, s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	if err := s.answers(10 * time.Second); err != nil {
		s.t.Fatalf("%s %s: %v\n%s", s.name, strings.Join(s.args, " "), err, s.Log())
	}
}

// answers waits until the server accepts a connection.
func (s *Server) answers(patience time.Duration) error {
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.DialTimeout(s.Network, s.Addr, time.Second)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
}

// Kill ends the server at once, like kill -9.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.Continue()
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	_ = s.cmd.Wait() // the error says that it was killed
	s.log.Close()
	s.cmd = nil
}

// Stop makes the server hang: it holds its connections and answers nothing. Stop returns
// when all threads of the server have stopped.
func (s *Server) Stop() {
	s.signal(syscall.SIGSTOP)
	for deadline := time.Now().Add(10 * time.Second); !s.stopped(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s does not stop", s.name)
		}
	}
}

// stopped asks the kernel for the state of every thread.
func (s *Server) stopped() bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.cmd.Process.Pid))
	for _, thread := range threads {
		stat, err := os.ReadFile(thread)
		if err == nil && !strings.Contains(string(stat), ") T ") {
			return false
		}
	}
	return true
}

// Continue lets a stopped server continue.
func (s *Server) Continue() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) {
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
}

// Log returns what the server has written.
func (s *Server) Log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(b)
}
