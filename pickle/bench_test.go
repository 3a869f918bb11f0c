package pickle_test

import (
	"testing"

	"github.com/ring-go/ring/pickle"
)

type benchRow struct {
	ID     int      `pickle:"id"`
	Name   string   `pickle:"name"`
	Score  float64  `pickle:"score"`
	Active bool     `pickle:"active"`
	Tags   []string `pickle:"tags"`
}

var (
	benchStruct = benchRow{7, "some name", 1.5, true, []string{"a", "b"}}
	benchMap    = map[string]any{"id": 7, "name": "some name", "score": 1.5, "active": true, "tags": []any{"a", "b"}}
)

func benchMarshal(b *testing.B, v any) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pickle.Marshal(v, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMarshalStruct(b *testing.B) { benchMarshal(b, benchStruct) }
func BenchmarkMarshalMap(b *testing.B)    { benchMarshal(b, benchMap) }

func BenchmarkMarshalRows(b *testing.B) {
	rows := make([]benchRow, 1000)
	for i := range rows {
		rows[i] = benchStruct
	}
	benchMarshal(b, rows)
}

func benchUnmarshal[T any](b *testing.B, v any) {
	data, err := pickle.Marshal(v, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var out T
		if err := pickle.Unmarshal(data, &out); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalAny(b *testing.B)    { benchUnmarshal[any](b, benchMap) }
func BenchmarkUnmarshalMap(b *testing.B)    { benchUnmarshal[map[string]any](b, benchMap) }
func BenchmarkUnmarshalStruct(b *testing.B) { benchUnmarshal[benchRow](b, benchMap) }

func BenchmarkUnmarshalRows(b *testing.B) {
	rows := make([]benchRow, 1000)
	for i := range rows {
		rows[i] = benchStruct
	}
	benchUnmarshal[[]benchRow](b, rows)
}
