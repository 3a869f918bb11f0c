package shelve

import (
	"context"
	"errors"
	"sync"

	"github.com/gofrs/flock"

	"github.com/ring-go/ring/internal/pickling"
	"github.com/ring-go/ring/pickle"
)

// Shelf is a map, in a file, from text to any value that has a pickle. It is safe for
// concurrent use.
// Python: shelve.Shelf.
type Shelf struct {
	file      string
	path      string // absolute, without links
	protocol  int
	writeback bool

	// Every call holds mu for reading. Close holds it for writing, so it waits for the
	// calls in progress. With Writeback every call holds it for writing.
	mu     sync.RWMutex
	closed bool
	store  *store
	lock   *flock.Flock // nil: flag "r", and no lock file could be created

	values map[string]any // with Writeback: what was read or set since the last Sync
}

// Open opens the shelf in the file with that name. It adds no suffix and, as in Python,
// expands neither ~ nor $VAR; opts may be nil. The time it takes does not depend on the
// number of entries. A new file has the permissions 0666 less the umask.
//
// Open does not touch what is not a shelf. Its error wraps [ErrNotShelf], [ErrOldShelf]
// for a shelf of an older Python, or [ErrCorrupt]. An older shelf beside a missing name
// (name.db, name.dat) is an error as well, so that no empty new shelf hides it. A
// missing file is fs.ErrNotExist with flags "r" and "w". A file that cannot be written,
// or has no write permission for anybody, is [ErrReadOnly] with the other flags. With
// flags "c" and "n", Open makes an empty file a shelf.
//
// Flag "n" differs from Python's: it empties a shelf in place, it is [ErrLocked] if any
// process, a Python process included, has the shelf open, and it does not replace what
// is not a shelf.
//
// With flag "r" a shelf also opens in a directory that cannot be written. If no other
// process has it open, Open assumes that it will not change; if it changes nevertheless,
// reads end in [ErrMoved].
//
// Python: shelve.open.
func Open(filename string, opts *Options) (*Shelf, error) {
	s, err := open(filename, opts)
	if err != nil {
		return nil, &Error{Op: "open", File: filename, Err: causes.Explain(err)}
	}
	return s, nil
}

func open(filename string, opts *Options) (_ *Shelf, err error) {
	o, err := opts.complete()
	if err != nil {
		return nil, err
	}
	if filename == "" {
		return nil, errors.New("the name of the file is empty")
	}
	path, err := resolve(filename)
	if err != nil {
		return nil, err
	}
	lock, found, err := claim(path, &o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			unlock(lock)
		}
	}()
	if err := clean(path, found, &o); err != nil {
		return nil, err
	}
	store, err := openStore(path, &o)
	if err != nil {
		return nil, err
	}
	if o.alone(found) {
		if err := share(lock); err != nil {
			store.close()
			return nil, err
		}
	}
	s := &Shelf{file: filename, path: path, protocol: o.Protocol, writeback: o.Writeback, store: store, lock: lock}
	if s.writeback {
		s.values = make(map[string]any)
	}
	return s, nil
}

// Path returns the absolute path of the shelf's file when it was opened, with links
// resolved. Two shelves with the same path are one. Python has no counterpart.
func (s *Shelf) Path() string { return s.path }

// enter begins a call, which ends with leave.
func (s *Shelf) enter() error {
	if s.writeback {
		s.mu.Lock()
	} else {
		s.mu.RLock()
	}
	if s.closed {
		s.leave()
		return ErrClosed
	}
	return nil
}

func (s *Shelf) leave() {
	if s.writeback {
		s.mu.Unlock()
	} else {
		s.mu.RUnlock()
	}
}

// fail returns the error of a call.
func (s *Shelf) fail(op, key string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Op: op, File: s.file, Key: key, Err: causes.Explain(err)}
}

// Get returns the value of key as Go's counterpart of what was stored, see
// pickle.Unmarshal. The error for a missing key is [ErrNotFound].
// Python: __getitem__, get.
func (s *Shelf) Get(key string) (any, error) {
	return s.GetContext(context.Background(), key)
}

// GetContext is [Shelf.Get] with a context.
func (s *Shelf) GetContext(ctx context.Context, key string) (any, error) {
	value, err := s.get(ctx, key)
	return value, s.fail("get", key, err)
}

