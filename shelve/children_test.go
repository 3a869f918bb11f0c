package shelve

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// children holds the programs of other processes, by name, with their arguments. They
// answer on their standard output.
var children = map[string]func(args []string) error{
	"write":       writeForever,
	"make":        makeForever,
	"empty":       emptyForever,
	"lock":        lockUntilTold,
	"hold":        holdUntilTold,
	"few-files":   runOutOfFiles,
	"small-files": runOutOfFileSize,
	"nobody":      readAsNobody,
}

// writeForever sets numbers from args[1] on in the shelf args[0], some of them in bulk,
// and prints each of them after it was acknowledged.
func writeForever(args []string) error {
	first, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	s, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	for i := first; ; i += 5 {
		keys, values := make([]string, 4), make([]any, 4)
		for j := range keys {
			keys[j], values[j] = killKey(i+1+j), killValue(i+1+j)
		}
		if err := s.Set(killKey(i), killValue(i)); err != nil {
			return err
		}
		fmt.Println(i)
		if err := s.SetMany(context.Background(), keys, values); err != nil {
			return err
		}
		fmt.Println(i + 4)
		if i%100 == 0 {
			if err := s.Sync(); err != nil {
				return err
			}
		}
	}
}

// makeForever makes shelves args[1], args[1] + 1, … in the directory args[0].
func makeForever(args []string) error {
	first, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	for i := first; ; i++ {
		s, err := Open(filepath.Join(args[0], strconv.Itoa(i)), nil)
		if err != nil {
			return err
		}
		if err := s.Close(); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// emptyForever empties the shelf args[0] and fills it again.
func emptyForever(args []string) error {
	for i := 0; ; i++ {
		s, err := Open(args[0], &Options{Flag: "n"})
		if err != nil {
			return err
		}
		if n, err := s.Len(); n != 0 || err != nil {
			return fmt.Errorf("%d entries are left: %w", n, err)
		}
		for j := range 3 {
			if err := s.Set(killKey(j), killValue(j)); err != nil {
				return err
			}
		}
		if err := s.Close(); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

func killKey(i int) string { return fmt.Sprintf("go-%d", i) }

// killValue returns a value that is sometimes long enough for its own pages.
func killValue(i int) string { return strings.Repeat(strconv.Itoa(i)+",", 1+i%7*150) }

// lockUntilTold keeps the database args[0] locked.
func lockUntilTold(args []string) error {
	db, err := sql.Open("sqlite", dsn(args[0], modeWrite, defaultTimeout))
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err != nil {
		return err
	}
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// holdUntilTold keeps the shelf args[0] open.
func holdUntilTold(args []string) error {
	s, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Println("ready")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// runOutOfFiles opens shelves in the directory args[0] until the process has no file
// handles left. It may have args[1].
func runOutOfFiles(args []string) error {
	one, err := Open(filepath.Join(args[0], "one"), nil)
	if err != nil {
		return err
	}
	if err := one.Set("a", 1); err != nil {
		return err
	}
	limit, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		return err
	}
	before := openFiles()
	var shelves []*Shelf
	for i := range 40 {
		s, err := Open(filepath.Join(args[0], fmt.Sprint(i)), nil)
		if err != nil {
			if !errors.Is(err, syscall.EMFILE) {
				return fmt.Errorf("not what is expected without handles: %w", err)
			}
			break
		}
		shelves = append(shelves, s)
	}
	if len(shelves) == 40 || len(shelves) == 0 {
		return fmt.Errorf("%d shelves were opened", len(shelves))
	}
	for i := range 20 { // open shelves continue to work
		if err := one.Set(fmt.Sprint(i), i); err != nil {
			return err
		}
	}
	for _, s := range shelves {
		if err := s.Close(); err != nil {
			return err
		}
	}
	if after := openFiles(); after != before {
		return fmt.Errorf("%d handles before, %d after", before, after)
	}
	return one.Close()
}

func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// runOutOfFileSize writes to the shelf args[0] until a limit on the size of files stops
// it, checks that everything is there, and continues after the limit has been raised.
func runOutOfFileSize(args []string) error {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{}
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	s, err := Open(args[0], nil)
	if err != nil {
		return err
	}
	defer s.Close()
	err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 300_000, Max: limit.Max})
	if err != nil {
		return err
	}
	if err := fillUp(s); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	return s.Set("after", 1)
}

// fillUp sets values until that fails, and checks that the earlier ones are there.
func fillUp(s *Shelf) error {
	n := 0
	var err error
	for ; err == nil; n++ {
		if n == 1000 {
			return errors.New("there is no limit")
		}
		err = s.Set(fmt.Sprint(n), strings.Repeat("x", 10_000))
	}
	fmt.Println(err)
	for i := range n - 1 {
		value, err := s.Get(fmt.Sprint(i))
		if err != nil {
			return err
		}
		if value != strings.Repeat("x", 10_000) {
			return fmt.Errorf("value %d is damaged", i)
		}
	}
	if has, err := s.Has(fmt.Sprint(n - 1)); has || err != nil {
		return fmt.Errorf("the value that failed is there: %v, %v", has, err)
	}
	return nil
}

// readAsNobody opens the shelf args[0], in a directory that only its owner can write,
// and expects the value of "a" to be 1.
func readAsNobody(args []string) error {
	if os.Getuid() == 0 {
		if err := errors.Join(syscall.Setgid(65534), syscall.Setuid(65534)); err != nil {
			return err
		}
	}
	for _, flag := range []string{"c", "w", "n"} {
		s, err := Open(args[0], &Options{Flag: flag, Timeout: -1})
		if err == nil {
			s.Close()
			return fmt.Errorf("flag %q opened it", flag)
		}
		if !errors.Is(err, os.ErrPermission) && !errors.Is(err, ErrReadOnly) {
			return err
		}
	}
	s, err := Open(args[0], &Options{Flag: "r"})
	if err != nil {
		return err
	}
	defer s.Close()
	value, err := s.Get("a")
	if err != nil {
		return err
	}
	if value != 1 {
		return fmt.Errorf("the value is %v", value)
	}
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	_, err = s.Get("a")
	fmt.Println(errors.Is(err, ErrMoved), err)
	return nil
}
