package shelve_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/ring-go/ring/pickle"
	"github.com/ring-go/ring/shelve"
)

// temporary returns the name of a shelf that does not exist yet.
func temporary() (name string, remove func()) {
	dir, err := os.MkdirTemp("", "shelve")
	if err != nil {
		log.Fatal(err)
	}
	return filepath.Join(dir, "results.shelf"), func() { os.RemoveAll(dir) }
}

// open opens a temporary shelf.
func open() (shelf *shelve.Shelf, end func()) {
	name, remove := temporary()
	shelf, err := shelve.Open(name, nil)
	if err != nil {
		log.Fatal(err)
	}
	return shelf, func() {
		shelf.Close()
		remove()
	}
}

func Example() {
	name, remove := temporary()
	defer remove()

	shelf, err := shelve.Open(name, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer shelf.Close()
	if err := shelf.Set("answer", 42); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shelf.Get("answer"))

	_, err = shelf.Get("question")
	fmt.Println(errors.Is(err, shelve.ErrNotFound))
	// Output:
	// 42 <nil>
	// true
}

func ExampleOpen() {
	name, remove := temporary()
	defer remove()

	_, err := shelve.Open(name, &shelve.Options{Flag: "r"})
	fmt.Println(errors.Is(err, os.ErrNotExist))

	shelf, err := shelve.Open(name, &shelve.Options{Flag: "n", Protocol: 5})
	fmt.Println(err, shelf.Close())

	_, err = shelve.Open(filepath.Dir(name), nil)
	fmt.Println(errors.Is(err, shelve.ErrNotShelf))
	// Output:
	// true
	// <nil> <nil>
	// true
}

func ExampleOptions_writeback() {
	name, remove := temporary()
	defer remove()
	shelf, err := shelve.Open(name, &shelve.Options{Writeback: true})
	if err != nil {
		log.Fatal(err)
	}
	defer shelf.Close()

	scores := []any{1, 2, 3}
	shelf.Set("scores", scores)
	scores[0] = 10
	shelf.Sync() // stores the change
	fmt.Println(shelf.Get("scores"))
	// Output: [10 2 3] <nil>
}

func ExampleError() {
	shelf, end := open()
	defer end()
	_, err := shelf.Get("question")
	var e *shelve.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Key, e.Err)
	}
	// Output: get question key not found
}

func ExampleShelf_Path() {
	shelf, end := open()
	defer end()
	fmt.Println(filepath.IsAbs(shelf.Path()))
	// Output: true
}

func ExampleShelf_Get() {
	shelf, end := open()
	defer end()
	shelf.Set("user", map[string]any{"name": "ann"})
	user, err := shelf.Get("user")
	fmt.Println(user.(*pickle.Dict).Get("name"))
	fmt.Println(err)
	// Output:
	// ann true
	// <nil>
}

func ExampleShelf_Set() {
	shelf, end := open()
	defer end()
	fmt.Println(shelf.Set("squares", []int{0, 1, 4, 9}))
	fmt.Println(shelf.Get("squares"))
	// Output:
	// <nil>
	// [0 1 4 9] <nil>
}

func ExampleShelf_Decode() {
	shelf, end := open()
	defer end()
	shelf.Set("squares", []int{0, 1, 4, 9})
	var squares []int
	err := shelf.Decode(context.Background(), "squares", &squares)
	fmt.Println(squares[3], err)
	// Output: 9 <nil>
}

func ExampleShelf_GetBytes() {
	shelf, end := open()
	defer end()
	shelf.Set("flag", true)
	data, err := shelf.GetBytes(context.Background(), "flag")
	fmt.Printf("%q %v\n", data, err)
	// Output: "\x80\x04\x88." <nil>
}

func ExampleShelf_SetBytes() {
	shelf, end := open()
	defer end()
	shelf.SetBytes(context.Background(), "flag", []byte("\x80\x04\x88."))
	fmt.Println(shelf.Get("flag"))
	// Output: true <nil>
}

func ExampleShelf_Delete() {
	shelf, end := open()
	defer end()
	shelf.Set("a", 1)
	fmt.Println(shelf.Delete("a"))
	fmt.Println(errors.Is(shelf.Delete("a"), shelve.ErrNotFound))
	// Output:
	// <nil>
	// true
}

func ExampleShelf_Has() {
	shelf, end := open()
	defer end()
	shelf.Set("a", 1)
	fmt.Println(shelf.Has("a"))
	fmt.Println(shelf.Has("b"))
	// Output:
	// true <nil>
	// false <nil>
}

func ExampleShelf_GetContext() {
	shelf, end := open()
	defer end()
	ctx, cancel := context.WithCancel(context.Background())
	fmt.Println(shelf.SetContext(ctx, "a", 1))
	fmt.Println(shelf.GetContext(ctx, "a"))
	fmt.Println(shelf.HasContext(ctx, "a"))
	fmt.Println(shelf.DeleteContext(ctx, "a"))
	cancel()
	_, err := shelf.GetContext(ctx, "a")
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// <nil>
	// 1 <nil>
	// true <nil>
	// <nil>
	// true
}

