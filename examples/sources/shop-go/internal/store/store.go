// Package store keeps things by key.
package store

import "sync"

// Keyed finds and keeps values.
type Keyed[K comparable, V any] interface {
	Get(key K) (V, bool)
	Put(key K, value V)
}

// Store is a Keyed that many goroutines may use.
type Store[K comparable, V any] struct {
	sync.RWMutex
	rows map[K]V
}

var _ Keyed[string, int] = (*Store[string, int])(nil)

// New makes an empty store.
func New[K comparable, V any]() *Store[K, V] {
	return &Store[K, V]{rows: make(map[K]V)}
}

// Get finds a value.
func (s *Store[K, V]) Get(key K) (V, bool) {
	s.RLock()
	defer s.RUnlock()
	value, ok := s.rows[key]
	return value, ok
}

// Put keeps a value.
func (s *Store[K, V]) Put(key K, value V) {
	s.Lock()
	defer s.Unlock()
	s.rows[key] = value
}

// Map applies f to each value, in no order.
func Map[K comparable, V, R any](s *Store[K, V], f func(V) R) []R {
	results := make([]R, 0, len(s.rows))
	for _, value := range s.rows {
		results = append(results, f(value))
	}
	return results
}
