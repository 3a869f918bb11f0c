package porting_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ring-go/ring"
	"github.com/ring-go/ring/storagetest"
)

type FileStorage struct{ dir string }

func NewFileStorage(backend any) (ring.Storage, error) {
	dir, ok := backend.(string)
	if !ok {
		return nil, fmt.Errorf("a FileStorage is in a directory, not a %T", backend)
	}
	return FileStorage{dir}, nil
}

func (s FileStorage) path(key string) string {
	return filepath.Join(s.dir, fmt.Sprintf("%x", sha256.Sum256([]byte(key))))
}

func (s FileStorage) GetValue(_ context.Context, key string) (any, error) {
	data, err := os.ReadFile(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ring.ErrNotFound
	}
	return data, err
}

func (s FileStorage) SetValue(_ context.Context, key string, value any, expire time.Duration) error {
	data, ok := value.([]byte)
	switch {
	case !ok:
		return fmt.Errorf("%w: a FileStorage keeps bytes: give a coder", ring.ErrCoder)
	case expire != 0:
		return fmt.Errorf("%w: a FileStorage keeps no expiry", errors.ErrUnsupported)
	}
	f, err := os.CreateTemp(s.dir, ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), s.path(key)) // other callers read all of it or nothing
}

func (s FileStorage) DeleteValue(_ context.Context, key string) error {
	err := os.Remove(s.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func TestFileStorage(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) ring.Storage { return FileStorage{t.TempDir()} }, nil)
}

func doubleOf(n int) int {
	fmt.Println("runs for", n)
	return 2 * n
}

func Example_storage() {
	directory, remove := tempDir()
	defer remove()

	inFiles := ring.BaseFactory{
		StorageBackend: directory, StorageClass: NewFileStorage, KeyPrefix: "f", Coder: "json",
	}
	double := ring.Wrap(doubleOf, inFiles)

	show(double.Call(21))
	show(double.Call(21))
	show(countFiles(directory))
	must(double.Delete(21))
	show(countFiles(directory))
	// Output:
	// runs for 21
	// 42
	// 42
	// 1
	// 0
}

func countFiles(dir string) int {
	entries, err := os.ReadDir(dir)
	must(err)
	return len(entries)
}
