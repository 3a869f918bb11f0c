// Port is the Go port of python/shop.py, a catalogue whose products and prices are
// cached in Redis. Both programs use the same keys and values, so each serves what the
// other has cached. The script run.sh starts both on one server.
//
//	port HOST:PORT CATALOGUE SHOP
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ring-go/ring"
)

// Product is the result of Python's product, a dict with these keys.
type Product struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// Shop is Python's class of that name. Product and Price are its cached methods.
type Shop struct {
	Name    string
	Product *ring.Wire
	Price   *ring.Wire

	file     string
	executed []string
}

// RingKey is Python's __ring_key__.
func (s *Shop) RingKey() string { return s.Name }

// openShop makes the cached methods, with the same prefixes, signatures and coder as in
// Python.
func openShop(name, file string, client redis.UniversalClient) *Shop {
	cached := func(prefix string) ring.Factory {
		return ring.Redis{Client: client, KeyPrefix: prefix, Expire: time.Hour, Coder: "json",
			Options: ring.Options{KeyStyle: ring.PythonKeys}}
	}
	s := &Shop{Name: name, file: file}
	s.Product = ring.Wrap((*Shop).product, cached("shop.product"), ring.Signature("self, id")).Bind(s)
	s.Price = ring.Wrap((*Shop).price, cached("shop.price"), ring.Signature("self, id, currency='EUR'")).Bind(s)
	return s
}

func (s *Shop) product(id int) (Product, error) {
	s.executed = append(s.executed, fmt.Sprintf("product(%d)", id))
	e, err := s.entry(id)
	return Product{ID: id, Name: e.Name}, err
}

func (s *Shop) price(id int, currency string) (int, error) {
	s.executed = append(s.executed, fmt.Sprintf("price(%d, %s)", id, currency))
	e, err := s.entry(id)
	return e.Prices[currency], err
}

// Page returns several products: one MGET, and one write for the missing ones.
func (s *Shop) Page(ids []int) ([]any, error) {
	calls := make([]any, len(ids))
	for i, id := range ids {
		calls[i] = ring.Args{id}
	}
	return s.Product.GetOrUpdateMany(calls...)
}

// SetPrice changes a price, and deletes its cached values, for both programs.
func (s *Shop) SetPrice(id, cents int, currency string) error {
	all, err := s.catalogue()
	if err != nil {
		return err
	}
	e, err := s.entry(id)
	if err != nil {
		return err
	}
	e.Prices[currency] = cents
	all[strconv.Itoa(id)] = e
	text, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.file+".new", text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(s.file+".new", s.file); err != nil {
		return err
	}
	s.executed = append(s.executed, fmt.Sprintf("set_price(%d, %d, %s)", id, cents, currency))
	return s.Price.Delete(id, currency)
}

// entry is a product in the catalogue.
type entry struct {
	Name   string         `json:"name"`
	Prices map[string]int `json:"prices"`
}

func (s *Shop) entry(id int) (entry, error) {
	all, err := s.catalogue()
	if err != nil {
		return entry{}, err
	}
	e, ok := all[strconv.Itoa(id)]
	if !ok {
		return entry{}, fmt.Errorf("no product %d", id)
	}
	return e, nil
}

func (s *Shop) catalogue() (map[string]entry, error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return nil, err
	}
	var all map[string]entry
	err = json.Unmarshal(text, &all)
	return all, err
}

// call is a call that a request makes, and its result.
type call struct {
	text   string
	result any
}

// request is a line of input: a word, numbers, and perhaps a currency.
type request struct {
	action   string
	numbers  []int
	currency string
}

func parse(line string) (request, error) {
	words := strings.Fields(line)
	if len(words) < 2 {
		return request{}, fmt.Errorf("%q is no request", line)
	}
	r := request{action: words[0]}
	for _, word := range words[1:] {
		n, err := strconv.Atoi(word)
		if err != nil {
			r.currency = word
			continue
		}
		r.numbers = append(r.numbers, n)
	}
	return r, nil
}

// do makes the calls of a request.
func (s *Shop) do(r request) ([]call, error) {
	switch id := r.numbers[0]; {
	case r.action == "product":
		v, err := s.Product.Call(id)
		return productCalls([]any{v}), err
	case r.action == "page":
		values, err := s.Page(r.numbers)
		return productCalls(values), err
	case r.action == "price" && r.currency == "":
		cents, err := s.Price.Call(id)
		return []call{{fmt.Sprintf("price(%d, EUR)", id), cents}}, err
	case r.action == "price":
		cents, err := s.Price.Call(id, r.currency)
		return []call{{fmt.Sprintf("price(%d, %s)", id, r.currency), cents}}, err
	case r.action == "set_price" && len(r.numbers) == 2:
		cents := r.numbers[1]
		err := s.SetPrice(id, cents, r.currency)
		return []call{{fmt.Sprintf("set_price(%d, %d, %s)", id, cents, r.currency), "cached price deleted"}}, err
	}
	return nil, fmt.Errorf("there is no request %q", r.action)
}

func productCalls(values []any) []call {
	var calls []call
	for _, v := range values {
		if p, ok := v.(Product); ok {
			calls = append(calls, call{fmt.Sprintf("product(%d)", p.ID), p.Name})
		}
	}
	return calls
}

// serve answers the requests on standard input.
func (s *Shop) serve() error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		r, err := parse(lines.Text())
		if err != nil {
			return err
		}
		s.executed = nil
		calls, err := s.do(r)
		if err != nil {
			return err
		}
		for _, c := range calls {
			how := "hit"
			if slices.Contains(s.executed, c.text) {
				how = "executed"
			}
			fmt.Printf("go     %-8s %s: %v\n", how, c.text, c.result)
		}
		fmt.Println() // the end of the answer
	}
	return lines.Err()
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: port HOST:PORT CATALOGUE SHOP")
	}
	client := redis.NewClient(&redis.Options{Addr: os.Args[1]})
	defer client.Close()
	if err := openShop(os.Args[3], os.Args[2], client).serve(); err != nil {
		log.Fatal(err)
	}
}
