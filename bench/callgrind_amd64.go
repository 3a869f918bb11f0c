package main

// clientRequest asks valgrind for something, and returns 0 where no valgrind runs this.
//
//go:noescape
func clientRequest(request *[6]uint64) (answer uint64)

// canCount tells whether valgrind can be told here what to count.
const canCount = true
