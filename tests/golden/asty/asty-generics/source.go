package generics

import "cmp"

type Number interface{ ~int | ~float64 }
type Pair[K comparable, V any] struct {
	Key   K
	Value V
	next  *Pair[K, V]
}
type Set[T comparable] map[T]struct{}
type Tree[T cmp.Ordered] struct{ Left, Right *Tree[T] }

func (p *Pair[K, V]) Swap(other Pair[K, V]) (*Pair[K, V], error) { return &other, nil }
func (s Set[_]) Len() int                                        { return len(s) }

func Map[T, U any](items []T, f func(T) U) []U {
	result := make([]U, 0, len(items))
	for _, item := range items {
		result = append(result, f(item))
	}
	return result
}

func Sum[N Number](values ...N) (total N) {
	for _, v := range values {
		total += v
	}
	return
}

var doubled = Map[int, float64]([]int{1}, func(i int) float64 { return float64(i) * 2 })
var numbers = Sum(1, 2) + Sum[int]()
