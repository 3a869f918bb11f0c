module github.com/ring-go/ring/examples/typed

go 1.26.0

tool github.com/ring-go/ring/tools/ringgen

replace (
	github.com/ring-go/ring => ../..
	github.com/ring-go/ring/tools/ringgen => ../../tools/ringgen
)

require github.com/ring-go/ring v0.0.0-00010101000000-000000000000

require (
	github.com/bradfitz/gomemcache v0.0.0-20260422231931-4d751bb6e37c // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/gofrs/flock v0.13.1 // indirect
	github.com/mitchellh/hashstructure/v2 v2.0.2 // indirect
	github.com/redis/go-redis/v9 v9.23.0 // indirect
	github.com/ring-go/ring/tools/ringgen v0.0.0-00010101000000-000000000000 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)
