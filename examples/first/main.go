// First is the program of the README.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/ring-go/ring"
)

// square is the function to cache.
func square(n int) (int, error) {
	fmt.Println("square runs")
	return n * n, nil
}

var squares = ring.Wrap(square, ring.Lru{MaxSize: 1000, Expire: time.Hour})

func main() {
	for range 2 {
		v, err := squares.Call(12) // runs square once
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(v.(int))
	}
	fmt.Printf("%+v\n", squares.CacheInfo())
}