func (s *Shelf) get(ctx context.Context, key string) (any, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if value, ok := s.values[key]; ok {
		return value, nil
	}
	data, err := s.store.getValue(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.decode(key, data)
}

// decode returns the value of a pickle, and keeps it for Writeback.
func (s *Shelf) decode(key string, data []byte) (any, error) {
	var value any
	if err := pickle.Unmarshal(data, &value); err != nil {
		return nil, err
	}
	if s.writeback {
		s.values[key] = value
	}
	return value, nil
}

// Decode reads the value of key into the variable that v points to, like
// pickle.Unmarshal. The error for a missing key is [ErrNotFound].
func (s *Shelf) Decode(ctx context.Context, key string, v any) error {
	data, err := s.getBytes(ctx, key)
	if err == nil {
		err = pickle.Unmarshal(data, v)
	}
	return s.fail("decode", key, err)
}

// GetBytes returns the pickle stored under key. The error for a missing key is
// [ErrNotFound].
func (s *Shelf) GetBytes(ctx context.Context, key string) ([]byte, error) {
	data, err := s.getBytes(ctx, key)
	return data, s.fail("get", key, err)
}

func (s *Shelf) getBytes(ctx context.Context, key string) ([]byte, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	if value, ok := s.values[key]; ok {
		return pickling.MarshalStored(nil, value, s.protocol)
	}
	return s.store.getValue(ctx, key)
}

// Set stores value under key. The value may have any type that pickle.Marshal takes.
// Python: __setitem__.
func (s *Shelf) Set(key string, value any) error {
	return s.SetContext(context.Background(), key, value)
}

// SetContext is [Shelf.Set] with a context. If the context ends during the call, the
// value may or may not have been stored.
func (s *Shelf) SetContext(ctx context.Context, key string, value any) error {
	return s.fail("set", key, s.set(ctx, key, value))
}

func (s *Shelf) set(ctx context.Context, key string, value any) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	data, err := s.encode(key, value)
	if err != nil {
		return err
	}
	if err := s.store.setValue(ctx, key, data); err != nil {
		return err
	}
	if s.writeback {
		s.values[key] = value
	}
	return nil
}

// encode checks key and pickles value.
func (s *Shelf) encode(key string, value any) ([]byte, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	return pickling.MarshalStored(nil, value, s.protocol)
}

// SetBytes stores data, which should be one pickle, under key.
func (s *Shelf) SetBytes(ctx context.Context, key string, data []byte) error {
	return s.fail("set", key, s.setBytes(ctx, key, data))
}

func (s *Shelf) setBytes(ctx context.Context, key string, data []byte) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.store.setValue(ctx, key, data); err != nil {
		return err
	}
	delete(s.values, key)
	return nil
}

// Delete removes key. The error for a missing key is [ErrNotFound]. Python: __delitem__.
func (s *Shelf) Delete(key string) error {
	return s.DeleteContext(context.Background(), key)
}

// DeleteContext is [Shelf.Delete] with a context.
func (s *Shelf) DeleteContext(ctx context.Context, key string) error {
	return s.fail("delete", key, s.delete(ctx, key))
}

func (s *Shelf) delete(ctx context.Context, key string) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	err := s.store.deleteKey(ctx, key)
	if err == nil || err == ErrNotFound {
		delete(s.values, key)
	}
	return err
}

// Has reports whether the shelf has key. Python: __contains__.
func (s *Shelf) Has(key string) (bool, error) {
	return s.HasContext(context.Background(), key)
}

// HasContext is [Shelf.Has] with a context.
func (s *Shelf) HasContext(ctx context.Context, key string) (bool, error) {
	has, err := s.has(ctx, key)
	return has, s.fail("has", key, err)
}

func (s *Shelf) has(ctx context.Context, key string) (bool, error) {
	if err := s.enter(); err != nil {
		return false, err
	}
	defer s.leave()
	return s.store.hasKey(ctx, key)
}

// Len counts the entries. It reads all keys. Python: __len__.
func (s *Shelf) Len() (int, error) {
	n, err := s.len()
	return n, s.fail("len", "", err)
}

func (s *Shelf) len() (int, error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	return s.store.count(context.Background())
}

// Clear removes all entries at once. Python: clear.
func (s *Shelf) Clear() error {
	return s.fail("clear", "", s.clear())
}

func (s *Shelf) clear() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if err := s.store.clear(context.Background()); err != nil {
		return err
	}
	clear(s.values)
	return nil
}

// Sync writes the values kept for Writeback, and makes everything reach the disk:
// whatever was set before, by any process, survives a power failure. With Writeback, a
// value that cannot be pickled is an error that names its key; the other values are
// still written. With flag "r" Sync does nothing.
// Python: sync.
func (s *Shelf) Sync() error {
	return s.fail("sync", "", s.sync())
}

func (s *Shelf) sync() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	return errors.Join(s.flush(), s.store.sync())
}

// Close waits for the calls in progress, writes the values kept for Writeback, and
// closes the file. It closes the shelf even if it returns an error; to be able to retry,
// call Sync first. A second Close does nothing.
// Python: close.
func (s *Shelf) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.fail("close", "", errors.Join(s.flush(), s.store.close(), unlock(s.lock)))
}
