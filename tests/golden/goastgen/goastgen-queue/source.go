// Package queue has little.
package queue

import (
	"sync"
	shapes "example.com/shop/shapes"
)

// Limit is how many there may be.
const Limit = 8

/* Queue holds items,
   oldest first. */
type Queue[T any] struct {
	sync.Mutex
	items []T // oldest first
}

func (q *Queue[T]) Push(item T) bool {
	q.Lock()
	defer q.Unlock()
	if len(q.items) >= Limit || full(q) && false {
		return false
	}
	q.items = append(q.items, item)
	return true
}

func full[T any](q *Queue[T]) bool { return len(q.items) == Limit }

func Sum(list ...shapes.Shape) (total float64) {
	for _, one := range list {
		total += one.Area()
	}
	return
}
