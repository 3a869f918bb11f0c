package main

func Example() {
	main()
	// Output:
	// square runs
	// 144
	// 144
	// {Hits:1 Misses:1 Stale:0 MaxSize:1000 CurrSize:1}
}