func ExampleShelf_Len() {
	shelf, end := open()
	defer end()
	shelf.Set("a", 1)
	fmt.Println(shelf.Len())
	fmt.Println(shelf.Clear())
	fmt.Println(shelf.Len())
	// Output:
	// 1 <nil>
	// <nil>
	// 0 <nil>
}

func ExampleShelf_Keys() {
	shelf, end := open()
	defer end()
	shelf.Set("b", 2)
	shelf.Set("a", 1)
	for key, err := range shelf.Keys() {
		fmt.Println(key, err)
	}
	// Output:
	// a <nil>
	// b <nil>
}

func ExampleShelf_Items() {
	shelf, end := open()
	defer end()
	shelf.Set("a", 1)
	shelf.Set("b", "two")
	for item, err := range shelf.Items() {
		fmt.Println(item.Key, item.Value, err)
	}
	// Output:
	// a 1 <nil>
	// b two <nil>
}

func ExampleShelf_SetMany() {
	shelf, end := open()
	defer end()
	ctx := context.Background()
	fmt.Println(shelf.SetMany(ctx, []string{"a", "b"}, []any{1, "two"}))
	fmt.Println(shelf.GetMany(ctx, []string{"b", "c", "a"}))
	fmt.Println(shelf.DeleteMany(ctx, []string{"b", "c"}))
	fmt.Println(shelf.HasMany(ctx, []string{"a", "b"}))
	// Output:
	// <nil>
	// [two key not found 1] <nil>
	// <nil>
	// [true false] <nil>
}

func ExampleShelf_Sync() {
	shelf, end := open()
	defer end()
	shelf.Set("a", 1)
	fmt.Println(shelf.Sync())  // on the disk
	fmt.Println(shelf.Close()) // in one file
	_, err := shelf.Get("a")
	fmt.Println(errors.Is(err, shelve.ErrClosed))
	// Output:
	// <nil>
	// <nil>
	// true
}

func ExampleShelf_SetContext() {
	shelf, end := open()
	defer end()
	ctx, cancel := context.WithCancel(context.Background())
	fmt.Println(shelf.SetContext(ctx, "k", 1))
	cancel()
	fmt.Println(errors.Is(shelf.SetContext(ctx, "k", 2), context.Canceled))
	// Output:
	// <nil>
	// true
}

func ExampleShelf_HasContext() {
	shelf, end := open()
	defer end()
	fmt.Println(shelf.HasContext(context.Background(), "k"))
	// Output: false <nil>
}

func ExampleShelf_DeleteContext() {
	shelf, end := open()
	defer end()
	err := shelf.DeleteContext(context.Background(), "k")
	fmt.Println(errors.Is(err, shelve.ErrNotFound))
	// Output: true
}

func ExampleShelf_GetMany() {
	shelf, end := open()
	defer end()
	ctx := context.Background()
	fmt.Println(shelf.SetMany(ctx, []string{"a", "b"}, []any{1, 2}))
	fmt.Println(shelf.GetMany(ctx, []string{"a", "none", "b"}))
	// Output:
	// <nil>
	// [1 key not found 2] <nil>
}

func ExampleShelf_GetManyBytes() {
	shelf, end := open()
	defer end()
	ctx := context.Background()
	if err := shelf.Set("a", true); err != nil {
		log.Fatal(err)
	}
	pickles, err := shelf.GetManyBytes(ctx, []string{"a", "none"})
	fmt.Printf("%q %v\n", pickles, err)
	// Output: ["\x80\x04\x88." ""] <nil>
}

func ExampleShelf_HasMany() {
	shelf, end := open()
	defer end()
	if err := shelf.Set("a", 1); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shelf.HasMany(context.Background(), []string{"a", "b"}))
	// Output: [true false] <nil>
}

func ExampleShelf_DeleteMany() {
	shelf, end := open()
	defer end()
	fmt.Println(shelf.DeleteMany(context.Background(), []string{"a", "b"})) // missing keys are no error
	// Output: <nil>
}

func ExampleShelf_Clear() {
	shelf, end := open()
	defer end()
	if err := shelf.Set("a", 1); err != nil {
		log.Fatal(err)
	}
	fmt.Println(shelf.Clear())
	fmt.Println(shelf.Len())
	// Output:
	// <nil>
	// 0 <nil>
}

func ExampleShelf_Close() {
	shelf, end := open()
	defer end()
	fmt.Println(shelf.Close(), shelf.Close())
	_, err := shelf.Get("a")
	fmt.Println(errors.Is(err, shelve.ErrClosed))
	// Output:
	// <nil> <nil>
	// true
}

func ExampleItem() {
	shelf, end := open()
	defer end()
	if err := shelf.Set("a", 1); err != nil {
		log.Fatal(err)
	}
	for item, err := range shelf.Items() {
		fmt.Println(item.Key, item.Value, err)
	}
	// Output: a 1 <nil>
}

func ExampleError_Error() {
	err := &shelve.Error{Op: "get", File: "results.shelf", Key: "k", Err: shelve.ErrNotFound}
	fmt.Println(err.Error())
	// Output: shelve: get "k" in results.shelf: key not found
}

func ExampleError_Unwrap() {
	err := &shelve.Error{Op: "get", Err: shelve.ErrNotFound}
	fmt.Println(errors.Is(err, shelve.ErrNotFound))
	// Output: true
}
