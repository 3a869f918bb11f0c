package porting_test

import "github.com/ring-go/ring"

func searchTable(table string, limit int, columns []string, reverse bool, where map[string]any) []any {
	return []any{table, limit, columns, reverse, where}
}

func Example_arguments() {
	search := ring.Wrap(searchTable, ring.Lru{},
		ring.Signature("table, limit=10, *columns, reverse=False, **where"))

	show(search.Call("users"))
	show(search.Call("users", 5, "id", "name", ring.Kwargs{"reverse": true, "age": 36}))
	show(search.Call(ring.Kwargs{"limit": 5, "table": "users"}))

	show(search.Key("users"))
	one, err := search.Key("users", 10)
	must(err)
	other, err := search.Key(ring.Kwargs{"table": "users"})
	show(one == other, err) // one call, one key
	show(search.Key("users", 5, "id", "name", ring.Kwargs{"reverse": true, "age": 36}))
	// Output:
	// ['users', 10, [], False, {}]
	// ['users', 5, ['id', 'name'], True, {'age': 36}]
	// ['users', 5, [], False, {}]
	// :users:10:():False:
	// True
	// :users:5:('id','name'):True:age,36
}
