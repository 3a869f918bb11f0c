package porting_test

import (
	"fmt"
	"log"

	"github.com/ring-go/ring"
)

type Point struct {
	X int `ring:"x"`
	Y int `ring:"y"`
}

type Layer struct {
	Name    string
	Opacity float64
}

func (l Layer) RingKey() string { return l.Name }

func nearPoint(point Point, radius int, layer Layer, trace *log.Logger) string {
	return fmt.Sprint("what is ", radius, " around ", point.X, " ", point.Y)
}

func Example_keys() {
	cache := map[string]any{}

	near := ring.Wrap(nearPoint, ring.Dict{Obj: cache, KeyPrefix: "geo.near",
		Options: ring.Options{IgnorableKeys: []string{"trace"}}},
		ring.Signature("point, radius, layer, trace=None"))

	show(near.Key(Point{1, 2}, 10, Layer{"roads", 0.5}))
	show(near.Key(Point{1, 2}, 10, Layer{"roads", 0.9}, log.Default()))

	must(near.Ring().Key(func(point Point, radius int, layer Layer, trace *log.Logger) string {
		return fmt.Sprintf("near/%d/%d/%d", point.X, point.Y, radius)
	}))

	show(near.Key(Point{1, 2}, 10, Layer{"roads", 0.5}))
	// Output:
	// geo.near:Pointx,1,y,2:10:roads
	// geo.near:Pointx,1,y,2:10:roads
	// near/1/2/10
}
