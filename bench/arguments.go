package main

import (
	"errors"
	"sync/atomic"

	"github.com/ring-go/ring"
)

// errMissed is returned by an operation that measures hits and had a miss.
var errMissed = errors.New("a look-up that was to be a hit was none")

type point struct {
	X, Y  int
	Name  string
	Scale float64
	On    bool
}

// pair is a small struct, whose key is about as long as that of two integers.
type pair struct{ X, Y int }

// named is an integer with a type of its own.
type named int

// user is a receiver, and an argument, with a RingKey.
type user struct{ id string }

func (u *user) RingKey() string       { return u.id }
func (u *user) Balance(month int) int { return ran(month) }

// executed counts the calls that were not hits.
var executed atomic.Int64

func ran(result int) int {
	executed.Add(1)
	return result
}

func ofInt(n int) int                                  { return ran(n) }
func ofString(s string) int                            { return ran(len(s)) }
func ofRate(n int) float64                             { return float64(ran(n)) / 4 }
func ofStringOrError(s string) (int, error)            { return ofString(s), nil }
func ofBool(b bool) int                                { return ran(1) }
func ofFloat(x float64) int                            { return ran(int(x)) }
func ofSeveral(n int, s string, b bool, x float64) int { return ran(n) }
func ofTwo(a, b int) int                               { return ran(a + b) }
func ofPair(p pair) int                                { return ran(p.X) }
func ofList(list []int) int                            { return ran(len(list)) }
func ofNamed(n named) int                              { return ran(int(n)) }
func ofAny(v any) int                                  { return ran(1) }
func ofUser(u *user) int                               { return ran(len(u.id)) }
func ofStruct(p point) int                             { return ran(p.X) }
func ofMap(m map[string]int) int                       { return ran(len(m)) }
func ofMonth(id string, month int) int                 { return ran(month) }

func cached(size int) ring.Lru { return ring.Lru{MaxSize: size, KeyPrefix: prefix} }
func wrap(fn any) *ring.Rope   { return ring.Wrap(fn, cached(resident)) }

// last is the mask that keeps an index within the arguments.
const last = resident - 1

// The arguments of the functions, made before anything is measured. None is small enough
// to be boxed without an allocation.
var (
	numbers  = make([]int, resident)
	floats   = make([]float64, resident)
	switches = make([]bool, resident)
	users    = make([]*user, resident)
	points   = make([]point, resident)
	lists    = make([][]int, resident) // of 100
	short    = make([][]int, resident) // of 2
	maps     = make([]map[string]int, resident)
)

func init() {
	for i := range resident {
		numbers[i] = 100_000 + 7*i
		floats[i] = 1000.25 + float64(i)
		switches[i] = i%2 == 0
		users[i] = &user{names[i]}
		points[i] = point{i, -i, names[i], float64(i) / 4, i%2 == 0}
		lists[i] = make([]int, 100)
		for j := range lists[i] {
			lists[i][j] = i*j + 1000
		}
		short[i] = []int{numbers[i], 1000 + i}
		maps[i] = make(map[string]int, 20)
		for j := range 20 {
			maps[i][names[j]] = numbers[(i+j)&last]
		}
	}
}
