package pickle_test

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/ring-go/ring/pickle"
)

// dumps is the file that Python writes by pickle.dump(1, f), pickle.dump("two", f).
const dumps = "\x80\x04K\x01.\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00\x8c\x03two\x94."

func ExampleNewDecoder() {
	file := strings.NewReader(dumps)
	decoder := pickle.NewDecoder(file)
	for {
		var v any
		err := decoder.Decode(&v)
		if err == io.EOF {
			break
		}
		fmt.Println(v, err)
	}
	// Output:
	// 1 <nil>
	// two <nil>
}

func ExampleDecoder() {
	// From a *bufio.Reader the decoder reads nothing beyond the end of a pickle.
	file := bufio.NewReader(strings.NewReader(dumps + "something else\n"))
	decoder := pickle.NewDecoder(file)
	var number int
	var text string
	fmt.Println(decoder.Decode(&number), number)
	fmt.Println(decoder.Decode(&text), text)
	line, err := file.ReadString('\n')
	fmt.Printf("%q %v\n", line, err)
	// Output:
	// <nil> 1
	// <nil> two
	// "something else\n" <nil>
}

func ExampleDecoder_Decode() {
	decoder := pickle.NewDecoder(strings.NewReader("I5\n.I"))
	var n int
	fmt.Println(decoder.Decode(&n), n)
	fmt.Println(decoder.Decode(&n))
	// Output:
	// <nil> 5
	// pickle: invalid data: the stream ends after 1 bytes of a pickle: unexpected EOF
}

func ExampleDecoder_Buffered() {
	file := io.LimitReader(strings.NewReader(dumps+"something else"), 1000)
	decoder := pickle.NewDecoder(file)
	var number int
	var text string
	fmt.Println(decoder.Decode(&number), decoder.Decode(&text))
	rest, err := io.ReadAll(io.MultiReader(decoder.Buffered(), file))
	fmt.Printf("%q %v\n", rest, err)
	// Output:
	// <nil> <nil>
	// "something else" <nil>
}
